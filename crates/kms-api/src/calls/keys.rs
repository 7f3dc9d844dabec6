//! Calls about a key itself: CreateKey, DescribeKey, EnableKey, DisableKey; and ListKeys.

use serde::{Deserialize, Serialize};

use super::MultiRegionConfiguration;

/// Makes a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateKeyRequest {
    /// The key policy as JSON text, at most 32,768 bytes; without it the account decides by its identity policies.
    pub policy: Option<String>,
    /// For people, at most 8192 characters.
    pub description: Option<String>,
    /// `ENCRYPT_DECRYPT`, which is also the default.
    pub key_usage: Option<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default.
    pub key_spec: Option<String>,
    /// `AWS_KMS`, which is also the default, or `EXTERNAL`: its material will be imported.
    pub origin: Option<String>,
    /// Accept a policy that the caller could not replace again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// Labels of the key.
    pub tags: Vec<Tag>,
    /// Whether the key can have replicas in other regions.
    pub multi_region: Option<bool>,
    /// The older name of `key_spec`.
    pub customer_master_key_spec: Option<String>,
    /// A key store outside the KMS; the engine refuses it.
    pub custom_key_store_id: Option<String>,
    /// A key outside the KMS; the engine refuses it.
    pub xks_key_id: Option<String>,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// 1 to 128 characters.
    pub tag_key: String,
    /// 0 to 256 characters.
    pub tag_value: String,
}

/// The key that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateKeyResponse {
    /// Its metadata.
    pub key_metadata: KeyMetadata,
}

/// Asks for a key's metadata.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DescribeKeyRequest {
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
}

/// A key's metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeKeyResponse {
    /// Its metadata.
    pub key_metadata: KeyMetadata,
}

/// What a KMS tells about a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMetadata {
    /// The account that owns the key.
    #[serde(rename = "AWSAccountId")]
    pub aws_account_id: String,
    /// Its id.
    pub key_id: String,
    /// Its ARN.
    pub arn: String,
    /// Seconds since the Unix epoch.
    pub creation_date: f64,
    /// Whether its state is `Enabled`.
    pub enabled: bool,
    /// For people.
    pub description: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub key_usage: String,
    /// `Enabled`, `Disabled`, …
    pub key_state: String,
    /// When it will be destroyed, in seconds since the Unix epoch, if that is scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_date: Option<f64>,
    /// When the first of its imported material expires, in seconds since the Unix epoch, if any does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<f64>,
    /// Where its material comes from: `AWS_KMS` or `EXTERNAL`.
    pub origin: String,
    /// Whether its imported material expires: `KEY_MATERIAL_EXPIRES` or `KEY_MATERIAL_DOES_NOT_EXPIRE`; none while it has no material.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_model: Option<String>,
    /// `CUSTOMER`, or `AWS` for a key that a service of AWS made for the account.
    pub key_manager: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub key_spec: String,
    /// The older name of `key_spec`, which AWS still sends.
    pub customer_master_key_spec: String,
    /// What it can encrypt with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub encryption_algorithms: Vec<String>,
    /// What it can sign with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signing_algorithms: Vec<String>,
    /// What it can make message authentication codes with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub mac_algorithms: Vec<String>,
    /// What it can agree on a secret with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub key_agreement_algorithms: Vec<String>,
    /// What it can encapsulate a secret with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub encapsulation_algorithms: Vec<String>,
    /// Whether it can have replicas in other regions, or is one.
    pub multi_region: bool,
    /// Where it and its replicas are, if it can have any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub multi_region_configuration: Option<MultiRegionConfiguration>,
    /// How long it will wait to be destroyed once its last replica is; only for a primary key that is to be destroyed and still has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pending_deletion_window_in_days: Option<u32>,
    /// The generation that encrypts now, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_key_material_id: Option<String>,
}

/// Lets a disabled key be used again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EnableKeyRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EnableKeyResponse {}

/// Makes a key refuse every use until it is enabled again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DisableKeyRequest {
    /// The key: id or ARN.
    pub key_id: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct DisableKeyResponse {}

/// Asks for the keys of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListKeysRequest {
    /// At most so many, 1 to 1000; 100 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Keys, in order of their ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeysResponse {
    /// The keys.
    pub keys: Vec<KeyListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

/// One key of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyListEntry {
    /// Its id.
    pub key_id: String,
    /// Its ARN.
    pub key_arn: String,
}
