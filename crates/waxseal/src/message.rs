//! The message format (AWS Encryption SDK message format, versions 1 and 2): header, then frames, then in a signed message the footer. Each
//! structure is one file with its reading, its writing and its description of itself next to each other.

mod description;
mod encrypted_data_key;
mod footer;
mod frame;
mod header;
mod message_id;

use std::fmt;

use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong};
use waxseal_base::reason;

pub use description::{Described, describe};
pub use encrypted_data_key::EncryptedDataKey;
pub use footer::Footer;
pub(crate) use frame::frame_iv;
pub use frame::{FrameAad, FrameHead, Piece};
pub use header::{Content, Header};
pub(crate) use header::{HeaderDraft, HeaderTag};
pub use message_id::MessageId;

/// Describes a whole message, without any key: the header, every frame, the footer. The fields touch; joined, their ranges are the message.
///
/// ```
/// let error = waxseal::message::fields(b"AgR4 is how a base64 message starts").unwrap_err();
/// assert!(error.to_string().contains("base64"));
/// ```
pub fn fields(message: &[u8]) -> Result<Vec<Field>, MessageError> {
    let mut list = FieldList::new();
    Described::default().read(message, u32::MAX, &mut list)?;
    Ok(list.finish())
}

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// They are not a message.
    Malformed(
        /// What is wrong, and where.
        ReadError,
    ),
    /// They are the base64 text of a message.
    Base64,
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
            Self::TooManyEncryptedDataKeys { count, limit } => {
                write!(f, "the message carries {count} encrypted data keys; this client accepts at most {limit}")
            }
        }
    }
}

impl std::error::Error for MessageError {}

impl From<TooLong> for crate::Error {
    fn from(error: TooLong) -> Self {
        Self::invalid_input(reason!("{error}"))
    }
}

/// Where a structure's description of itself goes while it is read. Reading is compiled once for use, without any of the words, and once for show.
pub(crate) trait Description {
    /// What was read since the last call is this field.
    fn field(&mut self, reader: &Reader<'_>, part: Part, label: impl fmt::Display, note: impl FnOnce() -> String);

    /// What was read since the last call is a structure with fields of its own.
    fn nest(&mut self, reader: &Reader<'_>, fields: impl FnOnce() -> Result<Vec<Field>, ReadError>) -> Result<(), ReadError>;
}

impl Description for FieldList {
    fn field(&mut self, reader: &Reader<'_>, part: Part, label: impl fmt::Display, note: impl FnOnce() -> String) {
        self.push(reader, part, label.to_string(), note());
    }

    fn nest(&mut self, reader: &Reader<'_>, fields: impl FnOnce() -> Result<Vec<Field>, ReadError>) -> Result<(), ReadError> {
        FieldList::nest(self, reader, fields()?);
        Ok(())
    }
}

/// Nowhere: what is read is used.
pub(crate) struct Undescribed;

impl Description for Undescribed {
    fn field(&mut self, _: &Reader<'_>, _: Part, _: impl fmt::Display, _: impl FnOnce() -> String) {}

    fn nest(&mut self, _: &Reader<'_>, _: impl FnOnce() -> Result<Vec<Field>, ReadError>) -> Result<(), ReadError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
