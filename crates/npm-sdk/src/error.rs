//! The core's errors as plain objects, from which `www/npm/shared/errors.js` makes real `Error`s.

use wasm_bindgen::JsValue;
use waxseal::Error;

use crate::object::object;

/// `{ code, message, kmsCode?, requestId?, retryable }`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    object([
        ("code", error.code().into()),
        ("message", error.to_string().into()),
        ("kmsCode", error.kms_code().map_or(JsValue::UNDEFINED, Into::into)),
        ("requestId", error.request_id().map_or(JsValue::UNDEFINED, Into::into)),
        ("retryable", error.is_retryable().into()),
    ])
}
