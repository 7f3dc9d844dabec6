//! The Why tab: the decision about the KMS call that a step belongs to, from the trace, and for a denial the smallest changes that would allow it.

use waxseal_base::event::{Effect, Finding, FindingId, FindingOutcome, Verdict};

use super::call::Call;
use super::change::Fix;
use super::people::Person;
use super::recording::Recording;
use super::steps::Step;

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The KMS operation that was decided about.
    pub operation: String,
    /// The ARN of who asked.
    pub principal: String,
    /// The person, if it is one of ours.
    pub person: Option<Person>,
    /// The service through which they asked.
    pub via_service: Option<String>,
    /// How it came out.
    pub verdict: WhyVerdict,
    /// The deciding reason, in one sentence.
    pub reason: String,
    /// Which finding decided.
    pub decided_by: Option<FindingId>,
    /// Every statement and grant, in order.
    pub findings: Vec<Finding>,
    /// The key's state, if it was looked at.
    pub key_state: Option<KeyState>,
    /// The smallest changes that would allow what was refused.
    pub fixes: Vec<Fix>,
}

/// How a decision came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyVerdict {
    /// Not decided yet at this step.
    Open,
    /// Allowed.
    Allowed,
    /// Denied by policy.
    Denied,
    /// Allowed by policy, but the key's state or the ciphertext does not permit it.
    Refused,
}

/// A key's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// As the KMS names it.
    pub state: String,
    /// Whether the operation may use the key.
    pub allowed: bool,
}

/// The decision that a step belongs to: of its own KMS call, else of the last one before it in its act. None before the act's first call.
pub fn why(recording: &Recording, step: &Step) -> Option<Why> {
    let call = Call::of(recording, step)?;
    let (verdict, reason) = verdict(&call);
    Some(Why {
        person: call.person(),
        verdict,
        reason,
        fixes: fixes(&call),
        decided_by: call.decision.and_then(|decision| decision.decided_by),
        key_state: call.key_state.map(|(state, allowed)| KeyState { state, allowed }),
        operation: call.operation,
        principal: call.principal,
        via_service: call.via_service,
        findings: call.findings,
    })
}

fn verdict(call: &Call) -> (WhyVerdict, String) {
    let Some(decision) = &call.decision else {
        return (WhyVerdict::Open, "The KMS has not decided yet.".into());
    };
    match &call.key_state {
        _ if decision.verdict != Verdict::Allow => (WhyVerdict::Denied, decision.reason.clone()),
        Some((state, false)) => {
            let reason = format!("The policy allows it, but the key is {}: it does nothing for anybody.", state.to_lowercase());
            (WhyVerdict::Refused, reason)
        }
        _ if call.is_unopened => {
            let reason = "The policy allows it, but the encrypted data key does not open with what was sent along.";
            (WhyVerdict::Refused, reason.into())
        }
        _ => match call.fault() {
            Some(fault) => (WhyVerdict::Refused, format!("The policy allows it, but the KMS answers {fault}.")),
            None => (WhyVerdict::Allowed, decision.reason.clone()),
        },
    }
}

/// The smallest changes that would turn a no into a yes. None for what no permission can mend.
fn fixes(call: &Call) -> Vec<Fix> {
    let Some(decision) = &call.decision else { return Vec::new() };
    let Some(person) = call.person() else { return Vec::new() };
    match decision.verdict {
        Verdict::ExplicitDeny => {
            let allowed_otherwise = call.findings.iter().any(|finding| finding.outcome == FindingOutcome::Allows);
            let mut fixes = vec![Fix::RemoveDeny];
            if !allowed_otherwise && !call.findings.iter().any(would_allow_without_deny) {
                fixes.push(Fix::AllowInPolicy(person));
            }
            fixes
        }
        // A key policy alone does not let in somebody of another account: that account has to allow it too. A grant does.
        Verdict::ImplicitDeny if person == Person::Eve => vec![Fix::GiveGrant(person)],
        Verdict::ImplicitDeny => vec![Fix::AllowInPolicy(person), Fix::GiveGrant(person)],
        Verdict::Allow if matches!(call.key_state, Some((_, false))) => vec![Fix::EnableKey],
        Verdict::Allow => Vec::new(),
    }
}

/// A statement that matches but does not count, because a Deny does.
fn would_allow_without_deny(finding: &Finding) -> bool {
    finding.effect == Effect::Allow && !finding.elements.is_empty() && finding.elements.iter().all(|element| element.matched)
}
