//! RSA keys that the host makes.

use std::sync::Arc;

use waxseal_base::observer::Observer;
use waxseal_kms::{LocalKms, LocalKmsOptions, MakeRsaKeyError};
use waxseal_kms_api::calls::{CreateKeyRequest, GenerateDataKeyPairRequest, GetPublicKeyRequest, SignRequest, VerifyRequest};
use waxseal_kms_api::fault::{Fault, FaultCode};
use zeroize::Zeroizing;

use crate::support::env;

/// A key that Node made.
pub const PRIVATE: &[u8] = include_bytes!("../keys/rsa-2048.pkcs8.der");
const PUBLIC: &[u8] = include_bytes!("../keys/rsa-2048.spki.der");

/// What a host's function answers: a key, or none where it makes none at once.
type Made = Result<Option<Zeroizing<Vec<u8>>>, MakeRsaKeyError>;

fn kms(make: fn(u32) -> Made) -> LocalKms {
    LocalKms::new(LocalKmsOptions { make_rsa_key: Some(Arc::new(make)), ..LocalKmsOptions::default() }, env(1)).unwrap()
}

fn create(kms: &LocalKms, spec: &str) -> Result<String, Fault> {
    let request = CreateKeyRequest { key_spec: Some(spec.into()), key_usage: Some("SIGN_VERIFY".into()), ..CreateKeyRequest::default() };
    kms.administrator().call(request, &Observer::none()).map(|response| response.key_metadata.key_id)
}

#[test]
fn a_key_of_the_host_is_the_keys_material() {
    let kms = kms(|bits| {
        assert_eq!(bits, 2048);
        Ok(Some(Zeroizing::new(PRIVATE.to_vec())))
    });
    let (administrator, none) = (kms.administrator(), Observer::none());
    let key_id = create(&kms, "RSA_2048").unwrap();
    let request = GetPublicKeyRequest { key_id: key_id.clone(), ..GetPublicKeyRequest::default() };
    assert_eq!(administrator.call(request, &none).unwrap().public_key.0, PUBLIC);
    let request = SignRequest { key_id, signing_algorithm: "RSASSA_PSS_SHA_256".into(), ..SignRequest::default() };
    let request = SignRequest { message: waxseal_kms_api::blob::SecretBlob(Zeroizing::new(vec![1])), ..request };
    let SignRequest { key_id, message, signing_algorithm, .. } = request.clone();
    let signature = administrator.call(request, &none).unwrap().signature;
    let request = VerifyRequest { key_id, message, signing_algorithm, signature, ..VerifyRequest::default() };
    assert!(administrator.call(request, &none).unwrap().signature_valid);
    assert!(create(&kms, "ECC_NIST_P256").is_ok(), "it is asked for RSA keys only");
}

#[test]
fn a_key_of_the_host_is_a_data_key_pair() {
    let kms = kms(|_| Ok(Some(Zeroizing::new(PRIVATE.to_vec()))));
    let (administrator, none) = (kms.administrator(), Observer::none());
    let key_id = administrator.call(CreateKeyRequest::default(), &none).unwrap().key_metadata.key_id;
    let request = GenerateDataKeyPairRequest { key_id, key_pair_spec: "RSA_2048".into(), ..GenerateDataKeyPairRequest::default() };
    let made = administrator.call(request.clone(), &none).unwrap();
    assert_eq!((&made.private_key_plaintext.0[..], &made.public_key.0[..]), (PRIVATE, PUBLIC));
    let wrong = GenerateDataKeyPairRequest { key_pair_spec: "RSA_4096".into(), ..request };
    assert_eq!(administrator.call(wrong, &none).unwrap_err().code, FaultCode::KMSInternalException);
}

#[test]
fn a_key_that_the_host_does_not_have_is_made_by_the_engine() {
    let kms = kms(|_| Ok(None));
    let key_id = create(&kms, "RSA_2048").unwrap();
    let request = GetPublicKeyRequest { key_id, ..GetPublicKeyRequest::default() };
    let public = kms.administrator().call(request, &Observer::none()).unwrap().public_key.0;
    assert_eq!(public.len(), PUBLIC.len());
    assert_ne!(public, PUBLIC);
}

#[test]
fn what_is_no_such_key_is_not_taken() {
    let text = |kms: LocalKms, spec| {
        let fault = create(&kms, spec).unwrap_err();
        assert_eq!((fault.code, kms.keys().unwrap().len()), (FaultCode::KMSInternalException, 0));
        fault.message.unwrap()
    };
    let other_size = "the host's RSA key is not a PKCS#8 private key of 3072 bits";
    assert_eq!(text(kms(|_| Ok(Some(Zeroizing::new(PRIVATE.to_vec())))), "RSA_3072"), other_size);
    let no_key = "the host's RSA key is not a PKCS#8 private key of 2048 bits";
    assert_eq!(text(kms(|_| Ok(Some(Zeroizing::new(PUBLIC.to_vec())))), "RSA_2048"), no_key);
    assert_eq!(text(kms(|_| Ok(Some(Zeroizing::new(Vec::new())))), "RSA_2048"), no_key);
    let altered = |_| {
        let mut key = PRIVATE.to_vec();
        key[700] ^= 1;
        Ok(Some(Zeroizing::new(key)))
    };
    assert_eq!(text(kms(altered), "RSA_2048"), no_key);
    let refused = text(kms(|_| Err(MakeRsaKeyError("no entropy".into()))), "RSA_2048");
    assert_eq!(refused, "the host made no RSA key: no entropy");
}
