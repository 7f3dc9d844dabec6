//! Makes plain JavaScript objects. Both npm entries compile this file.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object of these members; those that are `undefined` are left out.
pub(crate) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    of_any_size(&members)
}

/// Compiled once.
fn of_any_size(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        if !value.is_undefined() {
            // Setting a member of an object that was just made can not fail.
            let _ = Reflect::set(&object, &JsValue::from_str(name), value);
        }
    }
    object.into()
}
