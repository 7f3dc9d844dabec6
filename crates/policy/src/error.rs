//! Why a text is not a policy, and where in it the trouble is.

use std::fmt;

/// A text that is not a policy. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The line of the trouble.
    pub line: usize,
    /// The column of the trouble.
    pub column: usize,
    /// The element it is about, such as `Statement[1].Effect`; empty for the document itself.
    pub path: String,
    /// What is wrong, and what to write instead where that is known.
    pub message: String,
    /// Which fault a KMS answers with.
    pub kind: PolicyErrorKind,
}

/// Which fault a KMS answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyErrorKind {
    /// `MalformedPolicyDocumentException`: not JSON, or not the policy language.
    Malformed,
    /// `LimitExceededException`: too long.
    TooLong,
    /// `MalformedPolicyDocumentException` whose text begins with `OverlyPermissiveCondition`: `ForAllValues` on a key that requests may leave
    /// out, and which then allows everybody.
    OverlyPermissive,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, message, kind } = self;
        if *kind == PolicyErrorKind::OverlyPermissive {
            f.write_str("OverlyPermissiveCondition: ")?;
        }
        write!(f, "line {line}, column {column}")?;
        if !path.is_empty() {
            write!(f, ", {path}")?;
        }
        write!(f, ": {message}")
    }
}

impl std::error::Error for PolicyError {}
