//! A message of which parts are read: its header is verified here, and its frames are planned by their numbers, in any order.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::Error;
use waxseal::message::Piece;
use waxseal::plan::{BodyShape, FrameLayout, FramePlan};
use waxseal::session::FrameOpener;
use zeroize::Zeroizing;

use crate::object::object;
use crate::opening::{about, facts, receive};
use crate::operation::{Operation, outcome};
use crate::plans;
use crate::reading;
use crate::settings::Settings;
use crate::tags;
use crate::wire::Wire;

/// Starts to read parts of a message like [`start_opening`](crate::opening::start_opening): `{ encryptionContext, header, parts }` with what [`about`] tells of the message. The signature of a signed one
/// is not verified; the caller has to say that this is known.
#[wasm_bindgen(js_name = startOpeningParts)]
pub fn start_opening_parts(
    settings: JsValue,
    reading: JsValue,
    first: Vec<u8>,
    message_len: f64,
    danger_ignore_signature: bool,
) -> Operation {
    Operation::start(move |desk| async move {
        let (client, observer) = Settings(settings).client(&desk)?;
        let options = reading::options(&reading)?;
        let (received, _) = receive(&client, &observer, &first, Some(message_len), &desk).await?;
        let layout = FrameLayout::of(received.header().content);
        let decryptor = client.start_decryption(received, &options).await?;
        let is_signed = decryptor.is_signed();
        let opener = decryptor.into_frame_opener(danger_ignore_signature)?;
        let layout = layout.ok_or_else(|| {
            let reason = "the message is not framed but one piece, of which no part can be verified by itself; decrypt all of it";
            Error::InvalidInput { reason: reason.into() }
        })?;
        let [context, header] = facts(opener.header());
        let [start, key, signed] = about(opener.header(), opener.header_bytes(), is_signed);
        let observed = ("isObserved", opener.is_observed().into());
        let shape = BodyShape { frames: 0, plaintext_len: 0 };
        let parts = Parts { state: RefCell::new(State { opener, layout, shape }) };
        Ok(object([context, header, start, key, signed, observed, ("parts", parts.into())]))
    })
}

/// A message whose header is verified. Its frames are opened by their numbers, each for itself.
#[wasm_bindgen]
pub struct Parts {
    state: RefCell<State>,
}

struct State {
    opener: FrameOpener,
    layout: FrameLayout,
    /// Once it is known.
    shape: BodyShape,
}

#[wasm_bindgen]
impl Parts {
    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> JsValue {
        let state = self.state.borrow();
        outcome(state.opener.danger_message_key().map(|key| Uint8Array::new_from_slice(key.expose()).into()))
    }

    /// What a body of that length consists of: `{ frames, plaintextLength, lastFrame }`, the last one where the last frame starts, in bytes from the end of the
    /// header's tag; undefined if none is so long. Frames are planned for it from then on.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of a file")]
    #[expect(clippy::cast_precision_loss, reason = "no file is as long as 2^53")]
    pub fn shape(&self, body_len: f64) -> JsValue {
        let mut state = self.state.borrow_mut();
        let Some(shape) = state.layout.shape_of(body_len as u64) else { return JsValue::UNDEFINED };
        state.shape = shape;
        let last_frame = state.layout.offset_of(shape.frames);
        object([
            ("frames", shape.frames.into()),
            ("plaintextLength", (shape.plaintext_len as f64).into()),
            ("lastFrame", (last_frame as f64).into()),
        ])
    }

    /// Plans frames that follow each other, from that number on, of what they start with: so many bytes of `starts` for each. Packed plans.
    pub fn plan(&self, first: u32, starts: &[u8], each: usize) -> JsValue {
        let state = self.state.borrow();
        outcome(state.plan(first, starts, each).map(|plans| Uint8Array::new_from_slice(&plans::pack(&plans)).into()))
    }

    /// Such frames were opened elsewhere, with these tags, which were right.
    pub fn opened(&self, first: u32, starts: &[u8], each: usize, tags: &[u8]) -> JsValue {
        let mut state = self.state.borrow_mut();
        outcome(state.plan(first, starts, each).map(|plans| {
            for (plan, tag) in plans.iter().zip(tags::unpack(tags)) {
                state.opener.opened_elsewhere(plan, &tag);
            }
            JsValue::UNDEFINED
        }))
    }

    /// Opens frames that follow each other, given as they are in the message: their plaintext.
    pub fn open(&self, first: u32, starts: &[u8], each: usize, wire: Vec<u8>) -> JsValue {
        let mut wire = Zeroizing::new(wire);
        let mut state = self.state.borrow_mut();
        outcome(state.open(first, starts, each, &mut wire).map(|plaintext| Uint8Array::new_from_slice(&plaintext).into()))
    }

    /// A frame is not what was sealed: the error for that. Others can be opened still.
    pub fn failed(&self) -> JsValue {
        outcome(Err(self.state.borrow().opener.failed_elsewhere()))
    }
}

impl State {
    fn plan(&self, first: u32, starts: &[u8], each: usize) -> Result<Vec<FramePlan>, Error> {
        let numbered = (first..=self.shape.frames).zip(starts.chunks(each));
        let plans = numbered.map(|(sequence, start)| {
            let is_last = sequence == self.shape.frames;
            let piece = if is_last { Piece::FinalFrame } else { Piece::Frame };
            let head = start.get(..piece.head_len()).unwrap_or_default();
            self.opener.plan(sequence, is_last, head)
        });
        plans.collect()
    }

    fn open(&mut self, first: u32, starts: &[u8], each: usize, wire: &mut [u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut plaintext = Zeroizing::new(Vec::with_capacity(wire.len()));
        let mut rest = Wire(wire);
        for plan in self.plan(first, starts, each)? {
            let (plan, data, tag) = rest.next_frame(&plan).ok_or(Error::DecryptionFailed)?;
            self.opener.open(plan, data, tag)?;
            plaintext.extend_from_slice(data);
        }
        Ok(plaintext)
    }
}
