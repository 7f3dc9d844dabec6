//! A decryption: JavaScript has the data key unwrapped, and its data stays there; header and heads of frames are read here, and the frames opened by whoever has a
//! cipher.

#[cfg(feature = "ciphers")]
mod ciphers;

use waxseal::plan::FramePlan;
use waxseal::session::{Decryptor, Finished, HeaderReader, SignatureToVerify};
use waxseal::{Client, DecryptOptions, Error, PreparedDecryption};
use waxseal_base::codec::Writer;
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::failure::internal;
use crate::header;
use crate::plans;
use crate::sealing::derivation;

/// A message that is read. Once its header is verified, its frames are planned, opened and told about in order.
pub(crate) enum Opening {
    Reading { client: Client, options: DecryptOptions, reader: HeaderReader },
    Prepared(PreparedDecryption),
    Body { decryptor: Decryptor, planned: Vec<FramePlan> },
    Verifying(SignatureToVerify),
    Over,
}

impl Opening {
    /// Settings, and how the message is to be read, of which nothing has arrived yet.
    pub(crate) fn prepare(call: &mut Call<'_>) -> Result<Self, Error> {
        let client = call.client(&[])?;
        let options = call.reading()?;
        let reader = client.read_header(None, &Observer::none());
        Ok(Self::Reading { client, options, reader })
    }

    pub(crate) fn call(&mut self, what: u8, input: &mut [u8]) -> Result<Vec<u8>, Error> {
        let mut call = Call::new(input);
        match (what, &mut *self) {
            (12, Self::Reading { .. }) => self.read(input),
            (13, Self::Reading { reader, .. }) => Err(reader.ended()),
            (16, Self::Body { decryptor, .. }) => Ok(count(decryptor.missing_head()).to_be_bytes().to_vec()),
            (17, Self::Body { decryptor, planned }) => plan(decryptor, planned, &mut call),
            (18, Self::Body { decryptor, planned }) => opened(decryptor, planned, call.count()?),
            (20, Self::Body { .. }) => self.finish(input),
            (21, Self::Verifying(_)) => self.verified(call.flag()?),
            (25, Self::Prepared(prepared)) => to_verify(prepared),
            (26, Self::Prepared(_)) => self.header_verified(&mut call),
            (27, Self::Prepared(_)) => self.no_key(),
            #[cfg(feature = "ciphers")]
            (14, Self::Prepared(_)) | (15 | 19, Self::Body { .. }) => self.call_with_ciphers(what, input),
            // Failed before, or elsewhere.
            _ => {
                *self = Self::Over;
                Err(Error::DecryptionFailed)
            }
        }
    }

    /// Takes the next bytes of the message: u32 how many more its header needs at least, and once that is 0 u32 bytes of the header
    /// with its tag, u8 bytes of the data key, u8 whether the message is signed, and what the [header](header::write) says.
    fn read(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let Self::Reading { client, options, reader } = self else { return Err(internal()) };
        let (_, received) = reader.push(bytes)?;
        let mut facts = Writer::new();
        let missing = if received.is_some() { 0 } else { reader.missing() };
        facts.u32(count(missing));
        if let Some(received) = received {
            let header_len = received.bytes().len();
            let prepared = client.prepare_decryption(received, options)?;
            let suite = prepared.header().suite;
            facts.u32(count(header_len)).u8(u8::try_from(suite.data_key_len()).unwrap_or_default());
            facts.u8(suite.signature().is_some().into());
            header::write(prepared.header(), &prepared.request().encryption_context, &mut facts)?;
            *self = Self::Prepared(prepared);
        }
        Ok(facts.finish())
    }

    /// Given bytes commitment, and number 1 if the header's tag is right under the message key: nothing comes back.
    fn header_verified(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
        let Self::Prepared(prepared) = std::mem::replace(self, Self::Over) else { return Err(internal()) };
        let commitment = call.bytes()?.try_into().map_err(|_| internal())?;
        let decryptor = prepared.start_elsewhere(commitment, call.flag()?)?;
        *self = Self::Body { decryptor, planned: Vec::new() };
        Ok(Vec::new())
    }

    /// No copy of the data key is for the keyring that was asked.
    fn no_key(&mut self) -> Result<Vec<u8>, Error> {
        let Self::Prepared(prepared) = std::mem::replace(self, Self::Over) else { return Err(internal()) };
        Err(prepared.no_key())
    }

    /// Ends the message, given all that follows its last frame. Of a signed one what is left to verify comes back, [packed](plans::to_verify).
    fn finish(&mut self, rest: &[u8]) -> Result<Vec<u8>, Error> {
        let Self::Body { decryptor, .. } = std::mem::replace(self, Self::Over) else { return Err(internal()) };
        Ok(match decryptor.finish(rest)? {
            Finished::Verified => Vec::new(),
            Finished::SignatureToVerify(signature) => {
                let packed = plans::to_verify(&signature);
                *self = Self::Verifying(signature);
                packed
            }
        })
    }

    fn verified(&mut self, is_right: bool) -> Result<Vec<u8>, Error> {
        let Self::Verifying(signature) = std::mem::replace(self, Self::Over) else { return Err(internal()) };
        signature.verified(is_right).map(given)
    }
}

/// What commitment and header are verified with elsewhere: how keys are [derived](derivation), then in the same way the nonce and the tag of the header, and at last what the
/// tag covers.
fn to_verify(prepared: &PreparedDecryption) -> Result<Vec<u8>, Error> {
    let mut facts = derivation(&prepared.derivation()?)?;
    let (iv, tag) = prepared.header_tag();
    facts.u16_prefixed("nonce", iv)?.u16_prefixed("tag", tag)?.bytes(&prepared.additional_data()?);
    Ok(facts.finish())
}

/// Plans frames from what they start with: bytes of starts, number bytes for each, of which a head may be fewer. Packed plans, none for what comes after the
/// last frame, nor for a head that is not all there.
fn plan(decryptor: &mut Decryptor, planned: &mut Vec<FramePlan>, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let before = planned.len();
    let (starts, each) = (call.bytes()?, call.count()?);
    for start in starts.chunks(each.max(1)) {
        if decryptor.has_last_frame() {
            break;
        }
        planned.extend(decryptor.plan_head(start)?.1);
    }
    Ok(plans::pack(planned.get(before..).unwrap_or_default()))
}

/// The next frames of those that are planned were opened elsewhere, and their tags were right: that many.
fn opened(decryptor: &mut Decryptor, planned: &mut Vec<FramePlan>, count: usize) -> Result<Vec<u8>, Error> {
    for plan in planned.drain(..planned.len().min(count)) {
        decryptor.opened_elsewhere(&plan, &[0; 16])?;
    }
    Ok(Vec::new())
}

/// The glue copies it out and frees it, and what is freed is wiped.
fn given(mut plaintext: Zeroizing<Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut *plaintext)
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
