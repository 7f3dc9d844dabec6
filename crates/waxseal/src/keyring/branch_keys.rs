//! Branch keys: wrapping keys of an application's own, in versions, which a KMS keeps wrapped. One of them serves many messages, so that not
//! every message costs a request.

#[cfg(feature = "cache")]
mod cached;
mod records;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use zeroize::Zeroizing;

#[cfg(feature = "cache")]
pub use cached::{BranchKeyRequests, CachedBranchKeys};
pub use records::{BranchKeyRecord, BranchKeyRecords, KmsBranchKeys, NewBranchKey};

use crate::error::Error;

/// Where branch keys come from: [`KmsBranchKeys`], with a [cache](CachedBranchKeys) before it, or a source of your own.
pub trait BranchKeys: MaybeSend + MaybeSync {
    /// The version of the branch key that wraps data keys now. That there is no such branch key is an error.
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>>;

    /// The given version, which unwraps what it wrapped; an older one too.
    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>>;
}

/// One version of a branch key: 32 bytes, wiped when nobody has it any more.
pub struct BranchKey {
    version: BranchKeyVersion,
    key: Zeroizing<Vec<u8>>,
}

impl BranchKey {
    /// A branch key of 32 bytes.
    pub fn new(version: BranchKeyVersion, key: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        match key.len() {
            BRANCH_KEY_LEN => Ok(Self { version, key }),
            len => Err(Error::invalid_input(reason!("a branch key has {BRANCH_KEY_LEN} bytes; this one has {len}"))),
        }
    }

    /// Which version.
    pub fn version(&self) -> BranchKeyVersion {
        self.version
    }

    /// A copy of the key, for a cache of your own.
    pub fn danger_copy(&self) -> Zeroizing<Vec<u8>> {
        self.key.clone()
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Debug for BranchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BranchKey({})", self.version)
    }
}

/// The version of a branch key: a UUID, `e9ce18a3-edb5-4272-9f86-1cacb7997ff6` as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BranchKeyVersion(
    /// Its bytes, as wrapped data keys have them.
    pub [u8; 16],
);

impl fmt::Display for BranchKeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let dash = if [4, 6, 8, 10].contains(&at) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for BranchKeyVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let version = u128::from_str_radix(&digits, 16).map(|bits| Self(bits.to_be_bytes()));
        match version {
            // Only the form that is written is read.
            Ok(version) if version.to_string() == text => Ok(version),
            _ => Err(Error::invalid_input(reason!("`{text}` is not the version of a branch key, a UUID in lower case"))),
        }
    }
}

pub(super) const BRANCH_KEY_LEN: usize = 32;

#[cfg(test)]
pub(super) mod tests;
