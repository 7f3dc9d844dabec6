//! Branch keys kept for a time.

use std::fmt;
use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;

use super::{BranchKey, BranchKeyVersion, BranchKeys};
use crate::cache::{Cache, Kept, Limits, Wish};
use crate::error::Error;

/// Keeps the branch keys of a source, so that most messages cause no request; however many want the same key at the same moment, one of them
/// asks. A key is not used after its time, and a new active version is noticed by then; so is that the KMS would no longer give the key.
pub struct CachedBranchKeys {
    source: Arc<dyn BranchKeys>,
    cache: Cache<Wanted, BranchKey>,
}

/// A branch key, and a version of it or, without one, the active one.
type Wanted = (String, Option<BranchKeyVersion>);

impl Kept for BranchKey {}

impl CachedBranchKeys {
    /// A cache before `source` that keeps a key for `max_age_seconds` and at most `max_entries` of them; neither can be 0. When it is full, the
    /// one not used for longest makes room.
    pub fn new(source: Arc<dyn BranchKeys>, env: Env, max_age_seconds: u32, max_entries: usize) -> Result<Self, Error> {
        if max_age_seconds == 0 || max_entries == 0 {
            return Err(Error::invalid_input("a cache of branch keys keeps at least one key for at least one second"));
        }
        let max_age_millis = i64::from(max_age_seconds).saturating_mul(1000);
        Ok(Self { source, cache: Cache::new(env, max_age_millis, max_entries) })
    }

    /// Forgets all keys. They are wiped as soon as nobody is using them.
    pub fn clear(&self) {
        self.cache.clear();
    }
}

impl BranchKeys for CachedBranchKeys {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(get(&self.cache, &*self.source, (branch_key_id.into(), None), observer))
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(get(&self.cache, &*self.source, (branch_key_id.into(), Some(version)), observer))
    }
}

impl fmt::Debug for CachedBranchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedBranchKeys({} entries)", self.cache.len())
    }
}

/// Lets one ask for all who want the same branch key at the same moment, each with a source of their own, and keeps no key: for a cache that is elsewhere.
pub struct BranchKeyRequests(Cache<Wanted, BranchKey>);

impl BranchKeyRequests {
    /// Nobody asks for anything yet.
    pub fn new(env: Env) -> Self {
        // What has no time to be used in is not kept.
        Self(Cache::new(env, 0, 0))
    }

    /// The given version of the branch key, or the active one, from `source` unless somebody else is asking theirs. A failure is everybody's who waited
    /// for it, but if the one who asked gave up, another one asks.
    pub async fn get(
        &self,
        source: &dyn BranchKeys,
        branch_key_id: &str,
        version: Option<BranchKeyVersion>,
        observer: &Observer,
    ) -> Result<Arc<BranchKey>, Error> {
        get(&self.0, source, (branch_key_id.into(), version), observer).await
    }
}

impl fmt::Debug for BranchKeyRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BranchKeyRequests")
    }
}

async fn get(
    cache: &Cache<Wanted, BranchKey>,
    source: &dyn BranchKeys,
    wanted: Wanted,
    observer: &Observer,
) -> Result<Arc<BranchKey>, Error> {
    let ask = || async {
        match wanted.1 {
            Some(version) => source.version(&wanted.0, version, observer).await,
            None => source.active(&wanted.0, observer).await,
        }
    };
    let wish = Wish { bytes: 0, limits: Limits::NONE, refreshes: false };
    cache.get(&wanted, wish, ask).await.map(|got| got.value)
}

#[cfg(test)]
mod tests;
