//! How a message is to be decrypted, as JavaScript hands it over: already of the right types.

use wasm_bindgen::prelude::*;
use waxseal::{DecryptOptions, Error};

use crate::encryption_context;

#[wasm_bindgen]
extern "C" {
    /// The options of a decryption.
    pub type Reading;

    /// Pairs that must be in the message.
    #[wasm_bindgen(method, getter, js_name = encryptionContext)]
    fn encryption_context(this: &Reading) -> JsValue;

    /// Pairs that it may be bound to without storing them.
    #[wasm_bindgen(method, getter)]
    fn reproduced(this: &Reading) -> JsValue;

    /// Whether signed messages are refused.
    #[wasm_bindgen(method, getter, js_name = unsignedOnly)]
    fn unsigned_only(this: &Reading) -> bool;

    /// Bytes of plaintext in a frame at most.
    #[wasm_bindgen(method, getter, js_name = maxBufferedFrame)]
    fn max_buffered_frame(this: &Reading) -> Option<f64>;

    /// Whether JavaScript verifies signatures.
    #[wasm_bindgen(method, getter, js_name = verifyElsewhere)]
    fn verify_elsewhere(this: &Reading) -> bool;
}

impl Reading {
    pub(crate) fn options(&self) -> Result<DecryptOptions, Error> {
        Ok(DecryptOptions {
            encryption_context: encryption_context::from_js(&self.encryption_context())?,
            reproduced_encryption_context: encryption_context::from_js(&self.reproduced())?,
            unsigned_only: self.unsigned_only(),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number that is not negative")]
            max_buffered_frame: self.max_buffered_frame().map(|most| most as u64),
            verify_elsewhere: self.verify_elsewhere(),
        })
    }
}
