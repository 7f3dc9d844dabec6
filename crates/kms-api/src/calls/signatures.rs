//! Calls that use a key pair for signatures: Sign, Verify, GetPublicKey.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, SecretBlob};

/// Signs a message, or its digest, with the private key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SignRequest {
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// 1 to 4096 bytes.
    pub message: SecretBlob,
    /// What the message is: `RAW` (the default), `DIGEST`, or `EXTERNAL_MU`.
    pub message_type: Option<String>,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Such as `ECDSA_SHA_256`; one that the key can do.
    pub signing_algorithm: String,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// A signature.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SignResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// As PKCS #1 has it for RSA, DER for ECDSA, and as the algorithm has it for the others.
    pub signature: Blob,
    /// The algorithm that was used.
    pub signing_algorithm: String,
}

/// Checks a signature with the public key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VerifyRequest {
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// What was signed, 1 to 4096 bytes.
    pub message: SecretBlob,
    /// What the message is: `RAW` (the default), `DIGEST`, or `EXTERNAL_MU`.
    pub message_type: Option<String>,
    /// 1 to 6144 bytes.
    pub signature: Blob,
    /// The algorithm that was used.
    pub signing_algorithm: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// The signature is right; a wrong one is a KMSInvalidSignatureException.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerifyResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// `true`.
    pub signature_valid: bool,
    /// The algorithm that was used.
    pub signing_algorithm: String,
}

/// Asks for the public key of a key pair.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetPublicKeyRequest {
    /// The key: id, ARN, alias name or alias ARN.
    pub key_id: String,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
}

/// A public key and what it is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetPublicKeyResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// SubjectPublicKeyInfo (RFC 5280), DER.
    pub public_key: Blob,
    /// Such as `ECC_NIST_P256`.
    pub key_spec: String,
    /// The older name of the same.
    pub customer_master_key_spec: String,
    /// Such as `SIGN_VERIFY`.
    pub key_usage: String,
    /// What it can encrypt with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub encryption_algorithms: Vec<String>,
    /// What it can verify.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signing_algorithms: Vec<String>,
    /// How it can agree on a secret.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub key_agreement_algorithms: Vec<String>,
    /// How it can encapsulate a secret.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub encapsulation_algorithms: Vec<String>,
}
