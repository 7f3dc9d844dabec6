//! The message id: random, in every message another, and part of what derives its key and of what its frames' tags cover.

use waxseal_base::codec::{ReadError, Reader};
use waxseal_base::env::{Env, RandomError};

/// A message's random id: 16 bytes in version 1, 32 in version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageId {
    /// Of a message of version 1.
    V1([u8; 16]),
    /// Of a message of version 2.
    V2([u8; 32]),
}

impl MessageId {
    /// A new one.
    pub(crate) fn make(version: u8, env: &Env) -> Result<Self, RandomError> {
        match version {
            1 => env.random_array().map(Self::V1),
            _ => env.random_array().map(Self::V2),
        }
    }

    pub(super) fn read(version: u8, reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        match version {
            1 => reader.array().map(Self::V1),
            _ => reader.array().map(Self::V2),
        }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V1(bytes) => bytes,
            Self::V2(bytes) => bytes,
        }
    }
}
