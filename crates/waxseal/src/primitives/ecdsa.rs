//! ECDSA over P-256 with SHA-256 and over P-384 with SHA-384 (FIPS 186-5): signatures in DER, nonces by RFC 6979.

use ecdsa::signature::{Signer, Verifier};
use p256::NistP256;
use p384::NistP384;
use waxseal_base::env::{Env, RandomError};
use zeroize::Zeroizing;

use super::CipherError;
use crate::suite::SignatureAlgorithm;

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

    /// The signature of a message.
    #[inline(never)]
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CipherError> {
        let signature = match self {
            Self::P256(key) => key.try_sign(message).map(|signature: ecdsa::Signature<NistP256>| signature.to_der().as_bytes().to_vec()),
            Self::P384(key) => key.try_sign(message).map(|signature: ecdsa::Signature<NistP384>| signature.to_der().as_bytes().to_vec()),
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
    /// Reads a compressed point of the algorithm's curve.
    pub(crate) fn read(algorithm: SignatureAlgorithm, point: &[u8]) -> Result<Self, CipherError> {
        let is_compressed = matches!(point.first(), Some(2 | 3)) && point.len() == scalar_len(algorithm).saturating_add(1);
        let key = match algorithm {
            _ if !is_compressed => return Err(CipherError),
            SignatureAlgorithm::EcdsaP256 => ecdsa::VerifyingKey::from_sec1_bytes(point).map(|key| Self::P256(Box::new(key))),
            SignatureAlgorithm::EcdsaP384 => ecdsa::VerifyingKey::from_sec1_bytes(point).map(|key| Self::P384(Box::new(key))),
        };
        key.map_err(|_| CipherError)
    }

    /// Fails unless `signature` is this key's of `message`, in DER and nothing but DER.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CipherError> {
        match self {
            Self::P256(key) => ecdsa::Signature::from_der(signature).and_then(|signature| key.verify(message, &signature)),
            Self::P384(key) => ecdsa::Signature::from_der(signature).and_then(|signature| key.verify(message, &signature)),
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
