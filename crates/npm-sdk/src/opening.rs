//! A decryption whose data stays in JavaScript: header and heads of frames are read here, and the frames opened by whoever has a cipher.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::message::Header;
use waxseal::plan::FramePlan;
use waxseal::session::{BufferedDecryptor, Decryptor, Finished, ReceivedHeader, SignatureToVerify};
use waxseal::{Client, Error};
use waxseal_base::observer::Observer;
use waxseal_kms_api::kms::KmsError;
use zeroize::Zeroizing;

use crate::object::object;
use crate::operation::{Desk, Operation, outcome};
use crate::plans;
use crate::reading;
use crate::settings::Settings;
use crate::tags;
use crate::wire;
use crate::{encryption_context, header};

/// Starts to decrypt a message of which the first bytes are given; `message_len` is its length, where that is known. If its header is longer than that, the
/// operation asks for what follows; no bytes at all mean that there are none. Its value is `{ encryptionContext, header, opening }` with what [`about`] tells of
/// the message. If all of it is given, and to be decrypted `here`, and it is not signed, it is `{ encryptionContext, header, plaintext }`.
#[wasm_bindgen(js_name = startOpening)]
pub fn start_opening(settings: JsValue, reading: JsValue, first: Vec<u8>, message_len: Option<f64>, here: bool) -> Operation {
    Operation::start(move |desk| async move {
        let (client, observer) = Settings(settings).client(&desk)?;
        let options = reading::options(&reading)?;
        let (received, taken) = receive(&client, &observer, &first, message_len, &desk).await?;
        let decryptor = client.start_decryption(received, &options).await?;
        let [context, header] = facts(decryptor.header());
        if here && !decryptor.is_signed() {
            let plaintext = open_all(decryptor, first.get(taken..).unwrap_or_default())?;
            return Ok(object([context, header, ("plaintext", plaintext)]));
        }
        let [start, key, signed] = about(decryptor.header(), decryptor.header_bytes(), decryptor.is_signed());
        let observed = ("isObserved", decryptor.is_observed().into());
        let state = State { decryptor: Some(decryptor), planned: Vec::new(), signature: None };
        let opening = Opening { state: RefCell::new(state) };
        Ok(object([context, header, start, key, signed, observed, ("opening", opening.into())]))
    })
}

/// What a verified header says.
pub(crate) fn facts(header: &Header) -> [(&'static str, JsValue); 2] {
    [("encryptionContext", encryption_context::to_js(&header.encryption_context)), ("header", header::to_js(header))]
}

/// What is to be known of a message before its frames are planned: where the first one starts, how many bytes its key has, whether it ends with a signature.
pub(crate) fn about(header: &Header, header_bytes: &[u8], is_signed: bool) -> [(&'static str, JsValue); 3] {
    [("headerLength", header_bytes.len().into()), ("keyLength", header.suite.data_key_len().into()), ("isSigned", is_signed.into())]
}

/// The header, and how many of the bytes that were given last are its own.
pub(crate) async fn receive(
    client: &Client,
    observer: &Observer,
    first: &[u8],
    message_len: Option<f64>,
    desk: &Rc<Desk>,
) -> Result<(ReceivedHeader, usize), Error> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of an array or of a file")]
    let message_len = message_len.map(|len| len as u64);
    let mut reader = client.read_header(message_len, observer);
    let (mut taken, mut received) = reader.push(first)?;
    let mut left = message_len.unwrap_or(u64::MAX).saturating_sub(first.len() as u64);
    while received.is_none() {
        let wanted = left.min(reader.missing() as u64);
        if wanted == 0 {
            return Err(reader.ended());
        }
        let answer = Uint8Array::from(desk.ask_bytes(wanted).await.map_err(given_up)?).to_vec();
        if answer.is_empty() {
            return Err(reader.ended());
        }
        left = left.saturating_sub(answer.len() as u64);
        (taken, received) = reader.push(&answer)?;
    }
    received.map(|received| (received, taken)).ok_or(Error::DecryptionFailed)
}

/// Bytes are there or not; only the caller can end the wait for them.
fn given_up(error: KmsError) -> Error {
    Error::Kms { error: Box::new(error), failures: Vec::new() }
}

fn open_all(decryptor: Decryptor, body: &[u8]) -> Result<JsValue, Error> {
    // The plaintext is shorter than the body, so the buffer never grows and leaves no copy.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut decryptor = BufferedDecryptor::new(decryptor);
    decryptor.push(body, &mut plaintext)?;
    match decryptor.finish(&mut plaintext)? {
        Finished::Verified => Ok(Uint8Array::new_from_slice(&plaintext).into()),
        Finished::SignatureToVerify(signature) => signature.verified(false).and(Err(Error::DecryptionFailed)),
    }
}

/// A message whose header is verified. Its frames are planned, opened and told about in order.
#[wasm_bindgen]
pub struct Opening {
    state: RefCell<State>,
}

struct State {
    /// Until all frames are opened, or one has failed.
    decryptor: Option<Decryptor>,
    planned: Vec<FramePlan>,
    /// After that.
    signature: Option<SignatureToVerify>,
}

#[wasm_bindgen]
impl Opening {
    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> JsValue {
        self.with(|decryptor, _| Ok(Uint8Array::new_from_slice(decryptor.danger_message_key()?.expose()).into()))
    }

    /// Bytes that the head of the next frame needs, as far as is known: more may turn out once those are given. None once the last frame is planned: what
    /// follows that is for `finish`.
    #[wasm_bindgen(js_name = missingHead)]
    pub fn missing_head(&self) -> usize {
        self.state.borrow().decryptor.as_ref().map_or(0, Decryptor::missing_head)
    }

    /// Plans frames from what they start with: so many bytes of `starts` for each, of which a head may be fewer. Packed plans, none for what comes
    /// after the last frame, nor for a head that is not all there.
    pub fn plan(&self, starts: &[u8], each: usize) -> JsValue {
        self.with(|decryptor, planned| {
            let before = planned.len();
            for start in starts.chunks(each) {
                if decryptor.has_last_frame() {
                    break;
                }
                planned.extend(decryptor.plan_head(start)?.1);
            }
            Ok(Uint8Array::new_from_slice(&plans::pack(planned.get(before..).unwrap_or_default())).into())
        })
    }

    /// The next frames of those that are planned were opened elsewhere: that many, with these tags, which were right, or, if nobody is interested, none.
    pub fn opened(&self, count: usize, tags: &[u8]) -> JsValue {
        self.with(|decryptor, planned| {
            let mut tags = tags::unpack(tags);
            for plan in planned.drain(..planned.len().min(count)) {
                decryptor.opened_elsewhere(&plan, &tags.next().unwrap_or_default())?;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Opens the next frames of those that are planned here, given as they are in the message: their plaintext.
    pub fn open(&self, wire: Vec<u8>) -> JsValue {
        let mut wire = Zeroizing::new(wire);
        self.with(|decryptor, planned| Ok(Uint8Array::new_from_slice(&wire::open(decryptor, planned, &mut wire)?).into()))
    }

    /// A cipher elsewhere found that a frame is not what was sealed: the error for that.
    pub fn failed(&self) -> JsValue {
        self.with(|decryptor, _| Err(decryptor.failed_elsewhere()))
    }

    /// Ends the message, given all that follows its last frame. Of a signed one what is left to verify comes back, [packed](plans::to_verify), otherwise
    /// no bytes; and `verified` has to be told the outcome.
    pub fn finish(&self, rest: &[u8]) -> JsValue {
        let mut state = self.state.borrow_mut();
        let finished = state.decryptor.take().ok_or(Error::DecryptionFailed).and_then(|decryptor| decryptor.finish(rest));
        outcome(finished.map(|finished| match finished {
            Finished::Verified => Uint8Array::new_with_length(0).into(),
            Finished::SignatureToVerify(signature) => {
                Uint8Array::new_from_slice(&plans::to_verify(state.signature.insert(signature))).into()
            }
        }))
    }

    /// Ends a signed message: whether its signature is right.
    pub fn verified(&self, is_right: bool) -> JsValue {
        let signature = self.state.borrow_mut().signature.take().ok_or(Error::DecryptionFailed);
        outcome(signature.and_then(|signature| signature.verified(is_right)).map(|_| JsValue::UNDEFINED))
    }
}

/// Where signatures can be verified.
#[wasm_bindgen]
impl Opening {
    /// Takes the next bytes of the body for a signature that is verified here.
    pub fn verify(&self, bytes: &[u8]) -> JsValue {
        self.with(|decryptor, _| decryptor.verify(bytes).map(|()| JsValue::UNDEFINED))
    }
}

impl Opening {
    fn with(&self, act: impl FnOnce(&mut Decryptor, &mut Vec<FramePlan>) -> Result<JsValue, Error>) -> JsValue {
        let State { decryptor, planned, .. } = &mut *self.state.borrow_mut();
        outcome(decryptor.as_mut().ok_or(Error::DecryptionFailed).and_then(|decryptor| act(decryptor, planned)))
    }
}
