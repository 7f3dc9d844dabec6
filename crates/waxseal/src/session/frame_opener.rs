//! Opens single frames of a message by their numbers, in any order.

use std::fmt;

use waxseal_base::event::{Kind, Verified};
use waxseal_base::secret::{Secret, scrub_stack};

use super::Operation;
use super::decryptor::{Live, check_len, tell_disordered, tell_opened};
use crate::error::Error;
use crate::message::{Header, Piece};
use crate::plan::{FrameLayout, FramePlan};

/// Reads parts of one message, whose header is verified. Every frame is verified for itself: that it is of this message, has its number, and is the last
/// one or not. That the message was not cut off is known once its [last frame](Self::plan) is opened, at the place where the
/// [layout](Self::layout) and the message's length have it. A frame that fails does not end the session, since the others are none the worse.
pub struct FrameOpener {
    live: Option<Live>,
    header: Header,
    header_bytes: Vec<u8>,
    max_buffered_frame: Option<u64>,
    opened_len: u64,
    operation: Operation,
}

impl FrameOpener {
    pub(super) fn new(live: Live, header: Header, header_bytes: Vec<u8>, (limit, operation): (Option<u64>, Operation)) -> Self {
        Self { live: Some(live), header, header_bytes, max_buffered_frame: limit, opened_len: 0, operation }
    }

    /// What the header says, verified.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The first bytes of the message: the header and its tag. Frames are counted from their end.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Where frames lie; none if the body is one piece, which starts where a first frame would.
    pub fn layout(&self) -> Option<FrameLayout> {
        FrameLayout::of(self.header.content)
    }

    /// Whether anybody listens: if not, nobody needs to be told of frames that were [opened elsewhere](Self::opened_elsewhere).
    pub fn is_observed(&self) -> bool {
        self.operation.observer().is_listening()
    }

    /// Plans the frame of that number, the last one or another, from its head, which stands where the [layout](Self::layout) says: 16 bytes; of a last frame 24; of a
    /// body that is one piece 20. Any other head is refused, and a frame longer than
    /// [`max_buffered_frame`](crate::DecryptOptions::max_buffered_frame).
    pub fn plan(&self, sequence: u32, is_last: bool, head: &[u8]) -> Result<FramePlan, Error> {
        let offset = self.layout().map_or(0, |layout| layout.offset_of(sequence));
        let planned = self.live()?.planner.plan(head, sequence, offset).ok();
        let planned = planned.filter(|plan| plan.piece.is_final() == is_last || plan.piece == Piece::Whole);
        let plan = planned.ok_or_else(|| tell_disordered(self.operation.observer()))?;
        self.check_len(plan.len()).map(|()| plan)
    }

    /// Whether a frame may have that many bytes.
    pub(crate) fn check_len(&self, len: u64) -> Result<(), Error> {
        check_len(len, self.max_buffered_frame)
    }

    /// Verifies the tag of `buffer`, the ciphertext of that frame, and only then decrypts it in place.
    #[inline(never)]
    pub fn open(&mut self, plan: &FramePlan, buffer: &mut [u8], tag: &[u8; 16]) -> Result<(), Error> {
        match self.live()?.sealer()?.open(plan, buffer, tag) {
            Ok(()) if buffer.len() as u64 == plan.len() => {
                self.opened_elsewhere(plan, tag);
                Ok(())
            }
            _ => Err(self.failed_elsewhere()),
        }
    }

    /// Tells that the frame was opened by somebody else, by AES-GCM with the [message key](Self::danger_message_key), as its plan says, and that **its
    /// tag was right**. The tag is for the observer.
    pub fn opened_elsewhere(&mut self, plan: &FramePlan, tag: &[u8; 16]) {
        self.opened_len = self.opened_len.saturating_add(plan.len());
        tell_opened(plan, tag, self.operation.observer());
    }

    /// The tag of a frame was not right, as whoever opens it elsewhere found. Other frames can be opened still.
    pub fn failed_elsewhere(&self) -> Error {
        self.operation.observer().emit(|_| Kind::VerificationFailed { what: Verified::Frame });
        Error::DecryptionFailed
    }

    /// **The key of the message**: 16, 24 or 32 bytes, for whoever opens its frames elsewhere, and nobody else.
    pub fn danger_message_key(&self) -> Result<&Secret, Error> {
        Ok(self.live()?.sealer()?.message_key())
    }

    /// Gives the message up because of that error, which is told as its end.
    pub(crate) fn fail(&mut self, error: Error) {
        self.live = None;
        self.operation.failed(error);
    }

    fn live(&self) -> Result<&Live, Error> {
        self.live.as_ref().ok_or(Error::DecryptionFailed)
    }
}

/// The key is wiped. What was opened stands, so the operation has come to a good end.
impl Drop for FrameOpener {
    fn drop(&mut self) {
        self.live = None;
        scrub_stack();
        self.operation.succeeded(self.opened_len);
    }
}

impl fmt::Debug for FrameOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameOpener").field("header", &self.header).finish_non_exhaustive()
    }
}
