//! Calls about the generations of a key's material: EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand,
//! ListKeyRotations.

use serde::{Deserialize, Serialize};

/// Gives a key new material every so often.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EnableKeyRotationRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// How often, 90 to 2560 days; 365 without it.
    pub rotation_period_in_days: Option<u32>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EnableKeyRotationResponse {}

/// Gives a key no more new material by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DisableKeyRotationRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct DisableKeyRotationResponse {}

/// Asks whether a key gets new material by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetKeyRotationStatusRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Whether and when a key gets new material.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyRotationStatusResponse {
    /// Whether it does by itself.
    pub key_rotation_enabled: bool,
    /// The ARN of the key.
    pub key_id: String,
    /// How often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_period_in_days: Option<u32>,
    /// When next, in seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_rotation_date: Option<f64>,
    /// When a rotation that was asked for began, if it is not done yet; in seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_rotation_start_date: Option<f64>,
}

/// Gives a key new material now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RotateKeyOnDemandRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Which key gets new material.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotateKeyOnDemandResponse {
    /// The ARN of the key.
    pub key_id: String,
}

/// Asks for a key's rotations.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListKeyRotationsRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// `ROTATIONS_ONLY`, which is also the default, or `ALL_KEY_MATERIAL`: the first generation too, and the one that waits for its rotation.
    pub include_key_material: Option<String>,
    /// At most so many, 1 to 1000; 100 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Rotations of a key, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeyRotationsResponse {
    /// The rotations.
    pub rotations: Vec<RotationsListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

/// One rotation, or the generation that a key began with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotationsListEntry {
    /// The ARN of the key.
    pub key_id: String,
    /// The generation, 64 hexadecimal digits.
    pub key_material_id: String,
    /// What people call it; imported material only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_description: Option<String>,
    /// `IMPORTED`, or `PENDING_IMPORT` if it expired or was deleted; keys with imported material only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_state: Option<String>,
    /// `CURRENT` for the generation that encrypts, `NON_CURRENT` for older ones, `PENDING_ROTATION` for one that will,
    /// `PENDING_MULTI_REGION_IMPORT_AND_ROTATION` for one that will once it is imported into every replica.
    pub key_material_state: String,
    /// `KEY_MATERIAL_EXPIRES` or `KEY_MATERIAL_DOES_NOT_EXPIRE`; imported material only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_model: Option<String>,
    /// When it expires, in seconds since the Unix epoch, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<f64>,
    /// When it came into use, in seconds since the Unix epoch; the first generation comes from no rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_date: Option<f64>,
    /// `AUTOMATIC` or `ON_DEMAND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_type: Option<String>,
}
