//! `LocalKms`: an engine with its keys in this module's memory, which JavaScript asks in the name of any caller.

use std::sync::Arc;
use std::time::Duration;

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use waxseal_base::env::Env;
use waxseal_base::event::Span;
use waxseal_base::observer::Observer;
use waxseal_kms::http::Front;
use waxseal_kms::{AuditFilter, LocalKmsClient, LocalKmsError, LocalKmsOptions, MemoryStore, Store};
use waxseal_kms_api::calls::Request;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Caller;
use zeroize::Zeroizing;

use crate::clock::SetClock;
use crate::object::object;
use crate::outcome::{failed, fault, invalid, value, value_with_nulls};
use crate::rsa_keys;
use crate::store::{HostStore, RecordStore};
use crate::time::timestamp;
use crate::trace::{self, Trace};

#[wasm_bindgen]
extern "C" {
    /// How to make a KMS.
    pub type Settings;

    /// The account of its administrator.
    #[wasm_bindgen(method, getter)]
    fn account(this: &Settings) -> Option<String>;

    /// The region.
    #[wasm_bindgen(method, getter)]
    fn region(this: &Settings) -> Option<String>;

    /// The present time, in milliseconds since 1970.
    #[wasm_bindgen(method, getter)]
    fn now(this: &Settings) -> f64;

    /// The host's store; without one the records are in this module's memory.
    #[wasm_bindgen(method, getter)]
    fn store(this: &Settings) -> Option<RecordStore>;

    /// The root key that the store's records were, or will be, written under: 32 bytes. Drawn if there is none.
    #[wasm_bindgen(method, getter, js_name = rootKey)]
    fn root_key(this: &Settings) -> Option<Vec<u8>>;

    /// A seed from which all randomness follows; the platform's randomness if there is none.
    #[wasm_bindgen(method, getter, js_name = dangerSeed)]
    fn danger_seed(this: &Settings) -> Option<f64>;

    /// How many seconds a change of grants takes to be seen; none if it is not given.
    #[wasm_bindgen(method, getter, js_name = grantConsistency)]
    fn grant_consistency(this: &Settings) -> Option<f64>;

    /// How the host makes RSA keys, which takes seconds here: see [`crate::rsa_keys`].
    #[wasm_bindgen(method, getter, js_name = makeRsaKey)]
    fn make_rsa_key(this: &Settings) -> Option<Function>;

    /// Who listens.
    #[wasm_bindgen(method, getter)]
    fn trace(this: &Settings) -> Option<Trace>;
}

/// Makes a KMS over what is in its store; the value is a [`LocalKms`].
#[wasm_bindgen]
pub fn open(settings: &Settings) -> JsValue {
    let surroundings = surroundings(settings);
    match waxseal_kms::LocalKms::with_store(options(settings), surroundings.env.clone(), surroundings.store.clone()) {
        Ok(kms) => made(kms, surroundings),
        Err(error) => refused(&error),
    }
}

/// Whether somebody can be asked for: the value is `true`.
#[wasm_bindgen(js_name = checkCaller)]
pub fn check_caller(principal: &str) -> JsValue {
    Caller::parse(principal).map_or_else(|error| invalid(&error.to_string()), |_| value(&true))
}

pub(crate) fn options(settings: &Settings) -> LocalKmsOptions {
    let defaults = LocalKmsOptions::default();
    LocalKmsOptions {
        account: settings.account().unwrap_or(defaults.account),
        region: settings.region().unwrap_or(defaults.region),
        root_key: settings.root_key().map(Zeroizing::new),
        grant_consistency: settings.grant_consistency().map_or(defaults.grant_consistency, |seconds| Duration::from_secs(whole(seconds))),
        make_rsa_key: settings.make_rsa_key().map(rsa_keys::host),
        ..defaults
    }
}

/// What a KMS stands on.
pub(crate) struct Surroundings {
    pub(crate) env: Env,
    pub(crate) store: Arc<dyn Store>,
    clock: SetClock,
    observer: Observer,
}

pub(crate) fn surroundings(settings: &Settings) -> Surroundings {
    let clock = SetClock::new(timestamp(settings.now()));
    let env = match settings.danger_seed() {
        Some(seed) => Env::danger_seeded(clock.clone(), whole(seed)),
        None => Env::with_clock(clock.clone()),
    };
    let observer = trace::observer(settings.trace(), &env);
    let store: Arc<dyn Store> = match settings.store() {
        Some(store) => Arc::new(HostStore::new(store)),
        None => Arc::new(MemoryStore::new()),
    };
    Surroundings { env, store, clock, observer }
}

pub(crate) fn made(kms: waxseal_kms::LocalKms, Surroundings { clock, observer, .. }: Surroundings) -> JsValue {
    object([("value", LocalKms { front: Front::new(kms.clone()), kms, clock, observer }.into())])
}

/// A KMS.
#[wasm_bindgen]
pub struct LocalKms {
    pub(crate) front: Front,
    pub(crate) kms: waxseal_kms::LocalKms,
    clock: SetClock,
    observer: Observer,
}

#[wasm_bindgen]
impl LocalKms {
    /// The account of its administrator.
    #[wasm_bindgen(getter)]
    pub fn account(&self) -> String {
        self.kms.administrator().caller().account().unwrap_or_default().into()
    }

    /// The region of calls that name none.
    #[wasm_bindgen(getter)]
    pub fn region(&self) -> String {
        self.kms.region().into()
    }

    /// Sets the clock, in milliseconds since 1970.
    #[wasm_bindgen(js_name = setTime)]
    pub fn set_time(&self, now: f64) {
        self.clock.set(timestamp(now));
    }

    /// Calls an operation, as part of a span of the same trace, in the name of a caller: the administrator if no principal is given.
    pub fn call(&self, span: f64, principal: Option<String>, via: Option<String>, operation: &str, request: JsValue) -> JsValue {
        let client = match self.client(principal, via) {
            Ok(client) => client,
            Err(error) => return error,
        };
        let request = match read_request(operation, request) {
            Ok(request) => request,
            Err(refusal) => return fault(refusal, None),
        };
        let answer = client.answer(&request, &self.observer_in(span));
        match answer.response {
            Ok(response) => value(&response),
            Err(refusal) => fault(refusal, answer.decision.as_ref()),
        }
    }

    /// Does whatever falls due by a time, in milliseconds since 1970; the value is the lines of the audit log. The clock is to be set first.
    #[wasm_bindgen(js_name = advanceTo)]
    pub fn advance_to(&self, time: f64) -> JsValue {
        match self.kms.advance_to(timestamp(time), &self.observer) {
            Ok(records) => value_with_nulls(&records),
            Err(refusal) => fault(refusal, None),
        }
    }

    /// The lines of the audit log that have all of what is wanted, `{ account?, operation?, key?, from?, until?, limit? }` with times in milliseconds
    /// since 1970; without it, all. The value is an array of records.
    pub fn audit(&self, wanted: JsValue) -> JsValue {
        let filter: AuditFilter = match wanted.is_undefined() {
            true => AuditFilter::default(),
            false => match serde_wasm_bindgen::from_value(wanted) {
                Ok(filter) => filter,
                Err(error) => return invalid(&format!("what is wanted of the audit log can not be read: {error}")),
            },
        };
        self.kms.audit_where(&filter).map_or_else(|error| refused(&error), |records| value_with_nulls(&records))
    }

    /// Attaches a policy to a principal.
    #[wasm_bindgen(js_name = putPolicy)]
    pub fn put_policy(&self, principal: &str, name: &str, policy: &str) -> JsValue {
        self.kms.put_identity_policy(principal, name, policy).map_or_else(|error| refused(&error), |()| value(&()))
    }

    /// Detaches a policy.
    #[wasm_bindgen(js_name = deletePolicy)]
    pub fn delete_policy(&self, principal: &str, name: &str) -> JsValue {
        self.kms.delete_identity_policy(principal, name).map_or_else(|error| refused(&error), |_| value(&()))
    }

    /// The policies attached to a principal; the value is an array of `{ name, policy }`.
    #[wasm_bindgen(js_name = listPolicies)]
    pub fn list_policies(&self, principal: &str) -> JsValue {
        match self.kms.identity_policies(principal) {
            Ok(policies) => value(&policies.into_iter().map(|(name, policy)| PolicyEntry { name, policy }).collect::<Vec<_>>()),
            Err(error) => refused(&error),
        }
    }

    pub(crate) fn client(&self, principal: Option<String>, via: Option<String>) -> Result<LocalKmsClient, JsValue> {
        let client = match principal {
            Some(principal) => self.kms.as_caller(Caller::parse(&principal).map_err(|error| invalid(&error.to_string()))?),
            None => self.kms.administrator(),
        };
        Ok(match via {
            Some(service) => client.via(&service),
            None => client,
        })
    }

    pub(crate) fn observer_in(&self, span: f64) -> Observer {
        self.observer.within(Span { id: whole(span), parent: None })
    }
}

/// A request of that operation, as an object of AWS's shape.
pub(crate) fn read_request(operation: &str, request: JsValue) -> Result<Request, Fault> {
    let operation = Operation::requested(operation)?;
    Request::deserialize(operation, serde_wasm_bindgen::Deserializer::from(request))
        .map_err(|error| Fault::new(FaultCode::SerializationException, format!("the object is not a {operation} request: {error}")))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript gives whole numbers from 0 below 2^53")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

#[derive(Serialize)]
struct PolicyEntry {
    name: String,
    policy: String,
}

pub(crate) fn refused(error: &LocalKmsError) -> JsValue {
    match error {
        LocalKmsError::Caller(_) | LocalKmsError::Region { .. } | LocalKmsError::NoPolicies { .. } | LocalKmsError::Policy(_) => {
            invalid(&error.to_string())
        }
        _ => failed("Internal", &error.to_string()),
    }
}
