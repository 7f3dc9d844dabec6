//! Parts of a message, by their place in the plaintext.

use std::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

use waxseal_base::observer::Observer;
use waxseal_base::reason;
use zeroize::Zeroizing;

use super::decrypt_reader::{Intake, make_room, read};
use crate::client::{Client, DecryptOptions};
use crate::error::Error;
use crate::message::{Header, Piece};
use crate::plan::{BodyShape, FrameLayout};
use crate::primitives::TAG_LEN;
use crate::session::{FrameOpener, ReceivedHeader, signed_in_parts};

/// A message of which any part can be read, at the cost of the frames that the part is in. All of `R`, from its first byte to its last, is the message.
///
/// Once it is [open](Client::open), its header and its last frame are verified: its length is known, and that it was not cut off. Any other frame is verified
/// when it is read; one that was altered fails then, and the others can be read still. It holds one frame.
///
/// It is also [`Read`] and [`Seek`], for whoever expects a file. To decrypt all of a message, [`Client::decrypt_from`] is faster.
pub struct SealedFile<R> {
    source: R,
    opener: FrameOpener,
    layout: FrameLayout,
    shape: BodyShape,
    /// The frame that was read last, if it was in order.
    current: Option<OpenFrame>,
    /// That frame, with head and tag.
    frame: Zeroizing<Vec<u8>>,
    /// Where [`Read`] goes on.
    position: u64,
}

/// Where the plaintext of a frame is.
struct OpenFrame {
    sequence: u32,
    content: Range<usize>,
}

impl Client {
    /// Opens a message to read parts of it, in any order. Reads header and last frame, and may block meanwhile.
    ///
    /// A signed message is refused: a part of it can not be checked against the signature. So is a body that is one piece, of which a part can not be
    /// verified at all.
    pub async fn open<R: Read + Seek>(&self, source: R, options: &DecryptOptions, observer: &Observer) -> io::Result<SealedFile<R>> {
        self.open_file(source, options, false, observer).await
    }

    /// Opens a message as [`open`](Self::open) does, a signed one too, whose **signature is not verified**: whoever can decrypt the message could have
    /// written it.
    pub async fn danger_open_ignoring_signature<R: Read + Seek>(
        &self,
        source: R,
        options: &DecryptOptions,
        observer: &Observer,
    ) -> io::Result<SealedFile<R>> {
        self.open_file(source, options, true, observer).await
    }

    async fn open_file<R: Read + Seek>(
        &self,
        mut source: R,
        options: &DecryptOptions,
        danger_ignore_signature: bool,
        observer: &Observer,
    ) -> io::Result<SealedFile<R>> {
        options.check_verified_here()?;
        let len = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let mut intake = Intake::new(self, Some(len), observer);
        let received = loop {
            let len = read(&mut source, &mut intake.input)?;
            if let Some(received) = intake.accept(len)? {
                break received;
            }
        };
        let (received, layout) = check_parts(received, danger_ignore_signature)?;
        let options = DecryptOptions { verify_elsewhere: danger_ignore_signature, ..options.clone() };
        let opener = self.start_decryption(received, &options).await?.into_frame_opener(danger_ignore_signature)?;
        SealedFile::new(source, opener, layout, len)
    }
}

impl<R> SealedFile<R> {
    /// Bytes of plaintext.
    pub fn len(&self) -> u64 {
        self.shape.plaintext_len
    }

    /// Whether there is no plaintext.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the header says, verified.
    pub fn header(&self) -> &Header {
        self.opener.header()
    }

    /// Where the message comes from.
    pub fn get_ref(&self) -> &R {
        &self.source
    }
}

impl<R: Read + Seek> SealedFile<R> {
    /// Fills `buffer` with the plaintext from that offset on, and says how many bytes that are: fewer than there is room for only at the end. An error
    /// means that one of the frames could not be read, or was altered.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled: usize = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.read_in_frame(offset.saturating_add(filled as u64), room)? {
                0 => break,
                len => filled = filled.saturating_add(len),
            }
        }
        Ok(filled)
    }

    /// Verifies the last frame, whose tag covers its number and its length, and so how many there are before it.
    fn new(source: R, opener: FrameOpener, layout: FrameLayout, len: u64) -> io::Result<Self> {
        let shape = BodyShape { frames: 0, plaintext_len: 0 };
        let mut file = Self { source, opener, layout, shape, current: None, frame: Zeroizing::default(), position: 0 };
        match file.find_end(len) {
            Ok(()) => Ok(file),
            Err(error) => {
                file.opener.fail(Error::in_io_error(&error).cloned().unwrap_or_else(|| Error::internal(reason!("{error}"))));
                Err(error)
            }
        }
    }

    fn find_end(&mut self, len: u64) -> io::Result<()> {
        let rest = len.saturating_sub(self.opener.header_bytes().len() as u64);
        for footer_len in self.footers(rest)? {
            let Some(shape) = rest.checked_sub(footer_len).and_then(|body_len| self.layout.shape_of(body_len)) else { continue };
            self.opener.check_len(self.layout.frame_length().min(shape.plaintext_len))?;
            self.shape = shape;
            match self.load(shape.frames) {
                // Another length may fit: a signature can end with bytes that look like the length of one.
                Err(error) if Error::in_io_error(&error) == Some(&Error::DecryptionFailed) => {}
                loaded => return loaded,
            }
        }
        Err(Error::DecryptionFailed.into())
    }

    /// The lengths that the footer may have: the one it has itself says which, but from its other end.
    fn footers(&mut self, rest: u64) -> io::Result<Vec<u64>> {
        if self.header().suite.signature().is_none() {
            return Ok(vec![0]);
        }
        let tail_len = rest.min(MAX_FOOTER_LEN);
        let mut tail = vec![0; usize::try_from(tail_len).unwrap_or_default()];
        self.source.seek(SeekFrom::Start(self.place_of(rest.saturating_sub(tail_len))))?;
        self.source.read_exact(&mut tail)?;
        let candidates = tail.windows(2).enumerate().filter_map(|(before, pair)| {
            let footer_len = tail.len().saturating_sub(before);
            let said: u16 = <[u8; 2]>::try_from(pair).map(u16::from_be_bytes).ok()?;
            (usize::from(said) == footer_len.saturating_sub(2)).then_some(footer_len as u64)
        });
        Ok(candidates.collect())
    }

    /// Copies what the frame has that this offset is in, as far as there is room; 0 at the end.
    fn read_in_frame(&mut self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        let sequence = self.layout.sequence_at(offset).filter(|_| offset < self.len());
        let Some(sequence) = sequence else { return Ok(0) };
        if self.current.as_ref().is_none_or(|frame| frame.sequence != sequence) {
            self.load(sequence)?;
        }
        let content = self.current.as_ref().and_then(|frame| self.frame.get(frame.content.clone())).unwrap_or_default();
        let before = offset.saturating_sub(self.layout.plaintext_offset_of(sequence));
        content.get(usize::try_from(before).unwrap_or(usize::MAX)..).unwrap_or_default().read(room)
    }

    /// Reads and opens the frame of that number.
    fn load(&mut self, sequence: u32) -> io::Result<()> {
        self.current = None;
        let is_last = sequence == self.shape.frames;
        let head_len = if is_last { Piece::FinalFrame } else { Piece::Frame }.head_len();
        let rest = self.len().saturating_sub(self.layout.plaintext_offset_of(sequence));
        let end = head_len.saturating_add(usize::try_from(rest.min(self.layout.frame_length())).unwrap_or(usize::MAX));
        let len = end.saturating_add(TAG_LEN);
        self.frame.clear();
        make_room(&mut self.frame, len)?;
        self.frame.resize(len, 0);
        self.source.seek(SeekFrom::Start(self.place_of(self.layout.offset_of(sequence))))?;
        self.source.read_exact(&mut self.frame)?;
        let parts = self.frame.split_at_mut_checked(head_len).and_then(|(head, rest)| Some((head, rest.split_last_chunk_mut()?)));
        let (head, (content, tag)) = parts.ok_or(Error::DecryptionFailed)?;
        let plan = self.opener.plan(sequence, is_last, head)?;
        self.opener.open(&plan, content, tag)?;
        self.current = Some(OpenFrame { sequence, content: head_len..end });
        Ok(())
    }

    /// Where in the source is what lies that many bytes after the header's tag.
    fn place_of(&self, body_offset: u64) -> u64 {
        (self.opener.header_bytes().len() as u64).saturating_add(body_offset)
    }
}

impl<R: Read + Seek> Read for SealedFile<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.read_in_frame(self.position, buffer)?;
        self.position = self.position.saturating_add(len as u64);
        Ok(len)
    }
}

/// In bytes of plaintext; nothing is read.
impl<R> Seek for SealedFile<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position =
            position.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "there is no place before the start or after 2^64 bytes"))?;
        Ok(self.position)
    }
}

impl<R> fmt::Debug for SealedFile<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedFile").field("header", self.header()).field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Says no before a key is asked for.
fn check_parts(received: ReceivedHeader, danger_ignore_signature: bool) -> Result<(ReceivedHeader, FrameLayout), Error> {
    if received.header().suite.signature().is_some() && !danger_ignore_signature {
        return Err(received.failed(signed_in_parts()));
    }
    match FrameLayout::of(received.header().content) {
        Some(layout) => Ok((received, layout)),
        None => {
            let text = "the message's body is one piece, of which no part can be verified alone; decrypt all of it";
            Err(received.failed(Error::invalid_input(text)))
        }
    }
}

/// The length of a signature and the longest one: two numbers of 48 bytes in DER.
const MAX_FOOTER_LEN: u64 = 2 + 104;

#[cfg(test)]
mod tests;
