//! Calls that make a key pair for use outside of the KMS, its private key wrapped under a KMS key.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, SecretBlob};
use crate::encryption_context::EncryptionContext;

/// Asks for a random key pair: the public key, and the private key in the clear and wrapped under the KMS key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateDataKeyPairRequest {
    /// The wrapping key, a symmetric one: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// Such as `RSA_2048` or `ECC_NIST_P256`.
    pub key_pair_spec: String,
    /// What the wrapped private key is bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// An attested enclave that alone shall see the private key; the engine refuses it.
    #[cfg(feature = "enclaves")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<serde_json::Value>,
}

/// A key pair, its private key twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyPairResponse {
    /// The private key, wrapped: Decrypt opens it.
    pub private_key_ciphertext_blob: Blob,
    /// The private key in the clear, a PKCS #8 PrivateKeyInfo in DER: use it at once and wipe it.
    pub private_key_plaintext: SecretBlob,
    /// The public key, a SubjectPublicKeyInfo in DER.
    pub public_key: Blob,
    /// The ARN of the wrapping key.
    pub key_id: String,
    /// The spec that was asked for.
    pub key_pair_spec: String,
    /// The generation of the wrapping key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}

/// Asks for a random key pair whose private key comes wrapped only: for who uses it later, or lets another use it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GenerateDataKeyPairWithoutPlaintextRequest {
    /// The wrapping key, a symmetric one: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// Such as `RSA_2048` or `ECC_NIST_P256`.
    pub key_pair_spec: String,
    /// What the wrapped private key is bound to.
    pub encryption_context: EncryptionContext,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// A key pair, its private key wrapped.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyPairWithoutPlaintextResponse {
    /// The private key, wrapped: Decrypt opens it.
    pub private_key_ciphertext_blob: Blob,
    /// The public key, a SubjectPublicKeyInfo in DER.
    pub public_key: Blob,
    /// The ARN of the wrapping key.
    pub key_id: String,
    /// The spec that was asked for.
    pub key_pair_spec: String,
    /// The generation of the wrapping key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}
