//! Reads a message, once its materials are there: commitment, header, frames, signature, the end, without waiting. Nothing comes out before all is verified.

use waxseal_base::codec::Reader;
use waxseal_base::event::{Kind, PublicBytes, Verified};
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

use super::{reserve, sealer_for, slice};
use crate::error::Error;
use crate::key_schedule::derive_for_opening;
use crate::materials::DecryptionMaterials;
use crate::message::{Footer, Header, HeaderTag, MessageError};
use crate::plan::{FramePlan, OpeningPlanner};
use crate::primitives::TAG_LEN;
use crate::sealer::Sealer;
use crate::signature::Verifier;

/// A message as it came in: its header read but not verified, its parts as they are.
pub(super) struct Received<'a> {
    pub(super) header: Header,
    message: &'a [u8],
    header_bytes: &'a [u8],
    tag: HeaderTag,
    /// Everything after the header's tag.
    body: &'a [u8],
}

impl<'a> Received<'a> {
    pub(super) fn read(message: &'a [u8], max_encrypted_data_keys: Option<u16>) -> Result<Self, MessageError> {
        let mut reader = Reader::new("message header", message);
        let header = Header::read(&mut reader, max_encrypted_data_keys)?;
        let header_bytes = reader.since(0);
        let tag = HeaderTag::read(header.suite, &mut reader)?;
        let body = reader.take(reader.remaining())?;
        Ok(Self { header, message, header_bytes, tag, body })
    }

    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    pub(super) fn open(&self, materials: DecryptionMaterials, observer: &Observer) -> Result<Vec<u8>, Error> {
        let Header { suite, message_id, commitment, .. } = &self.header;
        let DecryptionMaterials { data_key, not_stored, verifier } = materials;
        let message_key = derive_for_opening(*suite, data_key, message_id, commitment.as_ref(), observer)?;
        let sealer = sealer_for(&message_key)?;
        if sealer.verify_header(self.header_bytes, &not_stored.to_canonical_bytes()?, &self.tag).is_err() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::Header });
            return Err(Error::DecryptionFailed);
        }
        let header_len = self.message.len().saturating_sub(self.body.len());
        observer.emit(|_| Kind::HeaderVerified { header: PublicBytes::copy_of(self.message.get(..header_len).unwrap_or_default()) });
        let (mut plaintext, rest) = self.open_body(&sealer, observer)?;
        match verifier {
            Some(verifier) => self.verify(&verifier, rest, observer)?,
            None if rest.is_empty() => {}
            None => return Err(disordered(observer)),
        }
        Ok(std::mem::take(&mut *plaintext))
    }

    /// The plaintext, and what follows the body.
    fn open_body(&self, sealer: &impl Sealer, observer: &Observer) -> Result<(Zeroizing<Vec<u8>>, &'a [u8]), Error> {
        // The plaintext is shorter than the body, so the buffer never grows and leaves no copy; if anything fails, it is wiped.
        let mut plaintext = Zeroizing::new(Vec::new());
        reserve(&mut plaintext, self.body.len())?;
        let mut planner = OpeningPlanner::new(&self.header);
        let mut rest = self.body;
        while !rest.is_empty() && !planner.is_done() {
            let (taken, plan) = planner.push(rest).map_err(|_| disordered(observer))?;
            rest = rest.get(taken..).unwrap_or_default();
            if let Some(plan) = plan {
                open_frame(sealer, &plan, self.body, &mut plaintext, observer)?;
            }
        }
        planner.finish().map_err(|_| disordered(observer))?;
        Ok((plaintext, rest))
    }

    /// The footer must be all that is left, and its signature one of everything before it.
    fn verify(&self, verifier: &Verifier, rest: &[u8], observer: &Observer) -> Result<(), Error> {
        let mut reader = Reader::new("message footer", rest);
        let footer = Footer::read(&mut reader).and_then(|footer| reader.finish().map(|()| footer)).map_err(|_| disordered(observer))?;
        let signed = self.message.get(..self.message.len().saturating_sub(rest.len())).unwrap_or_default();
        if verifier.verify(signed, &footer.signature).is_err() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::Signature });
            return Err(Error::DecryptionFailed);
        }
        observer.emit(|_| Kind::MessageSignatureVerified { signature: PublicBytes::copy_of(&footer.signature) });
        Ok(())
    }
}

fn open_frame(sealer: &impl Sealer, plan: &FramePlan, body: &[u8], plaintext: &mut Vec<u8>, observer: &Observer) -> Result<(), Error> {
    let start = plaintext.len();
    let opened = slice(body, plan).and_then(|ciphertext| {
        let tag = usize::try_from(plan.range.end).ok().and_then(|end| body.get(end..)?.first_chunk::<TAG_LEN>())?;
        plaintext.extend_from_slice(ciphertext);
        sealer.open(plan, plaintext.get_mut(start..)?, tag).ok().map(|()| tag)
    });
    let Some(tag) = opened else {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::Frame });
        return Err(Error::DecryptionFailed);
    };
    observer.emit(|_| Kind::FrameOpened {
        sequence: plan.sequence,
        is_final: plan.piece.is_final(),
        plaintext_len: plaintext.len().saturating_sub(start),
        iv: PublicBytes::copy_of(&plan.iv),
        tag: PublicBytes::copy_of(tag),
    });
    Ok(())
}

/// Frames out of order, cut off or followed by something. Once a key is in play the error does not say what was wrong, also where anybody
/// could see it: so nobody has to judge which detail would help an attacker.
fn disordered(observer: &Observer) -> Error {
    observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
    Error::DecryptionFailed
}
