//! The Why tab: the decision about the KMS call that a step belongs to, from the trace, and for a denial the smallest changes that would allow it.

use waxseal_base::event::{Finding, FindingId};

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
    /// Allowed, and done.
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
    let _ = (recording, step);
    None
}
