//! Calls about the end of a key: ScheduleKeyDeletion, CancelKeyDeletion.

use serde::{Deserialize, Serialize};

/// Begins the waiting period after which a key is destroyed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ScheduleKeyDeletionRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// How long to wait, 7 to 30 days; 30 without it.
    pub pending_window_in_days: Option<u32>,
}

/// When the key will be destroyed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleKeyDeletionResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// Seconds since the Unix epoch; none for a primary key that waits for its replicas.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deletion_date: Option<f64>,
    /// `PendingDeletion`, or `PendingReplicaDeletion` for a primary key that has replicas.
    pub key_state: String,
    /// How long it waits.
    pub pending_window_in_days: u32,
}

/// Ends the waiting period: the key stays, disabled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CancelKeyDeletionRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Which key stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CancelKeyDeletionResponse {
    /// The ARN of the key.
    pub key_id: String,
}
