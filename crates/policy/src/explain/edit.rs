//! One change of the world or of the request.

use std::fmt;

use serde::Serialize;
use waxseal_base::event::{FindingId, Source};

/// A change, and what it is in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edit {
    /// What is changed.
    pub change: Change,
    /// The same in words for people: an order, lower case, no full stop.
    pub description: String,
}

/// What can be changed. Statements and policies are JSON, to be put where they are said to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// A statement goes.
    RemoveStatement {
        /// Which.
        statement: FindingId,
    },
    /// Another statement takes the place of one that denies, and spares the caller.
    NarrowStatement {
        /// Which.
        statement: FindingId,
        /// What it becomes.
        replacement: String,
    },
    /// A statement is added: to the key's policy or the boundary; as a policy of its own to the caller, its session or its organization.
    AddStatement {
        /// Where.
        source: Source,
        /// The level of the organization, from 0 at its root; 0 elsewhere.
        level: usize,
        /// The statement.
        statement: String,
    },
    /// A policy takes the place of a text that is none.
    ReplaceDocument {
        /// Where.
        source: Source,
        /// Which document of that kind, from 0.
        document: usize,
        /// What it becomes.
        policy: String,
    },
    /// A grant on the key is made.
    CreateGrant {
        /// For whom.
        grantee: String,
        /// For which operations.
        operations: Vec<String>,
    },
    /// The request has this pair in its encryption context, in place of another value of the same key.
    AddEncryptionContext {
        /// The pair's key.
        key: String,
        /// Its value.
        value: String,
    },
}

impl Change {
    /// Whether it is the request that changes, and not who may do what.
    pub fn is_of_request(&self) -> bool {
        matches!(self, Self::AddEncryptionContext { .. })
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}
