//! What came out: the verdict, one sentence that says why, and a finding for every statement and grant.

use waxseal_base::event::{Finding, FindingId, FindingOutcome, Source, Verdict};

use crate::caller::Caller;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub verdict: Verdict,
    /// Why, in one sentence for people: lower case, no full stop.
    pub because: String,
    /// Which finding decided; none where nothing allows, or where no statement is needed.
    pub decided_by: Option<FindingId>,
    /// Every statement and grant, in document order: key policy, identity policies, grants.
    pub findings: Vec<Finding>,
    pub(crate) missing: Missing,
}

/// Where an allow would have to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Nothing,
    ResourcePolicy,
    IdentityPolicy,
}

impl Decision {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// AWS's text for a refusal; `resource` is the key's ARN, or `*` for an operation without a key.
    pub fn access_denied_message(&self, caller: &Caller, action: &str, resource: &str) -> String {
        let denied_by = self.findings.iter().find(|finding| finding.outcome == FindingOutcome::Denies).map(|finding| finding.id.source);
        let why = match (self.verdict, denied_by, self.missing) {
            (Verdict::ExplicitDeny, Some(Source::IdentityPolicy), _) => "with an explicit deny in an identity-based policy".to_owned(),
            (Verdict::ExplicitDeny, _, _) => "with an explicit deny in a resource-based policy".to_owned(),
            (_, _, Missing::IdentityPolicy) => format!("because no identity-based policy allows the {action} action"),
            _ => format!("because no resource-based policy allows the {action} action"),
        };
        format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {why}")
    }
}
