//! The ciphers, the key derivation functions and, in [`ecdsa`] and [`rsa`], signatures and public-key encryption. No other file imports them, so
//! what a platform may replace is all here.
//!
//! They are compiled out of line: copies of keys that they leave on the stack then lie below their callers' frames, where
//! [`scrub_stack`](waxseal_base::secret::scrub_stack) reaches them.

#[cfg(feature = "signatures")]
pub(crate) mod ecdsa;
#[cfg(feature = "rsa")]
pub(crate) mod rsa;

#[cfg(feature = "legacy")]
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
#[cfg(feature = "legacy")]
use aes_gcm::aes::Aes192;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
#[cfg(feature = "legacy")]
use aes_gcm::{Aes128Gcm, AesGcm};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
#[cfg(feature = "cache")]
use sha2::Digest;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(crate) type Iv = [u8; IV_LEN];
pub(crate) type Tag = [u8; TAG_LEN];

/// An AES key, expanded for GCM. Its state is wiped when it is dropped.
pub(crate) enum GcmKey {
    #[cfg(feature = "legacy")]
    Aes128(Box<Aes128Gcm>),
    #[cfg(feature = "legacy")]
    Aes192(Box<AesGcm<Aes192, U12>>),
    Aes256(Box<Aes256Gcm>),
}

impl GcmKey {
    /// `None` unless the key has 32 bytes or, with the feature `legacy`, 16 or 24.
    #[inline(never)]
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            #[cfg(feature = "legacy")]
            16 => Aes128Gcm::new_from_slice(key).ok().map(|key| Self::Aes128(Box::new(key))),
            #[cfg(feature = "legacy")]
            24 => AesGcm::new_from_slice(key).ok().map(|key| Self::Aes192(Box::new(key))),
            32 => Aes256Gcm::new_from_slice(key).ok().map(|key| Self::Aes256(Box::new(key))),
            _ => None,
        }
    }

    /// Encrypts in place. Fails only for buffers beyond AES-GCM's 64 GiB.
    #[inline(never)]
    pub(crate) fn seal(&self, iv: &Iv, aad: &[u8], buffer: &mut [u8]) -> Result<Tag, CipherError> {
        let buffer = InOutBuf::from(buffer);
        let tag = match self {
            #[cfg(feature = "legacy")]
            Self::Aes128(key) => key.encrypt_inout_detached(iv.into(), aad, buffer),
            #[cfg(feature = "legacy")]
            Self::Aes192(key) => key.encrypt_inout_detached(iv.into(), aad, buffer),
            Self::Aes256(key) => key.encrypt_inout_detached(iv.into(), aad, buffer),
        };
        tag.map(Tag::from).map_err(|_| CipherError)
    }

    /// Decrypts in place. If the tag is not right the buffer is as it was.
    #[inline(never)]
    pub(crate) fn open(&self, iv: &Iv, aad: &[u8], buffer: &mut [u8], tag: &Tag) -> Result<(), CipherError> {
        let buffer = InOutBuf::from(buffer);
        match self {
            #[cfg(feature = "legacy")]
            Self::Aes128(key) => key.decrypt_inout_detached(iv.into(), aad, buffer, tag.into()),
            #[cfg(feature = "legacy")]
            Self::Aes192(key) => key.decrypt_inout_detached(iv.into(), aad, buffer, tag.into()),
            Self::Aes256(key) => key.decrypt_inout_detached(iv.into(), aad, buffer, tag.into()),
        }
        .map_err(|_| CipherError)
    }
}

/// The cipher did not do it; it says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CipherError;

/// One output of HKDF-Expand: the parts of its info, and where it goes.
pub(crate) struct Expansion<'a> {
    pub(crate) info: &'a [&'a [u8]],
    pub(crate) output: &'a mut [u8],
}

/// A hash for HKDF.
#[derive(Clone, Copy)]
pub(crate) enum HkdfHash {
    #[cfg(feature = "legacy")]
    Sha256,
    #[cfg(feature = "legacy")]
    Sha384,
    Sha512,
}

/// HKDF (RFC 5869): one extraction, any number of expansions. Fails only for outputs beyond 255 times the hash's length.
#[inline(never)]
pub(crate) fn hkdf(hash: HkdfHash, salt: Option<&[u8]>, input: &[u8], expansions: &mut [Expansion<'_>]) -> Result<(), CipherError> {
    // Each has a type of its own.
    macro_rules! with {
        ($hash:ty) => {{
            let extracted = Hkdf::<$hash>::new(salt, input);
            for Expansion { info, output } in expansions {
                extracted.expand_multi_info(info, output).map_err(|_| CipherError)?;
            }
        }};
    }
    match hash {
        #[cfg(feature = "legacy")]
        HkdfHash::Sha256 => with!(Sha256),
        #[cfg(feature = "legacy")]
        HkdfHash::Sha384 => with!(sha2::Sha384),
        HkdfHash::Sha512 => with!(Sha512),
    }
    Ok(())
}

/// The key derivation function of NIST SP 800-108 in counter mode with HMAC-SHA-256, for one block of 32 bytes.
#[inline(never)]
pub(crate) fn kbkdf(key: &[u8], label: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| CipherError)?;
    let (counter, bits) = (1u32.to_be_bytes(), 256u32.to_be_bytes());
    for part in [&counter[..], label, &[0], context, &bits] {
        mac.update(part);
    }
    let block = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    Ok(Zeroizing::new(block.to_vec()))
}

/// SHA-512 of the parts, one after the other.
#[cfg(feature = "cache")]
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
pub(crate) fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

pub(crate) const IV_LEN: usize = 12;
pub(crate) const TAG_LEN: usize = 16;

#[cfg(test)]
mod tests;
#[cfg(test)]
#[cfg(feature = "legacy")]
mod vectors;
