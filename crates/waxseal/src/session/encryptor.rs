//! The session that writes a message: its header is sealed when it starts, frames are planned and sealed in order, the footer ends it.

use std::fmt;

use waxseal_base::codec::Writer;
use waxseal_base::env::Env;
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::{Secret, scrub_stack};

use super::Operation;
use super::header_writer::{HeaderToCommit, SealedHeader};
use crate::error::Error;
use crate::key_schedule::derive_for_sealing;
use crate::materials::EncryptionMaterials;
use crate::message::{Footer, Header};
use crate::plan::{FramePlan, SealingPlanner};
use crate::sealer::{Sealer, is_elsewhere};
use crate::signature::Signer;

/// Writes one message. The caller puts it together: [`header_bytes`](Self::header_bytes); of every frame its
/// [head](crate::message::FrameHead::write), its ciphertext and its tag; what [`finish`](Self::finish) gives.
///
/// Frames are sealed in the order in which they are planned, each once, so no nonce is ever used again; many may be planned before the first
/// of them is sealed.
pub struct Encryptor {
    live: Option<Live>,
    header: Header,
    header_bytes: Vec<u8>,
    operation: Operation,
}

/// What there is while nothing failed.
struct Live {
    /// None if header and frames are sealed elsewhere.
    sealer: Option<Sealer>,
    planner: SealingPlanner,
    /// Bytes of plaintext that may still be planned, if it was said how many there are.
    left: Option<u64>,
    sealed: u32,
    signer: Option<Signer>,
    signed: u64,
}

impl Encryptor {
    /// Derives the key and seals the header. Out of line, so that what the ciphers leave on the stack lies where later scrubbing reaches.
    #[inline(never)]
    pub(crate) fn start(
        (data_key, materials): (Secret, EncryptionMaterials),
        (plaintext_len, frame_length): (Option<u64>, u32),
        env: &Env,
        mut operation: Operation,
    ) -> Result<Self, Error> {
        let header = HeaderToCommit::new(materials, frame_length, env, operation.observer());
        match header.and_then(|header| seal(header, data_key, operation.observer())) {
            Ok((header, sealer)) => Ok(Self::of(header, Some(sealer), plaintext_len, operation)),
            Err(error) => {
                scrub_stack();
                Err(operation.failed(error))
            }
        }
    }

    /// The header is sealed.
    pub(super) fn of(sealed: SealedHeader, sealer: Option<Sealer>, plaintext_len: Option<u64>, operation: Operation) -> Self {
        let SealedHeader { header, bytes, signer } = sealed;
        let planner = SealingPlanner::new(header.message_id, header.content.frame_length().unwrap_or_default());
        let live = Live { sealer, planner, left: plaintext_len, sealed: 0, signer, signed: 0 };
        Self { live: Some(live), header, header_bytes: bytes, operation }
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The first bytes of the message: the header and its tag.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Bytes of plaintext in every frame but the last.
    pub fn frame_length(&self) -> u32 {
        self.header.content.frame_length().unwrap_or_default()
    }

    /// Whether anybody listens: if not, nobody looks at the tags of frames that were [sealed elsewhere](Self::sealed_elsewhere).
    pub fn is_observed(&self) -> bool {
        self.operation.observer().is_listening()
    }

    /// Plans the next frame, of `len` bytes of plaintext. All but the last have the frame length; the last one has at most that, and may be
    /// empty. More plaintext than was announced is refused, for a data key may serve only so much. A refusal changes nothing.
    pub fn plan(&mut self, len: u32, is_last: bool) -> Result<FramePlan, Error> {
        let live = self.live()?;
        let too_long = || Error::invalid_input("the plaintext is longer than it was said to be when its encryption was started");
        let left = live.left.map(|left| left.checked_sub(u64::from(len)).ok_or_else(too_long)).transpose()?;
        let plan = live.planner.plan(len, is_last)?;
        live.left = left;
        Ok(plan)
    }

    /// Plans the next `count` frames, all of them full and none the last.
    pub fn plan_full(&mut self, count: u32) -> Result<Vec<FramePlan>, Error> {
        let frame_length = self.live()?.planner.frame_length();
        (0..count).map(|_| self.plan(frame_length, false)).collect()
    }

    /// Encrypts `buffer`, the plaintext of the next frame that is not sealed yet, in place; its tag comes back.
    #[inline(never)]
    pub fn seal(&mut self, plan: &FramePlan, buffer: &mut [u8]) -> Result<[u8; 16], Error> {
        let live = self.live()?;
        live.check_next(plan)?;
        if buffer.len() as u64 != plan.len() {
            let text = reason!("frame {} has {} bytes of plaintext, and {} are given", plan.sequence, plan.len(), buffer.len());
            return Err(Error::invalid_input(text));
        }
        let Ok(tag) = live.sealer()?.seal(plan, buffer) else {
            return Err(self.fail(Error::internal(reason!("frame {} could not be sealed", plan.sequence))));
        };
        self.sealed_elsewhere(plan, &tag)?;
        Ok(tag)
    }

    /// Seals the next frame and appends all of it to the message: head, ciphertext and tag. It is [signed](Self::sign) too, if the message is.
    pub fn seal_onto(&mut self, plan: &FramePlan, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
        let start = message.len();
        let mut head = Writer::new();
        plan.head().write(&mut head);
        message.extend_from_slice(&head.finish());
        let content = message.len();
        message.extend_from_slice(plaintext);
        let sealed = self.seal(plan, message.get_mut(content..).unwrap_or_default());
        match sealed {
            Ok(tag) => {
                message.extend_from_slice(&tag);
                self.sign(message.get(start..).unwrap_or_default())
            }
            // No plaintext is left where ciphertext is expected.
            Err(error) => {
                if let Some(content) = message.get_mut(content..) {
                    zeroize::Zeroize::zeroize(content);
                }
                message.truncate(start);
                Err(error)
            }
        }
    }

    /// Tells that the next frame was sealed by somebody else, by AES-GCM with the [message key](Self::danger_message_key), as its plan says, and what
    /// its tag became, which is for the observer.
    pub fn sealed_elsewhere(&mut self, plan: &FramePlan, tag: &[u8; 16]) -> Result<(), Error> {
        let live = self.live()?;
        live.check_next(plan)?;
        live.sealed = plan.sequence;
        self.operation.observer().emit(|_| Kind::FrameSealed {
            sequence: plan.sequence,
            is_final: plan.piece.is_final(),
            plaintext_len: usize::try_from(plan.len()).unwrap_or(usize::MAX),
            iv: PublicBytes::copy_of(&plan.iv),
            tag: PublicBytes::copy_of(tag),
        });
        Ok(())
    }

    /// Whoever seals elsewhere could not: ends the session, and says why in the error that comes back.
    pub fn failed_elsewhere(&mut self, reason: &str) -> Error {
        self.fail(Error::internal(reason))
    }

    /// **The key of the message**: 16, 24 or 32 bytes, for whoever seals its frames elsewhere, and nobody else.
    pub fn danger_message_key(&self) -> Result<&Secret, Error> {
        Ok(self.live.as_ref().ok_or_else(is_over)?.sealer()?.message_key())
    }

    /// Takes the next bytes of the message for its signature: everything after the header, in order, in pieces of any size. Without a
    /// signature, or with one that is made elsewhere, there is nothing to do.
    pub fn sign(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let live = self.live()?;
        if let Some(signer) = &mut live.signer {
            signer.update(bytes);
            live.signed = live.signed.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }

    /// Ends the message: its last bytes come back, the footer if it is signed, otherwise none. All frames must be sealed by now.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.finish_given(Given::Nothing)
    }

    /// Ends a signed message like [`finish`](Self::finish), given the hash of everything before the footer: SHA-256 or SHA-384, as its suite says.
    /// Then nothing needs to be given to [`sign`](Self::sign).
    pub fn finish_with_digest(self, digest: &[u8]) -> Result<Vec<u8>, Error> {
        self.finish_given(Given::Digest(digest))
    }

    /// Ends a message that is signed elsewhere like [`finish`](Self::finish), given the signature of everything before the footer, in DER.
    pub fn finish_with_signature(self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        self.finish_given(Given::Signature(signature))
    }

    /// Gives the message up because of that error, which is told as its end.
    pub(crate) fn fail(&mut self, error: Error) -> Error {
        self.wipe();
        self.operation.failed(error)
    }

    fn finish_given(mut self, given: Given<'_>) -> Result<Vec<u8>, Error> {
        let ended = self.end(given);
        scrub_stack();
        match ended {
            Ok((footer, message_len)) => {
                self.operation.succeeded(message_len);
                Ok(footer)
            }
            Err(error) => Err(self.operation.failed(error)),
        }
    }

    /// The footer, and the length of the whole message. Out of line, for the same reason as the start; all secrets are wiped.
    #[inline(never)]
    fn end(&mut self, given: Given<'_>) -> Result<(Vec<u8>, u64), Error> {
        let mut live = self.live.take().ok_or_else(is_over)?;
        live.check_complete()?;
        let footer = self.footer(live.signature(given)?)?;
        let body_len = live.planner.body_len().saturating_add(footer.len() as u64);
        Ok((footer, body_len.saturating_add(self.header_bytes.len() as u64)))
    }

    fn footer(&self, signature: Option<Vec<u8>>) -> Result<Vec<u8>, Error> {
        let Some(signature) = signature else { return Ok(Vec::new()) };
        self.operation.observer().emit(|_| Kind::MessageSigned { signature: PublicBytes::copy_of(&signature) });
        let mut footer = Writer::new();
        Footer { signature }.write(&mut footer)?;
        Ok(footer.finish())
    }

    fn live(&mut self) -> Result<&mut Live, Error> {
        self.live.as_mut().ok_or_else(is_over)
    }

    fn wipe(&mut self) {
        if self.live.take().is_some() {
            scrub_stack();
        }
    }
}

/// What the caller of a signed message's end brings.
enum Given<'a> {
    Nothing,
    Digest(&'a [u8]),
    Signature(&'a [u8]),
}

/// Wiped before the operation is told to have ended.
impl Drop for Encryptor {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryptor").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Live {
    fn sealer(&self) -> Result<&Sealer, Error> {
        self.sealer.as_ref().ok_or_else(is_elsewhere)
    }

    fn check_next(&self, plan: &FramePlan) -> Result<(), Error> {
        let next = self.sealed.saturating_add(1);
        if plan.sequence == next && next <= self.planner.planned() {
            return Ok(());
        }
        Err(Error::invalid_input(reason!("frame {} is given where frame {next} is the next to seal", plan.sequence)))
    }

    fn check_complete(&self) -> Result<(), Error> {
        if !self.planner.is_done() {
            return Err(Error::invalid_input("the message has no last frame yet; plan and seal one, which may be empty"));
        }
        if self.sealed != self.planner.planned() {
            let text = reason!("of {} frames only {} are sealed; seal all, or tell that they are", self.planner.planned(), self.sealed);
            return Err(Error::invalid_input(text));
        }
        Ok(())
    }

    fn signature(&mut self, given: Given<'_>) -> Result<Option<Vec<u8>>, Error> {
        let Some(signer) = self.signer.take() else {
            let needless = || Error::invalid_input("the message's suite does not sign; finish it without signature and digest");
            return if matches!(given, Given::Nothing) { Ok(None) } else { Err(needless()) };
        };
        let got_all = self.signed == self.planner.body_len();
        let signature = match (given, signer) {
            (Given::Nothing, signer) => signer.sign(None, got_all)?,
            (Given::Digest(digest), signer) => signer.sign(Some(digest), got_all)?,
            (Given::Signature(signature @ [0x30, len, content @ ..]), Signer::Elsewhere) if usize::from(*len) == content.len() => {
                signature.to_vec()
            }
            (Given::Signature(_), Signer::Elsewhere) => {
                return Err(Error::invalid_input("the signature is not in DER; convert two bare numbers by `signature_to_der`"));
            }
            #[cfg(feature = "signatures")]
            (Given::Signature(_), Signer::BuiltIn(_)) => {
                return Err(Error::invalid_input("the message is signed here; finish it without a signature"));
            }
        };
        Ok(Some(signature))
    }
}

/// The header with its tag, and what frames are sealed with.
fn seal(header: HeaderToCommit, data_key: Secret, observer: &Observer) -> Result<(SealedHeader, Sealer), Error> {
    let (message_key, commitment) = derive_for_sealing(header.suite(), data_key, header.message_id(), observer)?;
    let (header, sealer) = (header.commit(commitment)?, Sealer::new(message_key)?);
    let tag = sealer.seal_header(header.additional_data()).map_err(|_| Error::internal("the header could not be sealed"))?;
    Ok((header.sealed(&tag, observer), sealer))
}

fn is_over() -> Error {
    Error::invalid_input("the encryption failed before; start another")
}
