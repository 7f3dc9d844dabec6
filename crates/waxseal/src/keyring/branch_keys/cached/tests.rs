//! What is kept of branch keys, for how long, and how often their source is asked.

use std::sync::atomic::{AtomicI64, Ordering};

use waxseal_base::env::{Clock, VirtualClock};
use waxseal_base::time::Timestamp;

use super::super::super::tests::env;
use super::super::KmsBranchKeys;
use super::super::tests::{World, active, version};
use super::*;
use crate::cache::tests::{Crowd, once_more};

/// Answers when it is asked a second time.
struct Slow(Arc<KmsBranchKeys>);

impl BranchKeys for Slow {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async move {
            once_more().await;
            self.0.active(branch_key_id, observer).await
        })
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        self.0.version(branch_key_id, version, observer)
    }
}

#[test]
fn a_cache_asks_once_until_the_time_is_over() {
    let world = World::new();
    let first = world.make("tenant");
    let clock = VirtualClock::new(Timestamp::from_millis(0));
    let cache = CachedBranchKeys::new(world.keys.clone(), Env::danger_seeded(clock.clone(), 1), 60, 10).unwrap();
    let asked = || std::mem::take(&mut *world.kms.decrypts.lock().unwrap());
    for _ in 0..3 {
        assert_eq!(active(&cache, "tenant").unwrap().version(), first);
    }
    assert_eq!(asked(), 1);
    let second = world.make("tenant");
    clock.advance_to(Timestamp::from_millis(59_999));
    assert_eq!((active(&cache, "tenant").unwrap().version(), asked()), (first, 0), "a new version is not noticed yet");
    clock.advance_to(Timestamp::from_millis(60_000));
    assert_eq!((active(&cache, "tenant").unwrap().version(), asked()), (second, 1));
    for wanted in [first, second, first] {
        assert_eq!(version(&cache, "tenant", wanted).unwrap().version(), wanted);
    }
    assert_eq!(asked(), 2);
    cache.clear();
    active(&cache, "tenant").unwrap();
    assert_eq!(asked(), 1);
}

#[test]
fn a_cache_keeps_no_failures_and_no_more_than_it_may() {
    let world = World::new();
    let clock = VirtualClock::new(Timestamp::from_millis(0));
    let cache = CachedBranchKeys::new(world.keys.clone(), Env::danger_seeded(clock.clone(), 1), 60, 2).unwrap();
    assert!(active(&cache, "a").is_err());
    for (second, id) in [(0, "a"), (1, "b"), (2, "c")] {
        world.make(id);
        clock.advance_to(Timestamp::from_millis(second * 1000));
        active(&cache, id).unwrap();
    }
    let asked = || std::mem::take(&mut *world.kms.decrypts.lock().unwrap());
    assert_eq!(asked(), 3);
    active(&cache, "b").unwrap();
    active(&cache, "c").unwrap();
    assert_eq!(asked(), 0);
    active(&cache, "a").unwrap();
    assert_eq!(asked(), 1, "the oldest made room");
    for (age, entries) in [(0, 1), (1, 0)] {
        assert!(CachedBranchKeys::new(world.keys.clone(), env(), age, entries).is_err(), "{age} {entries}");
    }
}

#[test]
fn a_thousand_who_want_a_branch_key_cause_one_request() {
    let world = World::new();
    world.make("tenant");
    let cache = CachedBranchKeys::new(Arc::new(Slow(world.keys.clone())), env(), 60, 2).unwrap();
    let observer = Observer::none();
    let mut crowd = Crowd::new();
    (0..1000).for_each(|_| crowd.add(cache.active("tenant", &observer)));
    crowd.run();
    assert!(crowd.results.iter().flatten().all(Result::is_ok));
    assert_eq!((crowd.results.len(), *world.kms.decrypts.lock().unwrap()), (1000, 1));
}

#[test]
fn a_dropped_entry_is_gone() {
    let world = World::new();
    world.make("tenant");
    let cache = CachedBranchKeys::new(world.keys.clone(), env(), 60, 2).unwrap();
    let key = active(&cache, "tenant").unwrap();
    let watched = Arc::downgrade(&key);
    drop(key);
    assert!(watched.upgrade().is_some(), "the cache has it");
    cache.clear();
    assert!(watched.upgrade().is_none(), "and nobody else");
}

/// A clock that is set back a second whenever it is looked at.
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_sub(1_000, Ordering::SeqCst))
    }
}

#[test]
fn nothing_is_kept_if_the_clock_is_set_back() {
    let world = World::new();
    world.make("tenant");
    let requests = BranchKeyRequests::new(Env::danger_seeded(Backwards(AtomicI64::new(1_000_000)), 1));
    let key = pollster::block_on(requests.get(&*world.keys, "tenant", None, &Observer::none())).unwrap();
    assert_eq!(Arc::strong_count(&key), 1, "nobody else has it");
}

#[test]
fn requests_are_made_once_for_all_who_wait_and_nothing_is_kept() {
    let world = World::new();
    world.make("tenant");
    let (requests, observer) = (BranchKeyRequests::new(env()), Observer::none());
    let sources = [(); 1000].map(|()| Slow(world.keys.clone()));
    let asked = || std::mem::take(&mut *world.kms.decrypts.lock().unwrap());
    for id in ["tenant", "nobody", "tenant"] {
        let mut crowd = Crowd::new();
        sources.iter().for_each(|source| crowd.add(requests.get(source, id, None, &observer)));
        crowd.run();
        assert_eq!(crowd.results.iter().flatten().filter(|result| result.is_ok()).count(), if id == "tenant" { 1000 } else { 0 });
        assert_eq!(asked() == 1, id == "tenant");
    }
    let key = pollster::block_on(requests.get(&sources[0], "tenant", None, &observer)).unwrap();
    let watched = Arc::downgrade(&key);
    drop(key);
    assert!(watched.upgrade().is_none(), "nobody has it any more");
}
