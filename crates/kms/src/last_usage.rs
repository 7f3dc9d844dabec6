//! When a key was used last. It stands in a record of its own beside the key's, written with the call that used it, so that using a key never
//! changes the key's record. A note is exact to the second: the first use of its kind in a second writes it. Who meets another's note of the same moment
//! leaves it: that one is as recent.

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::KeyLastUsageData;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use crate::audit::AuditRecord;
use crate::engine::Engine;
use crate::record::{Body, Record};
use crate::refusals::failed;
use crate::scene::Scene;
use crate::store::Change;

/// The body of `usage/<region>/<key id>`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageRecord {
    operation: String,
    /// Whole seconds, as AWS has it.
    at: Timestamp,
    event_id: String,
    request_id: String,
}

impl Body for UsageRecord {}

impl UsageRecord {
    /// The record's id in a store.
    pub(crate) fn record_id(region: &str, key_id: &str) -> String {
        format!("{USAGE_PREFIX}{region}/{key_id}")
    }

    /// As GetKeyLastUsage shows it.
    pub(crate) fn data(self) -> KeyLastUsageData {
        KeyLastUsageData {
            operation: Some(self.operation),
            timestamp: Some(self.at.as_seconds()),
            cloud_trail_event_id: Some(self.event_id),
            kms_request_id: Some(self.request_id),
        }
    }
}

/// Where a use is to be noted: the id of the record, and its version if it is there.
pub(crate) type Note = (String, Option<u64>);

/// Where the use of a scene's keys is to be noted: once for a key that is both of them, and not where there is such a note.
pub(crate) fn find_notes(scene: &Scene<'_>, operation: Operation) -> Result<Vec<Note>, Fault> {
    let mut ids: Vec<String> = scene.keys().map(|key| UsageRecord::record_id(&key.record.region, &key.record.id)).collect();
    ids.dedup();
    let mut notes = Vec::new();
    for id in ids {
        let stored = scene.store.read(&id).map_err(failed)?;
        // Whether the note was altered is found out by who asks for it.
        let found = stored.as_ref().and_then(|stored| serde_json::from_str(&stored.body).ok());
        if !found.is_some_and(|note: UsageRecord| note.operation == operation.name() && note.at == second_of(scene.now)) {
            notes.push((id, stored.map(|stored| stored.version)));
        }
    }
    Ok(notes)
}

fn second_of(time: Timestamp) -> Timestamp {
    time.plus_millis(time.as_millis().rem_euclid(1000).saturating_neg())
}

/// The changes that note a use.
pub(crate) fn changes(
    engine: &Engine,
    notes: Vec<Note>,
    operation: Operation,
    now: Timestamp,
    audit: &AuditRecord,
) -> Result<Vec<Change>, Fault> {
    let record = UsageRecord {
        operation: operation.name().into(),
        at: second_of(now),
        event_id: audit.event_id.clone(),
        request_id: audit.request_id.clone(),
    };
    let put = |(id, expected_version): Note| {
        let version = expected_version.unwrap_or(0).saturating_add(1);
        let record = Record::seal(id, version, &record, &engine.root_key).map_err(failed)?;
        Ok(Change::Put { record, expected_version })
    };
    notes.into_iter().map(put).collect()
}

/// Whether a change only notes a use.
pub(crate) fn is_note(change: &Change) -> bool {
    change.id().starts_with(USAGE_PREFIX)
}

/// Whether an operation uses a key, so that its success is noted.
pub(crate) fn is_use(operation: Operation) -> bool {
    TRACKED.contains(&operation.name())
}

const USAGE_PREFIX: &str = "usage/";
/// As AWS lists them.
const TRACKED: &[&str] = &[
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
    "Encapsulate",
    "Decapsulate",
];
