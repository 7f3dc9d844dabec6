//! Why a local KMS does not do as it is told; refusals of calls are faults, and not among them.

use std::fmt;

use waxseal_base::env::RandomError;
use waxseal_policy::{InvalidCaller, PolicyError};

use crate::engine::InvalidRootKey;
use crate::record::UnusableRecord;
use crate::store::{CommitError, StoreError};

/// Why a local KMS could not be made, or could not be told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalKmsError {
    /// The root key is not 32 bytes long.
    RootKey(InvalidRootKey),
    /// The platform gave no randomness.
    Random(RandomError),
    /// The account, or a principal's ARN, is malformed.
    Caller(InvalidCaller),
    /// The region is malformed: the ARNs of its keys would name no key.
    Region {
        /// The region.
        region: String,
    },
    /// An AWS service can not have policies.
    NoPolicies {
        /// Its name.
        principal: String,
    },
    /// The text is not a policy.
    Policy(PolicyError),
    /// A stored record can not be used.
    Record {
        /// Its id.
        id: String,
        /// Why not.
        why: &'static str,
    },
    /// The store can not be read.
    Store(StoreError),
    /// The store can not be written.
    Commit(CommitError),
}

impl fmt::Display for LocalKmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootKey(error) => error.fmt(f),
            Self::Random(error) => error.fmt(f),
            Self::Caller(error) => error.fmt(f),
            Self::Region { region } => write!(f, "`{region}` is not a region; the form is us-east-1"),
            Self::NoPolicies { principal } => write!(f, "`{principal}` is a service; attach policies to users and roles"),
            Self::Policy(error) => write!(f, "the text is not an identity policy: {error}"),
            Self::Record { id, why } => write!(f, "the record `{id}` {why}"),
            Self::Store(error) => error.fmt(f),
            Self::Commit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LocalKmsError {}

impl From<UnusableRecord> for LocalKmsError {
    fn from(UnusableRecord { id, why }: UnusableRecord) -> Self {
        Self::Record { id, why }
    }
}

macro_rules! from {
    ($($error:ty => $variant:ident;)*) => {
        $(impl From<$error> for LocalKmsError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

from! {
    InvalidRootKey => RootKey;
    RandomError => Random;
    InvalidCaller => Caller;
    StoreError => Store;
    CommitError => Commit;
}
