//! Byte members of calls: base64 text in AWS JSON, a `Uint8Array` in JavaScript.

use std::fmt;

use base64ct::{Base64, Encoding};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Public bytes, such as a CiphertextBlob.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Blob(
    /// The bytes.
    #[serde(with = "bytes")]
    pub Vec<u8>,
);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

/// Secret bytes, such as a plaintext: wiped when dropped, never printed.
#[derive(Clone, Default)]
pub struct SecretBlob(
    /// The bytes.
    pub Zeroizing<Vec<u8>>,
);

impl fmt::Debug for SecretBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBlob({} bytes)", self.0.len())
    }
}

impl Serialize for SecretBlob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for SecretBlob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bytes::deserialize(deserializer).map(|bytes| Self(Zeroizing::new(bytes)))
    }
}

/// JSON text in which byte members are base64, as AWS JSON 1.1 has them. (serde_json alone writes bytes as a list of numbers.)
pub fn to_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut json = Vec::with_capacity(ROOM);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Base64Bytes))?;
    String::from_utf8(json).map_err(|_| de::Error::custom("JSON is UTF-8"))
}

/// More bytes than a response with a secret in it has: a buffer that has to grow leaves what was written behind.
const ROOM: usize = 16 * 1024;

struct Base64Bytes;

impl serde_json::ser::Formatter for Base64Bytes {
    fn write_byte_array<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, value: &[u8]) -> std::io::Result<()> {
        let text = Zeroizing::new(Base64::encode_string(value));
        write!(writer, "\"{}\"", text.as_str())
    }
}

mod bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_any(BytesVisitor)
    }

    struct BytesVisitor;

    impl Visitor<'_> for BytesVisitor {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes (a Uint8Array), or base64 text in JSON")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
            Base64::decode_vec(text).map_err(|_| E::custom("the value is not base64"))
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_base64() {
        assert_eq!(to_json(&Blob(vec![1, 2, 255])).unwrap(), "\"AQL/\"");
        assert_eq!(serde_json::from_str::<Blob>("\"AQL/\"").unwrap(), Blob(vec![1, 2, 255]));
        assert_eq!(serde_json::from_str::<SecretBlob>("\"AQL/\"").unwrap().0.as_slice(), [1, 2, 255]);
        assert!(serde_json::from_str::<Blob>("\"*\"").is_err());
        assert!(serde_json::from_str::<Blob>("7").is_err());
        assert_eq!(format!("{:?}", SecretBlob(Zeroizing::new(vec![42]))), "SecretBlob(1 bytes)");
    }
}
