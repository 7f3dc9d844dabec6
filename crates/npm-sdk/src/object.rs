//! Makes plain JavaScript objects. Both npm entries compile this file.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object of these members; those that are `undefined` are left out.
pub(crate) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_undefined()) {
        // Setting a member of an object that was just made can not fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
