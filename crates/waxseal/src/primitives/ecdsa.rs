//! ECDSA over P-256 with SHA-256 and over P-384 with SHA-384 (FIPS 186-5): signatures in DER, nonces by RFC 6979.

use ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::NistP256;
use p384::NistP384;
use sha2::{Digest as _, Sha256, Sha384};
use waxseal_base::env::{Env, RandomError};
use zeroize::Zeroizing;

use super::CipherError;
use crate::suite::SignatureAlgorithm;

/// The hash of a message that is to be signed or verified, while the message passes by.
pub(crate) enum Digest {
    Sha256(Sha256),
    Sha384(Sha384),
}

impl Digest {
    /// Of nothing, by the algorithm's hash.
    pub(crate) fn new(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaP256 => Self::Sha256(Sha256::new()),
            SignatureAlgorithm::EcdsaP384 => Self::Sha384(Sha384::new()),
        }
    }

    #[inline(never)]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Sha384(hash) => hash.finalize().to_vec(),
        }
    }
}

/// A private key, wiped when it is dropped.
#[derive(Clone)]
pub(crate) enum SigningKey {
    P256(Box<ecdsa::SigningKey<NistP256>>),
    P384(Box<ecdsa::SigningKey<NistP384>>),
}

impl SigningKey {
    /// A random one. Of the numbers drawn all but a fraction of about 2^-32 are keys; after as many failures the randomness is none.
    #[inline(never)]
    pub(crate) fn make(algorithm: SignatureAlgorithm, env: &Env) -> Result<Self, RandomError> {
        for _ in 0..ATTEMPTS {
            let mut scalar = Zeroizing::new(vec![0; scalar_len(algorithm)]);
            env.fill(&mut scalar)?;
            let made = match algorithm {
                SignatureAlgorithm::EcdsaP256 => ecdsa::SigningKey::from_slice(&scalar).ok().map(|key| Self::P256(Box::new(key))),
                SignatureAlgorithm::EcdsaP384 => ecdsa::SigningKey::from_slice(&scalar).ok().map(|key| Self::P384(Box::new(key))),
            };
            if let Some(key) = made {
                return Ok(key);
            }
        }
        Err(RandomError)
    }

    /// The public key, a compressed point: 33 or 49 bytes.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
            Self::P384(key) => key.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
        }
    }

    /// The signature of the message with that digest.
    #[inline(never)]
    pub(crate) fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, CipherError> {
        let signature = match self {
            Self::P256(key) => key.sign_prehash(digest).map(|made: ecdsa::Signature<NistP256>| made.to_der().as_bytes().to_vec()),
            Self::P384(key) => key.sign_prehash(digest).map(|made: ecdsa::Signature<NistP384>| made.to_der().as_bytes().to_vec()),
        };
        signature.map_err(|_| CipherError)
    }
}

/// A public key.
pub(crate) enum VerifyingKey {
    P256(Box<ecdsa::VerifyingKey<NistP256>>),
    P384(Box<ecdsa::VerifyingKey<NistP384>>),
}

impl VerifyingKey {
    /// Reads a point of the algorithm's curve; that it is compressed is checked by now.
    pub(crate) fn read(algorithm: SignatureAlgorithm, point: &[u8]) -> Result<Self, CipherError> {
        let key = match algorithm {
            SignatureAlgorithm::EcdsaP256 => ecdsa::VerifyingKey::from_sec1_bytes(point).map(|key| Self::P256(Box::new(key))),
            SignatureAlgorithm::EcdsaP384 => ecdsa::VerifyingKey::from_sec1_bytes(point).map(|key| Self::P384(Box::new(key))),
        };
        key.map_err(|_| CipherError)
    }

    /// Fails unless `signature` is this key's of the message with that digest, in DER and nothing but DER.
    pub(crate) fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<(), CipherError> {
        match self {
            Self::P256(key) => ecdsa::Signature::from_der(signature).and_then(|signature| key.verify_prehash(digest, &signature)),
            Self::P384(key) => ecdsa::Signature::from_der(signature).and_then(|signature| key.verify_prehash(digest, &signature)),
        }
        .map_err(|_| CipherError)
    }
}

fn scalar_len(algorithm: SignatureAlgorithm) -> usize {
    match algorithm {
        SignatureAlgorithm::EcdsaP256 => 32,
        SignatureAlgorithm::EcdsaP384 => 48,
    }
}

const ATTEMPTS: usize = 8;
