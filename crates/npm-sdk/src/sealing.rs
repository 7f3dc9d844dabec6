//! An encryption whose data stays in JavaScript: frames are planned here, and sealed by whoever has the data and a cipher.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::plan::{FrameLayout, FramePlan};
use waxseal::session::Encryptor;
use waxseal::{EncryptOptions, Error};
use zeroize::Zeroizing;

use crate::encryption_context;
use crate::operation::{Operation, outcome};
use crate::plans::{self, Wire};
use crate::settings::Settings;

/// Starts to encrypt that many bytes, or a number that nobody knows yet; the operation's value is a [`Sealing`]. With a signer's public key, a compressed point, the message is signed
/// by whoever has the private one; without, a signed one is signed here.
#[wasm_bindgen(js_name = startSealing)]
pub fn start_sealing(settings: JsValue, plaintext_len: Option<f64>, encryption_context: JsValue, public_key: Option<Vec<u8>>) -> Operation {
    Operation::start(|desk| async move {
        let (client, observer) = Settings(settings).client(&desk)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of an array")]
        let plaintext_len = plaintext_len.map(|len| len as u64);
        let encryption_context = encryption_context::from_js(&encryption_context)?;
        let options = EncryptOptions { encryption_context, plaintext_len, signer_public_key: public_key };
        let encryptor = client.start_encryption(&options, &observer).await?;
        let left = plaintext_len.unwrap_or_default();
        let body_len = FrameLayout::new(encryptor.frame_length())?.body_len_for(left)?;
        let state = State { encryptor, planned: VecDeque::new(), left, is_planned: false };
        Ok(Sealing { state: RefCell::new(Some(state)), body_len }.into())
    })
}

/// A message whose header is sealed. Its frames are planned, sealed and told about in order.
#[wasm_bindgen]
pub struct Sealing {
    /// Until the message is finished, or has failed.
    state: RefCell<Option<State>>,
    body_len: u64,
}

struct State {
    encryptor: Encryptor,
    planned: VecDeque<FramePlan>,
    /// Bytes of plaintext that are not planned yet.
    left: u64,
    /// Whether the last frame is planned.
    is_planned: bool,
}

#[wasm_bindgen]
impl Sealing {
    /// The first bytes of the message: the header and its tag.
    pub fn header(&self) -> JsValue {
        self.with(|state| Ok(Uint8Array::new_from_slice(state.encryptor.header_bytes()).into()))
    }

    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> JsValue {
        self.with(|state| Ok(Uint8Array::new_from_slice(state.encryptor.danger_message_key()?.expose()).into()))
    }

    /// Bytes of the message's key.
    #[wasm_bindgen(getter, js_name = keyLength)]
    pub fn key_length(&self) -> usize {
        self.state.borrow().as_ref().map_or(0, |state| state.encryptor.header().suite.data_key_len())
    }

    /// Bytes of plaintext in every frame but the last.
    #[wasm_bindgen(getter, js_name = frameLength)]
    pub fn frame_length(&self) -> u32 {
        self.state.borrow().as_ref().map_or(0, |state| state.encryptor.frame_length())
    }

    /// Bytes of all frames with heads and tags, if it was said how much plaintext there is.
    #[wasm_bindgen(getter, js_name = bodyLength)]
    #[expect(clippy::cast_precision_loss, reason = "no array is as long as 2^53")]
    pub fn body_length(&self) -> f64 {
        self.body_len as f64
    }

    /// Whether tags are of interest to anybody.
    #[wasm_bindgen(getter, js_name = isObserved)]
    pub fn is_observed(&self) -> bool {
        self.state.borrow().as_ref().is_some_and(|state| state.encryptor.is_observed())
    }

    /// Plans that many full frames more, none of them the last: packed plans. For a plaintext that arrives in pieces.
    #[wasm_bindgen(js_name = planFull)]
    pub fn plan_full(&self, count: u32) -> JsValue {
        self.with(|State { encryptor, planned, .. }| {
            let plans = encryptor.plan_full(count)?;
            let packed = Uint8Array::new_from_slice(&plans::pack(plans.iter())).into();
            planned.extend(plans);
            Ok(packed)
        })
    }

    /// Plans the last frame, of that many bytes: its packed plan.
    #[wasm_bindgen(js_name = planLast)]
    pub fn plan_last(&self, len: u32) -> JsValue {
        self.with(|State { encryptor, planned, .. }| {
            let plan = encryptor.plan(len, true)?;
            let packed = Uint8Array::new_from_slice(&plans::pack([&plan].into_iter())).into();
            planned.push_back(plan);
            Ok(packed)
        })
    }

    /// Takes the next bytes of the body for a signature that is made here.
    pub fn sign(&self, bytes: &[u8]) -> JsValue {
        self.with(|State { encryptor, .. }| encryptor.sign(bytes).map(|()| JsValue::UNDEFINED))
    }

    /// Plans that many frames more, fewer at the end of the message: packed plans, empty after the last.
    pub fn plan(&self, count: u32) -> JsValue {
        self.with(|State { encryptor, planned, left, is_planned }| {
            let before = planned.len();
            while planned.len() - before < count as usize && !*is_planned {
                let len = u32::try_from(*left).unwrap_or(u32::MAX).min(encryptor.frame_length());
                *left -= u64::from(len);
                *is_planned = *left == 0;
                planned.push_back(encryptor.plan(len, *is_planned)?);
            }
            Ok(Uint8Array::new_from_slice(&plans::pack(planned.iter().skip(before))).into())
        })
    }

    /// The next frames of those that are planned were sealed elsewhere: that many, with these tags or, if nobody is interested, none.
    pub fn sealed(&self, count: u32, tags: &[u8]) -> JsValue {
        self.with(|State { encryptor, planned, .. }| {
            let mut tags = plans::tags(tags);
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
        self.with(|State { encryptor, planned, .. }| {
            let mut rest = Wire(&mut wire);
            while let Some((data, tag)) = planned.front().and_then(|plan| rest.next_frame(plan)) {
                let Some(plan) = planned.pop_front() else { break };
                *tag = encryptor.seal(&plan, data)?;
            }
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

impl Sealing {
    fn with(&self, act: impl FnOnce(&mut State) -> Result<JsValue, Error>) -> JsValue {
        outcome(self.state.borrow_mut().as_mut().ok_or_else(over).and_then(act))
    }
}

fn over() -> Error {
    Error::Internal { reason: "the message has already been finished".into() }
}
