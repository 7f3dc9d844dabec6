//! The entries of a cache: how long each may be used, and which one makes room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use waxseal_base::event::Eviction;
use waxseal_base::time::Timestamp;

use super::{Key, Leaving, Limits, PATIENCE_MILLIS, Tally, Wish};

/// Entries by key, and the keys in the orders in which they leave.
pub(super) struct Entries<K, V> {
    capacity: usize,
    by_key: BTreeMap<K, Entry<V>>,
    by_expiry: BTreeSet<(Timestamp, K)>,
    by_last_use: BTreeMap<u64, K>,
    /// Counts uses, so that the last one of each entry has a number.
    uses: u64,
}

/// A value that is kept.
pub(super) struct Entry<V> {
    pub(super) value: Arc<V>,
    pub(super) tally: Tally,
    asked_at: Timestamp,
    expires: Timestamp,
    is_late_at: Timestamp,
    /// From when on somebody is told to refresh it: one who was told may never come back.
    refresh_at: Timestamp,
    last_use: u64,
}

impl<V> Entry<V> {
    pub(super) fn new(value: Arc<V>, tally: Tally, asked_at: Timestamp, expires: Timestamp, is_late_at: Timestamp) -> Self {
        Self { value, tally, asked_at, expires, is_late_at, refresh_at: asked_at, last_use: 0 }
    }

    /// Late in its time, or when a fifth of its uses or less is left.
    fn is_due(&self, limits: Limits, now: Timestamp) -> bool {
        let is_near = |used: u64, max: u64| used >= max.saturating_sub(max / 5);
        let is_late =
            now >= self.is_late_at || is_near(self.tally.messages, limits.max_messages) || is_near(self.tally.bytes, limits.max_bytes);
        is_late && now >= self.refresh_at
    }
}

/// An entry that was used.
pub(super) struct Found<V> {
    pub(super) value: Arc<V>,
    pub(super) tally: Tally,
    pub(super) asked_at: Timestamp,
    /// Whether whoever used it is the one to refresh it.
    pub(super) is_due: bool,
}

impl<K: Key, V> Entries<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, by_key: BTreeMap::new(), by_expiry: BTreeSet::new(), by_last_use: BTreeMap::new(), uses: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Counts a use first; an entry that does not allow it is taken out, and so is one that allows no other after it.
    pub(super) fn use_one(&mut self, key: &K, wish: Wish, now: Timestamp, leaving: &mut Leaving<V>) -> Option<Found<V>> {
        let entry = self.by_key.get_mut(key)?;
        let tally = entry.tally.plus(wish.bytes);
        // An entry from the future was made before somebody set the clock back: nobody knows how old it is.
        if now < entry.asked_at || !tally.fits(wish.limits) {
            let why = if now < entry.asked_at { Eviction::Expired } else { Eviction::UsedUp };
            self.take_out(key, why, leaving);
            return None;
        }
        entry.tally = tally;
        let is_due = wish.refreshes && entry.is_due(wish.limits, now);
        if is_due {
            entry.refresh_at = now.plus_millis(PATIENCE_MILLIS);
        }
        let found = Found { value: Arc::clone(&entry.value), tally, asked_at: entry.asked_at, is_due };
        self.uses = self.uses.saturating_add(1);
        self.by_last_use.remove(&entry.last_use);
        entry.last_use = self.uses;
        self.by_last_use.insert(self.uses, key.clone());
        if !tally.leaves_one(wish.limits) {
            self.take_out(key, Eviction::UsedUp, leaving);
        }
        Some(found)
    }

    /// Puts an entry in, unless there is a younger one.
    pub(super) fn put(&mut self, key: K, mut entry: Entry<V>, leaving: &mut Leaving<V>) {
        if self.by_key.get(&key).is_some_and(|there| entry.asked_at < there.asked_at) {
            leaving.evicted.push((entry, Eviction::Replaced));
            return;
        }
        self.take_out(&key, Eviction::Replaced, leaving);
        while self.by_key.len() >= self.capacity {
            let Some(oldest) = self.by_last_use.first_key_value().map(|(_, key)| key.clone()) else { break };
            self.take_out(&oldest, Eviction::Capacity, leaving);
        }
        self.uses = self.uses.saturating_add(1);
        entry.last_use = self.uses;
        self.by_last_use.insert(self.uses, key.clone());
        self.by_expiry.insert((entry.expires, key.clone()));
        self.by_key.insert(key, entry);
    }

    /// Takes out what is too old.
    pub(super) fn expire(&mut self, now: Timestamp, leaving: &mut Leaving<V>) {
        while let Some((_, key)) = self.by_expiry.first().filter(|(expires, _)| *expires <= now).cloned() {
            self.take_out(&key, Eviction::Expired, leaving);
        }
    }

    pub(super) fn clear(&mut self, leaving: &mut Leaving<V>) {
        while let Some(key) = self.by_key.first_key_value().map(|(key, _)| key.clone()) {
            self.take_out(&key, Eviction::Cleared, leaving);
        }
    }

    /// The entry asked for then was not refreshed: the next attempt is made at `retry_at`.
    pub(super) fn not_refreshed(&mut self, key: &K, asked_at: Timestamp, retry_at: Timestamp) {
        if let Some(entry) = self.by_key.get_mut(key).filter(|entry| entry.asked_at == asked_at) {
            entry.refresh_at = retry_at;
        }
    }

    fn take_out(&mut self, key: &K, why: Eviction, leaving: &mut Leaving<V>) {
        if let Some(entry) = self.by_key.remove(key) {
            self.by_expiry.remove(&(entry.expires, key.clone()));
            self.by_last_use.remove(&entry.last_use);
            leaving.evicted.push((entry, why));
        }
    }
}
