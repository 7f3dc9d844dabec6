//! Reads the header of a message while it arrives.

use waxseal_base::codec::{Problem, ReadError, Reader};
use waxseal_base::event::{Kind, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::Operation;
use crate::error::Error;
use crate::message::{Header, HeaderDraft, HeaderTag, MessageError};

/// Takes the bytes of a message until its header is there. It holds the bytes that came, at most [`MAX_LEN`](Self::MAX_LEN), not what the
/// message claims will come; each part of the header is looked at a few times at most, whatever the sizes of the pieces.
pub struct HeaderReader {
    operation: Operation,
    max_encrypted_data_keys: Option<u16>,
    bytes: Vec<u8>,
    /// Where the next part starts.
    position: usize,
    /// The bytes that have to be there before it is worth looking again.
    wanted: usize,
    draft: HeaderDraft,
    header: Option<Header>,
}

/// A header as it came in, with its tag: read, but not verified, so anybody may have written it.
pub struct ReceivedHeader {
    pub(super) operation: Operation,
    pub(super) header: Header,
    pub(super) bytes: Vec<u8>,
    /// Bytes of the header without its tag.
    len_without_tag: usize,
    tag: HeaderTag,
}

impl HeaderReader {
    /// Bytes of the longest header that is read: 32 MiB, which is room for 65,535 data keys that a KMS wrapped.
    pub const MAX_LEN: usize = 32 << 20;

    pub(crate) fn new(operation: Operation, max_encrypted_data_keys: Option<u16>) -> Self {
        let draft = HeaderDraft::default();
        // One byte is too few to tell a message from base64 text.
        Self { operation, max_encrypted_data_keys, bytes: Vec::new(), position: 0, wanted: 2, draft, header: None }
    }

    /// Takes the header's bytes from the front of `bytes`, and says how many those are and, once it is complete, what the header says. What is
    /// not taken belongs to the body. After an error it takes nothing more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, Option<ReceivedHeader>), Error> {
        let before = self.bytes.len();
        let mut rest = bytes;
        loop {
            // As many as the next part is known to need, so that no byte of the body is taken.
            let (part, after) = rest.split_at_checked(self.missing()).unwrap_or((rest, &[]));
            self.bytes.extend_from_slice(part);
            rest = after;
            if self.missing() > 0 {
                return Ok((bytes.len(), None));
            }
            match self.read_parts() {
                Ok(Some(tag)) => {
                    let taken = self.bytes.len().saturating_sub(before);
                    return Ok((taken, self.complete(tag)));
                }
                Ok(None) => {}
                Err(error) => return Err(self.refused(error)),
            }
        }
    }

    /// Bytes that the header needs still, as far as is known: at least one until it is complete.
    pub fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.bytes.len())
    }

    /// The message ended inside its header: why that is none.
    pub fn ended(&mut self) -> Error {
        match self.read_part() {
            Err(error) => self.refused(error),
            // Unreachable: with the bytes at hand, the next part was incomplete when they came.
            Ok(_) => self.operation.failed(Error::internal("a header was complete and not told")),
        }
    }

    /// Reads all parts that are there; the tag is the last one.
    fn read_parts(&mut self) -> Result<Option<HeaderTag>, MessageError> {
        loop {
            match self.read_part() {
                Ok(Some(tag)) => return Ok(Some(tag)),
                Ok(None) => {}
                // A structure inside the header that ends early is malformed, not incomplete.
                Err(MessageError::Malformed(ReadError { structure: STRUCTURE, offset, problem: Problem::Truncated { needed, .. } })) => {
                    self.wanted = offset.saturating_add(needed);
                    return if self.wanted > Self::MAX_LEN { Err(too_long()) } else { Ok(None) };
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn read_part(&mut self) -> Result<Option<HeaderTag>, MessageError> {
        let mut reader = Reader::new(STRUCTURE, &self.bytes);
        reader.take(self.position)?;
        let mut tag = None;
        match &self.header {
            Some(header) => tag = Some(HeaderTag::read(header.suite, &mut reader)?),
            None => {
                self.header = self.draft.read_part(&mut reader, self.max_encrypted_data_keys)?;
                self.position = reader.position();
            }
        }
        Ok(tag)
    }

    fn complete(&mut self, tag: HeaderTag) -> Option<ReceivedHeader> {
        let header = self.header.take()?;
        let operation = self.operation.hand_over();
        Some(ReceivedHeader { operation, header, bytes: std::mem::take(&mut self.bytes), len_without_tag: self.position, tag })
    }

    fn refused(&mut self, error: MessageError) -> Error {
        self.operation.observer().emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
        self.operation.failed(error.into())
    }
}

impl ReceivedHeader {
    /// What it says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its bytes, with its tag.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What its tag covers: the header, and the pairs of the encryption context that it does not store.
    pub(crate) fn additional_data(&self, not_stored: &EncryptionContext) -> Result<Vec<u8>, Error> {
        let without_tag = self.bytes.get(..self.len_without_tag).unwrap_or_default();
        Ok([without_tag, &not_stored.to_canonical_bytes()?].concat())
    }

    pub(crate) fn tag(&self) -> &HeaderTag {
        &self.tag
    }

    pub(crate) fn observer(&self) -> &Observer {
        self.operation.observer()
    }

    /// It was refused: the error, which is told as the operation's end, comes back.
    pub(crate) fn failed(mut self, error: Error) -> Error {
        self.operation.failed(error)
    }
}

fn too_long() -> MessageError {
    Reader::new(STRUCTURE, &[]).invalid(reason!("it is longer than {} bytes", HeaderReader::MAX_LEN)).into()
}

/// As errors name it.
const STRUCTURE: &str = "message header";
