//! What a header says, as a plain object.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use waxseal::message::Header;

use crate::encrypted_data_keys;
use crate::object::object;

/// The `Header` of `www/npm/types/index.d.ts`.
pub(crate) fn to_js(header: &Header) -> JsValue {
    object([
        ("suite", header.suite.to_string().into()),
        ("messageId", Uint8Array::new_from_slice(header.message_id.as_bytes()).into()),
        ("frameLength", header.content.frame_length().map_or(JsValue::UNDEFINED, Into::into)),
        ("encryptedDataKeys", encrypted_data_keys::to_js(&header.encrypted_data_keys)),
        ("commitment", header.commitment.map_or(JsValue::UNDEFINED, |commitment| Uint8Array::new_from_slice(&commitment).into())),
    ])
}
