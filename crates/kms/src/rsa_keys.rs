//! Where RSA keys come from: the engine finds primes itself, or the host has a faster way.

use std::fmt;

use waxseal_base::threading::{MaybeSend, MaybeSync};
use zeroize::Zeroizing;

/// Makes RSA private keys. In wasm the engine needs seconds for one, about ten for 4096 bits; a host such as Node has native code for it.
pub trait MakeRsaKey: MaybeSend + MaybeSync {
    /// A new private key with two primes, a modulus of exactly `bits` (2048, 3072 or 4096) bits and the public exponent 65537: PKCS#8 (RFC 5958),
    /// DER. It is the key that the KMS will guard, so it must come from the host's best randomness and be kept nowhere else. `None` if the host
    /// has no such key just now; the engine then makes one itself.
    fn make(&self, bits: u32) -> Result<Option<Zeroizing<Vec<u8>>>, MakeRsaKeyError>;
}

impl<F: Fn(u32) -> Result<Option<Zeroizing<Vec<u8>>>, MakeRsaKeyError> + MaybeSend + MaybeSync> MakeRsaKey for F {
    fn make(&self, bits: u32) -> Result<Option<Zeroizing<Vec<u8>>>, MakeRsaKeyError> {
        self(bits)
    }
}

/// The host made no RSA key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeRsaKeyError(
    /// Why, for the host's own logs and the caller of CreateKey: it must hold no secret.
    pub String,
);

impl fmt::Display for MakeRsaKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host made no RSA key: {}", self.0)
    }
}

impl std::error::Error for MakeRsaKeyError {}
