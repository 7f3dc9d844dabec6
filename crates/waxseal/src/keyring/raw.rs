//! What the keyrings share that wrap data keys without a KMS.

use waxseal_base::event::{Kind, PublicBytes, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KeyRequest;
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// A namespace of raw keys must not look like a KMS.
pub(super) fn check_namespace(namespace: &str) -> Result<(), Error> {
    if namespace.starts_with(KMS_NAMESPACE) {
        let text = reason!("the namespace `{namespace}` is reserved for KMS keys; choose one that does not start with `{KMS_NAMESPACE}`");
        return Err(Error::invalid_input(text));
    }
    Ok(())
}

pub(super) fn tell_wrapped(data_key: &Secret, encrypted: &EncryptedDataKey, request: &KeyRequest, observer: &Observer) {
    observer.emit(|witness| Kind::DataKeyWrapped {
        data_key: witness.secret(data_key.expose()),
        encrypted_data_key: PublicBytes::copy_of(&encrypted.ciphertext),
        material_id: None,
        encryption_context: request.encryption_context.to_map(),
    });
}

/// An unwrapped data key. It has been compared with the suite's length.
pub(super) fn unwrapped(data_key: Zeroizing<Vec<u8>>, encrypted: &EncryptedDataKey, observer: &Observer) -> Secret {
    let data_key = Secret::new(SecretName::DataKey, data_key, observer);
    observer.emit(|witness| Kind::DataKeyUnwrapped {
        encrypted_data_key: PublicBytes::copy_of(&encrypted.ciphertext),
        data_key: witness.secret(data_key.expose()),
        material_id: None,
    });
    data_key
}

const KMS_NAMESPACE: &str = "aws-kms";
