//! Encryption contexts from and to plain objects. Both ways go through entries, so that a key named `__proto__` is a key like any other.

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};
use waxseal::Error;
use waxseal_kms_api::encryption_context::EncryptionContext;

/// Reads an object whose values are all strings; `undefined` is the empty context.
pub(crate) fn from_js(value: &JsValue) -> Result<EncryptionContext, Error> {
    if value.is_undefined() {
        return Ok(EncryptionContext::new());
    }
    let Some(object) = value.dyn_ref::<Object>() else {
        return Err(Error::InvalidInput { reason: "the encryption context is not an object of strings".into() });
    };
    let mut context = EncryptionContext::new();
    for entry in Object::entries(object) {
        let entry = Array::from(&entry);
        let key = entry.get(0).as_string().unwrap_or_default();
        let Some(value) = entry.get(1).as_string() else {
            return Err(Error::InvalidInput { reason: format!("the encryption context's value of `{key}` is not a string") });
        };
        context.insert(key, value);
    }
    Ok(context)
}

/// A new object of the pairs.
pub(crate) fn to_js(context: &EncryptionContext) -> JsValue {
    let entries: Array = context.iter().map(|(key, value)| Array::of2(&key.into(), &value.into())).collect();
    // Entries made here are pairs, so this can not fail.
    Object::from_entries(&entries).map_or(JsValue::UNDEFINED, Into::into)
}
