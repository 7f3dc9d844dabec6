//! Data keys of our own making, for a KMS that only wraps them.

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse};

use crate::error::ClientError;

/// A data key of the platform's random bytes, as long as it is asked for.
pub(crate) fn make_data_key(request: &GenerateDataKeyRequest, env: &Env, observer: &Observer) -> Result<Secret, ClientError> {
    let len = data_key_len(request)?;
    let data_key =
        Secret::make_random(SecretName::DataKey, "data key", len, env, observer).map_err(|error| ClientError::caller(error.to_string()))?;
    observer.emit(|witness| Kind::DataKeyGenerated {
        spec: format!("AES_{}", len.saturating_mul(8)),
        data_key: witness.secret(data_key.expose()),
    });
    Ok(data_key)
}

/// A data key and what it was wrapped into.
pub(crate) fn generated(data_key: &Secret, wrapped: EncryptResponse) -> GenerateDataKeyResponse {
    let EncryptResponse { ciphertext_blob, key_id, .. } = wrapped;
    GenerateDataKeyResponse { ciphertext_blob, plaintext: SecretBlob(data_key.danger_copy()), key_id, key_material_id: None }
}

/// How many bytes of data key are asked for.
pub(crate) fn data_key_len(request: &GenerateDataKeyRequest) -> Result<usize, ClientError> {
    let len = match (request.number_of_bytes, request.key_spec.as_deref()) {
        (Some(len), _) => usize::try_from(len).ok(),
        (None, Some("AES_128")) => Some(16),
        (None, Some("AES_256")) => Some(32),
        (None, _) => None,
    };
    len.filter(|len| (1..=1024).contains(len)).ok_or_else(|| ClientError::caller("NumberOfBytes is not a whole number from 1 to 1024"))
}
