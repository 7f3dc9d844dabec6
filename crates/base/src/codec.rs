//! A bounds-checked reader, its writer, and the fields a structure describes itself with. No other code indexes bytes.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::reason;

/// Reads a structure from bytes, front to back. Every step says which structure ended early.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    structure: &'static str,
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`; `structure` is named in errors.
    pub fn new(structure: &'static str, bytes: &'a [u8]) -> Self {
        Self { structure, bytes, position: 0 }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.position)
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], ReadError> {
        let end = self.position.checked_add(len);
        match end.and_then(|end| self.bytes.get(self.position..end)) {
            Some(bytes) => {
                self.position = self.position.saturating_add(len);
                Ok(bytes)
            }
            None => Err(self.error(Problem::Truncated { needed: len, left: self.remaining() })),
        }
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, ReadError> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes, big-endian.
    pub fn u16(&mut self) -> Result<u16, ReadError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian.
    pub fn u32(&mut self) -> Result<u32, ReadError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes, big-endian.
    pub fn u64(&mut self) -> Result<u64, ReadError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A two-byte length and that many bytes.
    pub fn u16_prefixed(&mut self) -> Result<&'a [u8], ReadError> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A two-byte length and that many bytes of UTF-8.
    pub fn u16_prefixed_str(&mut self, what: &'static str) -> Result<&'a str, ReadError> {
        let bytes = self.u16_prefixed()?;
        std::str::from_utf8(bytes).map_err(|_| self.invalid(reason!("{what} is not UTF-8")))
    }

    /// The bytes from `start`, a former [`position`](Self::position), up to here.
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.position).unwrap_or_default()
    }

    /// Ends the structure: bytes left over are an error.
    pub fn finish(self) -> Result<(), ReadError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.error(Problem::Trailing { left })),
        }
    }

    /// An error at this place, about a value that was read; its words are a literal, or [`reason!`](crate::reason) composes them.
    #[inline]
    pub fn invalid(&self, what: impl Into<String>) -> ReadError {
        self.error(Problem::Invalid(reason(what)))
    }

    fn error(&self, problem: Problem) -> ReadError {
        ReadError { structure: self.structure, offset: self.position, problem }
    }
}

/// Why bytes are not the structure they were read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The structure that was being read, such as `message header`.
    pub structure: &'static str,
    /// Bytes from the start of that structure to the trouble.
    pub offset: usize,
    /// What the trouble is.
    pub problem: Problem,
}

/// What can be wrong with bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The bytes end inside the structure.
    Truncated {
        /// Bytes the next part needs.
        needed: usize,
        /// Bytes there are.
        left: usize,
    },
    /// Bytes follow the structure.
    Trailing {
        /// How many.
        left: usize,
    },
    /// A value that the structure does not allow: why, empty without feature `reasons`.
    Invalid(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { structure, offset, problem } = self;
        match problem {
            Problem::Truncated { needed, left } => {
                write!(f, "the {structure} ends early: at byte {offset} it needs {needed} more, there are {left}")
            }
            Problem::Trailing { left } => write!(f, "{left} bytes follow the {structure}"),
            Problem::Invalid(what) => write!(f, "the {structure} is malformed near byte {offset}: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Writes a structure. The lengths that can not overflow their prefix are the caller's to keep; those that can are checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Appends two bytes, big-endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends four bytes, big-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a two-byte length and the bytes; `what` is named if they are over 65,535.
    pub fn u16_prefixed(&mut self, what: &'static str, bytes: &[u8]) -> Result<&mut Self, TooLong> {
        let len = u16::try_from(bytes.len()).map_err(|_| TooLong { what, len: bytes.len() })?;
        Ok(self.u16(len).bytes(bytes))
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// A field that does not fit its two-byte length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Which field.
    pub what: &'static str,
    /// Its length in bytes.
    pub len: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} is {} bytes long; the format holds at most 65535", self.what, self.len)
    }
}

impl std::error::Error for TooLong {}

/// One field of a structure, as the structure's own `fields()` tells it. The fields of a structure are in order and touch: joined,
/// their ranges are all its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Where it is, in bytes from the start of what `fields()` was given.
    pub range: Range<usize>,
    /// Its name in the standard, such as `suite id`.
    pub label: String,
    /// What this value means, in a person's words.
    pub note: String,
    /// The part of the whole it belongs to, which decides its colour.
    pub part: Part,
}

impl Field {
    /// Moves the field by `offset` bytes, into a structure that holds this one.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.range = self.range.start.saturating_add(offset)..self.range.end.saturating_add(offset);
        self
    }
}

/// The part of a message or blob that a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Fixed fields: versions, ids, lengths.
    Header,
    /// The encryption context.
    EncryptionContext,
    /// An encrypted data key.
    EncryptedDataKey,
    /// The commitment to the data key.
    Commitment,
    /// A nonce.
    Iv,
    /// Encrypted content.
    Ciphertext,
    /// An authentication tag.
    Tag,
    /// A signature.
    Signature,
}

/// Collects the fields of a structure while it is read: each call names the bytes since the last one.
#[derive(Debug, Default)]
pub struct FieldList {
    fields: Vec<Field>,
    end: usize,
}

impl FieldList {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes from the end of the last field up to the reader's position are this field. An empty field is left out.
    pub fn push(&mut self, reader: &Reader<'_>, part: Part, label: impl Into<String>, note: impl Into<String>) {
        let range = self.end..reader.position();
        self.end = reader.position();
        if !range.is_empty() {
            self.fields.push(Field { range, label: label.into(), note: note.into(), part });
        }
    }

    /// The bytes from the end of the last field up to the reader's position are a structure that described itself in `fields`.
    pub fn nest(&mut self, reader: &Reader<'_>, fields: impl IntoIterator<Item = Field>) {
        let start = self.end;
        self.end = reader.position();
        self.fields.extend(fields.into_iter().map(|field| field.shifted(start)));
    }

    /// The fields, in order.
    pub fn finish(self) -> Vec<Field> {
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut writer = Writer::new();
        writer.u8(1).u16(2).u32(3).u64(4).u16_prefixed("name", "é".as_bytes()).unwrap();
        let bytes = writer.finish();
        let mut reader = Reader::new("sample", &bytes);
        assert_eq!((reader.u8(), reader.u16(), reader.u32(), reader.u64()), (Ok(1), Ok(2), Ok(3), Ok(4)));
        assert_eq!(reader.u16_prefixed_str("name"), Ok("é"));
        reader.finish().unwrap();
    }

    #[test]
    fn errors_name_structure_and_place() {
        let mut reader = Reader::new("sample", &[0, 5, 1]);
        let error = reader.u16_prefixed().unwrap_err();
        assert_eq!(error.to_string(), "the sample ends early: at byte 2 it needs 5 more, there are 1");
        assert_eq!(reader.clone().finish().unwrap_err().to_string(), "1 bytes follow the sample");
        assert_eq!(reader.take(usize::MAX).unwrap_err().problem, Problem::Truncated { needed: usize::MAX, left: 1 });
        let mut reader = Reader::new("sample", &[0, 1, 0xff]);
        assert_eq!(reader.u16_prefixed_str("name").unwrap_err().problem, Problem::Invalid(reason("name is not UTF-8")));
        assert!(Writer::new().u16_prefixed("name", &[0; 65_536]).is_err());
    }
}
