//! Reads a message, once its data key is there: commitment, header, frames, the end, without waiting. Nothing comes out before all is verified.

use waxseal_base::codec::Reader;
use waxseal_base::event::{Kind, PublicBytes, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::{reserve, sealer_for, slice};
use crate::error::Error;
use crate::key_schedule::derive_for_opening;
use crate::message::{Header, MessageError};
use crate::plan::{FramePlan, OpeningPlanner};
use crate::primitives::TAG_LEN;
use crate::sealer::Sealer;

/// A message as it came in: its header read but not verified, its parts as they are.
pub(super) struct Received<'a> {
    pub(super) header: Header,
    header_bytes: &'a [u8],
    tag: &'a [u8; TAG_LEN],
    body: &'a [u8],
}

impl<'a> Received<'a> {
    pub(super) fn read(message: &'a [u8], max_encrypted_data_keys: Option<u16>) -> Result<Self, MessageError> {
        let mut reader = Reader::new("message header", message);
        let header = Header::read(&mut reader, max_encrypted_data_keys)?;
        let header_bytes = reader.since(0);
        let tag = reader.take(TAG_LEN)?.first_chunk().ok_or_else(|| reader.invalid("its tag is missing"))?;
        let body = reader.take(reader.remaining())?;
        Ok(Self { header, header_bytes, tag, body })
    }

    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    pub(super) fn open(&self, data_key: Secret, observer: &Observer) -> Result<Vec<u8>, Error> {
        let Header { suite, message_id, commitment, .. } = &self.header;
        let message_key = derive_for_opening(*suite, data_key, message_id, commitment, observer)?;
        let sealer = sealer_for(&message_key)?;
        if sealer.verify_header(self.header_bytes, self.tag).is_err() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::Header });
            return Err(Error::DecryptionFailed);
        }
        observer.emit(|_| Kind::HeaderVerified { header: PublicBytes([self.header_bytes, self.tag].concat()) });
        self.open_body(&sealer, observer)
    }

    fn open_body(&self, sealer: &impl Sealer, observer: &Observer) -> Result<Vec<u8>, Error> {
        // The plaintext is shorter than the body, so the buffer never grows and leaves no copy; if anything fails, it is wiped.
        let mut plaintext = Zeroizing::new(Vec::new());
        reserve(&mut plaintext, self.body.len())?;
        let mut planner = OpeningPlanner::new(&self.header);
        let mut rest = self.body;
        while !rest.is_empty() {
            let (taken, plan) = planner.push(rest).map_err(|_| disordered(observer))?;
            rest = rest.get(taken..).unwrap_or_default();
            if let Some(plan) = plan {
                open_frame(sealer, &plan, self.body, &mut plaintext, observer)?;
            }
        }
        planner.finish().map_err(|_| disordered(observer))?;
        Ok(std::mem::take(&mut *plaintext))
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
        is_final: plan.is_final,
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
