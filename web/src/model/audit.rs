//! The Audit tab: what the KMS wrote down about the call that a step belongs to.

use super::call::Call;
use super::recording::{AuditEntry, Recording};
use super::steps::Step;

/// The record of the step's own KMS call, else of the last one before it in its act. None before the KMS has written one.
pub fn entry<'a>(recording: &'a Recording, step: &Step) -> Option<&'a AuditEntry> {
    let event_id = Call::of(recording, step)?.event_id?;
    recording.audit.iter().find(|entry| entry.event_id == event_id)
}
