//! Branch keys kept for a time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;

use super::{BranchKey, BranchKeyVersion, BranchKeys};
use crate::error::Error;

/// Keeps the branch keys of a source, so that most messages cause no request. A key is not used after its time, and a new active version is
/// noticed by then; so is that the KMS would no longer give the key.
pub struct CachedBranchKeys {
    source: Arc<dyn BranchKeys>,
    env: Env,
    max_age_millis: i64,
    max_entries: usize,
    entries: Mutex<BTreeMap<Wanted, Entry>>,
}

/// A branch key, and a version of it or, without one, the active one.
type Wanted = (String, Option<BranchKeyVersion>);

struct Entry {
    key: Arc<BranchKey>,
    expires: Timestamp,
}

impl CachedBranchKeys {
    /// A cache before `source` that keeps a key for `max_age_seconds` and at most `max_entries` of them; neither can be 0. When it is full, the
    /// one that would expire first makes room.
    pub fn new(source: Arc<dyn BranchKeys>, env: Env, max_age_seconds: u32, max_entries: usize) -> Result<Self, Error> {
        if max_age_seconds == 0 || max_entries == 0 {
            return Err(Error::invalid_input("a cache of branch keys keeps at least one key for at least one second"));
        }
        let max_age_millis = i64::from(max_age_seconds).saturating_mul(1000);
        Ok(Self { source, env, max_age_millis, max_entries, entries: Mutex::default() })
    }

    /// Forgets all keys. They are wiped as soon as nobody is using them.
    pub fn clear(&self) {
        self.entries().clear();
    }

    async fn get(&self, wanted: Wanted, observer: &Observer) -> Result<Arc<BranchKey>, Error> {
        if let Some(key) = self.cached(&wanted) {
            return Ok(key);
        }
        let asked_at = self.env.now();
        let (id, version) = (&wanted.0, wanted.1);
        let key = match version {
            Some(version) => self.source.version(id, version, observer).await?,
            None => self.source.active(id, observer).await?,
        };
        self.keep(wanted, key.clone(), asked_at.plus_millis(self.max_age_millis));
        Ok(key)
    }

    fn cached(&self, wanted: &Wanted) -> Option<Arc<BranchKey>> {
        let now = self.env.now();
        let mut entries = self.entries();
        entries.retain(|_, entry| now < entry.expires);
        entries.get(wanted).map(|entry| entry.key.clone())
    }

    fn keep(&self, wanted: Wanted, key: Arc<BranchKey>, expires: Timestamp) {
        let mut entries = self.entries();
        entries.remove(&wanted);
        while entries.len() >= self.max_entries {
            let Some(first) = entries.iter().min_by_key(|(_, entry)| entry.expires).map(|(wanted, _)| wanted.clone()) else { break };
            entries.remove(&first);
        }
        entries.insert(wanted, Entry { key, expires });
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Wanted, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Self { max_age_millis, max_entries, .. } = self;
        write!(f, "CachedBranchKeys({max_age_millis} ms, {max_entries} entries)")
    }
}
