//! The cipher of raw AES keyrings.

use wasm_bindgen::prelude::*;
use waxseal::keyring::wrapping;
use zeroize::Zeroizing;

/// Encrypts a data key under a key of 32 bytes; the tag stands at the end. Undefined for other keys and for nonces of other than 12 bytes.
#[wasm_bindgen]
pub fn wrap(key: Vec<u8>, iv: &[u8], aad: &[u8], data_key: Vec<u8>) -> Option<Vec<u8>> {
    let (key, data_key) = (Zeroizing::new(key), Zeroizing::new(data_key));
    wrapping::seal(&key, iv.try_into().ok()?, aad, &data_key)
}

/// Decrypts what [`wrap`] encrypted. Undefined if it is anything else.
#[wasm_bindgen]
pub fn unwrap(key: Vec<u8>, iv: &[u8], aad: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    let key = Zeroizing::new(key);
    let mut data_key = wrapping::open(&key, iv.try_into().ok()?, aad, wrapped)?;
    // The glue copies the bytes out and frees them, and the allocator wipes nothing.
    Some(std::mem::take(&mut *data_key))
}
