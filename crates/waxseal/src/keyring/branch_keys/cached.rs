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

    async fn get(&self, wanted: Wanted, observer: &Observer) -> Result<Arc<BranchKey>, Error> {
        let ask = || async {
            match wanted.1 {
                Some(version) => self.source.version(&wanted.0, version, observer).await,
                None => self.source.active(&wanted.0, observer).await,
            }
        };
        let wish = Wish { bytes: 0, limits: Limits::NONE, refreshes: false };
        self.cache.get(&wanted, wish, ask).await.map(|got| got.value)
    }
}

impl BranchKeys for CachedBranchKeys {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.get((branch_key_id.into(), None), observer))
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.get((branch_key_id.into(), Some(version)), observer))
    }
}

impl fmt::Debug for CachedBranchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedBranchKeys({} entries)", self.cache.len())
    }
}

#[cfg(test)]
mod tests;
