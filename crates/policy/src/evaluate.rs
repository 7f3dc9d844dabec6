//! The decision: compare everything, then let an explicit deny win, then ask whether something allows, on its own or together with an identity
//! policy, and whether the limits leave room for it.

use waxseal_base::event::{Effect, ElementFinding, Finding, FindingId, FindingOutcome, Source, Verdict};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;

use crate::caller::Caller;
use crate::constraints::FoldedContext;
use crate::context::Context;
use crate::decision::{Decision, Situation, Tally};
use crate::document::Document;
use crate::error::PolicyError;
use crate::grant::{Grant, GrantChange, RETIRE_GRANT, operation_of};
use crate::principal::Reach;

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
    /// The grants on the key.
    pub grants: &'a [Grant],
}

/// Decides about a request. Everything is compared, also after the decision is clear, so that the findings explain all of it.
pub fn evaluate(request: &Request<'_>, documents: &Documents<'_>) -> Decision {
    let mut weighed = Vec::new();
    if request.scope != Scope::IdentityPolicy {
        weigh_document(request, documents.key_policy, Source::KeyPolicy, 0, &mut weighed);
    }
    for (index, document) in documents.identity_policies.iter().enumerate() {
        weigh_document(request, Some(document), Source::IdentityPolicy, index, &mut weighed);
    }
    weigh_document(request, documents.permissions_boundary, Source::PermissionsBoundary, 0, &mut weighed);
    for (index, document) in documents.session_policies.iter().enumerate() {
        weigh_document(request, Some(document), Source::SessionPolicy, index, &mut weighed);
    }
    let mut tally = Tally::default();
    let mut number = 0_usize;
    for level in documents.service_control_policies {
        let start = weighed.len();
        for document in level {
            weigh_document(request, Some(document), Source::ServiceControlPolicy, number, &mut weighed);
            number = number.saturating_add(1);
        }
        let permits = weighed.iter().skip(start).any(|item| item.weight == Weight::Permits(Limit::Organization));
        tally.is_level_closed |= !permits && !level.is_empty();
    }
    if request.scope != Scope::IdentityPolicy {
        let context = FoldedContext::of(request.encryption_context.unwrap_or(&EncryptionContext::new()));
        weighed.extend(documents.grants.iter().enumerate().map(|(index, grant)| weigh_grant(request, &context, grant, index)));
    }
    weighed.iter().for_each(|item| tally.add(item.weight));
    let situation = Situation::of(request, documents, &tally);
    for item in &mut weighed {
        item.finding.outcome = item.outcome(&situation);
    }
    let deciding = weighed.iter().position(|item| item.decides(&situation));
    let findings: Vec<Finding> = weighed.into_iter().map(|item| item.finding).collect();
    let because = situation.because(request, documents, &findings, deciding);
    let decided_by = deciding.and_then(|index| findings.get(index)).map(|finding| finding.id.clone());
    Decision { verdict: situation.verdict, because, decided_by, findings, missing: situation.missing }
}

/// A finding, with what its statement or grant could do if others play along.
pub(crate) struct Weighed {
    pub(crate) finding: Finding,
    pub(crate) weight: Weight,
}

/// What a statement or grant says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Nothing.
    None,
    /// It denies.
    Denies,
    /// The text is no policy, and nobody knows what it would deny.
    Unreadable,
    /// It allows, by itself, the very caller that it names: what limits identities does not limit that.
    AllowsByName,
    /// It allows, by itself, within all limits.
    Allows,
    /// It allows if an identity policy allows too.
    Delegates,
    /// It is the identity policy's allow.
    Home,
    /// It gives nothing, and leaves room for the request.
    Permits(Limit),
    /// It would allow, but not this operation, or not for this caller.
    Ineffective,
}

/// What limits a request without giving it anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Boundary,
    Session,
    Organization,
}

impl Weighed {
    /// What the statement or grant comes to, given the others.
    fn outcome(&self, situation: &Situation) -> FindingOutcome {
        match self.weight {
            Weight::None => FindingOutcome::DoesNotMatch,
            Weight::Denies | Weight::Unreadable => FindingOutcome::Denies,
            Weight::AllowsByName if situation.is_open_by_name => FindingOutcome::Allows,
            Weight::Allows if situation.is_open => FindingOutcome::Allows,
            Weight::Delegates if situation.is_open && situation.home_allows => FindingOutcome::Delegates,
            Weight::Home if situation.is_open && situation.is_delegated => FindingOutcome::Allows,
            Weight::Permits(_) => FindingOutcome::Permits,
            Weight::AllowsByName | Weight::Allows | Weight::Delegates | Weight::Home | Weight::Ineffective => FindingOutcome::HasNoEffect,
        }
    }

    /// Whether it can be named as what decided.
    fn decides(&self, situation: &Situation) -> bool {
        match situation.verdict {
            Verdict::ExplicitDeny => self.weight == Weight::Denies,
            Verdict::ImplicitDeny => self.weight == Weight::Unreadable,
            Verdict::Allow if situation.is_direct => {
                matches!(self.weight, Weight::Allows | Weight::AllowsByName) && self.finding.outcome == FindingOutcome::Allows
            }
            Verdict::Allow if situation.has_home_statement => self.weight == Weight::Home,
            Verdict::Allow => self.weight == Weight::Delegates,
        }
    }
}

fn weigh_document(request: &Request<'_>, document: Option<&Document>, source: Source, index: usize, weighed: &mut Vec<Weighed>) {
    let id = |statement| FindingId { source, document: index, index: statement, grant_id: None };
    match document.map(Document::policy) {
        None => {}
        Some(Err(error)) => weighed.push(unreadable(id(0), error)),
        Some(Ok(policy)) => weighed.extend(policy.statements().iter().enumerate().map(|(index, statement)| {
            let comparison = statement.compare(request);
            let weight = match (comparison.reach, statement.effect(), source) {
                (Reach::NotAtAll, _, _) => Weight::None,
                (_, Effect::Deny, _) => Weight::Denies,
                (_, Effect::Allow, Source::IdentityPolicy) => Weight::Home,
                (_, Effect::Allow, Source::PermissionsBoundary) => Weight::Permits(Limit::Boundary),
                (_, Effect::Allow, Source::SessionPolicy) => Weight::Permits(Limit::Session),
                (_, Effect::Allow, Source::ServiceControlPolicy) => Weight::Permits(Limit::Organization),
                // The grant that it ends decides about RetireGrant; of a key's policy only a Deny counts.
                (_, Effect::Allow, _) if operation_of(request.action) == RETIRE_GRANT => Weight::Ineffective,
                (Reach::ByName, Effect::Allow, _) if !request.is_foreign() => Weight::AllowsByName,
                (Reach::AsMember, Effect::Allow, _) if !request.is_foreign() => Weight::Allows,
                (_, Effect::Allow, _) => allow_in_scope(request, Weight::Delegates),
            };
            Weighed { finding: finding(id(index), statement.sid(), statement.effect(), comparison.elements), weight }
        })),
    }
}

fn weigh_grant(request: &Request<'_>, context: &FoldedContext, grant: &Grant, index: usize) -> Weighed {
    let comparison = grant.compare(request, context);
    let weight = match comparison.reach {
        Reach::NotAtAll => Weight::None,
        Reach::ByAccount => allow_in_scope(request, Weight::Delegates),
        // AWS does not say whether limits apply to what a grant gives, so here they do.
        Reach::AsMember | Reach::ByName => allow_in_scope(request, Weight::Allows),
    };
    let id = FindingId { source: Source::Grant, document: 0, index, grant_id: Some(grant.id.clone()) };
    Weighed { finding: finding(id, grant.name.as_deref(), Effect::Allow, comparison.elements), weight }
}

/// An operation for the key's own account is not opened to others by any policy.
fn allow_in_scope(request: &Request<'_>, weight: Weight) -> Weight {
    if request.scope == Scope::OwnAccount && request.is_foreign() { Weight::Ineffective } else { weight }
}

fn unreadable(id: FindingId, error: &PolicyError) -> Weighed {
    let element =
        ElementFinding { element: "Document".into(), wanted: "a policy that can be read".into(), found: error.to_string(), matched: false };
    Weighed { finding: finding(id, None, Effect::Deny, vec![element]), weight: Weight::Unreadable }
}

fn finding(id: FindingId, name: Option<&str>, effect: Effect, elements: Vec<ElementFinding>) -> Finding {
    Finding { id, name: name.map(str::to_owned), effect, outcome: FindingOutcome::DoesNotMatch, elements }
}

#[cfg(test)]
mod tests;
