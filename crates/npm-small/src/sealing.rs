//! An encryption: JavaScript has the data key made, and its data stays there; frames are planned here, and sealed by whoever has the data and a cipher.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use waxseal::keyring::NewDataKey;
use waxseal::message::EncryptedDataKey;
use waxseal::plan::{FrameLayout, FramePlan};
use waxseal::session::Encryptor;
use waxseal::{EncryptOptions, Error, PreparedEncryption};
use waxseal_base::codec::{Reader, Writer};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use crate::call::{Call, broken};
use crate::failure::told;
use crate::plans::{self, Wire};

/// Prepares to encrypt that many bytes, or a number that nobody knows yet: `call` has the settings and the encryption context, `random` 32 bytes. With a
/// signer's public key, a compressed point, the message is signed by whoever has the private one.
#[wasm_bindgen(js_name = prepareSealing)]
pub fn prepare_sealing(call: &[u8], plaintext_len: Option<f64>, public_key: Option<Vec<u8>>, random: Vec<u8>) -> Option<Sealing> {
    told(prepare(call, plaintext_len, public_key, random))
}

fn prepare(call: &[u8], plaintext_len: Option<f64>, signer_public_key: Option<Vec<u8>>, random: Vec<u8>) -> Result<Sealing, Error> {
    let mut call = Call::new(call);
    let client = call.client(random)?;
    let encryption_context = call.context()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of an array")]
    let plaintext_len = plaintext_len.map(|len| len as u64);
    let options = EncryptOptions { encryption_context, plaintext_len, signer_public_key };
    let prepared = client.prepare_encryption(&options, &Observer::none())?;
    Ok(Sealing { state: RefCell::new(State::Prepared(prepared)), plaintext_len: plaintext_len.unwrap_or_default() })
}

/// A message that is written. Once its header is sealed, its frames are planned, sealed and told about in order.
#[wasm_bindgen]
pub struct Sealing {
    state: RefCell<State>,
    /// Bytes, or 0 where nobody knows.
    plaintext_len: u64,
}

enum State {
    Prepared(PreparedEncryption),
    Sealing {
        encryptor: Encryptor,
        planned: Vec<FramePlan>,
    },
    /// Finished, or failed.
    Over,
}

#[wasm_bindgen]
impl Sealing {
    /// What the data key is for: u16 suite, u16 length of the data key, u16 length of the encryption context that it is bound to, its canonical bytes.
    pub fn request(&self) -> Option<Vec<u8>> {
        let State::Prepared(prepared) = &*self.state.borrow() else { return told(Err(over())) };
        let request = prepared.request();
        let mut writer = Writer::new();
        writer.u16(request.suite.id()).u16(u16::try_from(request.suite.data_key_len()).unwrap_or_default());
        let context = request.encryption_context.write(&mut writer);
        told(context.map(|()| writer.finish()).map_err(Error::from))
    }

    /// Seals the header, given the data key and its wrapped copies as they go into it. Given the plaintext too, the whole message comes back; otherwise u32 bytes
    /// of plaintext in every frame but the last, u64 bytes of all frames with heads and tags if it was said how much plaintext there is, u8 bytes of the message's
    /// key, and the message's first bytes.
    pub fn start(&self, data_key: Vec<u8>, wrapped: &[u8], plaintext: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let (data_key, plaintext) = (Zeroizing::new(data_key), plaintext.map(Zeroizing::new));
        told(self.begin(data_key, wrapped).and_then(|encryptor| match plaintext {
            Some(plaintext) => encryptor.seal_all(&plaintext),
            None => self.keep(encryptor),
        }))
    }

    /// **The key of the message**, for a cipher elsewhere. Whoever takes it overwrites it as soon as the cipher has it.
    #[wasm_bindgen(js_name = dangerMessageKey)]
    pub fn danger_message_key(&self) -> Option<Vec<u8>> {
        self.with(|encryptor, _| Ok(encryptor.danger_message_key()?.expose().to_vec()))
    }

    /// Plans that many full frames more, and after them, if its length is given, the last frame: packed plans.
    pub fn plan(&self, full: u32, last: Option<u32>) -> Option<Vec<u8>> {
        self.with(|encryptor, planned| {
            let before = planned.len();
            planned.extend(encryptor.plan_full(full)?);
            if let Some(len) = last {
                planned.push(encryptor.plan(len, true)?);
            }
            Ok(plans::pack(planned.get(before..).unwrap_or_default()))
        })
    }

    /// The next frames of those that are planned were sealed elsewhere: that many.
    pub fn sealed(&self, count: u32) -> Option<bool> {
        self.with(|encryptor, planned| {
            for plan in planned.drain(..planned.len().min(count as usize)) {
                encryptor.sealed_elsewhere(&plan, &NO_TAG)?;
            }
            Ok(true)
        })
    }

    /// Seals the next frames of those that are planned here: given as they are in the message but with plaintext for ciphertext, they come back as
    /// they are in the message.
    pub fn seal(&self, wire: Vec<u8>) -> Option<Vec<u8>> {
        let mut wire = Zeroizing::new(wire);
        self.with(|encryptor, planned| {
            let mut rest = Wire(&mut wire);
            let mut sealed = 0;
            while let Some((plan, data, tag)) = planned.get(sealed).and_then(|plan| rest.next_frame(plan)) {
                *tag = encryptor.seal(plan, data)?;
                sealed += 1;
            }
            planned.drain(..sealed);
            Ok(std::mem::take(&mut *wire))
        })
    }

    /// A cipher elsewhere could not do it: the error for that.
    pub fn failed(&self, reason: &str) -> Option<bool> {
        self.with(|encryptor, _| Err(encryptor.failed_elsewhere(reason)))
    }

    /// The last bytes of the message, given its signature in DER if it has one.
    pub fn finish(&self, signature: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let State::Sealing { encryptor, .. } = self.state.replace(State::Over) else { return told(Err(over())) };
        told(match signature {
            Some(signature) => encryptor.finish_with_signature(&signature),
            None => encryptor.finish(),
        })
    }
}

impl Sealing {
    fn begin(&self, data_key: Zeroizing<Vec<u8>>, wrapped: &[u8]) -> Result<Encryptor, Error> {
        let State::Prepared(prepared) = self.state.replace(State::Over) else { return Err(over()) };
        let data_key = Secret::new(SecretName::DataKey, data_key, &Observer::none());
        let mut reader = Reader::new("call", wrapped);
        let mut encrypted_data_keys = Vec::new();
        while reader.remaining() > 0 {
            encrypted_data_keys.push(EncryptedDataKey::read(&mut reader).map_err(broken)?);
        }
        prepared.start(NewDataKey { data_key, encrypted_data_keys })
    }

    fn keep(&self, encryptor: Encryptor) -> Result<Vec<u8>, Error> {
        let body_len = FrameLayout::new(encryptor.frame_length())?.body_len_for(self.plaintext_len)?;
        let mut facts = Writer::new();
        facts.u32(encryptor.frame_length()).u64(body_len);
        facts.u8(u8::try_from(encryptor.header().suite.data_key_len()).unwrap_or_default()).bytes(encryptor.header_bytes());
        self.state.replace(State::Sealing { encryptor, planned: Vec::new() });
        Ok(facts.finish())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Encryptor, &mut Vec<FramePlan>) -> Result<T, Error>) -> Option<T> {
        told(match &mut *self.state.borrow_mut() {
            State::Sealing { encryptor, planned } => act(encryptor, planned),
            _ => Err(over()),
        })
    }
}

fn over() -> Error {
    Error::Internal { reason: "the message has already been finished".into() }
}

/// Nobody listens.
const NO_TAG: [u8; 16] = [0; 16];
