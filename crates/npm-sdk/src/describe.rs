//! `describe` of the entry `waxseal/inspect`.

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use waxseal::Suite;
use waxseal::message;

use crate::object::object;
use crate::{encryption_context, header};

/// The `MessageDescription` of `www/npm/types/inspect.d.ts`.
#[wasm_bindgen]
pub fn describe(message: Vec<u8>, max_frames: u32) -> JsValue {
    let described = message::describe(&message, max_frames);
    let problems: Array = described.problem.iter().map(|problem| JsValue::from(problem.to_string())).collect();
    // Fields are plain data, which always can be written.
    let fields = described.fields.serialize(&serde_wasm_bindgen::Serializer::new()).unwrap_or(JsValue::UNDEFINED);
    let of_header = described.header.as_ref().map_or(JsValue::UNDEFINED, |header| {
        let wrapped_by: Array = header.encrypted_data_keys.iter().map(|key| JsValue::from(key.wrapped_by())).collect();
        object([
            ("suite", suite(header.suite)),
            ("encryptionContext", encryption_context::to_js(&header.encryption_context)),
            ("wrappedBy", wrapped_by.into()),
            ("header", header::to_js(header)),
        ])
    });
    object([
        ("ofHeader", of_header),
        ("headerLength", described.header_len.map_or(JsValue::UNDEFINED, |len| float(len as u64))),
        ("frameCount", described.frame_count.into()),
        ("plaintextLength", float(described.plaintext_len)),
        ("fields", fields),
        ("problems", problems.into()),
    ])
}

fn suite(suite: Suite) -> JsValue {
    object([
        ("id", suite.to_string().into()),
        ("description", suite.description().into()),
        ("messageVersion", suite.message_version().into()),
        ("isCommitting", suite.is_committing().into()),
        ("isSigned", suite.signature().is_some().into()),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a length in memory is below 2^53")]
fn float(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}
