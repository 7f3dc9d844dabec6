//! The header: what the message is, whom it is for, and the commitment to its data key. Its tag follows it and covers every byte.

use waxseal_base::codec::{Field, FieldList, Part, Reader, TooLong, Writer};
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::{Description, EncryptedDataKey, MessageError, MessageId};
use crate::suite::{Suite, UnusableSuite};

/// What the header says. Until its tag is verified, anybody may have said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm suite.
    pub suite: Suite,
    /// The message's random id.
    pub message_id: MessageId,
    /// What the message and its wrapped keys are bound to.
    pub encryption_context: EncryptionContext,
    /// The wrapped copies of the data key, in the order to try them in.
    pub encrypted_data_keys: Vec<EncryptedDataKey>,
    /// Bytes of plaintext in every frame but the last.
    pub frame_length: u32,
    /// The commitment to the data key.
    pub commitment: [u8; 32],
}

impl Header {
    /// Reads a header, without its tag. With a limit, a greater number of encrypted data keys is refused before the first is read.
    pub fn read(reader: &mut Reader<'_>, max_encrypted_data_keys: Option<u16>) -> Result<Self, MessageError> {
        Self::scan(reader, max_encrypted_data_keys, &mut Description::none())
    }

    /// What the header at the start of a message says, not verified.
    pub fn read_from(message: &[u8]) -> Result<Self, MessageError> {
        Self::read(&mut Reader::new("message header", message), None)
    }

    /// Appends the header, without its tag.
    pub fn write(&self, writer: &mut Writer) -> Result<(), TooLong> {
        writer.u8(VERSION_2).u16(self.suite.id()).bytes(&self.message_id);
        self.encryption_context.write(writer)?;
        let count = self.encrypted_data_keys.len();
        writer.u16(u16::try_from(count).map_err(|_| TooLong { what: "list of encrypted data keys", len: count })?);
        for key in &self.encrypted_data_keys {
            key.write(writer)?;
        }
        writer.u8(FRAMED).u32(self.frame_length).bytes(&self.commitment);
        Ok(())
    }

    /// Describes a header that is all of `bytes`, with its tag or without.
    pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, MessageError> {
        let mut list = FieldList::new();
        let mut reader = Reader::new("message header", bytes);
        Self::scan(&mut reader, None, &mut Description::into(&mut list))?;
        if reader.remaining() > 0 {
            reader.array::<{ crate::primitives::TAG_LEN }>()?;
            list.push(&reader, Part::Tag, "header tag", TAG_NOTE);
        }
        reader.finish()?;
        Ok(list.finish())
    }

    pub(super) fn scan(reader: &mut Reader<'_>, limit: Option<u16>, describe: &mut Description<'_>) -> Result<Self, MessageError> {
        let suite = scan_version_and_suite(reader, describe)?;
        let message_id: MessageId = reader.array()?;
        describe.field(reader, Part::Header, "message id", || "random; salt of the message's key, and part of every frame's tag".into());
        let encryption_context = scan_context(reader, describe)?;
        let encrypted_data_keys = scan_keys(reader, limit, describe)?;
        let frame_length = scan_frame_length(reader, describe)?;
        let commitment = reader.array()?;
        describe.field(reader, Part::Commitment, "commit key", || {
            "derived from the data key: a message that opens to two texts under two keys can not be made".into()
        });
        Ok(Self { suite, message_id, encryption_context, encrypted_data_keys, frame_length, commitment })
    }
}

fn scan_version_and_suite(reader: &mut Reader<'_>, describe: &mut Description<'_>) -> Result<Suite, MessageError> {
    let version = reader.u8()?;
    let usable = match version {
        VERSION_2 => Ok(()),
        VERSION_1 => {
            if reader.u8()? != VERSION_1_TYPE {
                return Err(reader.invalid("a message of version 1 has type 80").into());
            }
            Err(MessageError::Unsupported("the message is of format version 1, without key commitment".into()))
        }
        BASE64_START if reader.u8().is_ok_and(|second| matches!(second, b'Y' | b'g')) => return Err(MessageError::Base64),
        other => return Err(reader.invalid(format!("there is no message format version {other}; is this a message at all?")).into()),
    };
    describe.field(reader, Part::Header, "version", || "message format version 2".into());
    match Suite::from_id(reader.u16()?, version) {
        Ok(suite) => {
            usable?;
            describe.field(reader, Part::Header, "suite id", || format!("suite {suite}: {}", suite.description()));
            Ok(suite)
        }
        Err(reason @ UnusableSuite::NotSupported(_)) => Err(MessageError::Unsupported(reason.to_string())),
        Err(reason) => Err(reader.invalid(reason.to_string()).into()),
    }
}

fn scan_context(reader: &mut Reader<'_>, describe: &mut Description<'_>) -> Result<EncryptionContext, MessageError> {
    let len = reader.u16()?;
    describe.field(reader, Part::Header, "encryption context length", || format!("{len} bytes"));
    let bytes = reader.take(usize::from(len))?;
    let context = EncryptionContext::from_bytes(bytes)?;
    describe.nest(reader, || EncryptionContext::fields(bytes))?;
    Ok(context)
}

fn scan_keys(reader: &mut Reader<'_>, limit: Option<u16>, describe: &mut Description<'_>) -> Result<Vec<EncryptedDataKey>, MessageError> {
    let count = reader.u16()?;
    describe.field(reader, Part::Header, "encrypted data key count", || match count {
        1 => "one key can open this message".into(),
        several => format!("any of {several} keys can open this message"),
    });
    match limit {
        Some(limit) if count > limit => return Err(MessageError::TooManyEncryptedDataKeys { count, limit }),
        _ if count == 0 => return Err(reader.invalid("it has no encrypted data key").into()),
        _ => {}
    }
    // The count is not trusted for an allocation: the list grows as entries are found.
    let mut keys = Vec::new();
    for _ in 0..count {
        keys.push(EncryptedDataKey::scan(reader, describe)?);
    }
    Ok(keys)
}

fn scan_frame_length(reader: &mut Reader<'_>, describe: &mut Description<'_>) -> Result<u32, MessageError> {
    let content_type = reader.u8()?;
    describe.field(reader, Part::Header, "content type", || "framed: encrypted in pieces, each with its own tag".into());
    let frame_length = reader.u32()?;
    describe.field(reader, Part::Header, "frame length", || format!("{frame_length} bytes in every frame but the last"));
    match (content_type, frame_length) {
        (FRAMED, 0) => Err(reader.invalid("the frame length is 0").into()),
        (FRAMED, _) => Ok(frame_length),
        (UNFRAMED, 0) => Err(MessageError::Unsupported("the message is not framed".into())),
        (UNFRAMED, _) => Err(reader.invalid("it is not framed but has a frame length").into()),
        (other, _) => Err(reader.invalid(format!("there is no content type {other}")).into()),
    }
}

pub(super) const TAG_NOTE: &str = "authenticates every byte of the header before it";

const VERSION_1: u8 = 0x01;
const VERSION_1_TYPE: u8 = 0x80;
const VERSION_2: u8 = 0x02;
const UNFRAMED: u8 = 0x01;
const FRAMED: u8 = 0x02;
/// `AY` and `Ag` are what version bytes 01 80 and 02 become in base64.
const BASE64_START: u8 = b'A';
