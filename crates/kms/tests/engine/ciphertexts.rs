//! What comes back as a ciphertext is untrusted: no bytes make the engine panic, and no changed bit goes unnoticed.

use std::sync::LazyLock;

use crate::support::{decrypt, encrypt, kms};
use proptest::prelude::*;
use waxseal_base::observer::Observer;
use waxseal_kms::LocalKmsClient;
use waxseal_kms::blob::{CiphertextBlob, fields};
use waxseal_kms_api::fault::FaultCode;

static KMS: LazyLock<(LocalKmsClient, String, Vec<u8>)> = LazyLock::new(|| {
    let (_, administrator, key) = kms();
    let blob = administrator.call(encrypt(&key, b"the plaintext"), &Observer::none()).unwrap().ciphertext_blob.0;
    (administrator, key, blob)
});

#[test]
fn every_flipped_bit_is_refused() {
    let (administrator, key, blob) = &*KMS;
    assert_eq!(administrator.call(decrypt(blob), &Observer::none()).unwrap().plaintext.0.as_slice(), b"the plaintext");
    let key_id = fields(blob).unwrap().into_iter().find(|field| field.label == "key id").unwrap().range;
    for bit in 0..blob.len() * 8 {
        let mut wrong = blob.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let code = administrator.call(decrypt(&wrong), &Observer::none()).unwrap_err().code;
        let other_key = key_id.contains(&(bit / 8)) && code == FaultCode::AccessDeniedException;
        assert!(other_key || code == FaultCode::InvalidCiphertextException, "bit {bit}: {code:?}");
        let mut named = decrypt(&wrong);
        named.key_id = Some(key.clone());
        let fault = administrator.call(named, &Observer::none()).unwrap_err();
        assert!(matches!(fault.code, FaultCode::InvalidCiphertextException | FaultCode::IncorrectKeyException), "bit {bit}: {fault}");
    }
}

#[test]
fn equal_plaintexts_have_nothing_in_common() {
    let (administrator, key, _) = &*KMS;
    let make = || CiphertextBlob::read(&administrator.call(encrypt(key, &[0; 64]), &Observer::none()).unwrap().ciphertext_blob.0).unwrap();
    let (one, other) = (make(), make());
    assert_ne!(one.header.derivation_nonce, other.header.derivation_nonce);
    assert_ne!(one.header.iv, other.header.iv);
    assert_ne!(one.ciphertext, other.ciphertext);
    assert_eq!(one.header.material_id, other.header.material_id);
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 1..400)) {
        let (administrator, ..) = &*KMS;
        let fault = administrator.call(decrypt(&bytes), &Observer::none()).unwrap_err();
        prop_assert_eq!((fault.code, fault.message), (FaultCode::InvalidCiphertextException, None));
    }

    #[test]
    fn any_mended_bytes_are_refused(at in 0usize..160, bytes in prop::collection::vec(any::<u8>(), 1..60)) {
        let (administrator, _, blob) = &*KMS;
        let mut wrong = blob.clone();
        let at = at.min(wrong.len());
        let end = (at + bytes.len()).min(wrong.len());
        wrong.splice(at..end, bytes);
        prop_assume!(wrong != *blob);
        prop_assert!(administrator.call(decrypt(&wrong), &Observer::none()).is_err());
    }
}
