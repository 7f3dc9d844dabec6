//! Calls about key material that its owner brings: GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.

use serde::{Deserialize, Serialize};

use crate::blob::Blob;

/// Asks for a public key to wrap key material under, and for the token that belongs to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetParametersForImportRequest {
    /// The key that the material is for: id or ARN.
    pub key_id: String,
    /// `RSAES_OAEP_SHA_256`, `RSAES_OAEP_SHA_1`, `RSA_AES_KEY_WRAP_SHA_256`, `RSA_AES_KEY_WRAP_SHA_1` or, for old clients, `RSAES_PKCS1_V1_5`.
    pub wrapping_algorithm: String,
    /// `RSA_2048`, `RSA_3072` or `RSA_4096`.
    pub wrapping_key_spec: String,
}

/// A public key to wrap key material under, and the token that belongs to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetParametersForImportResponse {
    /// The ARN of the key that the material is for.
    pub key_id: String,
    /// What to send along with the wrapped material.
    pub import_token: Blob,
    /// An RSA public key, SubjectPublicKeyInfo in DER.
    pub public_key: Blob,
    /// Until when both can be used, in seconds since the Unix epoch.
    pub parameters_valid_to: f64,
}

/// Gives a key its material, or the same material again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImportKeyMaterialRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// The token that came with the public key.
    pub import_token: Blob,
    /// The material, wrapped under that public key.
    pub encrypted_key_material: Blob,
    /// When the material expires, in seconds since the Unix epoch; at most 365 days ahead.
    pub valid_to: Option<f64>,
    /// `KEY_MATERIAL_EXPIRES`, which is also the default, or `KEY_MATERIAL_DOES_NOT_EXPIRE`.
    pub expiration_model: Option<String>,
    /// `NEW_KEY_MATERIAL`, the default for a key that never had any, or `EXISTING_KEY_MATERIAL`. Symmetric encryption keys only.
    pub import_type: Option<String>,
    /// What people shall call the material, at most 256 characters. Symmetric encryption keys only.
    pub key_material_description: Option<String>,
    /// Which generation this is, 64 hexadecimal digits, to be sure. Symmetric encryption keys only.
    pub key_material_id: Option<String>,
}

/// What was imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImportKeyMaterialResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// The generation, 64 hexadecimal digits; symmetric encryption keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}

/// Takes imported material away from a key, until it is imported again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteImportedKeyMaterialRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// Which generation, 64 hexadecimal digits; without it the one that encrypts.
    pub key_material_id: Option<String>,
}

/// What was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteImportedKeyMaterialResponse {
    /// The ARN of the key.
    pub key_id: String,
    /// The generation, 64 hexadecimal digits; symmetric encryption keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material_id: Option<String>,
}
