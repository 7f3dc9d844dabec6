//! Data keys kept for a time and a number of messages, so that most messages cause no request to a KMS.

use std::fmt;

use waxseal_base::env::Env;
use waxseal_base::reason;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};

use super::caching::Kept;
use super::identifier::Identifier;
use super::{Made, Unwrapped};
use crate::cache::{Cache, Limits};
use crate::error::Error;

/// A cache of data keys, for one [`Client`](crate::Client) or several. Cheap to clone; all clones are one cache.
///
/// Messages of one suite and one encryption context are encrypted under one data key until a [limit](CacheLimits) is reached: each still under a
/// message key of its own. A message that was opened before, or another one with the same encrypted data keys, is opened without asking. However
/// many operations want the same data key at the same moment, one of them asks; where an entry may serve only so many messages, one of so many
/// asks. A failure is given to all who waited for that very request and is not kept; if the one that asks is dropped, another one takes over.
///
/// ```
/// # use std::sync::Arc;
/// # use waxseal::{Client, RawAesKeyring};
/// use waxseal::{CacheLimits, MaterialsCache};
/// # use waxseal_base::env::Env;
/// # fn main() -> Result<(), waxseal::Error> {
/// # let env = Env::system();
/// # let keyring = Arc::new(RawAesKeyring::new("ns", "name", zeroize::Zeroizing::new(vec![7; 32]))?);
/// let cache = MaterialsCache::new(env.clone(), CacheLimits { max_messages: 10_000, ..CacheLimits::of_age(300) })?;
/// let client = Client::new(env, keyring).with_cache(cache)?;
/// # Ok(())
/// # }
/// ```
///
/// What it costs: a data key stays in memory for as long as it may be used, a revoked permission is noticed only then, and the KMS's log has
/// one line for many messages. Data keys are wiped when they are evicted, and with the cache. Signed messages of one data key share their signer's key.
#[derive(Clone)]
pub struct MaterialsCache {
    pub(super) encryptions: Cache<Identifier, Kept<Made>>,
    pub(super) decryptions: Cache<Identifier, Kept<Unwrapped>>,
    pub(super) limits: CacheLimits,
}

/// How long and how often a cached data key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Seconds after which an entry is not used any more, at least 1; counted from the request to the KMS.
    pub max_age_seconds: u32,
    /// How many messages may be encrypted under one data key, 1 to 2^32.
    pub max_messages: u64,
    /// How many bytes of plaintext may be encrypted under one data key, 1 to 2^63 - 1. A longer plaintext, and one whose length is not known when it
    /// begins, has a data key of its own.
    pub max_bytes: u64,
    /// How many entries are kept for encryption, and as many for decryption, at least 1. When there are more, the one not used for longest is evicted.
    pub capacity: usize,
}

/// Runs a task while its caller goes on: a refresh of an entry that is still good. Any closure `Fn(BoxFuture<'static, ()>)` does, such as one that
/// spawns on the application's executor. A task that is dropped instead does no harm.
pub trait Background: MaybeSend + MaybeSync {
    /// Takes the task over and returns at once.
    fn start(&self, task: BoxFuture<'static, ()>);
}

impl<F: Fn(BoxFuture<'static, ()>) + MaybeSend + MaybeSync> Background for F {
    fn start(&self, task: BoxFuture<'static, ()>) {
        self(task);
    }
}

/// A client's use of a cache.
#[derive(Clone)]
pub(crate) struct Caching {
    pub(crate) cache: MaterialsCache,
    pub(crate) partition: String,
}

impl MaterialsCache {
    /// An empty cache. The environment gives the time by which entries age, and chance by which refreshes of many processes are spread.
    pub fn new(env: Env, limits: CacheLimits) -> Result<Self, Error> {
        let CacheLimits { max_age_seconds, max_messages, max_bytes, capacity } = limits;
        let is_within = |value: u64, most: u64| (1..=most).contains(&value);
        if max_age_seconds == 0 {
            return Err(Error::invalid_input("the maximum age of cached data keys is 0 seconds; give at least 1"));
        }
        if !is_within(max_messages, MOST_MESSAGES) {
            return Err(Error::invalid_input(reason!("a cached data key serves 1 to {MOST_MESSAGES} messages, not {max_messages}")));
        }
        if !is_within(max_bytes, MOST_BYTES) {
            return Err(Error::invalid_input(reason!("a cached data key serves 1 to {MOST_BYTES} bytes, not {max_bytes}")));
        }
        if capacity == 0 {
            return Err(Error::invalid_input("the capacity of the cache is 0; give at least 1"));
        }
        let max_age_millis = i64::from(max_age_seconds).saturating_mul(1000);
        Ok(Self {
            encryptions: Cache::new(env.clone(), max_age_millis, capacity),
            decryptions: Cache::new(env, max_age_millis, capacity),
            limits,
        })
    }

    /// Evicts everything; what is being asked for at this moment serves those who wait for it and is not kept.
    pub fn clear(&self) {
        self.encryptions.clear();
        self.decryptions.clear();
    }

    /// Evicts the entries that are too old. Every use of the cache does that too; where there may be none for long, call it at times.
    pub fn evict_expired(&self) {
        self.encryptions.evict_expired();
        self.decryptions.evict_expired();
    }

    /// How many entries there are, for encryption and for decryption.
    pub fn len(&self) -> usize {
        self.encryptions.len().saturating_add(self.decryptions.len())
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn limits_of_entries(&self) -> Limits {
        Limits { max_messages: self.limits.max_messages, max_bytes: self.limits.max_bytes }
    }
}

impl CacheLimits {
    /// Entries of that age, 1,000 of each kind, for as many messages and bytes as there may be at most.
    pub fn of_age(max_age_seconds: u32) -> Self {
        Self { max_age_seconds, max_messages: MOST_MESSAGES, max_bytes: MOST_BYTES, capacity: DEFAULT_CAPACITY }
    }
}

impl fmt::Debug for MaterialsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaterialsCache").field("limits", &self.limits).field("len", &self.len()).finish()
    }
}

const MOST_MESSAGES: u64 = 1 << 32;
const MOST_BYTES: u64 = i64::MAX as u64;
const DEFAULT_CAPACITY: usize = 1000;

#[cfg(test)]
mod tests;
