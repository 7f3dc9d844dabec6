//! A frame: its number, its nonce, in the last one its length, then ciphertext and tag; and what the tag covers besides.

use waxseal_base::codec::{Part, Reader, Writer};

use super::{Description, MessageError, MessageId};
use crate::primitives::{Iv, TAG_LEN};

/// What stands before a frame's ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// The frame's number, from 1.
    pub sequence: u32,
    /// Whether it is the last.
    pub is_final: bool,
    /// Its nonce.
    pub iv: [u8; 12],
    /// Bytes of ciphertext, which are as many of plaintext.
    pub content_len: u32,
}

impl FrameHead {
    /// Reads what stands before the ciphertext. A last frame longer than the frame length is an error; nothing is allocated.
    pub fn read(reader: &mut Reader<'_>, frame_length: u32) -> Result<Self, MessageError> {
        Self::scan_head(reader, frame_length, &mut Description::none())
    }

    /// Appends what stands before the ciphertext.
    pub fn write(&self, writer: &mut Writer) {
        if self.is_final {
            writer.u32(FINAL_MARK).u32(self.sequence).bytes(&self.iv).u32(self.content_len);
        } else {
            writer.u32(self.sequence).bytes(&self.iv);
        }
    }

    /// How many bytes stand before the ciphertext, as far as the first four of them tell.
    pub fn len_on_wire(first_bytes: &[u8]) -> usize {
        match first_bytes.first_chunk() {
            None => 4,
            Some(first) if u32::from_be_bytes(*first) == FINAL_MARK => 24,
            Some(_) => 16,
        }
    }

    /// Reads and describes a whole frame, with ciphertext and tag.
    pub(super) fn scan(reader: &mut Reader<'_>, frame_length: u32, describe: &mut Description<'_>) -> Result<Self, MessageError> {
        let head = Self::scan_head(reader, frame_length, describe)?;
        let len = usize::try_from(head.content_len).map_err(|_| reader.invalid("a frame is longer than memory"))?;
        let name = head.name();
        reader.take(len)?;
        describe.field(reader, Part::Ciphertext, &format!("{name}: ciphertext"), || format!("{len} bytes, as long as the plaintext"));
        reader.array::<TAG_LEN>()?;
        describe.field(reader, Part::Tag, &format!("{name}: tag"), || {
            "authenticates the ciphertext, the message id, the frame's number and length, and whether it is the last".into()
        });
        Ok(head)
    }

    fn scan_head(reader: &mut Reader<'_>, frame_length: u32, describe: &mut Description<'_>) -> Result<Self, MessageError> {
        let first = reader.u32()?;
        let is_final = first == FINAL_MARK;
        if is_final {
            describe.field(reader, Part::Header, "final frame mark", || "the last frame follows".into());
        }
        let sequence = if is_final { reader.u32()? } else { first };
        let name = Self { sequence, is_final, iv: [0; 12], content_len: 0 }.name();
        describe.field(reader, Part::Header, &format!("{name}: sequence number"), || format!("frame number {sequence}"));
        let iv = reader.array()?;
        describe.field(reader, Part::Iv, &format!("{name}: iv"), || "the nonce: the frame's number, so it never repeats".into());
        let content_len = if is_final { reader.u32()? } else { frame_length };
        if is_final {
            describe.field(reader, Part::Header, &format!("{name}: content length"), || format!("{content_len} bytes"));
        }
        if content_len > frame_length {
            let text = format!("the last frame has {content_len} bytes, more than the frame length, {frame_length}");
            return Err(reader.invalid(text).into());
        }
        Ok(Self { sequence, is_final, iv, content_len })
    }

    fn name(&self) -> String {
        format!("{} {}", if self.is_final { "final frame" } else { "frame" }, self.sequence)
    }
}

/// What a frame's tag covers besides its ciphertext (message format, "message body AAD"): it can be moved neither within its message nor
/// to another, nor cut off at the end.
pub(crate) fn body_aad(message_id: &MessageId, sequence: u32, is_final: bool, plaintext_len: u64) -> Vec<u8> {
    let label: &[u8] = if is_final { b"AWSKMSEncryptionClient Final Frame" } else { b"AWSKMSEncryptionClient Frame" };
    let mut writer = Writer::new();
    writer.bytes(message_id).bytes(label).u32(sequence).u64(plaintext_len);
    writer.finish()
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
