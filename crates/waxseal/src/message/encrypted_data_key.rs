//! An encrypted data key: who wrapped it, under which of their keys, and the wrapped bytes.

use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong, Writer};

use super::{Description, Undescribed};

/// One wrapped copy of a message's data key. Any of the three fields may be empty on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedDataKey {
    /// The kind of wrapping key: `aws-kms`, or a raw key's namespace.
    pub provider_id: String,
    /// Which wrapping key: a KMS key's ARN; a raw AES key's name, tag and nonce lengths, and nonce.
    pub provider_info: Vec<u8>,
    /// The data key, wrapped.
    pub ciphertext: Vec<u8>,
}

impl EncryptedDataKey {
    /// Reads one entry.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        Self::scan(reader, &mut Undescribed)
    }

    /// Appends the entry.
    pub fn write(&self, writer: &mut Writer) -> Result<(), TooLong> {
        writer
            .u16_prefixed("provider id", self.provider_id.as_bytes())?
            .u16_prefixed("provider info", &self.provider_info)?
            .u16_prefixed("encrypted data key", &self.ciphertext)?;
        Ok(())
    }

    /// Describes one entry that is all of `bytes`.
    pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, ReadError> {
        let mut list = FieldList::new();
        let mut reader = Reader::new("encrypted data key", bytes);
        Self::scan(&mut reader, &mut list)?;
        reader.finish()?;
        Ok(list.finish())
    }

    /// Whose wrapping key it is, for people: `aws-kms arn:…`. Bytes that are not text are shown as such.
    pub fn wrapped_by(&self) -> String {
        format!("{} {}", self.provider_id, info_text(&self.provider_info))
    }

    pub(super) fn scan(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Self, ReadError> {
        const PART: Part = Part::EncryptedDataKey;
        let len = reader.u16()?;
        describe.field(reader, PART, "provider id length", || format!("{len} bytes"));
        let id = reader.take(usize::from(len))?;
        let provider_id = std::str::from_utf8(id).map_err(|_| reader.invalid("a provider id is not UTF-8"))?;
        describe.field(reader, PART, "provider id", || format!("`{provider_id}`: the kind of key that wrapped the data key"));
        let len = reader.u16()?;
        describe.field(reader, PART, "provider info length", || format!("{len} bytes"));
        let provider_info = reader.take(usize::from(len))?;
        describe.field(reader, PART, "provider info", || format!("{}: which key wrapped it", info_text(provider_info)));
        let len = reader.u16()?;
        describe.field(reader, PART, "encrypted data key length", || format!("{len} bytes"));
        let ciphertext = reader.take(usize::from(len))?;
        describe.field(reader, PART, "encrypted data key", || "the data key, wrapped; only the wrapping key opens it".into());
        Ok(Self { provider_id: provider_id.into(), provider_info: provider_info.into(), ciphertext: ciphertext.into() })
    }
}

/// The leading text of provider info; a raw AES key's info goes on with lengths and a nonce.
fn info_text(info: &[u8]) -> String {
    let text = String::from_utf8_lossy(info);
    let shown: String = text.chars().take_while(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER).collect();
    match info.len().saturating_sub(shown.len()) {
        0 => format!("`{shown}`"),
        more => format!("`{shown}` and {more} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_provider_id_is_text() {
        let mut reader = Reader::new("message", b"\0\x01\xff\0\0\0\0");
        assert!(EncryptedDataKey::read(&mut reader).unwrap_err().to_string().contains("provider id is not UTF-8"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(provider_id in ".{0,9}", provider_info: Vec<u8>, ciphertext: Vec<u8>) {
            let key = EncryptedDataKey { provider_id, provider_info, ciphertext };
            let mut writer = Writer::new();
            key.write(&mut writer).unwrap();
            let bytes = writer.finish();
            let mut reader = Reader::new("message", &bytes);
            prop_assert_eq!(EncryptedDataKey::read(&mut reader).unwrap(), key);
            reader.finish().unwrap();
            let end = EncryptedDataKey::fields(&bytes).unwrap().iter().fold(0, |end, field| { assert_eq!(field.range.start, end); field.range.end });
            prop_assert_eq!(end, bytes.len());
        }
    }
}
