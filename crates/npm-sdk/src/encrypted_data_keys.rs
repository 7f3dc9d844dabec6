//! Wrapped data keys from and to arrays of plain objects.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use waxseal::message::EncryptedDataKey;

use crate::members::{bytes, text};
use crate::object::object;

/// Reads an array that `www/npm/shared/questions.js` has checked.
pub(crate) fn from_js(array: &JsValue) -> Vec<EncryptedDataKey> {
    let read = |key: JsValue| EncryptedDataKey {
        provider_id: text(&key, "providerId").unwrap_or_default(),
        provider_info: bytes(&key, "providerInfo").map(|info| info.to_vec()).unwrap_or_default(),
        ciphertext: bytes(&key, "ciphertext").map(|ciphertext| ciphertext.to_vec()).unwrap_or_default(),
    };
    Array::from(array).iter().map(read).collect()
}

/// A new array of new objects.
pub(crate) fn to_js(keys: &[EncryptedDataKey]) -> JsValue {
    let write = |key: &EncryptedDataKey| {
        object([
            ("providerId", key.provider_id.as_str().into()),
            ("providerInfo", Uint8Array::new_from_slice(&key.provider_info).into()),
            ("ciphertext", Uint8Array::new_from_slice(&key.ciphertext).into()),
        ])
    };
    keys.iter().map(write).collect::<Array>().into()
}
