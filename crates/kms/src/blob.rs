//! The CiphertextBlob: what Encrypt and GenerateDataKey hand out and Decrypt takes back. It names its key and the generation of the
//! key's material in the clear, so Decrypt needs no KeyId.
//!
//! | bytes | field | |
//! | --- | --- | --- |
//! | 3 | magic | `57 58 4b`, "WXK" |
//! | 1 | version | `01` |
//! | 2 + n | key id | length, UTF-8; at most 256 bytes |
//! | 32 | material id | the generation of key material |
//! | 16 | derivation nonce | random; salt of the key derivation |
//! | 12 | iv | random; nonce of AES-GCM |
//! | 2 | ciphertext length | 1 to 4096 |
//! | n | ciphertext | as long as the plaintext |
//! | 16 | tag | |
//!
//! Integers are big-endian. The key that encrypts is `HKDF-SHA-256(ikm = key material, salt = derivation nonce, info = "waxseal kms 1
//! ciphertext")`, 32 bytes, so no two ciphertexts share one. The cipher is AES-256-GCM; its additional authenticated data are all bytes
//! before the ciphertext, then the canonical bytes of the encryption context. AWS does not publish its layout; this one is ours.

use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, Writer};

use crate::primitives::{IV_LEN, KEY_LEN, TAG_LEN};

/// A CiphertextBlob, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiphertextBlob {
    /// What comes before the ciphertext.
    pub header: BlobHeader,
    /// Encrypted under the derived key.
    pub ciphertext: Vec<u8>,
    /// AES-GCM's tag over all of it and the encryption context.
    pub tag: [u8; TAG_LEN],
}

/// The part of a CiphertextBlob that is in the clear. It is authenticated together with the encryption context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobHeader {
    /// The id of the KMS key, without account and region.
    pub key_id: String,
    /// Which generation of the key's material.
    pub material_id: [u8; KEY_LEN],
    /// Salt of the key derivation.
    pub derivation_nonce: [u8; DERIVATION_NONCE_LEN],
    /// AES-GCM's nonce.
    pub iv: [u8; IV_LEN],
    /// Bytes of ciphertext that follow.
    pub ciphertext_len: u16,
}

impl BlobHeader {
    /// The header's bytes; none for a key id that is too long for the format.
    pub fn write(&self) -> Option<Vec<u8>> {
        if self.key_id.len() > MAX_KEY_ID_LEN {
            return None;
        }
        let mut writer = Writer::new();
        writer.bytes(MAGIC).u8(VERSION).u16_prefixed("key id", self.key_id.as_bytes()).ok()?;
        writer.bytes(&self.material_id).bytes(&self.derivation_nonce).bytes(&self.iv).u16(self.ciphertext_len);
        Some(writer.finish())
    }
}

impl CiphertextBlob {
    /// Reads a whole blob. Bytes left over are an error.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        scan(bytes, |_, _, _, _| {})
    }

    /// The blob's bytes; none for parts that do not fit the format.
    pub fn write(&self) -> Option<Vec<u8>> {
        let fits = usize::from(self.header.ciphertext_len) == self.ciphertext.len();
        let mut writer = Writer::new();
        writer.bytes(&self.header.write().filter(|_| fits)?).bytes(&self.ciphertext).bytes(&self.tag);
        Some(writer.finish())
    }
}

/// Describes a blob, byte by byte. Joined, the ranges are all of it.
pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, ReadError> {
    let mut list = FieldList::new();
    scan(bytes, |reader, part, label, note| list.push(reader, part, label, note))?;
    Ok(list.finish())
}

fn scan(bytes: &[u8], mut field: impl FnMut(&Reader<'_>, Part, &str, String)) -> Result<CiphertextBlob, ReadError> {
    let mut reader = Reader::new("ciphertext blob", bytes);
    if bytes.len() > MAX_BLOB_LEN {
        return Err(reader.invalid(format!("it is over {MAX_BLOB_LEN} bytes long")));
    }
    if reader.array()? != *MAGIC {
        return Err(reader.invalid("it does not begin with WXK"));
    }
    field(&reader, Part::Header, "magic", "WXK: a ciphertext of this KMS".into());
    let version = reader.u8()?;
    if version != VERSION {
        return Err(reader.invalid(format!("version {version} is not known")));
    }
    field(&reader, Part::Header, "version", "1".into());
    let key_id_len = usize::from(reader.u16()?);
    if key_id_len == 0 || key_id_len > MAX_KEY_ID_LEN {
        return Err(reader.invalid(format!("a key id has 1 to {MAX_KEY_ID_LEN} bytes")));
    }
    field(&reader, Part::Header, "key id length", format!("{key_id_len} bytes"));
    let key_id = std::str::from_utf8(reader.take(key_id_len)?).map_err(|_| reader.invalid("the key id is not UTF-8"))?;
    field(&reader, Part::Header, "key id", format!("the KMS key `{key_id}`"));
    let material_id: [u8; KEY_LEN] = reader.array()?;
    field(&reader, Part::Header, "material id", format!("generation `{}` of the key", hex::encode(material_id)));
    let derivation_nonce = reader.array()?;
    field(&reader, Part::Iv, "derivation nonce", "random; from it and the key material the key of this one ciphertext is derived".into());
    let iv = reader.array()?;
    field(&reader, Part::Iv, "iv", "random; the nonce of AES-GCM".into());
    let ciphertext_len = reader.u16()?;
    if ciphertext_len == 0 || usize::from(ciphertext_len) > MAX_PLAINTEXT_LEN {
        return Err(reader.invalid(format!("a ciphertext has 1 to {MAX_PLAINTEXT_LEN} bytes")));
    }
    field(&reader, Part::Header, "ciphertext length", format!("{ciphertext_len} bytes"));
    let ciphertext = reader.take(usize::from(ciphertext_len))?.to_vec();
    field(&reader, Part::Ciphertext, "ciphertext", "as long as the plaintext; without the key material it tells nothing else".into());
    let tag = reader.array()?;
    field(&reader, Part::Tag, "tag", "authenticates every byte before it, and the encryption context".into());
    reader.finish()?;
    let header = BlobHeader { key_id: key_id.into(), material_id, derivation_nonce, iv, ciphertext_len };
    Ok(CiphertextBlob { header, ciphertext, tag })
}

/// Bytes of a CiphertextBlob at most, as the API has it.
pub const MAX_BLOB_LEN: usize = 6144;
/// Bytes of plaintext at most, as the API has it.
pub const MAX_PLAINTEXT_LEN: usize = 4096;
/// Label of the key derivation.
pub(crate) const CIPHERTEXT_LABEL: &str = "waxseal kms 1 ciphertext";
/// Bytes of the salt of the key derivation.
pub const DERIVATION_NONCE_LEN: usize = 16;
const MAX_KEY_ID_LEN: usize = 256;
const MAGIC: &[u8; 3] = b"WXK";
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(key_id: &str, ciphertext: Vec<u8>) -> CiphertextBlob {
        let ciphertext_len = ciphertext.len().try_into().unwrap();
        let header = BlobHeader { key_id: key_id.into(), material_id: [7; 32], derivation_nonce: [8; 16], iv: [9; 12], ciphertext_len };
        CiphertextBlob { header, ciphertext, tag: [1; 16] }
    }

    #[test]
    fn malformed_blobs_are_told_apart() {
        let good = sample("k", vec![0; 32]).write().unwrap();
        let change = |at: usize, to: u8| {
            let mut bytes = good.clone();
            bytes[at] = to;
            CiphertextBlob::read(&bytes).unwrap_err().to_string()
        };
        assert!(change(0, 0).contains("does not begin with WXK"));
        assert!(change(3, 9).contains("version 9 is not known"));
        assert!(change(4, 2).contains("a key id has 1 to 256 bytes"));
        assert!(change(6, 0xff).contains("not UTF-8"));
        assert!(change(67, 0xff).contains("a ciphertext has 1 to 4096 bytes"));
        assert!(CiphertextBlob::read(&[&good[..], b"!"].concat()).unwrap_err().to_string().contains("1 bytes follow"));
        assert!(CiphertextBlob::read(&vec![0; MAX_BLOB_LEN + 1]).unwrap_err().to_string().contains("over 6144 bytes"));
        assert_eq!(sample(&"k".repeat(257), vec![0]).write(), None);
        assert_eq!(CiphertextBlob { ciphertext: vec![0; 5], ..sample("k", vec![0; 4]) }.write(), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_its_fields_are_all_of_it(
            key_id in "[a-z0-9-]{1,64}", ciphertext in prop::collection::vec(any::<u8>(), 1..200),
        ) {
            let blob = sample(&key_id, ciphertext);
            let bytes = blob.write().unwrap();
            prop_assert_eq!(CiphertextBlob::read(&bytes).unwrap(), blob);
            let end = fields(&bytes).unwrap().iter().fold(0, |end, field| { assert_eq!(field.range.start, end); field.range.end });
            prop_assert_eq!(end, bytes.len());
            for len in 0..bytes.len() {
                prop_assert!(CiphertextBlob::read(&bytes[..len]).is_err());
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = fields(&bytes);
            let _ = fields(&[b"WXK\x01\0\x01k", &bytes[..]].concat());
        }
    }
}
