//! Calls that encrypt and decrypt: data keys, the caller's bytes, and ciphertexts that move to another key.

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
    #[cfg(feature = "enclaves")]
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
    /// 1 to 4096 bytes; under an RSA key at most 214 (2048 bits, SHA-1) to 446 (4096 bits, SHA-256).
    pub plaintext: SecretBlob,
    /// What the ciphertext is bound to; with an RSA key there can be none.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default; an RSA key needs `RSAES_OAEP_SHA_1` or `RSAES_OAEP_SHA_256`.
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
    /// The algorithm that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_algorithm: Option<String>,
}

/// Decrypts what Encrypt or GenerateDataKey made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DecryptRequest {
    /// 1 to 6144 bytes; it names its key, unless that is an RSA key. A dry run can ignore it.
    pub ciphertext_blob: Blob,
    /// The key that must have encrypted it; optional, unless it is an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Exactly what it was bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default; an RSA key needs `RSAES_OAEP_SHA_1` or `RSAES_OAEP_SHA_256`.
    pub encryption_algorithm: Option<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// `IGNORE_CIPHERTEXT`: check the permission only, for a named key; needs `dry_run`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dry_run_modifiers: Vec<String>,
    /// An attested enclave that alone shall see the plaintext; the engine refuses it.
    #[cfg(feature = "enclaves")]
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
    /// The generation of the key that was used; none for an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
    /// The algorithm that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_algorithm: Option<String>,
}

/// A random data key, wrapped only: for who will use it later, or lets another use it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateDataKeyWithoutPlaintextRequest {
    /// The wrapping key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// `AES_128` or `AES_256`; this or `number_of_bytes`.
    pub key_spec: Option<String>,
    /// The data key's length, 1 to 1024 bytes; this or `key_spec`.
    pub number_of_bytes: Option<u32>,
    /// What the wrapped key is bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// A data key, wrapped.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyWithoutPlaintextResponse {
    /// The data key, wrapped.
    pub ciphertext_blob: Blob,
    /// The ARN of the wrapping key.
    pub key_id: String,
    /// The generation of the wrapping key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}

/// Random bytes, of no key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateRandomRequest {
    /// How many, 1 to 1024.
    pub number_of_bytes: Option<u32>,
    /// A key store outside the KMS; the engine refuses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_key_store_id: Option<String>,
    /// An attested enclave that alone shall see the bytes; the engine refuses it.
    #[cfg(feature = "enclaves")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<serde_json::Value>,
}

/// Random bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateRandomResponse {
    /// The bytes.
    pub plaintext: SecretBlob,
}

/// Decrypts and encrypts again, under another key, context or generation; the plaintext does not leave the KMS.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReEncryptRequest {
    /// 1 to 6144 bytes; it names its key, unless that is an RSA key. A dry run can ignore it.
    pub ciphertext_blob: Blob,
    /// Exactly what it was bound to.
    pub source_encryption_context: EncryptionContext,
    /// The key that must have encrypted it; optional, unless it is an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_key_id: Option<String>,
    /// The key that encrypts it again: id, ARN, alias name or alias ARN.
    pub destination_key_id: String,
    /// What the new ciphertext is bound to.
    pub destination_encryption_context: EncryptionContext,
    /// `SYMMETRIC_DEFAULT`, which is also the default; an RSA key needs `RSAES_OAEP_SHA_1` or `RSAES_OAEP_SHA_256`.
    pub source_encryption_algorithm: Option<String>,
    /// `SYMMETRIC_DEFAULT`, which is also the default; an RSA key needs `RSAES_OAEP_SHA_1` or `RSAES_OAEP_SHA_256`.
    pub destination_encryption_algorithm: Option<String>,
    /// Tokens of grants, on either key, that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// `IGNORE_CIPHERTEXT`: check the permission only, for a named key; needs `dry_run`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dry_run_modifiers: Vec<String>,
}

/// What was encrypted again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReEncryptResponse {
    /// The new ciphertext.
    pub ciphertext_blob: Blob,
    /// The ARN of the key that had encrypted it.
    pub source_key_id: String,
    /// The ARN of the key that encrypted it again.
    pub key_id: String,
    /// The algorithm that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_encryption_algorithm: Option<String>,
    /// The algorithm that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_encryption_algorithm: Option<String>,
    /// The generation that had encrypted it; none for an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_key_material_id: Option<String>,
    /// The generation that encrypted it again; none for an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_key_material_id: Option<String>,
}
