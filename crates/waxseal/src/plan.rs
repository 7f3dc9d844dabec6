//! Which frames a message has, sans I/O: planners say what to encrypt or decrypt, with which nonce and which additional data, and a
//! [`Sealer`](crate::sealer::Sealer) does it, wherever it has its ciphers and wherever the bytes are.

use std::ops::Range;

use waxseal_base::codec::Reader;

use crate::error::Error;
use crate::message::{Content, FrameHead, Header, MessageError, MessageId, Piece, body_aad, frame_iv};
use crate::primitives::TAG_LEN;

/// One frame to be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePlan {
    /// Its number, from 1.
    pub sequence: u32,
    /// Which of the body's pieces it is.
    pub piece: Piece,
    /// Its nonce.
    pub iv: [u8; 12],
    /// What its tag covers besides the ciphertext.
    pub aad: Vec<u8>,
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
}

/// Plans the frames of a plaintext of known length: full ones, and a last one with what is left, which is full too if it comes out even.
#[derive(Clone, Debug)]
pub struct SealingPlanner {
    message_id: MessageId,
    frame_length: u64,
    plaintext_len: u64,
    next: u64,
    frames: u64,
}

impl SealingPlanner {
    /// Refuses plaintexts that need more than 4,294,967,295 frames.
    pub fn new(message_id: MessageId, frame_length: u32, plaintext_len: u64) -> Result<Self, Error> {
        let frames = frame_count(frame_length, plaintext_len)?;
        Ok(Self { message_id, frame_length: frame_length.into(), plaintext_len, next: 1, frames })
    }

    /// How many frames there are.
    pub fn frames(&self) -> u64 {
        self.frames
    }
}

impl Iterator for SealingPlanner {
    type Item = FramePlan;

    fn next(&mut self) -> Option<FramePlan> {
        let sequence = u32::try_from(self.next).ok().filter(|_| self.next <= self.frames)?;
        let start = self.next.saturating_sub(1).saturating_mul(self.frame_length);
        let end = start.saturating_add(self.frame_length).min(self.plaintext_len);
        let piece = if self.next == self.frames { Piece::FinalFrame } else { Piece::Frame };
        self.next = self.next.saturating_add(1);
        let aad = body_aad(&self.message_id, sequence, piece, end.saturating_sub(start));
        Some(FramePlan { sequence, piece, iv: frame_iv(sequence), aad, range: start..end })
    }
}

/// How many frames a plaintext needs.
pub(crate) fn frame_count(frame_length: u32, plaintext_len: u64) -> Result<u64, Error> {
    if frame_length == 0 {
        return Err(Error::invalid_input("the frame length is 0; give one of at least 1 byte"));
    }
    let frames = plaintext_len.div_ceil(frame_length.into()).max(1);
    if frames > u64::from(u32::MAX) {
        let text = format!("{plaintext_len} bytes are more than 4294967295 frames of {frame_length} bytes; give a greater frame length");
        return Err(Error::invalid_input(text));
    }
    Ok(frames)
}

/// Plans the frames of a body while it arrives, in parts of any size; a body that is not framed is one. It keeps at most 24 bytes, whatever
/// lengths the message claims.
#[derive(Clone, Debug)]
pub struct OpeningPlanner {
    message_id: MessageId,
    content: Content,
    expected: u32,
    position: u64,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// Collecting what stands before a frame's ciphertext.
    Head(Vec<u8>),
    /// Waiting for the end of ciphertext and tag.
    Content { plan: FramePlan, left: u64 },
    /// The last frame is complete.
    Done,
}

impl OpeningPlanner {
    /// Plans the body of the message with that header, whose tag must be verified by now.
    pub fn new(header: &Header) -> Self {
        Self { message_id: header.message_id, content: header.content, expected: 1, position: 0, state: State::Head(Vec::new()) }
    }

    /// Takes bytes from the front of `bytes`, up to the end of the frame they belong to, and says how many it took and whether that frame is
    /// now complete. Call it until all are taken or the [last frame is complete](Self::is_done). Bytes given to it after that are an error, as is a
    /// frame out of order.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, Option<FramePlan>), MessageError> {
        let mut reader = Reader::new("message body", bytes);
        loop {
            match &mut self.state {
                State::Done if reader.remaining() > 0 => return Err(reader.invalid("bytes follow the last frame").into()),
                State::Done => return Ok((reader.position(), None)),
                State::Head(head) => {
                    let missing = FrameHead::len_on_wire(self.content, head).saturating_sub(head.len());
                    let taken = reader.take(missing.min(reader.remaining()))?;
                    head.extend_from_slice(taken);
                    self.position = self.position.saturating_add(taken.len() as u64);
                    if taken.len() < missing {
                        return Ok((reader.position(), None));
                    }
                    if head.len() == FrameHead::len_on_wire(self.content, head) {
                        let head = std::mem::take(head);
                        self.state = self.plan(&head)?;
                    }
                }
                State::Content { left, .. } => {
                    let available = usize::try_from(*left).unwrap_or(usize::MAX).min(reader.remaining());
                    reader.take(available)?;
                    *left = left.saturating_sub(available as u64);
                    self.position = self.position.saturating_add(available as u64);
                    let complete = *left == 0;
                    return Ok((reader.position(), if complete { self.complete() } else { None }));
                }
            }
        }
    }

    /// Whether the last frame is complete: what follows in the message is no more of the body's.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Ends the body: an error unless the last frame is complete.
    pub fn finish(&self) -> Result<(), MessageError> {
        match self.state {
            State::Done => Ok(()),
            _ => {
                Err(Reader::new("message body", &[]).invalid("it ends before its last frame does; a part of the message is missing").into())
            }
        }
    }

    fn plan(&self, head: &[u8]) -> Result<State, MessageError> {
        let mut reader = Reader::new("frame", head);
        let head = FrameHead::read(&mut reader, self.content)?;
        if head.sequence != self.expected {
            return Err(reader.invalid(format!("frame {} stands where frame {} belongs", head.sequence, self.expected)).into());
        }
        let len = head.content_len;
        let aad = body_aad(&self.message_id, head.sequence, head.piece, len);
        let range = self.position..self.position.saturating_add(len);
        let plan = FramePlan { sequence: head.sequence, piece: head.piece, iv: head.iv, aad, range };
        Ok(State::Content { plan, left: len.saturating_add(TAG_LEN as u64) })
    }

    fn complete(&mut self) -> Option<FramePlan> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Content { plan, .. } => {
                if !plan.piece.is_final() {
                    self.expected = self.expected.saturating_add(1);
                    self.state = State::Head(Vec::new());
                }
                Some(plan)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
