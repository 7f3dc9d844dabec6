//! The session that reads a message: commitment and header are verified when it starts, frames are planned from their heads and opened in
//! order, and the end is verified too.

use std::fmt;

use waxseal_base::event::{Kind, PublicBytes, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::verdict::{MessageEnd, SignerElsewhere};
use super::{Finished, FrameOpener, Operation, ReceivedHeader, SignatureToVerify};
use crate::error::Error;
use crate::key_schedule::{Commitment, check_commitment, derive_for_opening};
use crate::materials::DecryptionMaterials;
use crate::message::Header;
use crate::plan::{FramePlan, OpeningPlanner};
use crate::sealer::{Sealer, is_elsewhere};
use crate::signature::Verifier;

/// Reads one message, whose header is verified. The caller takes the message apart: a frame's head goes to [`plan_head`](Self::plan_head), which
/// says how much ciphertext follows; after it stands the 16-byte tag. What follows the last frame goes to [`finish`](Self::finish).
///
/// A frame's plaintext may be given away once it is opened, that of the last frame of a [signed](Self::is_signed) message once `finish` has said that all
/// is verified.
pub struct Decryptor {
    live: Option<Live>,
    header: Header,
    header_bytes: Vec<u8>,
    max_buffered_frame: Option<u64>,
    operation: Operation,
}

/// What there is while nothing failed.
pub(super) struct Live {
    /// None if header and frames are verified elsewhere.
    sealer: Option<Sealer>,
    pub(super) planner: OpeningPlanner,
    opened: u32,
    plaintext_len: u64,
    verifier: Option<Verifier>,
    verified: u64,
}

impl Decryptor {
    /// Derives the key, and verifies commitment and header. Out of line, so that what the ciphers leave on the stack lies where later scrubbing
    /// reaches.
    #[inline(never)]
    pub(crate) fn start(
        received: ReceivedHeader,
        (data_key, materials): (Secret, DecryptionMaterials),
        max_buffered_frame: Option<u64>,
    ) -> Result<Self, Error> {
        match verify(&received, data_key, &materials.not_stored) {
            Ok(sealer) => Ok(Self::of(received, Some(sealer), materials.verifier, max_buffered_frame)),
            Err(error) => {
                scrub_stack();
                Err(received.failed(error))
            }
        }
    }

    /// Starts with what was found elsewhere: the commitment to the data key, and whether the header's tag is right.
    pub(crate) fn start_elsewhere(
        received: ReceivedHeader,
        materials: DecryptionMaterials,
        (commitment, header_is_right): (&Commitment, bool),
        max_buffered_frame: Option<u64>,
    ) -> Result<Self, Error> {
        let observer = received.observer();
        let committed = check_commitment(commitment, received.header.commitment.as_ref(), observer);
        match committed.and_then(|()| check_header(header_is_right, observer)) {
            Ok(()) => Ok(Self::of(received, None, materials.verifier, max_buffered_frame)),
            Err(error) => Err(received.failed(error)),
        }
    }

    /// The header is verified.
    fn of(received: ReceivedHeader, sealer: Option<Sealer>, mut verifier: Option<Verifier>, max_buffered_frame: Option<u64>) -> Self {
        let ReceivedHeader { operation, header, bytes, .. } = received;
        operation.observer().emit(|_| Kind::HeaderVerified { header: PublicBytes::copy_of(&bytes) });
        if let Some(verifier) = &mut verifier {
            verifier.update(&bytes);
        }
        let planner = OpeningPlanner::new(&header);
        let live = Live { sealer, planner, opened: 0, plaintext_len: 0, verifier, verified: 0 };
        Self { live: Some(live), header, header_bytes: bytes, max_buffered_frame, operation }
    }

    /// What the header says, verified.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The first bytes of the message: the header and its tag.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Whether the message ends with a signature, before which the plaintext of its last frame must not be given away.
    pub fn is_signed(&self) -> bool {
        self.header.suite.signature().is_some()
    }

    /// Whether anybody listens: if not, nobody looks at the tags of frames that were [opened elsewhere](Self::opened_elsewhere).
    pub fn is_observed(&self) -> bool {
        self.operation.observer().is_listening()
    }

    /// Whether the last frame is planned: what follows it in the message is for [`finish`](Self::finish).
    pub fn has_last_frame(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.planner.is_done())
    }

    /// Bytes that the head of the next frame needs, as far as is known: more may turn out once those are given. None after the last frame.
    pub fn missing_head(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.planner.missing())
    }

    /// Takes what belongs to the next frame's head from the front of `bytes`, in pieces of any size, and says how much it took and, once the
    /// head is complete, the plan of that frame. Its ciphertext and tag follow in the message; the next head stands after them.
    pub fn plan_head(&mut self, bytes: &[u8]) -> Result<(usize, Option<FramePlan>), Error> {
        let limit = self.max_buffered_frame;
        let planned = self.live()?.planner.push_head(bytes);
        let (taken, plan) = planned.map_err(|_| self.disordered())?;
        match plan.as_ref().map_or(Ok(()), |plan| check_len(plan.len(), limit)) {
            Ok(()) => Ok((taken, plan)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The plans of frames that follow each other, from their heads alone, one after the other without what is between them.
    pub fn plan_heads(&mut self, heads: &[u8]) -> Result<Vec<FramePlan>, Error> {
        let mut plans = Vec::new();
        let mut rest = heads;
        while !rest.is_empty() {
            let (taken, plan) = self.plan_head(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
            plans.extend(plan);
        }
        Ok(plans)
    }

    /// Verifies the tag of `buffer`, the ciphertext of the next frame that is not opened yet, and only then decrypts it in place.
    #[inline(never)]
    pub fn open(&mut self, plan: &FramePlan, buffer: &mut [u8], tag: &[u8; 16]) -> Result<(), Error> {
        let live = self.live()?;
        live.check_next(plan)?;
        match live.sealer()?.open(plan, buffer, tag) {
            Ok(()) if buffer.len() as u64 == plan.len() => self.opened_elsewhere(plan, tag),
            _ => Err(self.failed_elsewhere()),
        }
    }

    /// Tells that the next frame was opened by somebody else, by AES-GCM with the [message key](Self::danger_message_key), as its plan says, and that
    /// **its tag was right**. The tag is for the observer.
    pub fn opened_elsewhere(&mut self, plan: &FramePlan, tag: &[u8; 16]) -> Result<(), Error> {
        let live = self.live()?;
        live.check_next(plan)?;
        live.opened = plan.sequence;
        live.plaintext_len = live.plaintext_len.saturating_add(plan.len());
        tell_opened(plan, tag, self.operation.observer());
        Ok(())
    }

    /// The tag of a frame was not right, as whoever opens it elsewhere found: ends the session.
    pub fn failed_elsewhere(&mut self) -> Error {
        self.operation.observer().emit(|_| Kind::VerificationFailed { what: Verified::Frame });
        self.fail(Error::DecryptionFailed)
    }

    /// **The key of the message**: 16, 24 or 32 bytes, for whoever opens its frames elsewhere, and nobody else.
    pub fn danger_message_key(&self) -> Result<&Secret, Error> {
        Ok(self.live.as_ref().ok_or(Error::DecryptionFailed)?.sealer()?.message_key())
    }

    /// Takes the next bytes of the message for its signature: everything between header and footer, as it came, in order, in pieces of any size.
    /// Without a signature, or with one that is verified elsewhere, there is nothing to do.
    pub fn verify(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let live = self.live()?;
        if let Some(verifier) = &mut live.verifier {
            verifier.update(bytes);
            live.verified = live.verified.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }

    /// Ends the message, given all that follows its last frame: the footer if it is signed, otherwise nothing. All frames must be opened by now.
    pub fn finish(self, rest: &[u8]) -> Result<Finished, Error> {
        self.finish_given(rest, None)
    }

    /// Ends a signed message like [`finish`](Self::finish), given the hash of everything before the footer: SHA-256 or SHA-384, as its suite says.
    /// Then nothing needs to be given to [`verify`](Self::verify).
    pub fn finish_with_digest(self, rest: &[u8], digest: &[u8]) -> Result<Finished, Error> {
        self.finish_given(rest, Some(digest))
    }

    /// Opens frames by their numbers from here on, in any order, instead of the whole message. A signature can not be verified that way: the
    /// caller has to say that this is known.
    pub fn into_frame_opener(mut self, danger_ignore_signature: bool) -> Result<FrameOpener, Error> {
        if self.is_signed() && !danger_ignore_signature {
            return Err(self.fail(signed_in_parts()));
        }
        let live = self.live.take().ok_or(Error::DecryptionFailed)?;
        let header_bytes = std::mem::take(&mut self.header_bytes);
        Ok(FrameOpener::new(live, self.header.clone(), header_bytes, (self.max_buffered_frame, self.operation.hand_over())))
    }

    fn finish_given(mut self, rest: &[u8], digest: Option<&[u8]>) -> Result<Finished, Error> {
        let ended = self.end(rest, digest);
        scrub_stack();
        match ended {
            Ok((None, plaintext_len)) => {
                self.operation.succeeded(plaintext_len);
                Ok(Finished::Verified)
            }
            Ok((Some(signer), plaintext_len)) => {
                let operation = self.operation.hand_over();
                Ok(Finished::SignatureToVerify(SignatureToVerify { operation, signer, plaintext_len, held: Zeroizing::default() }))
            }
            Err(error) => Err(self.operation.failed(error)),
        }
    }

    /// A signature that is verified elsewhere, and the length of the plaintext. Out of line, for the same reason as the start; all secrets are
    /// wiped.
    #[inline(never)]
    fn end(&mut self, rest: &[u8], digest: Option<&[u8]>) -> Result<(Option<SignerElsewhere>, u64), Error> {
        let mut live = self.live.take().ok_or(Error::DecryptionFailed)?;
        let observer = self.operation.observer();
        if !live.is_complete() {
            return Err(tell_disordered(observer));
        }
        let end = MessageEnd { rest, digest, got_body: live.verified == live.planner.body_len() };
        Ok((end.check(live.verifier.take(), observer)?, live.plaintext_len))
    }

    /// Gives the message up because of that error, which is told as its end.
    pub(crate) fn fail(&mut self, error: Error) -> Error {
        self.wipe();
        self.operation.failed(error)
    }

    /// The message ends too early, goes on too long or is out of order: ends the session.
    pub(crate) fn disordered(&mut self) -> Error {
        let error = tell_disordered(self.operation.observer());
        self.fail(error)
    }

    fn live(&mut self) -> Result<&mut Live, Error> {
        self.live.as_mut().ok_or(Error::DecryptionFailed)
    }

    fn wipe(&mut self) {
        if self.live.take().is_some() {
            scrub_stack();
        }
    }
}

/// Wiped before the operation is told to have ended.
impl Drop for Decryptor {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decryptor").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Live {
    pub(super) fn sealer(&self) -> Result<&Sealer, Error> {
        self.sealer.as_ref().ok_or_else(is_elsewhere)
    }

    fn check_next(&self, plan: &FramePlan) -> Result<(), Error> {
        let next = self.opened.saturating_add(1);
        if plan.sequence == next && next <= self.planner.planned() {
            return Ok(());
        }
        Err(Error::invalid_input(reason!("frame {} is given where frame {next} is the next to open", plan.sequence)))
    }

    fn is_complete(&self) -> bool {
        self.planner.is_done() && self.opened == self.planner.planned()
    }
}

/// Commitment and header; what frames are opened with.
fn verify(received: &ReceivedHeader, data_key: Secret, not_stored: &EncryptionContext) -> Result<Sealer, Error> {
    let (Header { suite, message_id, commitment, .. }, observer) = (&received.header, received.observer());
    let sealer = Sealer::new(derive_for_opening(*suite, data_key, message_id, commitment.as_ref(), observer)?)?;
    let is_right = sealer.verify_header(&received.additional_data(not_stored)?, received.tag()).is_ok();
    check_header(is_right, observer).map(|()| sealer)
}

fn check_header(is_right: bool, observer: &Observer) -> Result<(), Error> {
    if is_right {
        return Ok(());
    }
    observer.emit(|_| Kind::VerificationFailed { what: Verified::Header });
    Err(Error::DecryptionFailed)
}

/// Whether a frame may have that many bytes, where that is limited.
pub(super) fn check_len(len: u64, limit: Option<u64>) -> Result<(), Error> {
    match limit {
        Some(limit) if len > limit => Err(Error::invalid_message(reason!(
            "a frame has {len} bytes, and `max_buffered_frame` allows {limit}; allow more if you trust its writer"
        ))),
        _ => Ok(()),
    }
}

/// Why single frames of a signed message are not opened.
pub(crate) fn signed_in_parts() -> Error {
    Error::invalid_input("the message is signed, and a part of it can not be checked against the signature; decrypt all of it")
}

pub(super) fn tell_opened(plan: &FramePlan, tag: &[u8; 16], observer: &Observer) {
    observer.emit(|_| Kind::FrameOpened {
        sequence: plan.sequence,
        is_final: plan.piece.is_final(),
        plaintext_len: usize::try_from(plan.len()).unwrap_or(usize::MAX),
        iv: PublicBytes::copy_of(&plan.iv),
        tag: PublicBytes::copy_of(tag),
    });
}

/// Frames out of order, cut off or followed by something. Once a key is in play the error does not say what was wrong, also where anybody
/// could see it: so nobody has to judge which detail would help an attacker.
pub(super) fn tell_disordered(observer: &Observer) -> Error {
    observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
    Error::DecryptionFailed
}
