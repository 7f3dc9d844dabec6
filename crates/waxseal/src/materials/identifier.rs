//! What names an entry of a materials cache: everything that a data key depends on, in the form of the AWS Encryption SDKs in use.
//!
//! ```text
//! encrypt = SHA-512(SHA-512(partition) || 01 || suite || SHA-512(canonical context))
//! decrypt = SHA-512(SHA-512(partition) || suite || SHA-512 of each encrypted data key, sorted || 64 zero bytes || SHA-512(canonical context))
//! ```
//!
//! A newer form, with SHA-384 and separators in place of inner hashes, has inputs that can be taken apart in two ways; identifiers never leave the
//! process, so nothing is lost by not using it.

use std::fmt;

use waxseal_base::codec::Writer;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::Error;
use crate::message::EncryptedDataKey;
use crate::primitives::sha512;
use crate::suite::Suite;

/// Names an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identifier([u8; 64]);

impl Identifier {
    pub(super) fn of_encryption(partition: &str, suite: Suite, context: &EncryptionContext) -> Result<Self, Error> {
        let context = sha512(&[&context.to_canonical_bytes()?]);
        Ok(Self(sha512(&[&sha512(&[partition.as_bytes()]), &[1], &suite.id().to_be_bytes(), &context])))
    }

    pub(super) fn of_decryption(
        partition: &str,
        suite: Suite,
        keys: &[EncryptedDataKey],
        context: &EncryptionContext,
    ) -> Result<Self, Error> {
        let context = sha512(&[&context.to_canonical_bytes()?]);
        let mut hashes = keys.iter().map(hash_of).collect::<Result<Vec<_>, _>>()?;
        hashes.sort_unstable();
        let (partition, suite) = (sha512(&[partition.as_bytes()]), suite.id().to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![&partition, &suite];
        parts.extend(hashes.iter().map(<[u8; 64]>::as_slice));
        parts.extend([&[0; 64][..], &context]);
        Ok(Self(sha512(&parts)))
    }
}

/// Its first 16 hexadecimal digits, as a trace has it.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn hash_of(key: &EncryptedDataKey) -> Result<[u8; 64], Error> {
    let mut writer = Writer::new();
    key.write(&mut writer)?;
    Ok(sha512(&[&writer.finish()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(provider_id: &str, provider_info: &str, ciphertext: &str) -> EncryptedDataKey {
        EncryptedDataKey { provider_id: provider_id.into(), provider_info: provider_info.into(), ciphertext: ciphertext.into() }
    }

    /// As PyPI `aws-encryption-sdk` 4.0.7 computes them.
    #[test]
    fn identifiers_are_those_of_the_official_sdk() {
        let context: EncryptionContext = [("a", "b")].into_iter().collect();
        let (one, two) = (key("ns", "name", "ct1"), key("aws-kms", "arn", "ct2"));
        for (suite, encrypt, decrypt) in [
            (
                Suite::COMMITTING,
                "22cce7501ed79e5799dd71e8db85b4d6b47fa7bce12c8f0fb910a9b6fbe74503d88af480c4b409e8fd4b0f8590ecc72bd3a7a5170414a62dcb0c42999bf1da00",
                "79e48e784b4a2124d8ee2ce3fcc4da6f22073664b93a7b0985345704bb51a9bd9455498998197ded024da0feecb218e94aa8028fcbee60fe146aca30a49a35fa",
            ),
            (
                Suite::COMMITTING_SIGNED,
                "3d83d5f682fb56ec2e4629d061dadf66e1ac81477bac140851137d38d2089637d0344befb3c7a98cde63969d6e7443c5db9fb56d16bc977e0323412681c0b93a",
                "f388f415588209c1df9b7704bb99e9c04ac8aca8c3716d5267eb16c188cd36f2c6bd7b3d391fdca8604723679a44b85f248be071d87b8d34a8710e35574c7cd3",
            ),
        ] {
            let encryption = Identifier::of_encryption("partition", suite, &context).unwrap();
            assert_eq!((hex::encode(encryption.0), encryption.to_string()), (encrypt.into(), encrypt[..16].into()));
            for keys in [[one.clone(), two.clone()], [two.clone(), one.clone()]] {
                assert_eq!(hex::encode(Identifier::of_decryption("partition", suite, &keys, &context).unwrap().0), decrypt);
            }
        }
        let empty = Identifier::of_encryption("partition", Suite::COMMITTING, &EncryptionContext::new()).unwrap();
        assert_eq!(empty.to_string(), "4418dd2d9d8f0a58");
    }
}
