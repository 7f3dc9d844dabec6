//! Grants: permissions of one principal for some operations on one key, kept beside the key's policy. They only ever allow.

use waxseal_kms_api::calls::GrantConstraints;

/// A grant on the key that a request is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Who may use it: the ARN of a user, role, role session, federated user or account, an account's 12 digits, or a service's name.
    pub grantee: String,
    /// Who may retire it, in the same forms.
    pub retiring: Option<String>,
    /// Names of operations, such as `Decrypt`.
    pub operations: Vec<String>,
    /// What the request's encryption context must be.
    pub constraints: Option<GrantConstraints>,
    /// The account in which it was made, 12 digits.
    pub issuing_account: String,
}

/// What a request about grants would change. A grant that allows `CreateGrant` only allows grants within itself, and `RetireGrant` is decided by
/// the grant that it ends.
#[derive(Clone, Copy, Debug)]
pub enum GrantChange<'a> {
    /// CreateGrant.
    Creates {
        /// The new grant's operations.
        operations: &'a [String],
        /// The new grant's constraints.
        constraints: Option<&'a GrantConstraints>,
    },
    /// RetireGrant.
    Retires {
        /// The grant that would end.
        grant_id: &'a str,
    },
}
