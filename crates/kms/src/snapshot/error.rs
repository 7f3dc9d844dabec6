//! Why a snapshot can not be made or used.

use std::fmt;

use waxseal_base::codec::ReadError;
use waxseal_base::env::RandomError;

use crate::local::LocalKmsError;
use crate::store::{CommitError, StoreError};

use super::MAX_LEN;

/// Why a snapshot can not be made or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// The bytes are no snapshot that this version reads.
    Malformed(ReadError),
    /// The root key is not 32 bytes long.
    RootKeyLength {
        /// Its length in bytes.
        len: usize,
    },
    /// It was sealed under another root key.
    WrongRootKey,
    /// It is not as it was made.
    Altered,
    /// It is sealed, and no root key was given.
    Sealed,
    /// It is open, and a root key was given.
    NotSealed,
    /// What is in it is no world that this version knows.
    Contents(String),
    /// There is more in the world than fits.
    TooLarge {
        /// Bytes of contents.
        len: usize,
    },
    /// The store that it is to be put into has records already.
    NotEmpty,
    /// The cipher refused.
    Cipher,
    /// The KMS can not be made of it, or its records can not be read.
    Kms(LocalKmsError),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::RootKeyLength { len } => write!(f, "a root key has 32 bytes, this one has {len}"),
            Self::WrongRootKey => f.write_str("the snapshot was sealed under another root key"),
            Self::Altered => f.write_str("the snapshot was altered since it was made, or a part of it is missing"),
            Self::Sealed => f.write_str("the snapshot is sealed: give the root key it was sealed under"),
            Self::NotSealed => {
                f.write_str("the snapshot is not sealed: whoever has it has its keys; restore it without a root key, under danger")
            }
            Self::Contents(why) => write!(f, "the snapshot has no world in it that this version knows: {why}"),
            Self::TooLarge { len } => write!(f, "the world has {len} bytes, a snapshot holds at most {MAX_LEN}"),
            Self::NotEmpty => f.write_str("there are records already; restore into an empty store"),
            Self::Cipher => f.write_str("the cipher refused"),
            Self::Kms(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl From<ReadError> for SnapshotError {
    fn from(error: ReadError) -> Self {
        Self::Malformed(error)
    }
}

impl From<LocalKmsError> for SnapshotError {
    fn from(error: LocalKmsError) -> Self {
        Self::Kms(error)
    }
}

impl From<StoreError> for SnapshotError {
    fn from(error: StoreError) -> Self {
        Self::Kms(error.into())
    }
}

impl From<CommitError> for SnapshotError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::NotEmpty,
            CommitError::Failed(_) => Self::Kms(error.into()),
        }
    }
}

impl From<RandomError> for SnapshotError {
    fn from(error: RandomError) -> Self {
        Self::Kms(error.into())
    }
}
