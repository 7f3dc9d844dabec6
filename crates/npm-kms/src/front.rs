//! The wire of a `LocalKms`: AWS JSON requests as JavaScript has read them, and the credentials to sign them with.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use waxseal_kms::http::{HttpRequest, HttpResponse, IdentityError};
use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};
use waxseal_policy::Caller;
use zeroize::Zeroizing;

use crate::local_kms::LocalKms;
use crate::object::object;
use crate::outcome::{failed, invalid, value};
use crate::time::timestamp;

#[wasm_bindgen]
impl LocalKms {
    /// Answers a request, as part of a span of the same trace. `headers` are names and values in turn; the value is
    /// `{ status, headers: [name, value][], body, caller? }`. What the host knows of the network is left out by one without.
    #[expect(clippy::too_many_arguments, reason = "an object would be read member by member, for every request")]
    pub fn handle(
        &self,
        span: f64,
        method: String,
        target: String,
        headers: Vec<String>,
        body: Vec<u8>,
        source_ip: Option<String>,
        secure_transport: Option<bool>,
        received: Option<f64>,
    ) -> JsValue {
        let pairs = headers.chunks_exact(2).filter_map(|pair| match pair {
            [name, value] => Some((name.clone(), value.clone())),
            _ => None,
        });
        let request = HttpRequest {
            method,
            target,
            headers: pairs.collect(),
            body: Zeroizing::new(body),
            source_ip,
            secure_transport: secure_transport.unwrap_or(true),
            received: received.map(timestamp),
        };
        let HttpResponse { status, headers, body, caller } = self.front.handle(&request, &self.observer_in(span));
        let headers: Array = headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
        let response = object([
            ("status", status.into()),
            ("headers", headers.into()),
            ("body", Uint8Array::from(body.as_slice()).into()),
            ("caller", caller.map_or(JsValue::UNDEFINED, Into::into)),
        ]);
        object([("value", response)])
    }

    /// Gives a principal an access key; one of the same id is replaced.
    #[wasm_bindgen(js_name = putIdentity)]
    pub fn put_identity(&self, principal: &str, access_key_id: String, secret: String, session_token: Option<String>) -> JsValue {
        let secret_access_key = SecretAccessKey::new(secret);
        let credentials = Credentials { access_key_id, secret_access_key, session_token: session_token.map(Zeroizing::new) };
        let caller = match Caller::parse(principal) {
            Ok(caller) => caller,
            Err(error) => return invalid(&error.to_string()),
        };
        match self.front.identities().put(caller, credentials) {
            Ok(()) => value(&()),
            Err(error) => invalid(&error.to_string()),
        }
    }

    /// The credentials of a principal, made at the first call; the value is `{ accessKeyId, secretAccessKey, sessionToken? }`.
    pub fn credentials(&self, principal: &str) -> JsValue {
        let caller = match Caller::parse(principal) {
            Ok(caller) => caller,
            Err(error) => return invalid(&error.to_string()),
        };
        match self.front.credentials_of(&caller) {
            Ok(identity) => {
                let own = &identity.credentials;
                let token = own.session_token.as_ref().map_or(JsValue::UNDEFINED, |token| token.as_str().into());
                let credentials = object([
                    ("accessKeyId", own.access_key_id.as_str().into()),
                    ("secretAccessKey", own.secret_access_key.expose().into()),
                    ("sessionToken", token),
                ]);
                object([("value", credentials)])
            }
            Err(error @ IdentityError::Random(_)) => failed("Internal", &error.to_string()),
            Err(error) => invalid(&error.to_string()),
        }
    }
}
