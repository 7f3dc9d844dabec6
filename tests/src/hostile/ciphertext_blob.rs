//! The CiphertextBlob: what is read is written again, the fields are all of it, and nothing but what was encrypted decrypts.

use waxseal_base::observer::Observer;
use waxseal_kms::blob::{CiphertextBlob, fields};
use waxseal_kms_api::fault::FaultCode;

use super::edits::edited;
use super::fields::end_of;
use super::world::{PLAINTEXT, WORLD};

/// The bytes as a blob; then, laid over a genuine one, as alterations of it.
pub fn ciphertext_blob(data: &[u8]) {
    read(data);
    let altered: Vec<u8> = edited(&WORLD.blob, data);
    read(&altered);
    match WORLD.administrator().call(WORLD.decrypt_request(&altered), &Observer::none()) {
        Ok(response) => {
            assert_eq!(altered, WORLD.blob, "only the very ciphertext decrypts");
            assert_eq!(response.plaintext.0.as_slice(), PLAINTEXT);
        }
        Err(fault) => {
            assert_ne!(altered, WORLD.blob, "the very ciphertext decrypts: {fault}");
            let expected = [FaultCode::InvalidCiphertextException, FaultCode::AccessDeniedException, FaultCode::ValidationException];
            assert!(expected.contains(&fault.code), "{fault}");
        }
    }
}

fn read(bytes: &[u8]) {
    let (blob, described) = (CiphertextBlob::read(bytes), fields(bytes));
    assert_eq!(blob.is_ok(), described.is_ok(), "what can be read can be described");
    if let Ok(blob) = blob {
        assert_eq!(blob.write().as_deref(), Some(bytes), "a blob is written as it was read");
    }
    if let Ok(described) = described {
        assert_eq!(end_of(&described), bytes.len());
    }
}
