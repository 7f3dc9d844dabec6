//! The root key: the one secret that a KMS holds. From it, by a label per purpose, come the keys that wrap key material at rest, seal
//! records, make grant tokens and import tokens, and name imported key material. Those are derived anew for each use and wiped after it.

use serde::{Deserialize, Serialize};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use crate::primitives::{self, IV_LEN, KEY_LEN, Refused, TAG_LEN};

/// The root key. There is one copy of it.
#[derive(Debug)]
pub(crate) struct RootKey(Secret);

/// One generation of a key's secret, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrappedMaterial {
    /// Nonce of AES-GCM, hexadecimal.
    iv: String,
    /// Ciphertext and tag, hexadecimal.
    ciphertext: String,
}

impl RootKey {
    /// Takes over 32 random bytes.
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        (bytes.len() == KEY_LEN).then(|| Self(Secret::new(SecretName::RootKey, bytes, &Observer::none())))
    }

    /// The bytes, for a snapshot.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Wraps key material; it opens only as this generation of this key.
    pub(crate) fn wrap(&self, key_id: &str, material_id: &str, iv: [u8; IV_LEN], material: &Secret) -> Result<WrappedMaterial, Refused> {
        let key = self.derive(MATERIAL_LABEL)?;
        let (ciphertext, tag) = primitives::seal(&key, iv, &material_aad(key_id, material_id), material.expose())?;
        Ok(WrappedMaterial { iv: hex::encode(iv), ciphertext: hex::encode([&ciphertext[..], &tag].concat()) })
    }

    /// Unwraps key material.
    pub(crate) fn unwrap(
        &self,
        key_id: &str,
        material_id: &str,
        wrapped: &WrappedMaterial,
        observer: &Observer,
    ) -> Result<Secret, Refused> {
        let iv: [u8; IV_LEN] = hex::decode(&wrapped.iv).ok().and_then(|iv| iv.try_into().ok()).ok_or(Refused)?;
        let sealed = hex::decode(&wrapped.ciphertext).map_err(|_| Refused)?;
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(Refused)?;
        let key = self.derive(MATERIAL_LABEL)?;
        let material = primitives::open(&key, iv, &material_aad(key_id, material_id), ciphertext, *tag)?;
        Ok(Secret::new(SecretName::KeyMaterial, material, observer))
    }

    /// The seal of a record.
    pub(crate) fn seal_record(&self, id: &str, version: u64, next_due: Option<Timestamp>, body: &str) -> Result<[u8; KEY_LEN], Refused> {
        let due = next_due.map(|due| due.as_millis().to_be_bytes());
        let due = due.as_ref().map_or(&[][..], |due| due);
        let seal = primitives::authenticate(&self.derive(RECORD_LABEL)?, &[id.as_bytes(), &version.to_be_bytes(), due, body.as_bytes()]);
        // Records are read and written outside of calls too, where nobody else does this.
        scrub_stack();
        seal
    }

    /// What makes a grant token of this grant, with this nonce, genuine.
    pub(crate) fn authenticate_token(&self, key_id: &str, grant_id: &str, nonce: &[u8]) -> Result<[u8; KEY_LEN], Refused> {
        primitives::authenticate(&self.derive(TOKEN_LABEL)?, &[key_id.as_bytes(), grant_id.as_bytes(), nonce])
    }

    /// The id of key material that was brought for this key: the same for the same material, and nobody else can tell of which it is.
    pub(crate) fn name_material(&self, key_id: &str, material: &[u8]) -> Result<[u8; KEY_LEN], Refused> {
        primitives::authenticate(&self.derive(IMPORT_LABEL)?, &[key_id.as_bytes(), material])
    }

    /// Seals the private key of an import token, bound to the rest of the token.
    pub(crate) fn seal_import(&self, iv: [u8; IV_LEN], aad: &[u8], private: &Secret) -> Result<Vec<u8>, Refused> {
        let (mut sealed, tag) = primitives::seal(&self.derive(IMPORT_TOKEN_LABEL)?, iv, aad, private.expose())?;
        sealed.extend(tag);
        Ok(sealed)
    }

    /// Opens what [`seal_import`](Self::seal_import) sealed.
    pub(crate) fn open_import(&self, iv: [u8; IV_LEN], aad: &[u8], sealed: &[u8], observer: &Observer) -> Result<Secret, Refused> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(Refused)?;
        let private = primitives::open(&self.derive(IMPORT_TOKEN_LABEL)?, iv, aad, ciphertext, *tag)?;
        Ok(Secret::new(SecretName::WrappingKey, private, observer))
    }

    // Nobody is told when these go: they say nothing about any one key or message.
    fn derive(&self, label: &str) -> Result<Secret, Refused> {
        primitives::derive(&self.0, &[], label, SecretName::WrappingKey, &Observer::none())
    }
}

fn material_aad(key_id: &str, material_id: &str) -> Vec<u8> {
    // A length before the first of two texts keeps them apart.
    [&(key_id.len() as u64).to_be_bytes(), key_id.as_bytes(), material_id.as_bytes()].concat()
}

const MATERIAL_LABEL: &str = "waxseal kms 1 key material";
const RECORD_LABEL: &str = "waxseal kms 1 record";
const IMPORT_LABEL: &str = "waxseal kms 1 imported material";
const IMPORT_TOKEN_LABEL: &str = "waxseal kms 1 import token";
const TOKEN_LABEL: &str = "waxseal kms 1 grant token";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn root_key(byte: u8) -> RootKey {
        RootKey::new(Zeroizing::new(vec![byte; KEY_LEN])).unwrap()
    }

    #[test]
    fn material_opens_only_as_what_it_was_wrapped_as() {
        let material = Secret::new(SecretName::KeyMaterial, Zeroizing::new(vec![42; 32]), &Observer::none());
        let wrapped = root_key(1).wrap("key", "material", [3; IV_LEN], &material).unwrap();
        let open = |root: u8, key_id: &str, material_id: &str, wrapped: &WrappedMaterial| {
            root_key(root).unwrap(key_id, material_id, wrapped, &Observer::none()).map(|secret| secret.expose().to_vec())
        };
        assert_eq!(open(1, "key", "material", &wrapped), Ok(vec![42; 32]));
        assert_eq!(open(2, "key", "material", &wrapped), Err(Refused));
        assert_eq!(open(1, "keym", "aterial", &wrapped), Err(Refused));
        assert_eq!(open(1, "key", "other", &wrapped), Err(Refused));
        for broken in ["", "00", "zz", &wrapped.ciphertext[2..]] {
            assert_eq!(open(1, "key", "material", &WrappedMaterial { ciphertext: broken.into(), ..wrapped.clone() }), Err(Refused));
            assert_eq!(open(1, "key", "material", &WrappedMaterial { iv: broken.into(), ..wrapped.clone() }), Err(Refused));
        }
        assert!(RootKey::new(Zeroizing::new(vec![1; 31])).is_none());
    }
}
