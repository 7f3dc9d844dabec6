//! What was read from the store, verified and understood once and is likely to be asked for again: keys with their policies and grants, accounts
//! with their policies. Material in it is wrapped as it is in the store.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::record::{Body, Stamp};

/// What a record's body is turned into before it is used.
pub(crate) trait Opened: Send + Sync + 'static {
    /// What the record holds.
    type Body: Body;

    /// Understands it.
    fn open(body: Self::Body) -> Self;
}

/// What is kept of opened records. An entry counts only for the very record that it was opened from: same id, same version, same seal.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Generations>);

/// Entries live in the newer half until that is full; what is not asked for again while the next one fills is dropped.
#[derive(Default)]
struct Generations {
    newer: HashMap<String, Entry>,
    older: HashMap<String, Entry>,
    /// Bytes of the bodies that the newer half was opened from.
    len: usize,
}

#[derive(Clone)]
struct Entry {
    stamp: Stamp,
    opened: Arc<dyn Any + Send + Sync>,
    len: usize,
}

impl Cache {
    /// What the record of that id and stamp was opened to, if that is known.
    pub(crate) fn find<T: Opened>(&self, id: &str, stamp: Stamp) -> Option<Arc<T>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match generations.newer.get(id) {
            Some(entry) => entry.clone(),
            None => {
                let (id, entry) = generations.older.remove_entry(id)?;
                generations.insert(id, entry.clone());
                entry
            }
        };
        if entry.stamp == stamp { entry.opened.downcast().ok() } else { None }
    }

    /// Forgets a record, for one that has gone.
    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Keeps what a record of that many bytes was opened to.
    pub(crate) fn keep<T: Opened>(&self, id: String, stamp: Stamp, opened: &Arc<T>, len: usize) {
        let opened: Arc<dyn Any + Send + Sync> = Arc::clone(opened) as _;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Entry { stamp, opened, len });
    }
}

impl Generations {
    fn remove(&mut self, id: &str) {
        self.older.remove(id);
        if let Some(removed) = self.newer.remove(id) {
            self.len = self.len.saturating_sub(removed.len);
        }
    }

    fn insert(&mut self, id: String, entry: Entry) {
        // Of a record that has changed nothing older stays behind.
        self.remove(&id);
        self.len = self.len.saturating_add(entry.len);
        self.newer.insert(id, entry);
        if self.len > MAX_LEN || self.newer.len() > MAX_ENTRIES {
            self.older = std::mem::take(&mut self.newer);
            self.len = 0;
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// Bytes of bodies in one half: what is opened from them takes a few times as much. One body that is longer is kept all the same.
const MAX_LEN: usize = 2 * 1024 * 1024;
/// Entries in one half.
const MAX_ENTRIES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account_record::{Account, AccountRecord};
    use crate::record::Seal;

    fn stamp(version: u64) -> Stamp {
        Stamp { version, seal: Seal::default() }
    }

    fn account(organization: &str) -> Arc<Account> {
        Arc::new(Account::open(AccountRecord { organization: Some(organization.into()), ..AccountRecord::default() }))
    }

    #[test]
    fn another_version_or_seal_is_another_record() {
        let cache = Cache::default();
        cache.keep("account/1".into(), stamp(1), &account("o-1"), 10);
        let found = |stamp| cache.find::<Account>("account/1", stamp).and_then(|account| account.organization.clone());
        assert_eq!(found(stamp(1)).as_deref(), Some("o-1"));
        assert_eq!(found(stamp(2)), None);
        assert_eq!(found(Stamp { seal: Seal::from_hex(&"01".repeat(32)), ..stamp(1) }), None);
        cache.keep("account/1".into(), stamp(2), &account("o-2"), 10);
        assert_eq!(found(stamp(2)).as_deref(), Some("o-2"));
        assert_eq!(found(stamp(1)), None);
        assert!(cache.find::<crate::key_record::Key>("account/1", stamp(2)).is_none(), "a record of another kind");
        let held = account("o-3");
        cache.keep("account/2".into(), stamp(1), &held, MAX_LEN + 1);
        cache.forget("account/2");
        assert_eq!(Arc::strong_count(&held), 1, "nothing of it stays behind");
    }

    #[test]
    fn it_does_not_grow_beyond_its_bounds_and_keeps_what_is_used() {
        let cache = Cache::default();
        let kept = account("o");
        for number in 0..5 * MAX_ENTRIES {
            cache.keep("often".into(), stamp(1), &kept, 1);
            cache.keep(format!("once/{number}"), stamp(1), &kept, 1);
            assert!(cache.find::<Account>("often", stamp(1)).is_some());
        }
        assert!(Arc::strong_count(&kept) <= 2 * (MAX_ENTRIES + 1) + 1);
        let cache = Cache::default();
        let kept = account("o");
        for number in 0..100 {
            cache.keep(format!("long/{number}"), stamp(1), &kept, MAX_LEN / 2);
            cache.keep("longest".into(), stamp(1), &account("x"), 2 * MAX_LEN);
            assert!(cache.find::<Account>("longest", stamp(1)).is_some());
        }
        assert!(Arc::strong_count(&kept) <= 5);
    }
}
