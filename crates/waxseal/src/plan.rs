//! Which frames a message has, sans I/O: planners say what to encrypt or decrypt, with which nonce and which additional data. Whoever has
//! ciphers and bytes executes the plans, wherever that is.

mod layout;

use std::ops::Range;

use waxseal_base::codec::Reader;
use waxseal_base::reason;

use crate::error::Error;
use crate::message::{Content, FrameAad, FrameHead, Header, MessageError, MessageId, Piece, frame_iv};
use crate::primitives::TAG_LEN;

pub use layout::{BodyShape, FrameLayout};

/// One frame to be sealed or opened: AES-GCM under the message key, with this nonce and this additional data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePlan {
    /// Its number, from 1.
    pub sequence: u32,
    /// Which of the body's pieces it is.
    pub piece: Piece,
    /// Its nonce.
    pub iv: [u8; 12],
    /// What its tag covers besides the ciphertext.
    pub aad: FrameAad,
    /// Sealing: the plaintext, in bytes from the start of the plaintext. Opening: the ciphertext, in bytes from the end of the header's tag;
    /// the frame's 16-byte tag follows it.
    pub range: Range<u64>,
}

impl FramePlan {
    /// What stands before the ciphertext of this frame.
    pub fn head(&self) -> FrameHead {
        FrameHead { sequence: self.sequence, piece: self.piece, iv: self.iv, content_len: self.len() }
    }

    /// Bytes of plaintext, which are as many of ciphertext.
    pub fn len(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    /// Whether the frame has no content; only a last one can.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the whole frame: head, ciphertext and tag.
    pub fn len_on_wire(&self) -> u64 {
        self.len().saturating_add(self.piece.head_len() as u64).saturating_add(TAG_LEN as u64)
    }
}

/// Plans the frames of a plaintext while it arrives: full ones, and a last one with what is left, which may be full or empty.
pub(crate) struct SealingPlanner {
    message_id: MessageId,
    frame_length: u32,
    planned: u32,
    position: u64,
    body_len: u64,
    is_done: bool,
}

impl SealingPlanner {
    pub(crate) fn new(message_id: MessageId, frame_length: u32) -> Self {
        Self { message_id, frame_length, planned: 0, position: 0, body_len: 0, is_done: false }
    }

    /// Plans the next frame; a refusal changes nothing.
    pub(crate) fn plan(&mut self, len: u32, is_last: bool) -> Result<FramePlan, Error> {
        if self.is_done {
            return Err(Error::invalid_input("the last frame is planned; nothing can follow it"));
        }
        if len > self.frame_length || (len < self.frame_length && !is_last) {
            let text =
                reason!("a frame of {len} bytes does not fit: all but the last have {}, that one at most as many", self.frame_length);
            return Err(Error::invalid_input(text));
        }
        // The greatest number is left to a last frame: before others it would read as the mark of one.
        let sequence = self.planned.checked_add(1).filter(|sequence| is_last || *sequence < u32::MAX);
        let sequence = sequence.ok_or_else(|| layout::too_many_frames(self.frame_length))?;
        let piece = if is_last { Piece::FinalFrame } else { Piece::Frame };
        let range = self.position..self.position.saturating_add(len.into());
        let aad = FrameAad::new(&self.message_id, sequence, piece, len.into());
        let plan = FramePlan { sequence, piece, iv: frame_iv(sequence), aad, range };
        self.planned = sequence;
        self.position = plan.range.end;
        self.body_len = self.body_len.saturating_add(plan.len_on_wire());
        self.is_done = is_last;
        Ok(plan)
    }

    /// How many frames are planned.
    pub(crate) fn planned(&self) -> u32 {
        self.planned
    }

    /// Bytes of the body's frames that are planned.
    pub(crate) fn body_len(&self) -> u64 {
        self.body_len
    }

    /// Whether the last frame is planned.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(crate) fn frame_length(&self) -> u32 {
        self.frame_length
    }
}

/// Plans the frames of a body from their heads alone, which may arrive in parts of any size; ciphertext and tag it never sees. A body that is
/// not framed is one frame. It keeps at most 24 bytes, whatever lengths the message claims.
pub(crate) struct OpeningPlanner {
    message_id: MessageId,
    content: Content,
    head: Vec<u8>,
    planned: u32,
    body_len: u64,
    is_done: bool,
}

impl OpeningPlanner {
    /// Plans the body of the message with that header, whose tag must be verified by now.
    pub(crate) fn new(header: &Header) -> Self {
        let head = Vec::with_capacity(Piece::FinalFrame.head_len());
        Self { message_id: header.message_id, content: header.content, head, planned: 0, body_len: 0, is_done: false }
    }

    /// Takes what belongs to the next frame's head from the front of `bytes`, and says how much that was and, once the head is complete, what
    /// follows it. The next head begins after that frame's ciphertext and tag. A frame out of order is an error, as are bytes after the last.
    pub(crate) fn push_head(&mut self, bytes: &[u8]) -> Result<(usize, Option<FramePlan>), MessageError> {
        let mut reader = Reader::new("message body", bytes);
        match (self.is_done, bytes.is_empty()) {
            (true, true) => return Ok((0, None)),
            (true, false) => return Err(reader.invalid("bytes follow the last frame").into()),
            (false, _) => {}
        }
        while self.missing() > 0 {
            let taken = reader.take(self.missing().min(reader.remaining()))?;
            if taken.is_empty() {
                return Ok((reader.position(), None));
            }
            self.head.extend_from_slice(taken);
        }
        let plan = self.plan(&self.head, self.planned.saturating_add(1), self.body_len)?;
        self.head.clear();
        self.planned = plan.sequence;
        self.body_len = plan.range.end.saturating_add(TAG_LEN as u64);
        self.is_done = plan.piece.is_final();
        Ok((reader.position(), Some(plan)))
    }

    /// The plan of the frame of that number, whose head starts that many bytes after the header's tag.
    pub(crate) fn plan(&self, head: &[u8], sequence: u32, offset: u64) -> Result<FramePlan, MessageError> {
        let mut reader = Reader::new("frame", head);
        let read = FrameHead::read(&mut reader, self.content)?;
        if read.sequence != sequence {
            return Err(reader.invalid(reason!("frame {} stands where frame {sequence} belongs", read.sequence)).into());
        }
        reader.finish()?;
        let start = offset.saturating_add(head.len() as u64);
        let aad = FrameAad::new(&self.message_id, sequence, read.piece, read.content_len);
        Ok(FramePlan { sequence, piece: read.piece, iv: read.iv, aad, range: start..start.saturating_add(read.content_len) })
    }

    /// How many frames are planned.
    pub(crate) fn planned(&self) -> u32 {
        self.planned
    }

    /// Bytes of the frames that are planned, with their heads and tags.
    pub(crate) fn body_len(&self) -> u64 {
        self.body_len
    }

    /// Whether the last frame is planned: what follows it is no more of the body's.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Bytes that the next head needs, as far as is known.
    pub(crate) fn missing(&self) -> usize {
        match self.is_done {
            true => 0,
            false => FrameHead::len_on_wire(self.content, &self.head).saturating_sub(self.head.len()),
        }
    }
}

#[cfg(test)]
mod tests;
