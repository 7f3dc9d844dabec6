//! `Client.encrypt`.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::EncryptOptions;
use zeroize::Zeroizing;

use crate::encryption_context;
use crate::operation::Operation;
use crate::settings::Settings;

/// Starts to encrypt; the operation's value is the message, a `Uint8Array`.
#[wasm_bindgen]
pub fn encrypt(settings: JsValue, plaintext: Vec<u8>, encryption_context: JsValue) -> Operation {
    let plaintext = Zeroizing::new(plaintext);
    Operation::start(|desk| async move {
        let (client, observer) = Settings(settings).client(&desk)?;
        let encryption_context = encryption_context::from_js(&encryption_context)?;
        let options = EncryptOptions { encryption_context, ..EncryptOptions::default() };
        let message = client.encrypt(&plaintext, &options, &observer).await?;
        Ok(Uint8Array::new_from_slice(&message).into())
    })
}
