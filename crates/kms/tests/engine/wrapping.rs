//! What the owner of key material does with it before ImportKeyMaterial: the other side of the engine's unwrapping.

use aes_kw::{KeyInit, KwpAes256};
use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey;
use sha1::Sha1;
use sha2::Sha256;
use waxseal_base::env::Env;
use waxseal_base::time::Timestamp;

use crate::support::Random;

/// Wraps key material by the algorithm of that name, under an RSA public key, SubjectPublicKeyInfo.
pub fn wrap_material(algorithm: &str, public_key: &[u8], material: &[u8]) -> Vec<u8> {
    let key = PublicKey::from_public_key_der(public_key).unwrap();
    let mut random = Random(Env::danger_deterministic(Timestamp::default(), 3));
    let aes_key = [9; 32];
    match algorithm {
        "RSAES_OAEP_SHA_1" => key.oaep_encrypt_with_rng::<Sha1, _>(&mut random, material).unwrap(),
        "RSAES_OAEP_SHA_256" => key.oaep_encrypt_with_rng::<Sha256, _>(&mut random, material).unwrap(),
        "RSAES_PKCS1_V1_5" => key.pkcs1v15_encrypt_with_rng(&mut random, material).unwrap(),
        "RSA_AES_KEY_WRAP_SHA_1" => [wrap_material("RSAES_OAEP_SHA_1", public_key, &aes_key), pad_and_wrap(&aes_key, material)].concat(),
        "RSA_AES_KEY_WRAP_SHA_256" => {
            [wrap_material("RSAES_OAEP_SHA_256", public_key, &aes_key), pad_and_wrap(&aes_key, material)].concat()
        }
        _ => panic!("no wrapping algorithm `{algorithm}`"),
    }
}

fn pad_and_wrap(aes_key: &[u8; 32], material: &[u8]) -> Vec<u8> {
    let mut wrapped = vec![0; material.len().div_ceil(8) * 8 + 8];
    KwpAes256::new(aes_key.into()).wrap_key(material, &mut wrapped).unwrap();
    wrapped
}
