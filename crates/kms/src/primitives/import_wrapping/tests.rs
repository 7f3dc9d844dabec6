//! RFC 5649's example, and Wycheproof where the shared vectors lie beside the repository.

use aes_kw::KwpAes192;
use serde_json::Value;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;

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
fn padded_keys_pass_wycheproof() {
    let Some(file) = wycheproof("aes_kwp_test.json") else { return };
    let mut ran = 0;
    for test in file["testGroups"].as_array().unwrap().iter().flat_map(|group| group["tests"].as_array().unwrap()) {
        let key = field(test, "key");
        match open_padded(&key, &field(test, "ct")) {
            refused if key.len() != KEY_LEN => assert_eq!(refused, Err(Refused), "an import's AES key has 256 bits"),
            opened => check(test, opened.map(|opened| opened.to_vec())),
        }
        ran += 1;
    }
    assert!(ran > 200, "only {ran} tests ran");
}

#[test]
fn oaep_passes_wycheproof() {
    let files = [
        ("rsa_oaep_2048_sha1_mgf1sha1_test.json", KeySpec::Rsa2048, WrappingAlgorithm::OaepSha1),
        ("rsa_oaep_2048_sha256_mgf1sha256_test.json", KeySpec::Rsa2048, WrappingAlgorithm::OaepSha256),
        ("rsa_oaep_3072_sha256_mgf1sha256_test.json", KeySpec::Rsa3072, WrappingAlgorithm::OaepSha256),
        ("rsa_oaep_4096_sha256_mgf1sha256_test.json", KeySpec::Rsa4096, WrappingAlgorithm::OaepSha256),
    ];
    for (name, spec, algorithm) in files {
        let Some(file) = wycheproof(name) else { return };
        let mut ran = 0;
        for (private, test) in tests_with_keys(&file).filter(|(_, test)| test["label"] == "") {
            check(test, unwrap(algorithm, spec, &private, &field(test, "ct"), &env()).map(|opened| opened.to_vec()));
            ran += 1;
        }
        assert!(ran > 20, "only {ran} tests of {name} ran");
    }
}

#[test]
fn pkcs1_gives_a_symmetric_key_or_one_refusal() {
    let Some(file) = wycheproof("rsa_pkcs1_2048_test.json") else { return };
    let mut ran = 0;
    for (private, test) in tests_with_keys(&file) {
        let wrapped = field(test, "ct");
        let opened = unwrap(WrappingAlgorithm::Pkcs1, KeySpec::Rsa2048, &private, &wrapped, &env());
        let is_a_key = test["result"] == "valid" && field(test, "msg").len() == KEY_LEN;
        assert_eq!(opened.map(|opened| opened.to_vec()), if is_a_key { Ok(field(test, "msg")) } else { Err(Refused) }, "{test}");
        ran += 1;
    }
    assert!(ran > 50, "only {ran} tests ran");
}

#[test]
fn a_wrong_pkcs1_padding_opens_as_something_that_stays_the_same() {
    let Some(file) = wycheproof("rsa_pkcs1_2048_test.json") else { return };
    let (private, test) = tests_with_keys(&file).find(|(_, test)| test["flags"][0] == "InvalidPkcs1Padding").unwrap();
    let private = read_rsa(KeySpec::Rsa2048, private.expose()).unwrap();
    let open = || private.pkcs1v15_decrypt_with_rng(&mut EnvRandom(&env()), &field(test, "ct")).unwrap();
    assert_eq!(open(), open());
}

fn check(test: &Value, opened: Result<Vec<u8>, KeyPairError>) {
    // To say that the first byte is not 0 is what Manger's attack asks for, so the library does not.
    let is_valid = test["result"] == "valid" || test["comment"] == "First byte is 1";
    let expected = if is_valid { Ok(field(test, "msg")) } else { Err(Refused) };
    assert_eq!(opened, expected, "{test}");
}

fn tests_with_keys(file: &Value) -> impl Iterator<Item = (Secret, &Value)> {
    file["testGroups"].as_array().unwrap().iter().flat_map(|group| {
        let private = field(group, "privateKeyPkcs8");
        let secret = move || Secret::new(SecretName::WrappingKey, Zeroizing::new(private.clone()), &Observer::none());
        group["tests"].as_array().unwrap().iter().map(move |test| (secret(), test))
    })
}

fn field(of: &Value, name: &str) -> Vec<u8> {
    hex::decode(of[name].as_str().unwrap()).unwrap()
}

fn env() -> Env {
    Env::danger_deterministic(Timestamp::default(), 1)
}

fn wycheproof(name: &str) -> Option<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/wycheproof").join(name);
    if !path.is_file() {
        eprintln!("skipped: there is no `{}`", path.display());
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}
