//! What a JavaScript `Client` was made with, as `www/npm/shared/client.js` hands it over: already of the right types, not yet checked
//! for sense.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use waxseal::{Client, CommitmentPolicy, Error, Suite};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;

use crate::keyring;
use crate::members::{member, number, text, texts};
use crate::operation::Desk;
use crate::time::timestamp;
use crate::trace::{self, Trace};

/// The options of a client.
pub(crate) struct Settings(pub(crate) JsValue);

impl Settings {
    /// The client, and who it reports to.
    pub(crate) fn client(&self, desk: &Rc<Desk>) -> Result<(Client, Observer), Error> {
        let env = env();
        let observer = self.observer(&env);
        let settings = &self.0;
        let mut client = Client::new(env, keyring::build(&member(settings, "keyring"), desk)?);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript has checked their ranges")]
        let (frame_length, limit) =
            (number(settings, "frameLength").map(|it| it as u32), number(settings, "maxEncryptedDataKeys").map(|it| it as u16));
        if let Some(frame_length) = frame_length {
            client = client.with_frame_length(frame_length)?;
        }
        if let Some(limit) = limit {
            client = client.with_max_encrypted_data_keys(limit)?;
        }
        if let Some(name) = text(settings, "commitmentPolicy") {
            client = client.with_commitment_policy(named(&name, CommitmentPolicy::from_name(&name), "a commitment policy")?);
        }
        if let Some(name) = text(settings, "suite") {
            let suite = u16::from_str_radix(&name, 16).ok().and_then(Suite::from_id);
            client = client.with_suite(named(&name, suite, "an algorithm suite")?);
        }
        if let Some((number, partition)) = number(settings, "cache").zip(text(settings, "cachePartition")) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it came from here")]
            let number = number as u32;
            client = crate::cache::used_by(client, number, partition, desk);
        }
        Ok((client.with_required_encryption_context_keys(texts(settings, "requiredEncryptionContextKeys")), observer))
    }

    fn observer(&self, env: &Env) -> Observer {
        let listener = member(&self.0, "trace");
        trace::observer((!listener.is_undefined()).then(|| listener.unchecked_into::<Trace>()), env)
    }
}

/// JavaScript's clock and randomness.
pub(crate) fn env() -> Env {
    Env::with_clock(|| timestamp(js_sys::Date::now()))
}

fn named<T>(name: &str, found: Option<T>, what: &str) -> Result<T, Error> {
    found.ok_or_else(|| Error::InvalidInput { reason: format!("`{name}` is not {what}") })
}
