//! The import token: what ImportKeyMaterial needs to know of GetParametersForImport. It carries the private key, sealed, so that the KMS keeps
//! no record of those who asked and never came back.
//!
//! | bytes | field | |
//! | --- | --- | --- |
//! | 3 | magic | `57 58 49`, "WXI" |
//! | 1 | version | `01` |
//! | 2 + n | key id | length, UTF-8 |
//! | 2 + n | region | length, UTF-8 |
//! | 2 + n | wrapping algorithm | length, AWS's name |
//! | 2 + n | wrapping key spec | length, AWS's name |
//! | 8 | valid to | milliseconds since the Unix epoch |
//! | 12 | iv | random; nonce of AES-256-GCM |
//! | n + 16 | sealed private key, tag | PKCS#8, at most 2400 bytes; all bytes before are additional authenticated data |
//!
//! Integers are big-endian.

use waxseal_base::codec::{ReadError, Reader, Writer};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::blob::MAX_BLOB_LEN;
use crate::engine::Engine;
use crate::key_spec::KeySpec;
use crate::primitives::IV_LEN;
use crate::refusals::{failed, internal};
use crate::root_key::RootKey;
use crate::wrapping_algorithm::WrappingAlgorithm;

/// What an import token says, apart from the private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportToken {
    pub(crate) key_id: String,
    pub(crate) region: String,
    pub(crate) algorithm: WrappingAlgorithm,
    pub(crate) wrapping_spec: KeySpec,
    pub(crate) valid_to: Timestamp,
}

impl ImportToken {
    /// The token with the private key that belongs to it.
    pub(crate) fn seal(&self, engine: &Engine, private: &Secret) -> Result<Vec<u8>, Fault> {
        let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
        let mut token = self.write(&iv).ok_or_else(|| internal("the import token does not fit its format"))?;
        let sealed = engine.root_key.seal_import(iv, &token, private).map_err(failed)?;
        token.extend(sealed);
        if token.len() <= MAX_BLOB_LEN { Ok(token) } else { Err(internal("the import token is too long")) }
    }

    /// Opens a token that this KMS sealed; none for any other.
    pub(crate) fn open(root_key: &RootKey, token: &[u8], observer: &Observer) -> Option<(Self, Secret)> {
        let (this, iv, head_len) = Self::read(token).ok()?;
        let (head, sealed) = token.split_at_checked(head_len)?;
        let private = root_key.open_import(iv, head, sealed, observer).ok()?;
        Some((this, private))
    }

    fn write(&self, iv: &[u8; IV_LEN]) -> Option<Vec<u8>> {
        let mut writer = Writer::new();
        writer.bytes(MAGIC).u8(VERSION);
        writer.u16_prefixed("key id", self.key_id.as_bytes()).ok()?;
        writer.u16_prefixed("region", self.region.as_bytes()).ok()?;
        writer.u16_prefixed("wrapping algorithm", self.algorithm.name().as_bytes()).ok()?;
        writer.u16_prefixed("wrapping key spec", self.wrapping_spec.name().as_bytes()).ok()?;
        writer.u64(u64::try_from(self.valid_to.as_millis()).ok()?).bytes(iv);
        Some(writer.finish())
    }

    /// What comes before the sealed private key, and how long that is.
    fn read(token: &[u8]) -> Result<(Self, [u8; IV_LEN], usize), ReadError> {
        let mut reader = Reader::new("import token", token);
        if reader.array()? != *MAGIC || reader.u8()? != VERSION {
            return Err(reader.invalid("it is not one of this version"));
        }
        let key_id = reader.u16_prefixed_str("key id")?.to_owned();
        let region = reader.u16_prefixed_str("region")?.to_owned();
        let algorithm = WrappingAlgorithm::from_name(reader.u16_prefixed_str("wrapping algorithm")?);
        let algorithm = algorithm.ok_or_else(|| reader.invalid("the wrapping algorithm is not known"))?;
        let wrapping_spec = KeySpec::from_name(reader.u16_prefixed_str("wrapping key spec")?);
        let wrapping_spec = wrapping_spec.ok_or_else(|| reader.invalid("the wrapping key spec is not known"))?;
        let valid_to = i64::try_from(reader.u64()?).map_err(|_| reader.invalid("it is valid for ever"))?;
        let iv = reader.array()?;
        let this = Self { key_id, region, algorithm, wrapping_spec, valid_to: Timestamp::from_millis(valid_to) };
        Ok((this, iv, reader.position()))
    }
}

const MAGIC: &[u8; 3] = b"WXI";
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use waxseal_base::env::Env;
    use waxseal_base::event::SecretName;
    use zeroize::Zeroizing;

    use super::*;
    use crate::engine::EngineConfig;

    fn engine(root_key: u8) -> Engine {
        let config = EngineConfig {
            partition: "aws".into(),
            region: "us-east-1".into(),
            root_key: Zeroizing::new(vec![root_key; 32]),
            grant_consistency: std::time::Duration::ZERO,
        };
        Engine::new(config, Env::danger_deterministic(Timestamp::default(), 1)).unwrap()
    }

    fn token() -> ImportToken {
        ImportToken {
            key_id: "1234".into(),
            region: "us-east-1".into(),
            algorithm: WrappingAlgorithm::OaepSha256,
            wrapping_spec: KeySpec::Rsa4096,
            valid_to: Timestamp::from_millis(7),
        }
    }

    fn private(len: usize) -> Secret {
        Secret::new(SecretName::WrappingKey, Zeroizing::new(vec![42; len]), &Observer::none())
    }

    #[test]
    fn a_token_opens_where_it_was_sealed_and_any_change_is_noticed() {
        let sealed = token().seal(&engine(1), &private(2400)).unwrap();
        let open = |root_key: u8, token: &[u8]| ImportToken::open(&engine(root_key).root_key, token, &Observer::none());
        let (opened, secret) = open(1, &sealed).unwrap();
        assert_eq!((opened, secret.expose()), (token(), &[42; 2400][..]));
        assert!(open(2, &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open(1, &altered).is_none(), "byte {at}");
        }
        assert!(!sealed.windows(8).any(|window| window == [42; 8]));
        assert!(token().seal(&engine(1), &private(6144)).is_err(), "a token is a blob of at most 6144 bytes");
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let engine = engine(1);
            prop_assert!(ImportToken::open(&engine.root_key, &bytes, &Observer::none()).is_none());
            prop_assert!(ImportToken::open(&engine.root_key, &[b"WXI\x01", &bytes[..]].concat(), &Observer::none()).is_none());
        }
    }
}
