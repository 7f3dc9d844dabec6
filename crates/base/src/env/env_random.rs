//! An environment's randomness, as ciphers ask for it that draw their own.

use rand_core::{TryCryptoRng, TryRng};

use super::{Env, RandomError};

/// The randomness of an environment behind the interface of crate `rand_core`.
#[derive(Debug)]
pub struct EnvRandom<'a>(
    /// The environment.
    pub &'a Env,
);

impl TryRng for EnvRandom<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        self.0.random_array().map(u32::from_le_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        self.0.random_array().map(u64::from_le_bytes)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)
    }
}

impl TryCryptoRng for EnvRandom<'_> {}
