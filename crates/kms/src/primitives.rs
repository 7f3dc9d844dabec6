//! The ciphers. No file of the engine outside this room imports one: AES-256-GCM (SP 800-38D), HKDF (RFC 5869) and HMAC (RFC 2104) here, over
//! SHA-256; key pairs and what they do below.

#[cfg(not(feature = "asymmetric"))]
mod absent;
#[cfg(feature = "asymmetric")]
pub(crate) mod import_wrapping;
#[cfg(feature = "asymmetric")]
pub(crate) mod kem;
#[cfg(feature = "asymmetric")]
pub(crate) mod key_agreement;
#[cfg(feature = "asymmetric")]
pub(crate) mod key_pair;
pub(crate) mod mac;
#[cfg(feature = "asymmetric")]
pub(crate) mod rsa_encryption;
#[cfg(feature = "asymmetric")]
pub(crate) mod signature;
#[cfg(all(test, feature = "asymmetric"))]
mod vectors;

#[cfg(not(feature = "asymmetric"))]
pub(crate) use absent::{import_wrapping, kem, key_agreement, key_pair, rsa_encryption, signature};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

/// A cipher refused its input. It does not say why; for decryption nobody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// Why a key pair did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyPairError {
    /// This build has no asymmetric ciphers.
    #[cfg_attr(feature = "asymmetric", expect(dead_code, reason = "only a build without them says so"))]
    NotBuilt,
    /// The platform gave no randomness.
    #[cfg_attr(not(feature = "asymmetric"), expect(dead_code, reason = "nothing is drawn without them"))]
    NoRandomness,
    /// A key or another input is not what it has to be. It is not told why.
    #[cfg_attr(not(feature = "asymmetric"), expect(dead_code, reason = "nothing is read without them"))]
    Refused,
}

/// Bytes of an AES-256 key, of HMAC-SHA-256 and of SHA-256.
pub(crate) const KEY_LEN: usize = 32;
/// Bytes of an AES-GCM nonce.
pub(crate) const IV_LEN: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_LEN: usize = 16;

/// Encrypts; the tag is apart.
#[inline(never)] // the key schedule must lie below the frame that scrubs the stack
pub(crate) fn seal(key: &Secret, iv: [u8; IV_LEN], aad: &[u8], plaintext: &[u8]) -> Result<(Vec<u8>, [u8; TAG_LEN]), Refused> {
    let cipher = Aes256Gcm::new_from_slice(key.expose()).map_err(|_| Refused)?;
    let mut buffer = Zeroizing::new(plaintext.to_vec());
    let tag = cipher.encrypt_inout_detached(&Nonce::from(iv), aad, buffer.as_mut_slice().into()).map_err(|_| Refused)?;
    Ok((std::mem::take(&mut *buffer), tag.into()))
}

/// Decrypts, if the tag is right; nothing is decrypted otherwise.
#[inline(never)] // the key schedule must lie below the frame that scrubs the stack
pub(crate) fn open(
    key: &Secret,
    iv: [u8; IV_LEN],
    aad: &[u8],
    ciphertext: &[u8],
    tag: [u8; TAG_LEN],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let cipher = Aes256Gcm::new_from_slice(key.expose()).map_err(|_| Refused)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    cipher.decrypt_inout_detached(&Nonce::from(iv), aad, buffer.as_mut_slice().into(), &Tag::from(tag)).map_err(|_| Refused)?;
    Ok(buffer)
}

/// Derives a key of [`KEY_LEN`] bytes for the purpose that `label` names.
#[inline(never)] // the pseudorandom key must lie below the frame that scrubs the stack
pub(crate) fn derive(from: &Secret, salt: &[u8], label: &str, name: SecretName, observer: &Observer) -> Result<Secret, Refused> {
    let mut key = Zeroizing::new(vec![0; KEY_LEN]);
    Hkdf::<Sha256>::new(Some(salt), from.expose()).expand(label.as_bytes(), &mut key).map_err(|_| Refused)?;
    Ok(Secret::new(name, key, observer))
}

/// Authenticates parts; each is preceded by its length, so that none can borrow from the next.
#[inline(never)] // the keyed hash state must lie below the frame that scrubs the stack
pub(crate) fn authenticate(key: &Secret, parts: &[&[u8]]) -> Result<[u8; KEY_LEN], Refused> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose()).map_err(|_| Refused)?;
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

/// A digest of public bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; KEY_LEN] {
    Sha256::digest(bytes).into()
}
