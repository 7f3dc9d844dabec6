//! What would help a request that is refused, and who can do something, as plain values:
//!
//! `explain` gives `{ decision, proposals }`. `decision` is that of a fault: `{ verdict, because, decidedBy?, findings }`. `proposals` are
//! `{ edits: [{ change, description }], alsoAllows: string[] }`; a `change` is one of
//!
//! | `kind` | has |
//! | --- | --- |
//! | `removeStatement` | `statement`: an id as in a finding |
//! | `narrowStatement` | `statement`, `replacement`: JSON text |
//! | `addStatement` | `source`, `level`, `statement`: JSON text |
//! | `replaceDocument` | `source`, `document`, `policy`: JSON text |
//! | `createGrant` | `grantee`, `operations` |
//! | `addEncryptionContext` | `key`, `value` |
//!
//! `whoCan` gives `[{ principal, because, decidedBy? }]`.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use waxseal_kms::About;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_policy::Fix;

use crate::local_kms::{LocalKms, read_request};
use crate::outcome::{DecisionView, fault, invalid, value};

#[wasm_bindgen]
impl LocalKms {
    /// What would be decided about a request in the name of a caller, the administrator if no principal is given, and what would help.
    pub fn explain(&self, principal: Option<String>, via: Option<String>, operation: &str, request: JsValue) -> JsValue {
        let client = match self.client(principal, via) {
            Ok(client) => client,
            Err(error) => return error,
        };
        match read_request(operation, request).and_then(|request| client.explain(&request)) {
            Ok(explanation) => value(&ExplanationView { decision: DecisionView::of(&explanation.decision), proposals: &explanation.fixes }),
            Err(refusal) => fault(refusal, None),
        }
    }

    /// Who can do that, such as `kms:Decrypt`, with the key of that id, ARN or alias, or with the key of a ciphertext; under an encryption context
    /// if one is given, an object or Map of texts.
    #[wasm_bindgen(js_name = whoCan)]
    pub fn who_can(&self, action: &str, key: Option<String>, ciphertext: Option<Vec<u8>>, encryption_context: JsValue) -> JsValue {
        let context: EncryptionContext = match encryption_context.is_undefined() {
            true => EncryptionContext::default(),
            false => match serde_wasm_bindgen::from_value(encryption_context) {
                Ok(context) => context,
                Err(error) => return invalid(&format!("the encryption context is not a map of texts: {error}")),
            },
        };
        let about = match (&key, &ciphertext) {
            (_, Some(ciphertext)) => About::Ciphertext(ciphertext),
            (key, None) => About::Key(key.as_deref().unwrap_or_default()),
        };
        match self.kms.who_can(action, about, &context) {
            Ok(holders) => value(&holders),
            Err(refusal) => fault(refusal, None),
        }
    }
}

#[derive(Serialize)]
struct ExplanationView<'a> {
    decision: DecisionView<'a>,
    proposals: &'a [Fix],
}
