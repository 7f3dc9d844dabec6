//! The header: what the message is, whom it is for, and the commitment to its data key. Its tag follows it and covers every byte.

use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong, Writer};
use waxseal_base::reason;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::{Description, EncryptedDataKey, MessageError, MessageId, Undescribed};
use crate::primitives::{IV_LEN, Iv, Tag};
use crate::suite::Suite;

/// What the header says. Until its tag is verified, anybody may have said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm suite.
    pub suite: Suite,
    /// The message's random id.
    pub message_id: MessageId,
    /// What the message and its wrapped keys are bound to, as far as the message stores it.
    pub encryption_context: EncryptionContext,
    /// The wrapped copies of the data key, in the order to try them in.
    pub encrypted_data_keys: Vec<EncryptedDataKey>,
    /// How the plaintext is cut.
    pub content: Content,
    /// The commitment to the data key, if the suite has one.
    pub commitment: Option<[u8; 32]>,
}

/// How the plaintext of a message is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Into frames, each with its own tag.
    Framed {
        /// Bytes of plaintext in every frame but the last.
        frame_length: u32,
    },
    /// Not at all: an older form, which is read and not written.
    Unframed,
}

impl Content {
    /// Bytes of plaintext in every frame but the last; none if there are no frames.
    pub fn frame_length(self) -> Option<u32> {
        match self {
            Self::Framed { frame_length } => Some(frame_length),
            Self::Unframed => None,
        }
    }
}

/// What authenticates a header. Version 1 stores the nonce; that of version 2 is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderTag {
    pub(crate) iv: Iv,
    pub(crate) tag: Tag,
}

impl HeaderTag {
    pub(crate) fn read(suite: Suite, reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        Self::scan(suite, reader, &mut Undescribed)
    }

    pub(crate) fn write(&self, suite: Suite, writer: &mut Writer) {
        if suite.message_version() == VERSION_1 {
            writer.bytes(&self.iv);
        }
        writer.bytes(&self.tag);
    }

    pub(super) fn scan(suite: Suite, reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Self, ReadError> {
        let mut iv = Iv::default();
        if suite.message_version() == VERSION_1 {
            iv = reader.array()?;
            describe.field(reader, Part::Iv, "header iv", || "the nonce of the header's tag".into());
        }
        let tag = reader.array()?;
        describe.field(reader, Part::Tag, "header tag", || "authenticates every byte of the header before it".into());
        Ok(Self { iv, tag })
    }
}

impl Header {
    /// Reads a header, without its tag. With a limit, a greater number of encrypted data keys is refused before the first is read.
    pub fn read(reader: &mut Reader<'_>, max_encrypted_data_keys: Option<u16>) -> Result<Self, MessageError> {
        Self::scan(reader, max_encrypted_data_keys, &mut Undescribed)
    }

    /// What the header at the start of a message says, not verified.
    pub fn read_from(message: &[u8]) -> Result<Self, MessageError> {
        Self::read(&mut Reader::new("message header", message), None)
    }

    /// Appends the header, without its tag.
    pub fn write(&self, writer: &mut Writer) -> Result<(), TooLong> {
        let version = self.suite.message_version();
        writer.u8(version);
        if version == VERSION_1 {
            writer.u8(VERSION_1_TYPE);
        }
        writer.u16(self.suite.id()).bytes(self.message_id.as_bytes());
        self.encryption_context.write(writer)?;
        let count = self.encrypted_data_keys.len();
        writer.u16(u16::try_from(count).map_err(|_| TooLong { what: "list of encrypted data keys", len: count })?);
        for key in &self.encrypted_data_keys {
            key.write(writer)?;
        }
        writer.u8(if self.content == Content::Unframed { UNFRAMED } else { FRAMED });
        if version == VERSION_1 {
            writer.u32(0).u8(IV_BYTES);
        }
        writer.u32(self.content.frame_length().unwrap_or(0)).bytes(self.commitment.as_ref().map_or(&[], |commitment| commitment));
        Ok(())
    }

    /// Describes a header that is all of `bytes`, with its tag or without.
    pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, MessageError> {
        let mut list = FieldList::new();
        let mut reader = Reader::new("message header", bytes);
        let header = Self::scan(&mut reader, None, &mut list)?;
        if reader.remaining() > 0 {
            HeaderTag::scan(header.suite, &mut reader, &mut list)?;
        }
        reader.finish()?;
        Ok(list.finish())
    }

    pub(super) fn scan(reader: &mut Reader<'_>, limit: Option<u16>, describe: &mut impl Description) -> Result<Self, MessageError> {
        let mut draft = HeaderDraft::default();
        loop {
            if let Some(header) = draft.scan_part(reader, limit, describe)? {
                return Ok(header);
            }
        }
    }
}

/// A header while it is read, part by part: how a part is read is known once those before it are. A part that ends early is left as it was.
#[derive(Default)]
pub(crate) struct HeaderDraft {
    start: Option<(Suite, MessageId)>,
    context: Option<EncryptionContext>,
    keys: Vec<EncryptedDataKey>,
    keys_left: Option<u16>,
}

impl HeaderDraft {
    /// Reads the next part; with the last one, the header is there.
    pub(crate) fn read_part(&mut self, reader: &mut Reader<'_>, limit: Option<u16>) -> Result<Option<Header>, MessageError> {
        self.scan_part(reader, limit, &mut Undescribed)
    }

    fn scan_part(
        &mut self,
        reader: &mut Reader<'_>,
        limit: Option<u16>,
        describe: &mut impl Description,
    ) -> Result<Option<Header>, MessageError> {
        let Some((suite, message_id)) = self.start else {
            let suite = scan_version_and_suite(reader, describe)?;
            let message_id = MessageId::read(suite.message_version(), reader)?;
            describe.field(reader, Part::Header, "message id", || "random; goes into the message's key, and into every frame's tag".into());
            self.start = Some((suite, message_id));
            return Ok(None);
        };
        if self.context.is_none() {
            self.context = Some(scan_context(reader, describe)?);
            return Ok(None);
        }
        match self.keys_left {
            None => self.keys_left = Some(scan_key_count(reader, limit, describe)?),
            Some(0) => {
                let content = scan_content(suite, reader, describe)?;
                let commitment = if suite.is_committing() { Some(scan_commitment(reader, describe)?) } else { None };
                let (encryption_context, encrypted_data_keys) = (self.context.take().unwrap_or_default(), std::mem::take(&mut self.keys));
                return Ok(Some(Header { suite, message_id, encryption_context, encrypted_data_keys, content, commitment }));
            }
            // The count is not trusted for an allocation: the list grows as entries are found.
            Some(left) => {
                self.keys.push(EncryptedDataKey::scan(reader, describe)?);
                self.keys_left = Some(left.saturating_sub(1));
            }
        }
        Ok(None)
    }
}

fn scan_version_and_suite(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Suite, MessageError> {
    let version = reader.u8()?;
    match version {
        VERSION_1 | VERSION_2 => describe.field(reader, Part::Header, "version", || format!("message format version {version}")),
        BASE64_START if reader.u8().is_ok_and(|second| matches!(second, b'Y' | b'g')) => return Err(MessageError::Base64),
        other => return Err(reader.invalid(reason!("there is no message format version {other}; is this a message at all?")).into()),
    }
    if version == VERSION_1 {
        if reader.u8()? != VERSION_1_TYPE {
            return Err(reader.invalid("a message of version 1 has type 80").into());
        }
        describe.field(reader, Part::Header, "type", || "encrypted data".into());
    }
    let id = reader.u16()?;
    let suite = Suite::from_id(id).ok_or_else(|| reader.invalid(reason!("there is no algorithm suite {id:04x}")))?;
    if suite.message_version() != version {
        return Err(reader.invalid(reason!("algorithm suite {suite} does not belong in a message of version {version}")).into());
    }
    describe.field(reader, Part::Header, "suite id", || format!("suite {suite}: {}", suite.description()));
    Ok(suite)
}

fn scan_context(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<EncryptionContext, MessageError> {
    let len = reader.u16()?;
    describe.field(reader, Part::Header, "encryption context length", || format!("{len} bytes"));
    let bytes = reader.take(usize::from(len))?;
    let context = EncryptionContext::from_bytes(bytes)?;
    describe.nest(reader, || EncryptionContext::fields(bytes))?;
    Ok(context)
}

fn scan_key_count(reader: &mut Reader<'_>, limit: Option<u16>, describe: &mut impl Description) -> Result<u16, MessageError> {
    let count = reader.u16()?;
    describe.field(reader, Part::Header, "encrypted data key count", || match count {
        1 => "one key can open this message".into(),
        several => format!("any of {several} keys can open this message"),
    });
    match limit {
        Some(limit) if count > limit => Err(MessageError::TooManyEncryptedDataKeys { count, limit }),
        _ if count == 0 => Err(reader.invalid("it has no encrypted data key").into()),
        _ => Ok(count),
    }
}

fn scan_content(suite: Suite, reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Content, MessageError> {
    let content_type = reader.u8()?;
    describe.field(reader, Part::Header, "content type", || match content_type {
        UNFRAMED => "unframed: encrypted in one piece".into(),
        _ => "framed: encrypted in pieces, each with its own tag".into(),
    });
    if suite.message_version() == VERSION_1 {
        if reader.u32()? != 0 {
            return Err(reader.invalid("four reserved bytes are not zero").into());
        }
        describe.field(reader, Part::Header, "reserved", || "zero".into());
        if reader.u8()? != IV_BYTES {
            return Err(reader.invalid(reason!("a nonce has {IV_BYTES} bytes")).into());
        }
        describe.field(reader, Part::Header, "iv length", || format!("{IV_BYTES} bytes"));
    }
    let frame_length = reader.u32()?;
    describe.field(reader, Part::Header, "frame length", || format!("{frame_length} bytes in every frame but the last"));
    match (content_type, frame_length) {
        (FRAMED, 0) => Err(reader.invalid("the frame length is 0").into()),
        (FRAMED, _) => Ok(Content::Framed { frame_length }),
        (UNFRAMED, 0) => Ok(Content::Unframed),
        (UNFRAMED, _) => Err(reader.invalid("it is not framed but has a frame length").into()),
        (other, _) => Err(reader.invalid(reason!("there is no content type {other}")).into()),
    }
}

fn scan_commitment(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<[u8; 32], MessageError> {
    let commitment = reader.array()?;
    describe.field(reader, Part::Commitment, "commit key", || {
        "derived from the data key: a message that opens to two texts under two keys can not be made".into()
    });
    Ok(commitment)
}

const VERSION_1: u8 = 0x01;
const VERSION_1_TYPE: u8 = 0x80;
const VERSION_2: u8 = 0x02;
const UNFRAMED: u8 = 0x01;
const FRAMED: u8 = 0x02;
const IV_BYTES: u8 = IV_LEN as u8;
/// `AY` and `Ag` are what version bytes 01 80 and 02 become in base64.
const BASE64_START: u8 = b'A';
