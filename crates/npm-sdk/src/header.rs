//! What a header says, as a plain object.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use waxseal::message::Header;

use crate::object::object;

/// The `Header` of `www/npm/types/index.d.ts`.
pub(crate) fn to_js(header: &Header) -> JsValue {
    let keys: Array = header
        .encrypted_data_keys
        .iter()
        .map(|key| {
            object([
                ("providerId", key.provider_id.as_str().into()),
                ("providerInfo", Uint8Array::new_from_slice(&key.provider_info).into()),
                ("ciphertext", Uint8Array::new_from_slice(&key.ciphertext).into()),
            ])
        })
        .collect();
    object([
        ("suite", header.suite.to_string().into()),
        ("messageId", Uint8Array::new_from_slice(header.message_id.as_bytes()).into()),
        ("frameLength", header.content.frame_length().map_or(JsValue::UNDEFINED, Into::into)),
        ("encryptedDataKeys", keys.into()),
        ("commitment", header.commitment.map_or(JsValue::UNDEFINED, |commitment| Uint8Array::new_from_slice(&commitment).into())),
    ])
}
