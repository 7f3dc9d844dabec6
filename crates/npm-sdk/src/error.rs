//! The core's errors as plain objects, from which `www/npm/shared/errors.js` makes real `Error`s.

use wasm_bindgen::JsValue;
use waxseal::Error;
use waxseal_kms_api::kms::KmsError;

use crate::object::object;

/// `{ code, message, kmsCode?, requestId?, retryable }`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    object([
        ("code", error.code().into()),
        ("message", message(error).into()),
        ("kmsCode", error.kms_code().map_or(JsValue::UNDEFINED, Into::into)),
        ("requestId", error.request_id().map_or(JsValue::UNDEFINED, Into::into)),
        ("retryable", error.is_retryable().into()),
    ])
}

/// A refusal's own text: its code is the error's `name`, which JavaScript writes before the message.
fn message(error: &Error) -> String {
    if let Error::Kms { error, failures } = error
        && let KmsError::Refused { message: Some(message), .. } = &**error
        && failures.len() <= 1
    {
        return message.clone();
    }
    error.to_string()
}
