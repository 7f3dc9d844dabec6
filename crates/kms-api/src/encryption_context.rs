//! The string-to-string map bound to a message and to its wrapped keys as additional authenticated data, and its canonical bytes
//! (AWS Encryption SDK message format, "AAD"; see `fields`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong, Writer};

/// An encryption context. It is not secret: it travels in the clear and is logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncryptionContext(
    // Strings of a BTreeMap are in order of their UTF-8 bytes, which is the canonical order.
    BTreeMap<String, String>,
);

impl EncryptionContext {
    /// No pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a key; keys are case-sensitive.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Adds a pair; an older value of the key is replaced.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// The pairs, in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The map itself.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The canonical serialization: nothing for an empty context, else the pair count and each pair, sorted by the UTF-8 bytes of its key.
    pub fn to_canonical_bytes(&self) -> Result<Vec<u8>, TooLong> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let mut writer = Writer::new();
        writer.u16(u16::try_from(self.len()).map_err(|_| TooLong { what: "encryption context", len: self.len() })?);
        for (key, value) in self.iter() {
            writer.u16_prefixed("encryption context key", key.as_bytes())?.u16_prefixed("encryption context value", value.as_bytes())?;
        }
        match writer.len() {
            len if len > usize::from(u16::MAX) => Err(TooLong { what: "encryption context", len }),
            _ => Ok(writer.finish()),
        }
    }

    /// Appends the length and the canonical serialization.
    pub fn write(&self, writer: &mut Writer) -> Result<(), TooLong> {
        writer.u16_prefixed("encryption context", &self.to_canonical_bytes()?).map(|_| ())
    }

    /// Reads a length and a context in any order of keys. Doubled keys, a count of zero and left-over bytes are errors.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        Self::from_bytes(reader.u16_prefixed()?)
    }

    /// Reads a serialization without its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::scan(bytes, |_, _, _, _| {})
    }

    /// Describes a serialization without its length.
    pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, ReadError> {
        let mut list = FieldList::new();
        Self::scan(bytes, |reader, label, note, _| list.push(reader, Part::EncryptionContext, label, note))?;
        Ok(list.finish())
    }

    fn scan<'a>(bytes: &'a [u8], mut field: impl FnMut(&Reader<'a>, &str, String, usize)) -> Result<Self, ReadError> {
        let mut context = Self::new();
        if bytes.is_empty() {
            return Ok(context);
        }
        let mut reader = Reader::new("encryption context", bytes);
        let count = reader.u16()?;
        if count == 0 {
            return Err(reader.invalid("it has a length but no pairs"));
        }
        field(&reader, "pair count", format!("{count}"), 0);
        for index in 0..count {
            let key = reader.u16_prefixed_str("a key")?;
            field(&reader, "key", format!("`{key}`"), usize::from(index));
            let value = reader.u16_prefixed_str("a value")?;
            field(&reader, "value", format!("`{value}`"), usize::from(index));
            if context.0.insert(key.into(), value.into()).is_some() {
                return Err(reader.invalid(format!("the key `{key}` is there twice")));
            }
        }
        reader.finish()?;
        Ok(context)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn order_is_by_utf8_bytes() {
        // In UTF-16 the surrogate of U+10000 sorts before U+FFFD; in UTF-8 it comes after.
        let context: EncryptionContext = [("\u{10000}", "1"), ("\u{fffd}", "2"), ("b", "3"), ("B", "4")].into_iter().collect();
        assert_eq!(context.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["B", "b", "\u{fffd}", "\u{10000}"]);
        assert_eq!(EncryptionContext::new().to_canonical_bytes().unwrap(), b"");
        let one: EncryptionContext = [("a", "b")].into_iter().collect();
        assert_eq!(one.to_canonical_bytes().unwrap(), b"\0\x01\0\x01a\0\x01b");
    }

    #[test]
    fn malformed_contexts_are_refused() {
        for (bytes, why) in [
            (&b"\0\0"[..], "no pairs"),
            (b"\0", "ends early"),
            (b"\0\x01\0\x01a\0\x01b!", "follow"),
            (b"\0\x02\0\x01a\0\x01b", "ends early"),
            (b"\0\x02\0\x01a\0\x01b\0\x01a\0\x01b", "twice"),
            (b"\0\x01\0\x01\xff\0\x01b", "not UTF-8"),
        ] {
            let error = EncryptionContext::from_bytes(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{bytes:?}: {error}");
        }
        let long: EncryptionContext = [("k", "v".repeat(65_530))].into_iter().collect();
        assert!(long.to_canonical_bytes().is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_its_fields_are_all_of_it(pairs in prop::collection::btree_map(".{0,8}", ".{0,8}", 0..5)) {
            let context: EncryptionContext = pairs.into_iter().collect();
            let bytes = context.to_canonical_bytes().unwrap();
            prop_assert_eq!(EncryptionContext::from_bytes(&bytes).unwrap(), context);
            let end = EncryptionContext::fields(&bytes).unwrap().iter().fold(0, |end, field| { assert_eq!(field.range.start, end); field.range.end });
            prop_assert_eq!(end, bytes.len());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = EncryptionContext::from_bytes(&bytes);
        }
    }
}
