//! GetKeyLastUsage: when a key was used last.

use serde::{Deserialize, Serialize};

/// Asks when a key was used last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetKeyLastUsageRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// The last use of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyLastUsageResponse {
    /// The key's id.
    pub key_id: String,
    /// The use; empty if there was none.
    pub key_last_usage: KeyLastUsageData,
    /// Since when uses are recorded, in seconds since the Unix epoch.
    pub tracking_start_date: f64,
    /// When the key was made, in seconds since the Unix epoch.
    pub key_creation_date: f64,
}

/// A use of a key. All is there or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KeyLastUsageData {
    /// Such as `Decrypt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// In seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<f64>,
    /// The id of the line in the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_trail_event_id: Option<String>,
    /// The id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_request_id: Option<String>,
}
