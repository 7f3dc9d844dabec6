//! RSAES-OAEP and RSAES-PKCS1-v1_5 (RFC 8017) with keys in PEM or DER: SubjectPublicKeyInfo (RFC 5280) and PKCS#8 (RFC 5958).

use ::rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ::rsa::traits::PublicKeyParts;
use ::rsa::{Error, Oaep};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use waxseal_base::env::{Env, EnvRandom, RandomError};
use zeroize::Zeroizing;

use super::CipherError;

/// The hash of OAEP: for the label, which is empty, and for the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OaepHash {
    /// SHA-1. OAEP needs no more of it than it still gives; it is what older software knows.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a plaintext was padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    Oaep(OaepHash),
    Pkcs1v15,
}

/// A public key of 2048 bits or more.
pub(crate) struct PublicKey(::rsa::PublicKey);

impl PublicKey {
    /// Reads SubjectPublicKeyInfo.
    pub(crate) fn read(key: &[u8]) -> Result<Self, CipherError> {
        let read = match Encoded::of(key)? {
            Encoded::Pem(pem) => ::rsa::PublicKey::from_public_key_pem(pem),
            Encoded::Der(der) => ::rsa::PublicKey::from_public_key_der(der),
        };
        let key = read.map_err(|_| CipherError)?;
        checked_size(&key)?;
        Ok(Self(key))
    }

    /// Encrypts a data key.
    #[inline(never)]
    pub(crate) fn encrypt(&self, hash: OaepHash, plaintext: &[u8], env: &Env) -> Result<Vec<u8>, RsaError> {
        let random = &mut EnvRandom(env);
        match hash {
            OaepHash::Sha1 => self.0.encrypt(random, Oaep::<Sha1>::new(), plaintext),
            OaepHash::Sha256 => self.0.encrypt(random, Oaep::<Sha256>::new(), plaintext),
            OaepHash::Sha384 => self.0.encrypt(random, Oaep::<Sha384>::new(), plaintext),
            OaepHash::Sha512 => self.0.encrypt(random, Oaep::<Sha512>::new(), plaintext),
        }
        .map_err(cause)
    }
}

/// A private key of 2048 bits or more, wiped when it is dropped.
pub(crate) struct PrivateKey(Box<::rsa::PrivateKey>);

impl PrivateKey {
    /// Reads PKCS#8: two primes, and a sound exponent.
    #[inline(never)]
    pub(crate) fn read(key: &[u8]) -> Result<Self, CipherError> {
        let read = match Encoded::of(key)? {
            Encoded::Pem(pem) => ::rsa::PrivateKey::from_pkcs8_pem(pem),
            Encoded::Der(der) => ::rsa::PrivateKey::from_pkcs8_der(der),
        };
        let key = read.map_err(|_| CipherError)?;
        checked_size(&key)?;
        Ok(Self(Box::new(key)))
    }

    /// Whether this is the private key of that public key.
    pub(crate) fn belongs_to(&self, public: &PublicKey) -> bool {
        *self.0.as_public_key() == public.0
    }

    /// Its public key, for tests.
    #[cfg(test)]
    pub(crate) fn public_pem(&self) -> String {
        ::rsa::pkcs8::EncodePublicKey::to_public_key_pem(self.0.as_public_key(), Default::default()).unwrap()
    }

    /// Decrypts, blinded by fresh randomness. Whatever is wrong with the ciphertext, the refusal is the same. As the CFRG's guidance for
    /// implementers has it, the first octet of OAEP's padding, which RFC 8017 wants to be zero, is not looked at: a check of it is Manger's
    /// oracle. With PKCS#1 v1.5 a wrong padding is not refused: what comes out is then random, of random length, the same for the same ciphertext
    /// (implicit rejection), so that there is no padding oracle.
    #[inline(never)]
    pub(crate) fn decrypt(&self, padding: Padding, ciphertext: &[u8], env: &Env) -> Result<Zeroizing<Vec<u8>>, RsaError> {
        let random = &mut EnvRandom(env);
        match padding {
            Padding::Oaep(OaepHash::Sha1) => self.0.decrypt_blinded(random, Oaep::<Sha1>::new(), ciphertext),
            Padding::Oaep(OaepHash::Sha256) => self.0.decrypt_blinded(random, Oaep::<Sha256>::new(), ciphertext),
            Padding::Oaep(OaepHash::Sha384) => self.0.decrypt_blinded(random, Oaep::<Sha384>::new(), ciphertext),
            Padding::Oaep(OaepHash::Sha512) => self.0.decrypt_blinded(random, Oaep::<Sha512>::new(), ciphertext),
            Padding::Pkcs1v15 => self.0.pkcs1v15_decrypt_with_rng(random, ciphertext),
        }
        .map(Zeroizing::new)
        .map_err(cause)
    }
}

/// A key as it is written down. PEM begins with a dash, DER with the tag of a sequence.
enum Encoded<'a> {
    Pem(&'a str),
    Der(&'a [u8]),
}

impl<'a> Encoded<'a> {
    fn of(key: &'a [u8]) -> Result<Self, CipherError> {
        match key.first() {
            Some(&DER_SEQUENCE) => Ok(Self::Der(key)),
            _ => std::str::from_utf8(key).map(Self::Pem).map_err(|_| CipherError),
        }
    }
}

/// Why nothing was encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaError {
    /// The input is not one; it says no more.
    Refused,
    NoRandomness(RandomError),
}

fn cause(error: Error) -> RsaError {
    match error {
        Error::Rng => RsaError::NoRandomness(RandomError),
        _ => RsaError::Refused,
    }
}

fn checked_size(key: &impl PublicKeyParts) -> Result<(), CipherError> {
    if key.n().bit_width() >= MIN_BITS { Ok(()) } else { Err(CipherError) }
}

const MIN_BITS: u32 = 2048;
const DER_SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests;
