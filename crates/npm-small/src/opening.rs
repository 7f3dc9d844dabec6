//! A decryption: JavaScript has the data key unwrapped, and its data stays there; header and heads of frames are read here, and the frames opened by whoever has a
//! cipher.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use waxseal::plan::FramePlan;
use waxseal::session::{Decryptor, Finished, HeaderReader, SignatureToVerify};
use waxseal::{Client, DecryptOptions, Error, PreparedDecryption};
use waxseal_base::codec::Writer;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::failure::told;
use crate::header;
use crate::plans::{self, Wire};

/// Prepares to decrypt a message of which nothing has arrived yet: `call` has the settings and how it is to be read.
#[wasm_bindgen(js_name = prepareOpening)]
pub fn prepare_opening(call: &[u8]) -> Option<Opening> {
    told(prepare(call))
}

fn prepare(call: &[u8]) -> Result<Opening, Error> {
    let mut call = Call::new(call);
    let client = call.client(Vec::new())?;
    let options = call.reading()?;
    let reader = client.read_header(None, &Observer::none());
    Ok(Opening { state: RefCell::new(State::Reading { client, options, reader }) })
}

/// A message that is read. Once its header is verified, its frames are planned, opened and told about in order.
#[wasm_bindgen]
pub struct Opening {
    state: RefCell<State>,
}

enum State {
    Reading {
        client: Client,
        options: DecryptOptions,
        reader: HeaderReader,
    },
    Prepared(PreparedDecryption),
    Opening {
        decryptor: Decryptor,
        planned: Vec<FramePlan>,
    },
    Verifying(SignatureToVerify),
    /// Finished, or failed.
    Over,
}

#[wasm_bindgen]
impl Opening {
    /// Takes the next bytes of the message: u32 how many of them are the header's, u32 how many more it needs at least, and once that is 0 u32 bytes of the header
    /// with its tag, u16 bytes of the data key, u8 whether the message is signed, and what the [header](header::write) says.
    pub fn read(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        told(self.push(bytes))
    }

    /// No bytes follow: why those were no header.
    pub fn ended(&self) -> Option<bool> {
        match &mut *self.state.borrow_mut() {
            State::Reading { reader, .. } => told(Err(reader.ended())),
            _ => told(Err(Error::DecryptionFailed)),
        }
    }

    /// Verifies commitment and header, given the data key, or none if no copy of it is for the keyring that was asked. Given the rest of the message too, which is not
    /// signed, its plaintext comes back; otherwise nothing.
    pub fn start(&self, data_key: Option<Vec<u8>>, body: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let data_key = data_key.map(|key| Secret::new(SecretName::DataKey, Zeroizing::new(key), &Observer::none()));
        told(self.begin(data_key, body.as_deref()))
    }

    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> Option<Vec<u8>> {
        self.with(|decryptor, _| Ok(decryptor.danger_message_key()?.expose().to_vec()))
    }

    /// Bytes that the head of the next frame needs, as far as is known: more may turn out once those are given. None once the last frame is planned: what
    /// follows that is for `finish`.
    #[wasm_bindgen(js_name = missingHead)]
    pub fn missing_head(&self) -> Option<usize> {
        match &*self.state.borrow() {
            State::Opening { decryptor, .. } => Some(decryptor.missing_head()),
            _ => Some(0),
        }
    }

    /// Plans frames from what they start with: so many bytes of `starts` for each, of which a head may be fewer. Packed plans, none for what comes
    /// after the last frame, nor for a head that is not all there.
    pub fn plan(&self, starts: &[u8], each: usize) -> Option<Vec<u8>> {
        self.with(|decryptor, planned| {
            let before = planned.len();
            for start in starts.chunks(each.max(1)) {
                if decryptor.has_last_frame() {
                    break;
                }
                planned.extend(decryptor.plan_head(start)?.1);
            }
            Ok(plans::pack(planned.get(before..).unwrap_or_default()))
        })
    }

    /// The next frames of those that are planned were opened elsewhere, and their tags were right: that many.
    pub fn opened(&self, count: usize) -> Option<bool> {
        self.with(|decryptor, planned| {
            for plan in planned.drain(..planned.len().min(count)) {
                decryptor.opened_elsewhere(&plan, &NO_TAG)?;
            }
            Ok(true)
        })
    }

    /// Opens the next frames of those that are planned here, given as they are in the message: their plaintext.
    pub fn open(&self, wire: Vec<u8>) -> Option<Vec<u8>> {
        let mut wire = Zeroizing::new(wire);
        self.with(|decryptor, planned| {
            let mut plaintext = Zeroizing::new(Vec::with_capacity(wire.len()));
            let mut rest = Wire(&mut wire);
            let mut opened = 0;
            while let Some((plan, data, tag)) = planned.get(opened).and_then(|plan| rest.next_frame(plan)) {
                decryptor.open(plan, data, tag)?;
                plaintext.extend_from_slice(data);
                opened += 1;
            }
            planned.drain(..opened);
            Ok(std::mem::take(&mut *plaintext))
        })
    }

    /// A cipher elsewhere found that a frame is not what was sealed: the error for that.
    pub fn failed(&self) -> Option<bool> {
        self.with(|decryptor, _| Err(decryptor.failed_elsewhere()))
    }

    /// Ends the message, given all that follows its last frame. Of a signed one what is left to verify comes back: u8 length and bytes of the public key, a compressed
    /// point, then the signature; and `verified` has to be told the outcome.
    pub fn finish(&self, rest: &[u8]) -> Option<Vec<u8>> {
        let State::Opening { decryptor, .. } = self.state.replace(State::Over) else { return told(Err(Error::DecryptionFailed)) };
        told(decryptor.finish(rest).map(|finished| match finished {
            Finished::Verified => Vec::new(),
            Finished::SignatureToVerify(signature) => {
                let packed = plans::to_verify(&signature);
                self.state.replace(State::Verifying(signature));
                packed
            }
        }))
    }

    /// Whether the signature is right.
    pub fn verified(&self, is_right: bool) -> Option<bool> {
        let State::Verifying(signature) = self.state.replace(State::Over) else { return told(Err(Error::DecryptionFailed)) };
        told(signature.verified(is_right).map(|_| true))
    }
}

impl Opening {
    fn push(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut state = self.state.borrow_mut();
        let State::Reading { client, options, reader } = &mut *state else { return Err(Error::DecryptionFailed) };
        let (taken, received) = reader.push(bytes)?;
        let mut facts = Writer::new();
        facts.u32(count(taken)).u32(count(reader.missing()));
        if let Some(received) = received {
            let header_len = received.bytes().len();
            let prepared = client.prepare_decryption(received, options)?;
            let suite = prepared.header().suite;
            facts.u32(count(header_len)).u8(u8::try_from(suite.data_key_len()).unwrap_or_default());
            facts.u8(suite.signature().is_some().into());
            header::write(prepared.header(), &prepared.request().encryption_context, &mut facts)?;
            *state = State::Prepared(prepared);
        }
        Ok(facts.finish())
    }

    fn begin(&self, data_key: Option<Secret>, body: Option<&[u8]>) -> Result<Vec<u8>, Error> {
        let State::Prepared(prepared) = self.state.replace(State::Over) else { return Err(Error::DecryptionFailed) };
        let decryptor = prepared.start(data_key)?;
        if let Some(body) = body {
            return decryptor.open_all(body).map(|mut plaintext| std::mem::take(&mut *plaintext));
        }
        self.state.replace(State::Opening { decryptor, planned: Vec::new() });
        Ok(Vec::new())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Decryptor, &mut Vec<FramePlan>) -> Result<T, Error>) -> Option<T> {
        told(match &mut *self.state.borrow_mut() {
            State::Opening { decryptor, planned } => act(decryptor, planned),
            _ => Err(Error::DecryptionFailed),
        })
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Nobody listens.
const NO_TAG: [u8; 16] = [0; 16];
