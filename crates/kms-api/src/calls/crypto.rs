//! Calls that use a key: GenerateDataKey, Encrypt, Decrypt.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, SecretBlob};
use crate::encryption_context::EncryptionContext;

/// Asks for a random data key, in the clear and wrapped under the KMS key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateDataKeyRequest {
    /// The wrapping key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// The data key's length, 1 to 1024 bytes; this or `key_spec`.
    pub number_of_bytes: Option<u32>,
    /// `AES_128` or `AES_256`; this or `number_of_bytes`.
    pub key_spec: Option<String>,
    /// What the wrapped key is bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// An attested enclave that alone shall see the plaintext; the engine refuses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<serde_json::Value>,
}

/// A data key, twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyResponse {
    /// The data key, wrapped.
    pub ciphertext_blob: Blob,
    /// The data key, in the clear: use it at once and wipe it.
    pub plaintext: SecretBlob,
    /// The ARN of the wrapping key.
    pub key_id: String,
    /// The generation of the wrapping key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}

/// Encrypts up to 4096 bytes directly under the KMS key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EncryptRequest {
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// 1 to 4096 bytes.
    pub plaintext: SecretBlob,
    /// What the ciphertext is bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default.
    pub encryption_algorithm: Option<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// What was encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptResponse {
    /// The ciphertext.
    pub ciphertext_blob: Blob,
    /// The ARN of the key.
    pub key_id: String,
    /// `SYMMETRIC_DEFAULT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_algorithm: Option<String>,
}

/// Decrypts what Encrypt or GenerateDataKey made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DecryptRequest {
    /// 1 to 6144 bytes; it names its key.
    pub ciphertext_blob: Blob,
    /// The key that must have encrypted it; optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Exactly what it was bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default.
    pub encryption_algorithm: Option<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// How else to check it; the engine refuses any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dry_run_modifiers: Vec<String>,
    /// An attested enclave that alone shall see the plaintext; the engine refuses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<serde_json::Value>,
}

/// What was decrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecryptResponse {
    /// The plaintext: use it at once and wipe it.
    pub plaintext: SecretBlob,
    /// The ARN of the key.
    pub key_id: String,
    /// The generation of the key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
    /// `SYMMETRIC_DEFAULT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_algorithm: Option<String>,
}
