//! The string-to-string map bound to a message and to its wrapped keys as additional authenticated data, and its canonical bytes
//! (AWS Encryption SDK message format, "AAD"; see `fields`).

use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, TooLong, Writer};
use waxseal_base::reason;

/// An encryption context. It is not secret: it travels in the clear and is logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EncryptionContext(
    /// In order of the keys' UTF-8 bytes, which is the canonical order, and no key twice. A list, because the code of a map would be a tenth of
    /// what a page downloads.
    Vec<(String, String)>,
);

impl EncryptionContext {
    /// No pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a key; keys are case-sensitive.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.find(key).ok().and_then(|index| self.0.get(index)).map(|(_, value)| value.as_str())
    }

    /// Adds a pair; an older value of the key is replaced.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.put(key.into(), value.into());
    }

    /// Compiled once.
    fn put(&mut self, key: String, value: String) {
        // Most come in order.
        if self.0.last().is_none_or(|(last, _)| *last < key) {
            self.0.push((key, value));
            return;
        }
        match self.find(&key) {
            Ok(index) => {
                if let Some(pair) = self.0.get_mut(index) {
                    pair.1 = value;
                }
            }
            Err(index) => self.0.insert(index, (key, value)),
        }
    }

    /// Where a key is, or where it would go.
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(each, _)| each.as_str().cmp(key))
    }

    /// The pairs, in canonical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
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

    /// The pairs as a map of its own.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.0.iter().cloned().collect()
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
        Self::scan(bytes, |_, _, _| {})
    }

    /// Describes a serialization without its length.
    pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, ReadError> {
        let mut list = FieldList::new();
        Self::scan(bytes, |reader, label, note| list.push(reader, Part::EncryptionContext, label, note.to_string()))?;
        Ok(list.finish())
    }

    fn scan<'a>(bytes: &'a [u8], mut field: impl FnMut(&Reader<'a>, &str, fmt::Arguments<'_>)) -> Result<Self, ReadError> {
        if bytes.is_empty() {
            return Ok(Self::new());
        }
        let mut reader = Reader::new("encryption context", bytes);
        let count = reader.u16()?;
        if count == 0 {
            return Err(reader.invalid("it has a length but no pairs"));
        }
        field(&reader, "pair count", format_args!("{count}"));
        let mut pairs = Vec::new();
        for _ in 0..count {
            let key = reader.u16_prefixed_str("a key")?;
            field(&reader, "key", format_args!("`{key}`"));
            let value = reader.u16_prefixed_str("a value")?;
            field(&reader, "value", format_args!("`{value}`"));
            pairs.push((key, value));
        }
        let pairs = sorted(pairs);
        if let Some((key, _)) = pairs.iter().zip(pairs.iter().skip(1)).find_map(|(one, next)| (one.0 == next.0).then_some(one)) {
            return Err(reader.invalid(reason!("the key `{key}` is there twice")));
        }
        reader.finish()?;
        Ok(Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.insert(key, value);
        }
        context
    }
}

impl Serialize for EncryptionContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for EncryptionContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(map.into_iter().collect()))
    }
}

/// In order, in a time that whoever wrote them can not make long. Writers sort them, as a rule.
fn sorted<'a>(pairs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    if pairs.is_sorted() { pairs } else { BinaryHeap::from(pairs).into_sorted_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_is_as_good_as_a_map() {
        let mut context: EncryptionContext = [("c", "1"), ("a", "2"), ("b", "3"), ("a", "4")].into_iter().collect();
        context.insert("c", "5");
        assert_eq!(context.iter().collect::<Vec<_>>(), [("a", "4"), ("b", "3"), ("c", "5")]);
        assert_eq!((context.value("b"), context.value("d"), context.len()), (Some("3"), None, 3));
        let json = serde_json::to_string(&context).unwrap();
        assert_eq!(json, r#"{"a":"4","b":"3","c":"5"}"#);
        assert_eq!(serde_json::from_str::<EncryptionContext>(r#"{"c":"5","b":"0","a":"4","b":"3"}"#).unwrap(), context);
        assert_eq!(
            EncryptionContext::from_bytes(b"\0\x02\0\x01b\0\x011\0\x01a\0\x012").unwrap().iter().next(),
            Some(("a", "2")),
            "in any order"
        );
    }

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
