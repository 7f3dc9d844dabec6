//! Private keys and shared secrets: what is told of them, what is written down, and that no bytes of a stranger break anything.

use std::sync::LazyLock;

use proptest::prelude::*;
use rsa::Oaep;
use rsa::pkcs8::DecodePublicKey;
use serde_json::{Value, json};
use sha2::Sha256;
use waxseal_base::event::{Event, Kind, SecretName, SecretView};
use waxseal_base::observer::Observer;
use waxseal_kms::LocalKmsClient;
use waxseal_kms::blob::CiphertextBlob;
use waxseal_kms_api::blob::{Blob, SecretBlob, to_json};
use waxseal_kms_api::calls::{
    CreateKeyRequest, DecapsulateRequest, DecryptRequest, DeriveSharedSecretRequest, EncapsulateRequest, EncryptRequest,
    GenerateDataKeyPairRequest, GetPublicKeyRequest, ReEncryptRequest,
};
use waxseal_kms_api::fault::FaultCode;
use zeroize::Zeroizing;

use crate::support::{Random, encrypt, env, kms, trace, words};

#[test]
fn a_private_key_is_made_wrapped_and_forgotten() {
    let (_, administrator, key) = kms();
    let mut response = None;
    let events = trace(|observer| response = Some(administrator.call(pair(&key), observer).unwrap()));
    let expected = [
        "key-state-checked",
        "data-key-generated",
        "material-chosen",
        "random-drawn derivation nonce and iv",
        "secret-wiped WrappingKey",
        "secret-wiped KeyMaterial",
        "data-key-wrapped",
        "secret-wiped DataKey",
        "audit-recorded",
    ];
    assert_eq!(words(&events)[5..14], expected);
    let told = |event: &Event| match &event.kind {
        Kind::DataKeyGenerated { data_key, .. } | Kind::DataKeyWrapped { data_key, .. } => Some(data_key.clone()),
        Kind::SecretWiped { secret: SecretName::DataKey, identity } => Some(identity.clone()),
        _ => None,
    };
    let len = response.unwrap().private_key_plaintext.0.len();
    assert_is_one_secret(events.iter().filter_map(told), 3, len);
}

#[test]
fn a_shared_secret_is_told_and_wiped() {
    let (_, administrator, _) = kms();
    let key = make_key(&administrator, "ECC_NIST_P384", "KEY_AGREEMENT");
    let peer = public_key(&administrator, &make_key(&administrator, "ECC_NIST_P384", "KEY_AGREEMENT"));
    let events = trace(|observer| drop(administrator.call(derive(&key, &peer), observer).unwrap()));
    let expected = [
        "key-state-checked",
        "material-chosen",
        "secret-wiped KeyMaterial",
        "shared-secret-established",
        "secret-wiped SharedSecret",
        "audit-recorded",
    ];
    assert_eq!(words(&events)[5..11], expected);
    assert_is_one_secret(events.iter().filter_map(shared_secret), 2, 48);
    let exchanged = |event: &Event| matches!(&event.kind, Kind::SharedSecretEstablished { exchanged, .. } if exchanged.0 == peer.0);
    assert!(events.iter().any(exchanged), "{events:?}");

    let key = make_key(&administrator, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE");
    let mut made = None;
    let there = trace(|observer| made = Some(administrator.call(encapsulate(&key), observer).unwrap()));
    assert!(!words(&there).contains(&"material-chosen".into()), "the public key is enough");
    let ciphertext = made.unwrap().shared_secret_ciphertext_blob;
    let back = trace(|observer| drop(administrator.call(decapsulate(&key, &ciphertext), observer).unwrap()));
    assert_eq!(words(&back)[5..11], expected);
    assert_is_one_secret(there.iter().chain(&back).filter_map(shared_secret), 4, 32);
}

#[test]
fn no_secret_of_a_key_pair_is_in_the_log_or_the_trace() {
    let (kms, administrator, key) = kms();
    let (rsa_kms, rsa) = &*RSA;
    let agreement = make_key(&administrator, "ECC_NIST_P521", "KEY_AGREEMENT");
    let encapsulation = make_key(&administrator, "ML_KEM_512", "ENCAPSULATE_DECAPSULATE");
    let peer = public_key(&administrator, &agreement);
    let mut secrets = Vec::new();
    let events = trace(|observer| {
        secrets.push(administrator.call(pair(&key), observer).unwrap().private_key_plaintext);
        secrets.push(administrator.call(derive(&agreement, &peer), observer).unwrap().shared_secret);
        let made = administrator.call(encapsulate(&encapsulation), observer).unwrap();
        secrets.push(made.shared_secret);
        secrets.push(administrator.call(decapsulate(&encapsulation, &made.shared_secret_ciphertext_blob), observer).unwrap().shared_secret);
        let plaintext = SecretBlob(Zeroizing::new(b"attack at dawn, says the general".to_vec()));
        let ciphertext = rsa_kms.call(encrypt_rsa(rsa, &plaintext), observer).unwrap().ciphertext_blob;
        secrets.push(rsa_kms.call(decrypt_rsa(rsa, &ciphertext.0), observer).unwrap().plaintext);
    });
    let log = kms.audit().unwrap();
    let text = serde_json::to_string(&(&log, &events)).unwrap();
    for secret in &secrets {
        let json = serde_json::to_string(&**secret.0).unwrap();
        for form in [hex::encode(&*secret.0), to_json(secret).unwrap(), json] {
            assert!(!text.contains(form.trim_matches(['"', '[', ']'])), "{form}");
        }
    }
    let recorded: Vec<(Value, bool, Value)> =
        log[4..].iter().map(|record| (record.event_name.as_str().into(), record.read_only, record.request_parameters.clone())).collect();
    let expected = [
        ("GenerateDataKeyPair", json!({ "keyId": key, "keyPairSpec": "ECC_NIST_P256", "encryptionContext": { "tenant": "42" } })),
        ("DeriveSharedSecret", json!({ "keyId": agreement, "keyAgreementAlgorithm": "ECDH" })),
        ("Encapsulate", json!({ "keyId": encapsulation, "encapsulationAlgorithm": "ML_KEM" })),
        ("Decapsulate", json!({ "keyId": encapsulation, "encapsulationAlgorithm": "ML_KEM" })),
    ];
    assert_eq!(recorded, expected.map(|(name, parameters)| (name.into(), true, parameters)));
    assert!(log.iter().all(|record| record.response_elements.is_null() || record.event_name == "CreateKey"));
}

#[test]
fn a_forged_ciphertext_can_name_a_key_pair_and_is_refused() {
    let (kms, administrator, key) = kms();
    let mut blob = CiphertextBlob::read(&administrator.call(encrypt(&key, b"m"), &Observer::none()).unwrap().ciphertext_blob.0).unwrap();
    let other = make_key(&administrator, "ECC_NIST_P256", "KEY_AGREEMENT");
    let view = kms.key(&other).unwrap().unwrap();
    blob.header.key_id = other.rsplit('/').next().unwrap().into();
    blob.header.material_id = hex::decode(&view.materials[0].id).unwrap().try_into().unwrap();
    for key_id in [None, Some(other)] {
        let request = DecryptRequest { ciphertext_blob: Blob(blob.write().unwrap()), key_id, ..DecryptRequest::default() };
        let events = trace(|observer| {
            let fault = administrator.call(request, observer).unwrap_err();
            assert_eq!((fault.code, fault.message), (FaultCode::InvalidCiphertextException, None));
        });
        assert!(!words(&events).contains(&"material-chosen".into()), "the private key stays wrapped");
    }
}

#[test]
fn what_anybody_encrypts_with_the_public_key_opens() {
    let (administrator, key) = &*RSA;
    let public_key = rsa::PublicKey::from_public_key_der(&public_key(administrator, key).0).unwrap();
    let encrypted = |plaintext: &[u8]| public_key.encrypt(&mut Random(env(3)), Oaep::<Sha256>::new(), plaintext).unwrap();
    let none = Observer::none();
    let opened = administrator.call(decrypt_rsa(key, &encrypted(b"from elsewhere")), &none).unwrap();
    assert_eq!(opened.plaintext.0.as_slice(), b"from elsewhere");

    let nothing = encrypted(b"");
    let symmetric = administrator.call(CreateKeyRequest::default(), &none).unwrap().key_metadata.arn;
    let moved = ReEncryptRequest {
        ciphertext_blob: Blob(nothing.clone()),
        source_key_id: Some(key.clone()),
        source_encryption_algorithm: Some(OAEP.into()),
        destination_key_id: symmetric,
        ..ReEncryptRequest::default()
    };
    let faults = [administrator.call(decrypt_rsa(key, &nothing), &none).unwrap_err(), administrator.call(moved, &none).unwrap_err()];
    assert!(faults.iter().all(|fault| fault.code == FaultCode::InvalidCiphertextException), "{faults:?}");
}

/// A KMS with a key of RSA, which takes long to make.
static RSA: LazyLock<(LocalKmsClient, String)> = LazyLock::new(|| {
    let (_, administrator, _) = kms();
    let key = make_key(&administrator, "RSA_2048", "ENCRYPT_DECRYPT");
    (administrator, key)
});

/// A KMS with a key for key agreement, and a peer's public key.
static AGREEMENT: LazyLock<(LocalKmsClient, String, Blob)> = LazyLock::new(|| {
    let (_, administrator, _) = kms();
    let [key, peer] = [1, 2].map(|_| make_key(&administrator, "ECC_NIST_P256", "KEY_AGREEMENT"));
    let peer = public_key(&administrator, &peer);
    (administrator, key, peer)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rsa_ciphertext_is_opened_or_refused_alike(bytes in prop::collection::vec(any::<u8>(), 256)) {
        let (administrator, key) = &*RSA;
        let fault = administrator.call(decrypt_rsa(key, &bytes), &Observer::none()).unwrap_err();
        prop_assert_eq!((fault.code, fault.message), (FaultCode::InvalidCiphertextException, None));
    }

    #[test]
    fn any_peer_is_refused(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        let (administrator, key, _) = &*AGREEMENT;
        let fault = administrator.call(derive(key, &Blob(bytes)), &Observer::none()).unwrap_err();
        prop_assert_eq!(fault.code, FaultCode::ValidationException);
    }

    #[test]
    fn any_mended_peer_is_refused(at in 0usize..91, bytes in prop::collection::vec(any::<u8>(), 1..20)) {
        let (administrator, key, peer) = &*AGREEMENT;
        let mut wrong = peer.0.clone();
        let end = (at + bytes.len()).min(wrong.len());
        wrong.splice(at..end, bytes);
        prop_assume!(wrong != peer.0);
        let fault = administrator.call(derive(key, &Blob(wrong)), &Observer::none()).unwrap_err();
        prop_assert_eq!(fault.code, FaultCode::ValidationException);
    }
}

fn assert_is_one_secret(views: impl Iterator<Item = SecretView>, count: usize, len: usize) {
    let views: Vec<_> = views.collect();
    assert_eq!(views.len(), count, "{views:?}");
    assert!(views.iter().all(|view| (&view.fingerprint, view.len) == (&views[0].fingerprint, len)), "{views:?}");
}

fn shared_secret(event: &Event) -> Option<SecretView> {
    match &event.kind {
        Kind::SharedSecretEstablished { shared_secret, .. } => Some(shared_secret.clone()),
        Kind::SecretWiped { secret: SecretName::SharedSecret, identity } => Some(identity.clone()),
        _ => None,
    }
}

fn make_key(administrator: &LocalKmsClient, spec: &str, usage: &str) -> String {
    let request = CreateKeyRequest { key_spec: Some(spec.into()), key_usage: Some(usage.into()), ..CreateKeyRequest::default() };
    administrator.call(request, &Observer::none()).unwrap().key_metadata.arn
}

fn public_key(administrator: &LocalKmsClient, key: &str) -> Blob {
    administrator.call(GetPublicKeyRequest { key_id: key.into(), ..GetPublicKeyRequest::default() }, &Observer::none()).unwrap().public_key
}

fn pair(key: &str) -> GenerateDataKeyPairRequest {
    GenerateDataKeyPairRequest {
        key_id: key.into(),
        key_pair_spec: "ECC_NIST_P256".into(),
        encryption_context: [("tenant", "42")].into_iter().collect(),
        ..GenerateDataKeyPairRequest::default()
    }
}

fn derive(key: &str, peer: &Blob) -> DeriveSharedSecretRequest {
    DeriveSharedSecretRequest {
        key_id: key.into(),
        key_agreement_algorithm: "ECDH".into(),
        public_key: peer.clone(),
        ..DeriveSharedSecretRequest::default()
    }
}

fn encapsulate(key: &str) -> EncapsulateRequest {
    EncapsulateRequest { key_id: key.into(), encapsulation_algorithm: "ML_KEM".into(), ..EncapsulateRequest::default() }
}

fn decapsulate(key: &str, ciphertext: &Blob) -> DecapsulateRequest {
    DecapsulateRequest {
        key_id: key.into(),
        encapsulation_algorithm: "ML_KEM".into(),
        shared_secret_ciphertext_blob: ciphertext.clone(),
        ..DecapsulateRequest::default()
    }
}

fn encrypt_rsa(key: &str, plaintext: &SecretBlob) -> EncryptRequest {
    EncryptRequest {
        key_id: key.into(),
        plaintext: plaintext.clone(),
        encryption_algorithm: Some(OAEP.into()),
        ..EncryptRequest::default()
    }
}

fn decrypt_rsa(key: &str, ciphertext: &[u8]) -> DecryptRequest {
    DecryptRequest {
        key_id: Some(key.into()),
        ciphertext_blob: Blob(ciphertext.to_vec()),
        encryption_algorithm: Some(OAEP.into()),
        ..DecryptRequest::default()
    }
}

const OAEP: &str = "RSAES_OAEP_SHA_256";
