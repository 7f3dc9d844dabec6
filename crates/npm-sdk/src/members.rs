//! Reads JavaScript objects that are not ours, member by member.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// A member, or `undefined` where there is none or its getter throws.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A member that is text.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    member(object, name).as_string()
}

/// A member that is bytes.
pub(crate) fn bytes(object: &JsValue, name: &str) -> Option<Uint8Array> {
    member(object, name).dyn_into().ok()
}
