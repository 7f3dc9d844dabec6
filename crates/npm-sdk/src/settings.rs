//! What a JavaScript `Client` was made with, as `www/npm/shared/client.js` hands it over: already of the right types, not yet checked
//! for sense.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use waxseal::{Client, CommitmentPolicy, Error, Suite};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;

use crate::keyring;
use crate::operation::Desk;
use crate::time::timestamp;
#[cfg(feature = "full")]
use crate::trace::{self, Trace};

#[wasm_bindgen]
extern "C" {
    /// The options of a client.
    pub type Settings;

    /// The keyring's description.
    #[wasm_bindgen(method, getter)]
    fn keyring(this: &Settings) -> keyring::Description;

    /// Bytes of plaintext in a frame.
    #[wasm_bindgen(method, getter, js_name = frameLength)]
    fn frame_length(this: &Settings) -> Option<u32>;

    /// How many encrypted data keys a message may have.
    #[wasm_bindgen(method, getter, js_name = maxEncryptedDataKeys)]
    fn max_encrypted_data_keys(this: &Settings) -> Option<u16>;

    /// The name of the commitment policy.
    #[wasm_bindgen(method, getter, js_name = commitmentPolicy)]
    fn commitment_policy(this: &Settings) -> Option<String>;

    /// The suite of what is written: four hexadecimal digits.
    #[wasm_bindgen(method, getter)]
    fn suite(this: &Settings) -> Option<String>;

    /// Keys of pairs that are authenticated and not stored.
    #[wasm_bindgen(method, getter, js_name = requiredEncryptionContextKeys)]
    fn required_encryption_context_keys(this: &Settings) -> Option<Vec<String>>;

    /// The number of the cache.
    #[cfg(feature = "full")]
    #[wasm_bindgen(method, getter)]
    fn cache(this: &Settings) -> Option<u32>;

    /// The client's partition of the cache.
    #[cfg(feature = "full")]
    #[wasm_bindgen(method, getter, js_name = cachePartition)]
    fn cache_partition(this: &Settings) -> Option<String>;

    /// Who listens.
    #[cfg(feature = "full")]
    #[wasm_bindgen(method, getter)]
    fn trace(this: &Settings) -> Option<Trace>;
}

impl Settings {
    /// The client, and who it reports to.
    pub(crate) fn client(&self, desk: &Rc<Desk>) -> Result<(Client, Observer), Error> {
        let env = env();
        let observer = self.observer(&env);
        let mut client = Client::new(env, self.keyring().build(desk)?);
        if let Some(frame_length) = self.frame_length() {
            client = client.with_frame_length(frame_length)?;
        }
        if let Some(limit) = self.max_encrypted_data_keys() {
            client = client.with_max_encrypted_data_keys(limit)?;
        }
        if let Some(name) = self.commitment_policy() {
            client = client.with_commitment_policy(named(&name, CommitmentPolicy::from_name(&name), "a commitment policy")?);
        }
        if let Some(name) = self.suite() {
            let suite = u16::from_str_radix(&name, 16).ok().and_then(Suite::from_id);
            client = client.with_suite(named(&name, suite, "an algorithm suite")?);
        }
        #[cfg(feature = "full")]
        if let Some((number, partition)) = self.cache().zip(self.cache_partition()) {
            client = crate::cache::used_by(client, number, partition, desk);
        }
        let required = self.required_encryption_context_keys().unwrap_or_default();
        Ok((client.with_required_encryption_context_keys(required), observer))
    }

    #[cfg(feature = "full")]
    fn observer(&self, env: &Env) -> Observer {
        trace::observer(self.trace(), env)
    }

    #[cfg(not(feature = "full"))]
    fn observer(&self, _: &Env) -> Observer {
        Observer::none()
    }
}

/// JavaScript's clock and randomness.
pub(crate) fn env() -> Env {
    Env::with_clock(|| timestamp(js_sys::Date::now()))
}

fn named<T>(name: &str, found: Option<T>, what: &str) -> Result<T, Error> {
    found.ok_or_else(|| Error::InvalidInput { reason: format!("`{name}` is not {what}") })
}
