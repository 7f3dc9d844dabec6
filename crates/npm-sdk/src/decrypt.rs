//! `Client.decrypt`.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::DecryptOptions;
use waxseal::message::Header;
use zeroize::Zeroizing;

use crate::object::object;
use crate::operation::Operation;
use crate::settings::Settings;
use crate::{encrypted_data_keys, encryption_context};

/// Starts to decrypt; the operation's value is `{ plaintext, encryptionContext, header }`.
#[wasm_bindgen]
pub fn decrypt(settings: Settings, message: Vec<u8>, encryption_context: JsValue, reproduced: JsValue) -> Operation {
    Operation::start(|desk| async move {
        let (client, observer) = settings.client(&desk)?;
        let options = DecryptOptions {
            encryption_context: encryption_context::from_js(&encryption_context)?,
            reproduced_encryption_context: encryption_context::from_js(&reproduced)?,
            ..DecryptOptions::default()
        };
        let decrypted = client.decrypt(&message, &options, &observer).await?;
        let plaintext = Zeroizing::new(decrypted.plaintext);
        Ok(object([
            ("plaintext", Uint8Array::new_from_slice(&plaintext).into()),
            ("encryptionContext", encryption_context::to_js(&decrypted.header.encryption_context)),
            ("header", header(&decrypted.header)),
        ]))
    })
}

fn header(header: &Header) -> JsValue {
    object([
        ("suite", header.suite.to_string().into()),
        ("messageId", Uint8Array::new_from_slice(header.message_id.as_bytes()).into()),
        ("frameLength", header.content.frame_length().map_or(JsValue::UNDEFINED, Into::into)),
        ("encryptedDataKeys", encrypted_data_keys::to_js(&header.encrypted_data_keys)),
        ("commitment", header.commitment.map_or(JsValue::UNDEFINED, |commitment| Uint8Array::new_from_slice(&commitment).into())),
    ])
}
