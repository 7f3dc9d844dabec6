//! A policy document: its text, and what the text says or why it can not be read.

use std::sync::Arc;

use crate::error::{PolicyError, PolicyErrorKind};
use crate::json::{Json, error_at};
use crate::statement::{Statement, member, unknown};

/// A policy's text with its meaning. With a text that is not a policy nothing is allowed, and the error is the reason. A clone shares both.
#[derive(Clone, Debug)]
pub struct Document(Arc<Read>);

#[derive(Debug)]
struct Read {
    text: String,
    policy: Result<Policy, PolicyError>,
}

impl Document {
    /// Reads a key's policy.
    pub fn key_policy(text: impl Into<String>) -> Self {
        Self::read(text.into(), DocumentKind::Key)
    }

    /// Reads a policy that is attached to a user, group or role.
    pub fn identity_policy(text: impl Into<String>) -> Self {
        Self::read(text.into(), DocumentKind::Identity)
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// What the text says, or why it can not be read.
    pub fn policy(&self) -> Result<&Policy, &PolicyError> {
        self.0.policy.as_ref()
    }

    fn read(text: String, kind: DocumentKind) -> Self {
        Self(Arc::new(Read { policy: Policy::parse(&text, kind), text }))
    }
}

/// Which kind of policy; they differ in what their statements may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    Key,
    Identity,
}

/// A policy that was understood.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
    variables: bool,
}

impl Policy {
    /// Its statements, in order; there is at least one.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whom its statements name, in a Principal or a NotPrincipal, as they write it; an identity policy names nobody.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// Whether its version knows policy variables.
    pub(crate) fn has_variables(&self) -> bool {
        self.variables
    }

    fn parse(text: &str, kind: DocumentKind) -> Result<Self, PolicyError> {
        check_size_and_characters(text)?;
        let json = Json::parse(text)?;
        let members = json.members()?;
        for member in &members {
            if !ELEMENTS.contains(&member.key.as_str()) {
                return Err(member.value.error(unknown(&member.key, ELEMENTS, "a policy")));
            }
        }
        if let Some(id) = member(&members, "Id") {
            id.value.string()?;
        }
        let variables = match member(&members, "Version") {
            None => false,
            Some(version) => match version.value.string()?.as_str() {
                "2012-10-17" => true,
                "2008-10-17" => false,
                other => return Err(version.value.error(format!("`{other}` is not a version; use 2012-10-17"))),
            },
        };
        let statement = member(&members, "Statement").ok_or_else(|| json.error("the policy has no Statement"))?;
        if !statement.value.is_object() && !statement.value.is_array() {
            return Err(statement.value.error("expected a statement or a list of them"));
        }
        let statements = statement.value.one_or_many()?;
        if statements.is_empty() {
            return Err(statement.value.error("the policy has no statement"));
        }
        let statements = statements.iter().map(|statement| Statement::parse(statement, kind, variables)).collect::<Result<_, _>>()?;
        Ok(Self { statements, variables })
    }
}

fn check_size_and_characters(text: &str) -> Result<(), PolicyError> {
    if text.len() > MAX_BYTES {
        let message = format!("the policy is {} bytes long; {MAX_BYTES} are allowed", text.len());
        return Err(PolicyError { kind: PolicyErrorKind::TooLong, ..error_at(text, MAX_BYTES, "", message) });
    }
    match text.char_indices().find(|(_, character)| !matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        Some((offset, character)) => {
            Err(error_at(text, offset, "", format!("the character U+{:04X} is not allowed in a policy", u32::from(character))))
        }
        None => Ok(()),
    }
}

const ELEMENTS: &[&str] = &["Version", "Id", "Statement"];
const MAX_BYTES: usize = 32_768;

#[cfg(test)]
mod tests;
