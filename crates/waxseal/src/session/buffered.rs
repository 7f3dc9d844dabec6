//! Sessions for data that arrives in pieces of any size: they put frames together, and hold one of them at most.

use std::fmt;

use zeroize::Zeroizing;

use super::reserve;
use super::{Decryptor, Encryptor, Finished, SignatureToVerify};
use crate::error::Error;
use crate::message::Header;
use crate::plan::FramePlan;
use crate::primitives::TAG_LEN;

/// Encrypts a plaintext of unknown length. It holds back at most one frame, because which one is the last shows only at the end.
pub struct BufferedEncryptor {
    encryptor: Encryptor,
    frame: Zeroizing<Vec<u8>>,
}

impl BufferedEncryptor {
    /// Continues that session, of which nothing is planned yet.
    pub fn new(encryptor: Encryptor) -> Self {
        Self { encryptor, frame: Zeroizing::new(Vec::new()) }
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        self.encryptor.header()
    }

    /// The first bytes of the message, to be written before anything else: the header and its tag.
    pub fn header_bytes(&self) -> &[u8] {
        self.encryptor.header_bytes()
    }

    /// Takes the next bytes of the plaintext and appends the frames that are complete to `message`.
    pub fn push(&mut self, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
        // After an error the bytes are gone, so nothing can follow them.
        self.push_all(plaintext, message).map_err(|error| self.encryptor.fail(error))
    }

    fn push_all(&mut self, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
        let frame_length = usize::try_from(self.encryptor.frame_length()).unwrap_or(usize::MAX);
        let mut rest = plaintext;
        while !rest.is_empty() {
            // More follows, so a frame that is full is not the last.
            if self.frame.len() == frame_length {
                let full = std::mem::take(&mut self.frame);
                self.seal(&full, false, message)?;
                self.frame = full;
                self.frame.clear();
            }
            let room = frame_length.saturating_sub(self.frame.len());
            let (part, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            match self.frame.is_empty() && !after.is_empty() {
                true => self.seal(part, false, message)?,
                false => append(&mut self.frame, part, frame_length)?,
            }
            rest = after;
        }
        Ok(())
    }

    /// Seals the last frame and appends it to `message`, and the footer if the message is signed.
    pub fn finish(mut self, message: &mut Vec<u8>) -> Result<(), Error> {
        let last = std::mem::take(&mut self.frame);
        self.seal(&last, true, message).map_err(|error| self.encryptor.fail(error))?;
        message.extend_from_slice(&self.encryptor.finish()?);
        Ok(())
    }

    fn seal(&mut self, plaintext: &[u8], is_last: bool, message: &mut Vec<u8>) -> Result<(), Error> {
        let len = u32::try_from(plaintext.len()).unwrap_or(u32::MAX);
        let plan = self.encryptor.plan(len, is_last)?;
        self.encryptor.seal_onto(&plan, plaintext, message)
    }
}

/// Decrypts a message that arrives in pieces. It holds the bytes of one frame at most, as they come, never more than
/// [`max_buffered_frame`](crate::DecryptOptions::max_buffered_frame) allows, and gives its plaintext away once its tag is verified; the
/// last frame of a signed message waits for the signature.
pub struct BufferedDecryptor {
    decryptor: Decryptor,
    plan: Option<FramePlan>,
    /// Ciphertext and tag of the frame that is planned; of a signed message's last frame, once it is opened, the plaintext.
    frame: Zeroizing<Vec<u8>>,
    /// What follows the last frame of a signed message.
    footer: Vec<u8>,
}

impl BufferedDecryptor {
    /// Continues that session, of which nothing is planned yet.
    pub fn new(decryptor: Decryptor) -> Self {
        Self { decryptor, plan: None, frame: Zeroizing::new(Vec::new()), footer: Vec::new() }
    }

    /// What the header says, verified.
    pub fn header(&self) -> &Header {
        self.decryptor.header()
    }

    /// Bytes of a frame that it holds.
    pub(crate) fn held_len(&self) -> usize {
        self.frame.len()
    }

    /// Takes the next bytes of the message after its header, and appends the plaintext of the frames that are verified to `plaintext`, also of
    /// those before one that is not.
    pub fn push(&mut self, bytes: &[u8], plaintext: &mut Vec<u8>) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = match self.plan.take() {
                Some(plan) => self.push_content(plan, rest, plaintext)?,
                None if self.decryptor.has_last_frame() => return self.push_footer(rest),
                None => {
                    let (taken, plan) = self.decryptor.plan_head(rest)?;
                    self.plan = plan;
                    self.decryptor.verify(rest.get(..taken).unwrap_or_default())?;
                    taken
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the message: what waited for its signature is appended to `plaintext`. If that is verified elsewhere, it comes with the
    /// [signature](super::SignatureToVerify::verified) instead.
    pub fn finish(self, plaintext: &mut Vec<u8>) -> Result<Finished, Error> {
        match self.decryptor.finish(&self.footer)? {
            Finished::Verified => {
                plaintext.extend_from_slice(&self.frame);
                Ok(Finished::Verified)
            }
            Finished::SignatureToVerify(signature) => Ok(Finished::SignatureToVerify(SignatureToVerify { held: self.frame, ..signature })),
        }
    }

    fn push_content(&mut self, plan: FramePlan, bytes: &[u8], plaintext: &mut Vec<u8>) -> Result<usize, Error> {
        let content_len = usize::try_from(plan.len()).unwrap_or(usize::MAX);
        let whole_len = content_len.saturating_add(TAG_LEN);
        let (part, _) = bytes.split_at_checked(whole_len.saturating_sub(self.frame.len())).unwrap_or((bytes, &[]));
        self.decryptor.verify(part)?;
        append(&mut self.frame, part, whole_len).map_err(|error| self.decryptor.fail(error))?;
        if self.frame.len() < whole_len {
            self.plan = Some(plan);
            return Ok(part.len());
        }
        let Some((content, tag)) = self.frame.split_last_chunk_mut() else { return Err(self.decryptor.disordered()) };
        self.decryptor.open(&plan, content, tag)?;
        self.frame.truncate(content_len);
        if !(plan.piece.is_final() && self.decryptor.is_signed()) {
            plaintext.extend_from_slice(&self.frame);
            self.frame.clear();
        }
        Ok(part.len())
    }

    fn push_footer(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let fits = self.footer.len().saturating_add(bytes.len()) <= MAX_FOOTER_LEN;
        if !self.decryptor.is_signed() || !fits {
            return Err(self.decryptor.disordered());
        }
        self.footer.extend_from_slice(bytes);
        Ok(())
    }
}

impl fmt::Debug for BufferedEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedEncryptor").field("encryptor", &self.encryptor).finish_non_exhaustive()
    }
}

impl fmt::Debug for BufferedDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedDecryptor").field("decryptor", &self.decryptor).finish_non_exhaustive()
    }
}

/// Grows as bytes come, at most to the length they will have in the end, and leaves no copy behind.
fn append(buffer: &mut Zeroizing<Vec<u8>>, part: &[u8], final_len: usize) -> Result<(), Error> {
    let needed = buffer.len().saturating_add(part.len());
    if needed > buffer.capacity() {
        let mut grown = Zeroizing::new(Vec::new());
        reserve(&mut grown, buffer.capacity().saturating_mul(2).min(final_len).max(needed))?;
        grown.extend_from_slice(buffer);
        *buffer = grown;
    }
    buffer.extend_from_slice(part);
    Ok(())
}

/// The length of a signature is written in two bytes.
const MAX_FOOTER_LEN: usize = 2 + 65_535;
