//! What a JavaScript `Client` was made with, as `www/npm/shared/client.js` hands it over: already of the right types, not yet checked
//! for sense.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use waxseal::{Client, Error};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;

use crate::operation::Desk;
use crate::trace::Trace;
use crate::{keyring, trace};

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

    /// Who listens.
    #[wasm_bindgen(method, getter)]
    fn trace(this: &Settings) -> Option<Trace>;
}

impl Settings {
    /// The client, and who it reports to.
    pub(crate) fn client(&self, desk: &Rc<Desk>) -> Result<(Client, Observer), Error> {
        let env = Env::with_clock(|| trace::timestamp(js_sys::Date::now()));
        let observer = trace::observer(self.trace(), &env);
        let mut client = Client::new(env, self.keyring().build(desk)?);
        if let Some(frame_length) = self.frame_length() {
            client = client.with_frame_length(frame_length)?;
        }
        if let Some(limit) = self.max_encrypted_data_keys() {
            client = client.with_max_encrypted_data_keys(limit)?;
        }
        Ok((client, observer))
    }
}
