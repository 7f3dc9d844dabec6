//! A policy document: its text, and what the text says or why it can not be read.

use crate::error::{PolicyError, PolicyErrorKind};

/// A policy's text with its meaning. A text that is not a policy allows nothing, with the error as the reason.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    policy: Result<Policy, PolicyError>,
}

impl Document {
    /// Reads a key's policy.
    pub fn key_policy(text: impl Into<String>) -> Self {
        Self::read(text.into())
    }

    /// Reads a policy that is attached to a user, group or role.
    pub fn identity_policy(text: impl Into<String>) -> Self {
        Self::read(text.into())
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the text says, or why it can not be read.
    pub fn policy(&self) -> Result<&Policy, &PolicyError> {
        self.policy.as_ref()
    }

    fn read(text: String) -> Self {
        let policy = serde_json::from_str::<serde_json::Value>(&text).map(|_| Policy {}).map_err(|error| PolicyError {
            line: error.line(),
            column: error.column(),
            path: String::new(),
            message: error.to_string(),
            kind: PolicyErrorKind::Malformed,
        });
        Self { text, policy }
    }
}

/// A policy that was understood.
#[derive(Clone, Debug)]
pub struct Policy {}
