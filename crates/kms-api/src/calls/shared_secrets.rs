//! Calls by which two parties come to share a secret: DeriveSharedSecret, Encapsulate, Decapsulate.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, SecretBlob};

/// Derives the secret that the KMS key shares with a peer's key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeriveSharedSecretRequest {
    /// The key, one for key agreement: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// `ECDH`.
    pub key_agreement_algorithm: String,
    /// The peer's public key, of the same curve: a SubjectPublicKeyInfo in DER, 1 to 8192 bytes.
    pub public_key: Blob,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// An attested enclave that alone shall see the secret; the engine refuses it.
    #[cfg(feature = "enclaves")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<serde_json::Value>,
}

/// A secret that two keys share.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeriveSharedSecretResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// The raw secret, the shared point's x-coordinate: derive keys from it and wipe it.
    pub shared_secret: SecretBlob,
    /// `ECDH`.
    pub key_agreement_algorithm: String,
    /// Where the key's material comes from: `AWS_KMS` or `EXTERNAL`.
    pub key_origin: String,
}

/// Makes a secret and encapsulates it, so that only who has the KMS key can recover it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EncapsulateRequest {
    /// The key, one of ML-KEM: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// `ML_KEM`.
    pub encapsulation_algorithm: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// A secret, twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncapsulateResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// The secret, 32 bytes: use it and wipe it.
    pub shared_secret: SecretBlob,
    /// The secret, encapsulated: Decapsulate recovers it.
    pub shared_secret_ciphertext_blob: Blob,
    /// `ML_KEM`.
    pub encapsulation_algorithm: String,
}

/// Recovers a secret that was encapsulated for the KMS key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DecapsulateRequest {
    /// The key for which it was encapsulated: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// What Encapsulate, or anybody with the public key, made.
    pub shared_secret_ciphertext_blob: Blob,
    /// `ML_KEM`.
    pub encapsulation_algorithm: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// What was recovered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecapsulateResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// 32 bytes; those that were encapsulated only if the ciphertext was made for this key and not altered, which no answer tells.
    pub shared_secret: SecretBlob,
    /// `ML_KEM`.
    pub encapsulation_algorithm: String,
}
