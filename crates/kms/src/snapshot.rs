//! A snapshot: the whole world of a KMS in one file, sealed under a root key of its keeper's, or, for worlds to be shared, open.
//!
//! | bytes | field | |
//! | --- | --- | --- |
//! | 3 | magic | `57 58 57`, "WXW" |
//! | 1 | version | `01` |
//! | 1 | form | `01` sealed, `00` open |
//! | 16 | salt | sealed only; random |
//! | 32 | commitment | sealed only; tells whether a root key is the right one |
//! | 12 | iv | sealed only; random; nonce of AES-GCM |
//! | 32 | digest | open only; SHA-256 of the contents |
//! | n | contents | encrypted if sealed: the KMS's own root key, 32 bytes, then JSON of its records and its audit log |
//! | 16 | tag | sealed only |
//!
//! Key and commitment are `HKDF-SHA-256(ikm = root key, salt, info = "waxseal kms 1 snapshot")` and `… "waxseal kms 1 snapshot commitment"`.
//! The cipher is AES-256-GCM; its additional authenticated data are all bytes before the contents. An open snapshot has every key in it, for
//! whoever reads it; its digest notices accidents only.

use subtle::ConstantTimeEq;
use waxseal_base::codec::{Field, FieldList, Part, ReadError, Reader, Writer};
use waxseal_base::env::Env;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use zeroize::Zeroizing;

use crate::primitives::{self, IV_LEN, KEY_LEN, TAG_LEN};

mod error;

pub use error::SnapshotError;

/// A snapshot, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// How its contents are kept.
    pub form: Form,
    /// The contents, as that form has them.
    pub contents: Vec<u8>,
}

/// How the contents of a snapshot are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Encrypted under a root key.
    Sealed {
        /// Salt of the key derivation.
        salt: [u8; SALT_LEN],
        /// Follows from the root key and the salt.
        commitment: [u8; KEY_LEN],
        /// AES-GCM's nonce.
        iv: [u8; IV_LEN],
        /// AES-GCM's tag over all of the snapshot.
        tag: [u8; TAG_LEN],
    },
    /// In the clear, with all keys.
    Open {
        /// SHA-256 of the contents.
        digest: [u8; KEY_LEN],
    },
}

impl Snapshot {
    /// Reads a whole snapshot; nothing is opened.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        scan(bytes, |_, _, _, _| {})
    }

    /// The snapshot's bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(&self.form.header()).bytes(&self.contents);
        if let Form::Sealed { tag, .. } = &self.form {
            writer.bytes(tag);
        }
        writer.finish()
    }

    /// Encrypts contents under a root key of 32 bytes.
    pub(crate) fn seal(contents: &[u8], root_key: Zeroizing<Vec<u8>>, env: &Env) -> Result<Self, SnapshotError> {
        check_len(contents)?;
        let root_key = take_over(root_key)?;
        let salt: [u8; SALT_LEN] = env.random_array()?;
        let iv: [u8; IV_LEN] = env.random_array()?;
        let commitment = commitment(&root_key, &salt)?;
        let form = Form::Sealed { salt, commitment, iv, tag: [0; TAG_LEN] };
        let sealed = primitives::seal(&derive(&root_key, &salt, LABEL)?, iv, &form.header(), contents);
        scrub_stack();
        let (contents, tag) = sealed.map_err(|_| SnapshotError::Cipher)?;
        Ok(Self { form: Form::Sealed { salt, commitment, iv, tag }, contents })
    }

    /// The bytes of an open snapshot, which has its contents in the clear.
    pub(crate) fn danger_write_open(contents: &[u8]) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        check_len(contents)?;
        let header = Form::Open { digest: primitives::digest(contents) }.header();
        // At its full length at once: a buffer that grows leaves keys behind where it was.
        let mut bytes = Zeroizing::new(Vec::with_capacity(header.len().saturating_add(contents.len())));
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(contents);
        Ok(bytes)
    }

    /// The contents, if the root key is the one they were sealed under and no byte was altered.
    pub(crate) fn unseal(&self, root_key: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let Form::Sealed { salt, commitment: expected, iv, tag } = &self.form else { return Err(SnapshotError::NotSealed) };
        let root_key = take_over(root_key)?;
        if !bool::from(commitment(&root_key, salt)?.ct_eq(expected)) {
            return Err(SnapshotError::WrongRootKey);
        }
        let opened = primitives::open(&derive(&root_key, salt, LABEL)?, *iv, &self.form.header(), &self.contents, *tag);
        scrub_stack();
        opened.map_err(|_| SnapshotError::Altered)
    }

    /// The contents of an open snapshot, if they are whole.
    pub(crate) fn danger_read_open(self) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let contents = Zeroizing::new(self.contents);
        match self.form {
            Form::Open { digest } if primitives::digest(&contents) == digest => Ok(contents),
            Form::Open { .. } => Err(SnapshotError::Altered),
            Form::Sealed { .. } => Err(SnapshotError::Sealed),
        }
    }
}

impl Form {
    /// All bytes before the contents.
    fn header(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(MAGIC).u8(VERSION);
        match self {
            Self::Sealed { salt, commitment, iv, .. } => writer.u8(SEALED).bytes(salt).bytes(commitment).bytes(iv),
            Self::Open { digest } => writer.u8(OPEN).bytes(digest),
        };
        writer.finish()
    }
}

/// Describes a snapshot, byte by byte, without opening it. Joined, the ranges are all of it.
pub fn fields(bytes: &[u8]) -> Result<Vec<Field>, ReadError> {
    let mut list = FieldList::new();
    scan(bytes, |reader, part, label, note| list.push(reader, part, label, note))?;
    Ok(list.finish())
}

fn scan(bytes: &[u8], mut field: impl FnMut(&Reader<'_>, Part, &'static str, &'static str)) -> Result<Snapshot, ReadError> {
    let mut reader = Reader::new("snapshot", bytes);
    if bytes.len() > MAX_LEN.saturating_add(MAX_FRAME_LEN) {
        return Err(reader.invalid(format!("its contents are over {MAX_LEN} bytes long")));
    }
    if reader.array()? != *MAGIC {
        return Err(reader.invalid("it does not begin with WXW"));
    }
    field(&reader, Part::Header, "magic", "WXW: a world of this KMS");
    let version = reader.u8()?;
    if version != VERSION {
        return Err(reader.invalid(format!("version {version} is not known")));
    }
    field(&reader, Part::Header, "version", "1");
    match reader.u8()? {
        SEALED => {
            field(&reader, Part::Header, "form", "sealed under a root key");
            let salt = reader.array()?;
            field(&reader, Part::Iv, "salt", "random; from it and the root key the key of this one snapshot is derived");
            let commitment = reader.array()?;
            field(&reader, Part::Commitment, "commitment", "tells whether a root key is the right one");
            let iv = reader.array()?;
            field(&reader, Part::Iv, "iv", "random; the nonce of AES-GCM");
            let contents = reader.take(reader.remaining().saturating_sub(TAG_LEN))?.to_vec();
            field(&reader, Part::Ciphertext, "contents", "encrypted: the KMS's root key, its records and its audit log");
            let tag = reader.array()?;
            field(&reader, Part::Tag, "tag", "authenticates every byte before it");
            Ok(Snapshot { form: Form::Sealed { salt, commitment, iv, tag }, contents })
        }
        OPEN => {
            field(&reader, Part::Header, "form", "open: every key is in it, for whoever reads it");
            let digest = reader.array()?;
            field(&reader, Part::Header, "digest", "SHA-256 of the contents; it notices accidents only");
            let contents = reader.take(reader.remaining())?.to_vec();
            field(&reader, Part::Ciphertext, "contents", "in the clear: the KMS's root key, its records and its audit log");
            Ok(Snapshot { form: Form::Open { digest }, contents })
        }
        form => Err(reader.invalid(format!("form {form} is not known"))),
    }
}

fn check_len(contents: &[u8]) -> Result<(), SnapshotError> {
    if contents.len() > MAX_LEN { Err(SnapshotError::TooLarge { len: contents.len() }) } else { Ok(()) }
}

fn take_over(root_key: Zeroizing<Vec<u8>>) -> Result<Secret, SnapshotError> {
    match root_key.len() {
        KEY_LEN => Ok(Secret::new(SecretName::RootKey, root_key, &Observer::none())),
        len => Err(SnapshotError::RootKeyLength { len }),
    }
}

fn derive(root_key: &Secret, salt: &[u8], label: &str) -> Result<Secret, SnapshotError> {
    primitives::derive(root_key, salt, label, SecretName::WrappingKey, &Observer::none()).map_err(|_| SnapshotError::Cipher)
}

fn commitment(root_key: &Secret, salt: &[u8]) -> Result<[u8; KEY_LEN], SnapshotError> {
    let derived = derive(root_key, salt, COMMITMENT_LABEL)?;
    derived.expose().try_into().map_err(|_| SnapshotError::Cipher)
}

/// Bytes of the salt.
pub const SALT_LEN: usize = 16;
/// Bytes of contents at most.
pub const MAX_LEN: usize = 1 << 28;
/// Everything but the contents, at most.
const MAX_FRAME_LEN: usize = 5 + SALT_LEN + KEY_LEN + IV_LEN + TAG_LEN;
const MAGIC: &[u8; 3] = b"WXW";
const VERSION: u8 = 1;
const SEALED: u8 = 1;
const OPEN: u8 = 0;
const LABEL: &str = "waxseal kms 1 snapshot";
const COMMITMENT_LABEL: &str = "waxseal kms 1 snapshot commitment";

#[cfg(test)]
mod tests {
    use waxseal_base::time::Timestamp;

    use super::*;

    fn root_key(byte: u8) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![byte; KEY_LEN])
    }

    fn sealed() -> Vec<u8> {
        let env = Env::danger_deterministic(Timestamp::default(), 1);
        Snapshot::seal(b"the contents of a world", root_key(1), &env).unwrap().write()
    }

    #[test]
    fn it_describes_all_of_itself() {
        let open = Snapshot::danger_write_open(b"the contents of a world").unwrap().to_vec();
        for bytes in [sealed(), open] {
            let fields = fields(&bytes).unwrap();
            let mut end = 0;
            for field in &fields {
                assert_eq!(field.range.start, end, "{}", field.label);
                end = field.range.end;
            }
            assert_eq!(end, bytes.len());
            assert_eq!(Snapshot::read(&bytes).unwrap().write(), bytes);
        }
    }

    #[test]
    fn a_wrong_root_key_and_altered_bytes_are_told_apart() {
        let bytes = sealed();
        let open = |bytes: &[u8], byte: u8| match Snapshot::read(bytes) {
            Ok(snapshot) => snapshot.unseal(root_key(byte)),
            Err(error) => Err(SnapshotError::Malformed(error)),
        };
        assert_eq!(open(&bytes, 1).unwrap().as_slice(), b"the contents of a world");
        assert_eq!(open(&bytes, 2), Err(SnapshotError::WrongRootKey));
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let error = open(&altered, 1).unwrap_err();
            let expected = match at {
                0..5 => matches!(error, SnapshotError::Malformed(_) | SnapshotError::NotSealed),
                5..53 => error == SnapshotError::WrongRootKey,
                _ => error == SnapshotError::Altered,
            };
            assert!(expected, "byte {at}: {error}");
        }
        for len in 0..bytes.len() {
            assert!(open(&bytes[..len], 1).is_err(), "cut to {len} bytes");
        }
        assert_eq!(Snapshot::read(&bytes).unwrap().danger_read_open(), Err(SnapshotError::Sealed));
        let short = Snapshot::read(&bytes).unwrap().unseal(Zeroizing::new(vec![1; 31]));
        assert_eq!(short, Err(SnapshotError::RootKeyLength { len: 31 }));
    }

    #[test]
    fn an_open_one_notices_accidents() {
        let mut bytes = Snapshot::danger_write_open(b"the contents of a world").unwrap().to_vec();
        let open = |bytes: &[u8]| Snapshot::read(bytes).unwrap().danger_read_open();
        assert_eq!(open(&bytes).unwrap().as_slice(), b"the contents of a world");
        assert_eq!(Snapshot::read(&bytes).unwrap().unseal(root_key(1)), Err(SnapshotError::NotSealed));
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(open(&bytes), Err(SnapshotError::Altered));
    }
}
