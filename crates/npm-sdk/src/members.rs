//! Reads JavaScript objects that are not ours, member by member.

use js_sys::{Array, Reflect, Uint8Array};
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

/// A member that is a number.
pub(crate) fn number(object: &JsValue, name: &str) -> Option<f64> {
    member(object, name).as_f64()
}

/// Whether a member is `true`.
pub(crate) fn flag(object: &JsValue, name: &str) -> bool {
    member(object, name).is_truthy()
}

/// A member that is an array; none is an empty one.
pub(crate) fn list(object: &JsValue, name: &str) -> Vec<JsValue> {
    match member(object, name) {
        none if none.is_undefined() => Vec::new(),
        array => Array::from(&array).to_vec(),
    }
}

/// A member that is an array of text.
pub(crate) fn texts(object: &JsValue, name: &str) -> Vec<String> {
    list(object, name).iter().filter_map(JsValue::as_string).collect()
}
