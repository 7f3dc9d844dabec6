//! The decision: compare everything, then let an explicit deny win, then ask whether something allows, on its own or together with an identity
//! policy, and whether the limits leave room for it.

use waxseal_base::event::{Finding, Verdict};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;

use crate::caller::Caller;
use crate::context::Context;
use crate::decision::{Decision, Situation};
use crate::document::Document;
use crate::grant::GrantChange;
use crate::grant_index::Grants;
use crate::weigh::{Quiet, Weighed, weigh};

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
    /// For CreateGrant and RetireGrant, what they would change. Without it no grant allows them.
    pub grant_change: Option<GrantChange<'a>>,
}

impl Request<'_> {
    /// Whether caller and key are of different accounts. A service is of none, and never foreign.
    pub(crate) fn is_foreign(&self) -> bool {
        match (self.caller.account(), self.resource) {
            (Some(account), Some(resource)) => account != resource.account,
            _ => false,
        }
    }
}

/// What decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents<'a> {
    /// The key's policy; none for operations without a key.
    pub key_policy: Option<&'a Document>,
    /// The caller's own policies and those of its groups, or its role's.
    pub identity_policies: &'a [Document],
    /// The boundary of what the identity policies of the caller, or of its role, can give. It has an identity policy's form, and gives nothing.
    pub permissions_boundary: Option<&'a Document>,
    /// The policies that the caller's session was started with, of an identity policy's form. None of them: the session is not limited.
    pub session_policies: &'a [Document],
    /// The service control policies that limit the caller's account, of an identity policy's form: a list for each level of the organization, from
    /// its root to the account. Who is exempt, as an organization's management account and service-linked roles are, comes without.
    pub service_control_policies: &'a [Vec<Document>],
    /// The grants on the key: `(&grants).into()` of a vector, a slice or an index.
    pub grants: Grants<'a>,
    /// The ids of those that are too new to be seen everywhere, and of which the request gives no token: they allow nothing but to be retired.
    pub unseen_grants: &'a [String],
}

/// Decides about a request. Everything is compared, also after the decision is clear, so that the findings explain all of it.
pub fn evaluate(request: &Request<'_>, documents: &Documents<'_>) -> Decision {
    let mut weighed: Vec<Weighed> = Vec::new();
    let tally = weigh(request, documents, &mut weighed);
    let situation = Situation::of(request, documents, &tally);
    for item in &mut weighed {
        item.finding.outcome = situation.outcome(item.weight);
    }
    let deciding = weighed.iter().position(|item| situation.is_decided_by(item.weight));
    let findings: Vec<Finding> = weighed.into_iter().map(|item| item.finding).collect();
    let because = situation.because(request, documents, &findings, deciding);
    let decided_by = deciding.and_then(|index| findings.get(index)).map(|finding| finding.id.clone());
    Decision { verdict: situation.verdict, because, decided_by, findings, missing: situation.missing }
}

/// Decides about a request as [`evaluate`] does, and keeps no reasons: a statement is left at its first element that does not match, a deny ends
/// it, and of [indexed](crate::GrantIndex) grants only the caller's are looked at.
pub fn verdict(request: &Request<'_>, documents: &Documents<'_>) -> Verdict {
    let tally = weigh(request, documents, &mut Quiet);
    Situation::of(request, documents, &tally).verdict
}

#[cfg(test)]
mod tests;
