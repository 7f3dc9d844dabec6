//! The message format (AWS Encryption SDK message format, version 2): header, then frames. Each structure is one file with its reading,
//! its writing and its description of itself next to each other.

mod encrypted_data_key;
mod frame;
mod header;

use std::fmt;

use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong};

pub use encrypted_data_key::EncryptedDataKey;
pub use frame::FrameHead;
pub(crate) use frame::{body_aad, frame_iv};
pub use header::Header;

/// A message id: random, and the salt of the message's key.
pub type MessageId = [u8; 32];

/// Describes a whole message, without any key: the header and every frame. The fields touch; joined, their ranges are the message.
///
/// ```
/// let error = waxseal::message::fields(b"AgR4 is how a base64 message starts").unwrap_err();
/// assert!(error.to_string().contains("base64"));
/// ```
pub fn fields(message: &[u8]) -> Result<Vec<Field>, MessageError> {
    let mut list = FieldList::new();
    let mut reader = Reader::new("message", message);
    let header = Header::scan(&mut reader, None, &mut Description::into(&mut list))?;
    reader.array::<{ crate::primitives::TAG_LEN }>()?;
    list.push(&reader, Part::Tag, "header tag", header::TAG_NOTE);
    loop {
        let head = FrameHead::scan(&mut reader, header.frame_length, &mut Description::into(&mut list))?;
        if head.is_final {
            break;
        }
    }
    reader.finish()?;
    Ok(list.finish())
}

/// Why bytes are not a message that this version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// They are not a message.
    Malformed(
        /// What is wrong, and where.
        ReadError,
    ),
    /// They are the base64 text of a message.
    Base64,
    /// They may be a message, with a feature that this version does not read.
    Unsupported(
        /// What the message is.
        String,
    ),
    /// The message carries more encrypted data keys than the client accepts.
    TooManyEncryptedDataKeys {
        /// How many it carries.
        count: u16,
        /// How many are accepted.
        limit: u16,
    },
}

impl From<ReadError> for MessageError {
    fn from(error: ReadError) -> Self {
        Self::Malformed(error)
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "{error}"),
            Self::Base64 => f.write_str("the message is base64 text; decode it to bytes first"),
            Self::Unsupported(what) => {
                write!(f, "{what}; this version reads committing, unsigned, framed messages: format version 2, suite 0478")
            }
            Self::TooManyEncryptedDataKeys { count, limit } => {
                write!(f, "the message carries {count} encrypted data keys; this client accepts at most {limit}")
            }
        }
    }
}

impl std::error::Error for MessageError {}

impl From<TooLong> for crate::Error {
    fn from(error: TooLong) -> Self {
        Self::invalid_input(error.to_string())
    }
}

/// Where a structure's description of itself goes while it is read. Reading for use, not for show, makes no notes.
pub(crate) struct Description<'a>(Option<&'a mut FieldList>);

impl<'a> Description<'a> {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn into(list: &'a mut FieldList) -> Self {
        Self(Some(list))
    }

    /// What was read since the last call is this field.
    fn field(&mut self, reader: &Reader<'_>, part: Part, label: &str, note: impl FnOnce() -> String) {
        if let Some(list) = &mut self.0 {
            list.push(reader, part, label, note());
        }
    }

    /// What was read since the last call is a structure with fields of its own.
    fn nest(&mut self, reader: &Reader<'_>, fields: impl FnOnce() -> Result<Vec<Field>, ReadError>) -> Result<(), ReadError> {
        if let Some(list) = &mut self.0 {
            list.nest(reader, fields()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
