//! An encryption whose data stays in JavaScript: frames are planned here, and sealed by whoever has the data and a cipher.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::plan::{FrameLayout, FramePlan};
use waxseal::session::Encryptor;
use waxseal::{EncryptOptions, Error};
use zeroize::Zeroizing;

use crate::encryption_context;
use crate::object::object;
use crate::operation::{Operation, outcome};
use crate::plans;
use crate::settings::Settings;
use crate::tags;
use crate::wire;

/// Starts to encrypt that many bytes, or a number that nobody knows yet. With a signer's public key, a compressed point, the message is signed by whoever
/// has the private one; without, a signed one is signed here. The operation's value is `{ sealing, header, keyLength, frameLength, bodyLength, isObserved }`:
/// the first bytes of the message, bytes of its key, bytes of plaintext in every frame but the last, bytes of all frames with heads and tags if it was said
/// how much plaintext there is, and whether tags are of interest to anybody.
#[wasm_bindgen(js_name = startSealing)]
pub fn start_sealing(settings: JsValue, plaintext_len: Option<f64>, encryption_context: JsValue, public_key: Option<Vec<u8>>) -> Operation {
    Operation::start(|desk| async move {
        let (client, observer) = Settings(settings).client(&desk)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of an array")]
        let plaintext_len = plaintext_len.map(|len| len as u64);
        let encryption_context = encryption_context::from_js(&encryption_context)?;
        let options = EncryptOptions { encryption_context, plaintext_len, signer_public_key: public_key };
        let encryptor = client.start_encryption(&options, &observer).await?;
        let body_len = FrameLayout::new(encryptor.frame_length())?.body_len_for(plaintext_len.unwrap_or_default())?;
        #[expect(clippy::cast_precision_loss, reason = "no array is as long as 2^53")]
        let body_len = body_len as f64;
        Ok(object([
            ("header", Uint8Array::new_from_slice(encryptor.header_bytes()).into()),
            ("keyLength", encryptor.header().suite.data_key_len().into()),
            ("frameLength", encryptor.frame_length().into()),
            ("bodyLength", body_len.into()),
            ("isObserved", encryptor.is_observed().into()),
            ("sealing", Sealing { state: RefCell::new(Some(State { encryptor, planned: Vec::new() })) }.into()),
        ]))
    })
}

/// A message whose header is sealed. Its frames are planned, sealed and told about in order.
#[wasm_bindgen]
pub struct Sealing {
    /// Until the message is finished, or has failed.
    state: RefCell<Option<State>>,
}

struct State {
    encryptor: Encryptor,
    planned: Vec<FramePlan>,
}

#[wasm_bindgen]
impl Sealing {
    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> JsValue {
        self.with(|state| Ok(Uint8Array::new_from_slice(state.encryptor.danger_message_key()?.expose()).into()))
    }

    /// Plans that many full frames more, and after them, if its length is given, the last frame: packed plans.
    pub fn plan(&self, full: u32, last: Option<u32>) -> JsValue {
        self.with(|State { encryptor, planned }| {
            let before = planned.len();
            planned.extend(encryptor.plan_full(full)?);
            if let Some(len) = last {
                planned.push(encryptor.plan(len, true)?);
            }
            Ok(Uint8Array::new_from_slice(&plans::pack(planned.get(before..).unwrap_or_default())).into())
        })
    }

    /// The next frames of those that are planned were sealed elsewhere: that many, with these tags or, if nobody is interested, none.
    pub fn sealed(&self, count: u32, tags: &[u8]) -> JsValue {
        self.with(|State { encryptor, planned }| {
            let mut tags = tags::unpack(tags);
            for plan in planned.drain(..planned.len().min(count as usize)) {
                encryptor.sealed_elsewhere(&plan, &tags.next().unwrap_or_default())?;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Seals the next frames of those that are planned here: given as they are in the message but with plaintext for ciphertext, they come back as
    /// they are in the message.
    pub fn seal(&self, wire: Vec<u8>) -> JsValue {
        let mut wire = Zeroizing::new(wire);
        self.with(|State { encryptor, planned }| {
            wire::seal(encryptor, planned, &mut wire)?;
            Ok(Uint8Array::new_from_slice(&wire).into())
        })
    }

    /// A cipher elsewhere could not do it: the error for that.
    pub fn failed(&self, reason: &str) -> JsValue {
        self.with(|state| Err(state.encryptor.failed_elsewhere(reason)))
    }

    /// The last bytes of the message, given its signature in DER if it has one.
    pub fn finish(&self, signature: Option<Vec<u8>>) -> JsValue {
        let state = self.state.take();
        outcome(state.ok_or_else(over).and_then(|State { encryptor, .. }| {
            let footer = match signature {
                Some(signature) => encryptor.finish_with_signature(&signature),
                None => encryptor.finish(),
            };
            footer.map(|footer| Uint8Array::new_from_slice(&footer).into())
        }))
    }
}

/// Where signatures can be made.
#[wasm_bindgen]
impl Sealing {
    /// Takes the next bytes of the body for a signature that is made here.
    pub fn sign(&self, bytes: &[u8]) -> JsValue {
        self.with(|State { encryptor, .. }| encryptor.sign(bytes).map(|()| JsValue::UNDEFINED))
    }
}

impl Sealing {
    fn with(&self, act: impl FnOnce(&mut State) -> Result<JsValue, Error>) -> JsValue {
        outcome(self.state.borrow_mut().as_mut().ok_or_else(over).and_then(act))
    }
}

fn over() -> Error {
    Error::Internal { reason: "the message has already been finished".into() }
}
