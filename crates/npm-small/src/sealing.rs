//! An encryption: JavaScript has the data key made, and its data stays there; frames are planned here, and sealed by whoever has the data and a cipher.

#[cfg(feature = "ciphers")]
mod ciphers;

use waxseal::plan::{FrameLayout, FramePlan};
use waxseal::session::{Derivation, DerivingEncryption, Encryptor, UnsealedHeader};
use waxseal::{EncryptOptions, Error, PreparedEncryption};
use waxseal_base::codec::Writer;
use waxseal_base::observer::Observer;

use crate::call::Call;
use crate::failure::internal;
use crate::plans;

/// A message that is written. Once its header is sealed, its frames are planned, sealed and told about in order.
pub(crate) struct Sealing {
    /// Bytes, or 0 where nobody knows.
    plaintext_len: u64,
    state: State,
}

enum State {
    Prepared(PreparedEncryption),
    Deriving(DerivingEncryption),
    Unsealed(UnsealedHeader),
    Sealing {
        encryptor: Encryptor,
        planned: Vec<FramePlan>,
    },
    /// Finished, or failed.
    Over,
}

impl Sealing {
    /// Bytes random, 32; number bytes of plaintext, if that is known; bytes public key, a compressed point, if somebody elsewhere signs; settings; context.
    pub(crate) fn prepare(call: &mut Call<'_>) -> Result<Self, Error> {
        let random = call.bytes()?;
        let (plaintext_len, public_key) = (call.number()?, call.bytes()?);
        let client = call.client(random)?;
        let options = EncryptOptions {
            encryption_context: call.context()?,
            plaintext_len,
            signer_public_key: (!public_key.is_empty()).then(|| public_key.to_vec()),
        };
        let prepared = client.prepare_encryption(&options, &Observer::none())?;
        Ok(Self { plaintext_len: plaintext_len.unwrap_or_default(), state: State::Prepared(prepared) })
    }

    pub(crate) fn call(&mut self, what: u8, input: &mut [u8]) -> Result<Vec<u8>, Error> {
        let mut call = Call::new(input);
        match (what, &mut self.state) {
            (5, State::Prepared(prepared)) => request(prepared),
            (8, State::Sealing { encryptor, planned }) => plan(encryptor, planned, &mut call),
            (9, State::Sealing { encryptor, planned }) => sealed(encryptor, planned, call.count()?),
            (11, _) => self.finish(input),
            (22, _) => self.derive(&mut call),
            (23, _) => self.commit(input),
            (24, _) => self.header_sealed(input),
            #[cfg(feature = "ciphers")]
            _ => self.call_with_ciphers(what, input),
            #[cfg(not(feature = "ciphers"))]
            _ => Err(internal()),
        }
    }

    /// A data key was made elsewhere, and stays there: given number its length in bytes and a list of its wrapped copies, how keys are
    /// [derived](derivation) from it.
    fn derive(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
        let State::Prepared(prepared) = std::mem::replace(&mut self.state, State::Over) else { return Err(internal()) };
        let deriving = prepared.start_elsewhere(call.count()?, call.encrypted_data_keys()?)?;
        let derivation = derivation(&deriving.derivation())?;
        self.state = State::Deriving(deriving);
        Ok(derivation.finish())
    }

    /// Given the commitment, 32 bytes, what the header's tag covers.
    fn commit(&mut self, commitment: &[u8]) -> Result<Vec<u8>, Error> {
        let State::Deriving(deriving) = std::mem::replace(&mut self.state, State::Over) else { return Err(internal()) };
        let unsealed = deriving.commit(commitment.try_into().map_err(|_| internal())?)?;
        let covered = unsealed.additional_data().to_vec();
        self.state = State::Unsealed(unsealed);
        Ok(covered)
    }

    /// Given the header's tag, 16 bytes, what [started](Self::started) gives.
    fn header_sealed(&mut self, tag: &[u8]) -> Result<Vec<u8>, Error> {
        let State::Unsealed(unsealed) = std::mem::replace(&mut self.state, State::Over) else { return Err(internal()) };
        self.started(unsealed.sealed(tag.try_into().map_err(|_| internal())?))
    }

    /// The header is sealed: u32 bytes of plaintext in every frame but the last, u64 bytes of all frames with heads and tags if it was said how much plaintext there is,
    /// u8 bytes of the message's key, and the message's first bytes.
    fn started(&mut self, encryptor: Encryptor) -> Result<Vec<u8>, Error> {
        let body_len = FrameLayout::new(encryptor.frame_length())?.body_len_for(self.plaintext_len)?;
        let mut facts = Writer::new();
        facts.u32(encryptor.frame_length()).u64(body_len);
        facts.u8(u8::try_from(encryptor.header().suite.data_key_len()).unwrap_or_default()).bytes(encryptor.header_bytes());
        self.state = State::Sealing { encryptor, planned: Vec::new() };
        Ok(facts.finish())
    }

    /// The last bytes of the message, given its signature in DER if it has one.
    fn finish(&mut self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let State::Sealing { encryptor, .. } = std::mem::replace(&mut self.state, State::Over) else { return Err(internal()) };
        match signature {
            [] => encryptor.finish(),
            signature => encryptor.finish_with_signature(signature),
        }
    }
}

/// How message key and commitment, of 32 bytes each, are derived from a data key by HKDF with SHA-512: the salt, the info of the message key and that of the commitment, each
/// a u16 length and that many bytes.
pub(crate) fn derivation(derivation: &Derivation) -> Result<Writer, Error> {
    let mut writer = Writer::new();
    writer.u16_prefixed("salt", &derivation.salt)?;
    writer.u16_prefixed("info", &derivation.message_key_info)?.u16_prefixed("info", &derivation.commitment_info)?;
    Ok(writer)
}

/// What the data key is for: u16 suite, u16 length of the data key, u16 length of the encryption context that it is bound to, its canonical bytes.
fn request(prepared: &PreparedEncryption) -> Result<Vec<u8>, Error> {
    let request = prepared.request();
    let mut writer = Writer::new();
    writer.u16(request.suite.id()).u16(u16::try_from(request.suite.data_key_len()).unwrap_or_default());
    request.encryption_context.write(&mut writer)?;
    Ok(writer.finish())
}

/// Plans number full frames more, and after them, if number its length is given, the last frame: packed plans.
fn plan(encryptor: &mut Encryptor, planned: &mut Vec<FramePlan>, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let before = planned.len();
    planned.extend(encryptor.plan_full(u32::try_from(call.count()?).unwrap_or(u32::MAX))?);
    if let Some(len) = call.number()? {
        planned.push(encryptor.plan(u32::try_from(len).unwrap_or(u32::MAX), true)?);
    }
    Ok(plans::pack(planned.get(before..).unwrap_or_default()))
}

/// The next frames of those that are planned were sealed elsewhere: that many. Nobody is interested in their tags.
fn sealed(encryptor: &mut Encryptor, planned: &mut Vec<FramePlan>, count: usize) -> Result<Vec<u8>, Error> {
    for plan in planned.drain(..planned.len().min(count)) {
        encryptor.sealed_elsewhere(&plan, &[0; 16])?;
    }
    Ok(Vec::new())
}
