//! The decision.

use waxseal_base::event::Verdict;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;

use crate::caller::Caller;
use crate::context::Context;
use crate::decision::{Decision, Missing};
use crate::document::Document;
use crate::grant::{Grant, GrantChange};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The permission, such as `kms:Decrypt`.
    pub action: &'a str,
    /// The key's ARN. For operations without a key, none; for the identity policies' part of an operation on an alias, the alias's ARN.
    pub resource: Option<&'a Arn>,
    /// Whose policies decide.
    pub scope: Scope,
    /// All condition keys that the request has.
    pub context: &'a Context,
    /// The encryption context, for the constraints of grants.
    pub encryption_context: Option<&'a EncryptionContext>,
    /// For CreateGrant and RetireGrant, what they would change.
    pub grant_change: Option<GrantChange<'a>>,
}

/// What decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents<'a> {
    /// The key's policy; none for operations without a key.
    pub key_policy: Option<&'a Document>,
    /// The caller's own policies and those of its groups, or its role's.
    pub identity_policies: &'a [Document],
    /// The grants on the key.
    pub grants: &'a [Grant],
}

/// Decides about a request.
pub fn evaluate(request: &Request<'_>, documents: &Documents<'_>) -> Decision {
    let _ = (request, documents);
    Decision { verdict: Verdict::ImplicitDeny, because: String::new(), decided_by: None, findings: Vec::new(), missing: Missing::Nothing }
}
