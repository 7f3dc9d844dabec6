//! Calls that use an HMAC key: GenerateMac, VerifyMac.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, SecretBlob};

/// Authenticates a message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateMacRequest {
    /// 1 to 4096 bytes.
    pub message: SecretBlob,
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// The one that the key can do, such as `HMAC_SHA_256`.
    pub mac_algorithm: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// A message authentication code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateMacResponse {
    /// HMAC (RFC 2104), of the hash's full length.
    pub mac: Blob,
    /// The algorithm that was used.
    pub mac_algorithm: String,
    /// The ARN of the key.
    pub key_id: String,
}

/// Checks a message authentication code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VerifyMacRequest {
    /// What was authenticated, 1 to 4096 bytes.
    pub message: SecretBlob,
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// The algorithm that was used.
    pub mac_algorithm: String,
    /// 1 to 6144 bytes.
    pub mac: Blob,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// The code is right; a wrong one is a KMSInvalidMacException.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerifyMacResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// `true`.
    pub mac_valid: bool,
    /// The algorithm that was used.
    pub mac_algorithm: String,
}
