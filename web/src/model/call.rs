//! The KMS call that a step belongs to, put together from its events. What the Why, Audit, Story and Code tabs have in common.

use std::collections::BTreeMap;

use waxseal_base::event::{Actor, Event, Finding, FindingId, Kind, OperationResult, Verdict, Verified};

use super::people::Person;
use super::recording::Recording;
use super::steps::Step;

/// A KMS call, as far as it has come at the end of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The operation.
    pub operation: String,
    /// The ARN of who asks.
    pub principal: String,
    /// The service through which they ask.
    pub via_service: Option<String>,
    /// The encryption context that was sent along.
    pub encryption_context: BTreeMap<String, String>,
    /// Every statement and grant that was compared, in order.
    pub findings: Vec<Finding>,
    /// The verdict of the policies.
    pub decision: Option<Decision>,
    /// The key's state and whether the operation may use the key in it.
    pub key_state: Option<(String, bool)>,
    /// Whether the encrypted data key did not open.
    pub is_unopened: bool,
    /// The id of its record in the log.
    pub event_id: Option<String>,
    /// What it answered.
    pub result: Option<OperationResult>,
}

/// What the policies said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Allow or deny.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Which finding decided.
    pub decided_by: Option<FindingId>,
}

impl Call {
    /// The last call of the step's act that had begun by the end of the step.
    pub fn of(recording: &Recording, step: &Step) -> Option<Self> {
        let act = recording.act_of(step)?;
        let events = recording.events.get(act.range.start..step.range.end)?;
        let started = events.iter().rposition(|event| starts_call(event, events))?;
        events.get(started..).map(Self::read)
    }

    fn read(events: &[Event]) -> Self {
        let mut call = Self::default();
        for event in events {
            call.apply(&event.kind);
        }
        call
    }

    fn apply(&mut self, kind: &Kind) {
        match kind {
            Kind::KmsRequestSent { operation, encryption_context, .. } => {
                self.operation.clone_from(operation);
                self.encryption_context.clone_from(encryption_context);
            }
            Kind::OperationStarted { operation, .. } if self.operation.is_empty() => self.operation.clone_from(operation),
            Kind::RequestVerified { principal, via_service, .. } => {
                self.principal.clone_from(principal);
                self.via_service.clone_from(via_service);
            }
            Kind::StatementEvaluated { finding } => self.findings.push(finding.clone()),
            Kind::Authorized { reason, decided_by, .. } => {
                self.decision = Some(Decision { verdict: Verdict::Allow, reason: reason.clone(), decided_by: decided_by.clone() });
            }
            Kind::Denied { reason, decided_by, verdict, .. } => {
                self.decision = Some(Decision { verdict: *verdict, reason: reason.clone(), decided_by: decided_by.clone() });
            }
            Kind::KeyStateChecked { state, allowed } => self.key_state = Some((state.clone(), *allowed)),
            Kind::VerificationFailed { what: Verified::EncryptedDataKey } => self.is_unopened = true,
            Kind::AuditRecorded { event_id } => self.event_id = Some(event_id.clone()),
            Kind::KmsResponseSent { result, .. } => self.result = Some(result.clone()),
            _ => {}
        }
    }

    /// Who asks, if it is one of ours.
    pub fn person(&self) -> Option<Person> {
        Person::of_arn(&self.principal)
    }

    /// The fault's name, if it was refused.
    pub fn fault(&self) -> Option<&str> {
        match &self.result {
            Some(OperationResult::Failed { code, .. }) => Some(code),
            _ => None,
        }
    }
}

/// A call begins with its request; a call of the administrator, which no SDK made, with the KMS's own first event.
fn starts_call(event: &Event, events: &[Event]) -> bool {
    match event.kind {
        Kind::KmsRequestSent { .. } => true,
        Kind::OperationStarted { .. } if event.by == Actor::Kms => {
            let before = events.iter().rposition(|earlier| earlier.seq < event.seq).and_then(|at| events.get(at));
            !before.is_some_and(|before| matches!(before.kind, Kind::KmsRequestSent { .. }))
        }
        _ => false,
    }
}
