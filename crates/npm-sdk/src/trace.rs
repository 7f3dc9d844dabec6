//! Events for a JavaScript callback. The numbers and the fingerprint key belong to the callback (`www/npm/shared/trace.js`), so that
//! everybody who reports to it writes one trace, whichever module they run in. Both npm entries compile this file.

use std::sync::Arc;

use serde::Serialize;
use wasm_bindgen::prelude::*;
use waxseal_base::env::Env;
use waxseal_base::event::Event;
use waxseal_base::observer::{Collector, Observer};
use zeroize::Zeroize;

#[wasm_bindgen]
extern "C" {
    /// One trace: a callback with its counters.
    pub type Trace;

    /// Numbers the event and passes it on later; never throws.
    #[wasm_bindgen(method)]
    fn collect(this: &Trace, event: JsValue);

    /// A span id that this trace has not had.
    #[wasm_bindgen(method, js_name = nextSpan)]
    fn next_span(this: &Trace) -> f64;

    /// 32 random bytes.
    #[wasm_bindgen(method, getter, js_name = fingerprintKey)]
    fn fingerprint_key(this: &Trace) -> Vec<u8>;

    /// Whether secrets are to be shown.
    #[wasm_bindgen(method, getter)]
    fn reveal(this: &Trace) -> bool;
}

/// An observer that writes to `trace`, or to nobody.
pub(crate) fn observer(trace: Option<Trace>, env: &Env) -> Observer {
    let Some(trace) = trace else { return Observer::none() };
    let reveal = trace.reveal();
    let mut bytes = trace.fingerprint_key();
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(&bytes) {
        *to = *from;
    }
    bytes.zeroize();
    Observer::sharing(env, Arc::new(CallbackCollector(trace)), key, reveal)
}

struct CallbackCollector(Trace);

impl Collector for CallbackCollector {
    fn collect(&self, event: Event) {
        // Maps stay Maps: the trace makes objects of them in which `__proto__` is a key like any other.
        let serializer = serde_wasm_bindgen::Serializer::new();
        // An event is plain data; if one could not be written, the trace would miss it rather than the operation fail.
        if let Ok(event) = event.serialize(&serializer) {
            self.0.collect(event);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the counter starts at 1 and stays below 2^53")]
    fn next_span(&self) -> u64 {
        self.0.next_span() as u64
    }
}
