//! What a call into this module returns: `{ value }`, `{ fault }` for a refusal by the KMS, or `{ error }` for a call that is wrong.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;
use waxseal_base::event::{Finding, FindingId, Verdict};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Decision;

use crate::object::object;

/// `{ value }`; what is absent is left out or `undefined`.
pub(crate) fn value(value: &impl Serialize) -> JsValue {
    written(to_js(value))
}

/// `{ value }`; what is null is `null`, as JSON has it.
pub(crate) fn value_with_nulls(value: &impl Serialize) -> JsValue {
    written(value.serialize(&SERIALIZER.serialize_missing_as_null(true)))
}

fn written(value: Result<JsValue, serde_wasm_bindgen::Error>) -> JsValue {
    match value {
        Ok(value) => object([("value", value)]),
        Err(error) => failed("Internal", &format!("the answer can not be written: {error}")),
    }
}

/// `{ error: { code, message } }`.
pub(crate) fn failed(code: &str, message: &str) -> JsValue {
    object([("error", object([("code", code.into()), ("message", message.into())]))])
}

/// `{ error }` for a call that can not be done.
pub(crate) fn invalid(message: &str) -> JsValue {
    failed("InvalidInput", message)
}

/// `{ fault: { name, message?, httpStatusCode, requestId?, retryable, decision? } }`.
pub(crate) fn fault(fault: Fault, decision: Option<&Decision>) -> JsValue {
    let decision = decision.and_then(|decision| to_js(&DecisionView::of(decision)).ok());
    let members = object([
        ("name", fault.code.name().into()),
        ("message", fault.message.map_or(JsValue::UNDEFINED, Into::into)),
        ("httpStatusCode", fault.code.http_status().into()),
        ("requestId", fault.request_id.map_or(JsValue::UNDEFINED, Into::into)),
        ("retryable", fault.code.is_retryable().into()),
        ("decision", decision.unwrap_or(JsValue::UNDEFINED)),
    ]);
    object([("fault", members)])
}

fn to_js(value: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    value.serialize(&SERIALIZER)
}

/// A decision, for JavaScript.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecisionView<'a> {
    verdict: Verdict,
    because: &'a str,
    decided_by: Option<&'a FindingId>,
    findings: &'a [Finding],
}

impl<'a> DecisionView<'a> {
    /// What is shown of a decision.
    pub(crate) fn of(decision: &'a Decision) -> Self {
        let Decision { verdict, because, decided_by, findings, .. } = decision;
        Self { verdict: *verdict, because, decided_by: decided_by.as_ref(), findings }
    }
}

/// Maps stay Maps: `www/npm/shared/plain.js` makes objects of them in which `__proto__` is a key like any other.
const SERIALIZER: Serializer = Serializer::new();
