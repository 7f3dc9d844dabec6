//! A frame: its number, its nonce, in the last one its length, then ciphertext and tag; and what the tag covers besides. A body that is not
//! framed is one piece with nonce and length.

use std::fmt;
use std::ops::Deref;

use waxseal_base::codec::{Part, Reader, Writer};
use waxseal_base::reason;

use super::{Content, Description, MessageError, MessageId, Undescribed};
use crate::primitives::{Iv, TAG_LEN};

/// What stands before a frame's ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// The frame's number, from 1.
    pub sequence: u32,
    /// Which of a body's pieces it is.
    pub piece: Piece,
    /// Its nonce.
    pub iv: [u8; 12],
    /// Bytes of ciphertext, which are as many of plaintext.
    pub content_len: u64,
}

/// The pieces that a body can consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A frame that others follow.
    Frame,
    /// The last frame.
    FinalFrame,
    /// All of a body that is not framed.
    Whole,
}

impl Piece {
    /// Whether the body ends with it.
    pub fn is_final(self) -> bool {
        self != Self::Frame
    }

    /// Bytes that stand before its ciphertext.
    pub const fn head_len(self) -> usize {
        match self {
            Self::Frame => 16,
            Self::FinalFrame => 24,
            Self::Whole => 20,
        }
    }
}

impl FrameHead {
    /// Reads what stands before the ciphertext. A last frame longer than the frame length is an error; nothing is allocated.
    pub fn read(reader: &mut Reader<'_>, content: Content) -> Result<Self, MessageError> {
        Self::scan_head(reader, content, &mut Undescribed)
    }

    /// Appends what stands before the ciphertext.
    pub fn write(&self, writer: &mut Writer) {
        match self.piece {
            Piece::Frame => writer.u32(self.sequence).bytes(&self.iv),
            // A frame's length is at most the frame length, which is a u32.
            Piece::FinalFrame => {
                let len = u32::try_from(self.content_len).unwrap_or(u32::MAX);
                writer.u32(FINAL_MARK).u32(self.sequence).bytes(&self.iv).u32(len)
            }
            Piece::Whole => writer.bytes(&self.iv).u64(self.content_len),
        };
    }

    /// How many bytes stand before the ciphertext, as far as the first four of them tell.
    pub fn len_on_wire(content: Content, first_bytes: &[u8]) -> usize {
        match (content, first_bytes.first_chunk()) {
            (Content::Unframed, _) => Piece::Whole.head_len(),
            (Content::Framed { .. }, None) => 4,
            (Content::Framed { .. }, Some(first)) if u32::from_be_bytes(*first) == FINAL_MARK => Piece::FinalFrame.head_len(),
            (Content::Framed { .. }, Some(_)) => Piece::Frame.head_len(),
        }
    }

    /// Reads and describes a whole piece, with ciphertext and tag.
    pub(super) fn scan(reader: &mut Reader<'_>, content: Content, describe: &mut impl Description) -> Result<Self, MessageError> {
        let head = Self::scan_head(reader, content, describe)?;
        let len = usize::try_from(head.content_len).map_err(|_| reader.invalid("a frame is longer than memory"))?;
        let name = Name(head.piece, head.sequence);
        reader.take(len)?;
        describe.field(reader, Part::Ciphertext, format_args!("{name}: ciphertext"), || format!("{len} bytes, as long as the plaintext"));
        reader.array::<TAG_LEN>()?;
        describe.field(reader, Part::Tag, format_args!("{name}: tag"), || {
            "authenticates the ciphertext, the message id, the frame's number and length, and whether it is the last".into()
        });
        Ok(head)
    }

    fn scan_head(reader: &mut Reader<'_>, content: Content, describe: &mut impl Description) -> Result<Self, MessageError> {
        let Content::Framed { frame_length } = content else { return Self::scan_whole(reader, describe) };
        let first = reader.u32()?;
        let piece = if first == FINAL_MARK { Piece::FinalFrame } else { Piece::Frame };
        if piece.is_final() {
            describe.field(reader, Part::Header, "final frame mark", || "the last frame follows".into());
        }
        let sequence = if piece.is_final() { reader.u32()? } else { first };
        let name = Name(piece, sequence);
        describe.field(reader, Part::Header, format_args!("{name}: sequence number"), || format!("frame number {sequence}"));
        let iv = reader.array()?;
        describe.field(reader, Part::Iv, format_args!("{name}: iv"), || "the nonce: the frame's number, so it never repeats".into());
        let content_len = if piece.is_final() { reader.u32()? } else { frame_length };
        if piece.is_final() {
            describe.field(reader, Part::Header, format_args!("{name}: content length"), || format!("{content_len} bytes"));
        }
        if content_len > frame_length {
            let text = reason!("the last frame has {content_len} bytes, more than the frame length, {frame_length}");
            return Err(reader.invalid(text).into());
        }
        Ok(Self { sequence, piece, iv, content_len: content_len.into() })
    }

    fn scan_whole(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Self, MessageError> {
        let iv = reader.array()?;
        describe.field(reader, Part::Iv, "body: iv", || "the nonce".into());
        let content_len = reader.u64()?;
        describe.field(reader, Part::Header, "body: content length", || format!("{content_len} bytes"));
        if content_len > MAX_WHOLE_LEN {
            return Err(reader.invalid(reason!("a body of one piece has at most {MAX_WHOLE_LEN} bytes, this one {content_len}")).into());
        }
        Ok(Self { sequence: 1, piece: Piece::Whole, iv, content_len })
    }
}

/// A piece as descriptions call it.
struct Name(Piece, u32);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(piece, sequence) = self;
        match piece {
            Piece::Frame => write!(f, "frame {sequence}"),
            Piece::FinalFrame => write!(f, "final frame {sequence}"),
            Piece::Whole => f.write_str("body"),
        }
    }
}

/// What a frame's tag covers besides its ciphertext (message format, "message body AAD"): the frame can be moved neither within its message
/// nor to another, nor cut off at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameAad {
    bytes: [u8; FrameAad::MAX_LEN],
    len: usize,
}

impl FrameAad {
    /// Of a message of version 2, for a body of one piece, whose label is the longest.
    const MAX_LEN: usize = 32 + 35 + 4 + 8;

    pub(crate) fn new(message_id: &MessageId, sequence: u32, piece: Piece, plaintext_len: u64) -> Self {
        let label: &[u8] = match piece {
            Piece::Frame => b"AWSKMSEncryptionClient Frame",
            Piece::FinalFrame => b"AWSKMSEncryptionClient Final Frame",
            Piece::Whole => b"AWSKMSEncryptionClient Single Block",
        };
        let mut aad = Self { bytes: [0; Self::MAX_LEN], len: 0 };
        for part in [message_id.as_bytes(), label, &sequence.to_be_bytes(), &plaintext_len.to_be_bytes()] {
            let end = aad.len.saturating_add(part.len());
            // The longest of each fit.
            if let Some(place) = aad.bytes.get_mut(aad.len..end) {
                place.copy_from_slice(part);
                aad.len = end;
            }
        }
        aad
    }
}

impl Deref for FrameAad {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The nonce that writers give a frame: eight zero bytes and its number.
pub(crate) fn frame_iv(sequence: u32) -> Iv {
    let mut iv = Iv::default();
    if let Some(last) = iv.last_chunk_mut() {
        *last = sequence.to_be_bytes();
    }
    iv
}

/// Stands where a frame's number does, before the last frame.
const FINAL_MARK: u32 = u32::MAX;
/// Bytes of a body of one piece at most: what AES-GCM can encrypt under one nonce.
const MAX_WHOLE_LEN: u64 = (1 << 36) - 32;
