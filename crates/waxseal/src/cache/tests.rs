//! Crowds of operations on one executor and on threads, every way to leave, and limits compared with a simple model.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use proptest::prelude::*;
use waxseal_base::env::VirtualClock;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::kms::KmsError;

use super::*;

/// Futures on one executor that polls those that were woken, in order.
pub(crate) struct Crowd<'a, T> {
    futures: Vec<Option<Pin<Box<dyn Future<Output = T> + 'a>>>>,
    pub(crate) results: Vec<Option<T>>,
    pub(crate) polls: usize,
    woken: Arc<Mutex<VecDeque<usize>>>,
}

struct Bell(usize, Arc<Mutex<VecDeque<usize>>>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push_back(self.0);
    }
}

impl<'a, T> Crowd<'a, T> {
    pub(crate) fn new() -> Self {
        Self { futures: Vec::new(), results: Vec::new(), polls: 0, woken: Arc::default() }
    }

    pub(crate) fn add(&mut self, future: impl Future<Output = T> + 'a) {
        self.woken.lock().unwrap().push_back(self.futures.len());
        self.futures.push(Some(Box::pin(future)));
        self.results.push(None);
    }

    pub(crate) fn leave(&mut self, index: usize) {
        self.futures[index] = None;
    }

    /// Until nobody is woken.
    pub(crate) fn run(&mut self) {
        self.step(usize::MAX);
    }

    /// Polls at most so many times.
    pub(crate) fn step(&mut self, polls: usize) {
        for _ in 0..polls {
            let Some(index) = self.woken.lock().unwrap().pop_front() else { return };
            let Some(future) = &mut self.futures[index] else { continue };
            self.polls += 1;
            let waker = Waker::from(Arc::new(Bell(index, Arc::clone(&self.woken))));
            if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.futures[index] = None;
                self.results[index] = Some(result);
            }
        }
    }

    /// Also one that was not woken.
    fn poll(&mut self, index: usize) {
        self.woken.lock().unwrap().push_back(index);
        self.run();
    }

    fn done(&self) -> usize {
        self.results.iter().flatten().count()
    }
}

/// Is done when it is polled a second time, and wants that at once.
pub(crate) async fn once_more() {
    let mut polled = false;
    poll_fn(|context| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Lets nobody pass until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<(bool, Vec<Waker>)>>);

impl Gate {
    fn open(&self) {
        let mut gate = self.0.lock().unwrap();
        gate.0 = true;
        gate.1.drain(..).for_each(Waker::wake);
    }

    async fn pass(&self) {
        poll_fn(|context| {
            let mut gate = self.0.lock().unwrap();
            if !gate.0 {
                gate.1.push(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

type Log = Arc<Mutex<Vec<(u64, Eviction, u64)>>>;

/// A value with a number, that writes down how it leaves.
struct Toy(u64, Log);

impl Kept for Toy {
    fn evicted(&self, why: Eviction, tally: Tally) {
        self.1.lock().unwrap().push((self.0, why, tally.messages));
    }
}

type Outcome = Result<Got<u8, Toy>, Error>;

struct World {
    clock: VirtualClock,
    cache: Cache<u8, Toy>,
    asked: AtomicU64,
    log: Log,
    limits: Limits,
}

const AGE: i64 = 1000;

impl World {
    fn new(limits: Limits, capacity: usize) -> Self {
        Self { limits, ..Self::of(AGE, capacity) }
    }

    fn aged(age: i64) -> Self {
        Self::of(age, 10)
    }

    fn of(age: i64, capacity: usize) -> Self {
        let clock = VirtualClock::new(Timestamp::from_millis(0));
        let cache = Cache::new(Env::danger_seeded(clock.clone(), 1), age, capacity);
        Self { clock, cache, asked: AtomicU64::new(0), log: Log::default(), limits: Limits::NONE }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    fn value(&self) -> Arc<Toy> {
        Arc::new(Toy(self.asked.fetch_add(1, Ordering::SeqCst), Arc::clone(&self.log)))
    }

    fn wish(&self, bytes: u64) -> Wish {
        Wish { bytes, limits: self.limits, refreshes: true }
    }

    /// Asks behind a gate, and then has that outcome.
    async fn get(&self, key: u8, bytes: u64, gate: &Gate, outcome: Result<(), Error>) -> Outcome {
        let ask = || async {
            let value = self.value();
            gate.pass().await;
            outcome.map(|()| value)
        };
        self.cache.get(&key, self.wish(bytes), ask).await
    }

    fn now(&self, key: u8, bytes: u64) -> Got<u8, Toy> {
        let gate = Gate::default();
        gate.open();
        pollster::block_on(self.get(key, bytes, &gate, Ok(()))).unwrap()
    }

    fn at(&self, millis: i64) {
        self.clock.advance_to(Timestamp::from_millis(millis));
    }

    fn gone(&self) -> Vec<(u64, Eviction, u64)> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    fn is_quiet(&self) -> bool {
        self.cache.shared.state.lock().unwrap().flights.is_empty()
    }
}

fn unlimited() -> World {
    World::new(Limits::NONE, 10)
}

fn limited(max_messages: u64, max_bytes: u64) -> World {
    World::new(Limits { max_messages, max_bytes }, 10)
}

fn aborted() -> Error {
    KmsError::Aborted.into()
}

fn numbers(crowd: &Crowd<'_, Outcome>) -> Vec<u64> {
    crowd.results.iter().flatten().map(|result| result.as_ref().unwrap().value.0).collect()
}

const CROWD: usize = 10_000;

#[test]
fn ten_thousand_wait_for_one_asking() {
    let (world, gate) = (unlimited(), Gate::default());
    let mut crowd = Crowd::new();
    (0..CROWD).for_each(|_| crowd.add(world.get(1, 5, &gate, Ok(()))));
    crowd.run();
    assert_eq!((world.asked(), crowd.done(), crowd.polls), (1, 0, CROWD));
    gate.open();
    crowd.run();
    assert_eq!((world.asked(), crowd.done(), crowd.polls), (1, CROWD, 2 * CROWD), "each is woken once");
    assert_eq!(numbers(&crowd), [0; CROWD]);
    assert!(world.is_quiet());
    let tally = Tally { messages: CROWD as u64 + 1, bytes: 5 * CROWD as u64 + 7 };
    assert_eq!(world.now(1, 7).how, How::Kept(tally, 0));
}

#[test]
fn ten_thousand_ask_once_for_each_hundred_that_an_entry_may_serve() {
    let (world, gate) = (limited(100, u64::MAX), Gate::default());
    let mut crowd = Crowd::new();
    (0..CROWD).for_each(|_| crowd.add(world.get(1, 5, &gate, Ok(()))));
    crowd.run();
    assert_eq!(world.asked(), 100, "and they ask at the same time, not one after the other");
    gate.open();
    crowd.run();
    assert_eq!((world.asked(), crowd.done(), crowd.polls), (100, CROWD, 2 * CROWD));
    for number in 0..100 {
        assert_eq!(numbers(&crowd).iter().filter(|&&each| each == number).count(), 100);
    }
    assert_eq!((world.cache.len(), world.is_quiet()), (0, true), "what is used up is not kept");
}

#[test]
fn threads_wait_for_one_asking() {
    let (world, ready) = (unlimited(), AtomicUsize::new(0));
    let values = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                ready.fetch_add(1, Ordering::SeqCst);
                while ready.load(Ordering::SeqCst) < 64 {
                    std::hint::spin_loop();
                }
                for _ in 0..50 {
                    let slow = || async {
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok(world.value())
                    };
                    let got = pollster::block_on(world.cache.get(&1, world.wish(1), slow)).unwrap();
                    values.lock().unwrap().insert(got.value.0);
                }
            });
        }
    });
    assert_eq!((world.asked(), values.into_inner().unwrap().len(), world.is_quiet()), (1, 1, true));
    assert_eq!(world.now(1, 1).how, How::Kept(Tally { messages: 64 * 50 + 1, bytes: 64 * 50 + 1 }, 0));
}

#[test]
fn if_the_asker_goes_away_another_one_asks() {
    let (world, gate) = (unlimited(), Gate::default());
    let mut crowd = Crowd::new();
    (0..5).for_each(|_| crowd.add(world.get(1, 1, &gate, Ok(()))));
    crowd.run();
    crowd.leave(0);
    // Woken to ask, and gone before it could.
    crowd.leave(1);
    crowd.run();
    assert_eq!((world.asked(), crowd.done()), (2, 0));
    crowd.leave(3);
    gate.open();
    crowd.run();
    assert_eq!((world.asked(), numbers(&crowd)), (2, vec![1, 1]));
    assert_eq!(world.now(1, 1).how, How::Kept(Tally { messages: 3, bytes: 3 }, 0), "who went away has used nothing");
    assert!(world.is_quiet());

    let gate = Gate::default();
    let mut crowd = Crowd::new();
    (0..3).for_each(|_| crowd.add(world.get(2, 1, &gate, Ok(()))));
    crowd.run();
    (0..3).for_each(|index| crowd.leave(index));
    crowd.run();
    assert!(world.is_quiet(), "with nobody aboard there is no flight");
    assert_eq!(world.now(2, 1).how, How::Asked);
}

#[test]
fn that_the_asker_gave_up_is_nobody_elses_failure() {
    let (world, shut, gate) = (unlimited(), Gate::default(), Gate::default());
    let mut crowd = Crowd::new();
    crowd.add(world.get(1, 1, &gate, Err(aborted())));
    (0..3).for_each(|_| crowd.add(world.get(1, 1, &shut, Ok(()))));
    crowd.run();
    gate.open();
    crowd.run();
    assert!(crowd.results[0].as_ref().is_some_and(|result| result.as_ref().err() == Some(&aborted())));
    assert_eq!((world.asked(), crowd.done()), (2, 1));
    shut.open();
    crowd.run();
    assert_eq!(crowd.results[1..].iter().flatten().filter(|result| result.is_ok()).count(), 3);
}

#[test]
fn a_failure_is_everybodys_who_waited_for_it_and_is_not_kept() {
    let (world, gate) = (unlimited(), Gate::default());
    let error = Error::from(KmsError::Unavailable { reason: "no route".into() });
    let mut crowd = Crowd::new();
    (0..100).for_each(|_| crowd.add(world.get(1, 1, &gate, Err(error.clone()))));
    crowd.run();
    gate.open();
    crowd.run();
    assert_eq!(world.asked(), 1);
    assert!(crowd.results.iter().all(|result| result.as_ref().is_some_and(|result| result.as_ref().err() == Some(&error))));
    assert_eq!((world.now(1, 1).how, world.asked(), world.is_quiet()), (How::Asked, 2, true));
}

#[test]
fn an_asker_that_never_comes_back_is_not_waited_for_for_ever() {
    let (world, lost, gate) = (World::aged(60_000), Gate::default(), Gate::default());
    let mut crowd = Crowd::new();
    crowd.add(world.get(1, 1, &lost, Ok(())));
    (0..2).for_each(|_| crowd.add(world.get(1, 1, &gate, Ok(()))));
    crowd.run();
    world.at(PATIENCE_MILLIS - 1);
    crowd.add(world.get(1, 1, &gate, Ok(())));
    crowd.run();
    assert_eq!(world.asked(), 1);
    world.at(PATIENCE_MILLIS);
    crowd.add(world.get(1, 1, &gate, Ok(())));
    crowd.run();
    assert_eq!(world.asked(), 2, "who comes now asks");
    crowd.poll(1);
    assert_eq!(world.asked(), 3, "and one who waits does when it is polled");
    crowd.leave(0);
    crowd.run();
    assert_eq!(world.asked(), 3, "in whose place somebody asks already, it may go");
    gate.open();
    crowd.run();
    assert_eq!((crowd.done(), world.is_quiet()), (4, true));

    let (lost, shut) = (Gate::default(), Gate::default());
    let mut crowd = Crowd::new();
    crowd.add(world.get(2, 1, &lost, Ok(())));
    (0..2).for_each(|_| crowd.add(world.get(2, 1, &shut, Ok(()))));
    crowd.run();
    world.at(2 * PATIENCE_MILLIS);
    crowd.poll(1);
    lost.open();
    crowd.run();
    assert_eq!((world.asked(), numbers(&crowd)), (5, vec![3, 3]), "if it comes back, it serves those who wait");
    drop(crowd);
    assert!(world.is_quiet());
}

#[test]
fn a_panic_of_the_asker_hands_over() {
    let (world, gate) = (unlimited(), Gate::default());
    let mut crowd = Crowd::new();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let panics = || async { std::panic::resume_unwind(Box::new("in the KMS")) };
        let _ = pollster::block_on(world.cache.get(&1, world.wish(1), panics));
    }));
    assert!(caught.is_err() && world.is_quiet());
    crowd.add(world.get(1, 1, &gate, Ok(())));
    gate.open();
    crowd.run();
    assert_eq!(crowd.done(), 1);
}

#[test]
fn an_entry_serves_up_to_its_limits() {
    let world = limited(3, 10);
    assert_eq!([4, 5].map(|bytes| world.now(1, bytes).value.0), [0, 0]);
    assert_eq!(world.now(1, 2).value.0, 1, "11 bytes are too many");
    assert_eq!(world.gone(), [(0, Eviction::UsedUp, 2)]);
    assert_eq!([8, 10].map(|bytes| world.now(1, bytes).value.0), [1, 2]);
    assert_eq!(world.gone(), [(1, Eviction::UsedUp, 2)], "the second is gone with its last byte, and one of all bytes is never kept");
    assert_eq!([1, 1, 1, 1].map(|bytes| world.now(1, bytes).value.0), [3, 3, 3, 4]);
    assert_eq!(world.gone(), [(3, Eviction::UsedUp, 3)], "gone with its last message");

    let gate = Gate::default();
    let mut crowd = Crowd::new();
    [6, 4, 1, 9, 2].into_iter().for_each(|bytes| crowd.add(world.get(2, bytes, &gate, Ok(()))));
    crowd.run();
    gate.open();
    crowd.run();
    assert_eq!(numbers(&crowd), [5, 5, 6, 6, 7], "seats are bytes too");
}

#[test]
fn an_entry_is_not_used_after_its_time() {
    let world = unlimited();
    world.now(1, 1);
    world.at(AGE - 1);
    assert_eq!(world.now(1, 1).how, How::Kept(Tally { messages: 2, bytes: 2 }, AGE - 1));
    world.at(AGE);
    world.cache.evict_expired();
    assert_eq!((world.cache.len(), world.gone()), (0, vec![(0, Eviction::Expired, 2)]));

    // The time counts from the asking. Who waited for an answer that took longer has it, and nobody else.
    let gate = Gate::default();
    let mut crowd = Crowd::new();
    (0..2).for_each(|_| crowd.add(world.get(2, 1, &gate, Ok(()))));
    crowd.run();
    world.at(2 * AGE);
    gate.open();
    crowd.run();
    assert_eq!((numbers(&crowd), world.cache.len()), (vec![1, 1], 0));
}

#[test]
fn an_entry_from_the_future_is_not_used() {
    let millis = Arc::new(AtomicU64::new(5000));
    let clock = Arc::clone(&millis);
    let env = Env::danger_seeded(move || Timestamp::from_millis(clock.load(Ordering::SeqCst).try_into().unwrap()), 1);
    let world = World { cache: Cache::new(env, AGE, 10), ..unlimited() };
    assert_eq!([1, 1].map(|key| world.now(key, 1).value.0), [0, 0]);
    millis.store(4999, Ordering::SeqCst);
    assert_eq!((world.now(1, 1).value.0, world.gone()), (1, vec![(0, Eviction::Expired, 2)]));
}

#[test]
fn the_one_not_used_for_longest_makes_room() {
    let world = World::new(Limits::NONE, 2);
    assert_eq!([1, 2, 1, 3, 1, 2].map(|key| world.now(key, 1).value.0), [0, 1, 0, 2, 0, 3]);
    assert_eq!(world.gone(), [(1, Eviction::Capacity, 1), (2, Eviction::Capacity, 1)]);
    world.cache.clear();
    assert_eq!(world.gone(), [(0, Eviction::Cleared, 3), (3, Eviction::Cleared, 1)]);
}

#[test]
fn what_is_asked_for_when_all_is_cleared_is_not_kept_nor_waited_for() {
    let (world, old, new) = (unlimited(), Gate::default(), Gate::default());
    let mut crowd = Crowd::new();
    (0..2).for_each(|_| crowd.add(world.get(1, 1, &old, Ok(()))));
    crowd.run();
    world.cache.clear();
    crowd.add(world.get(1, 1, &new, Ok(())));
    crowd.run();
    old.open();
    crowd.run();
    assert_eq!((world.asked(), numbers(&crowd), world.cache.len()), (2, vec![0, 0], 0));
    new.open();
    crowd.run();
    assert_eq!((numbers(&crowd), world.cache.len(), world.is_quiet()), (vec![0, 0, 1], 1, true));
}

/// Until when an entry is surely not refreshed, and from when on it surely is.
const REFRESHES: (i64, i64) = (749, 900);

#[test]
fn one_operation_is_told_to_refresh() {
    let world = unlimited();
    world.now(1, 1);
    world.at(REFRESHES.0);
    assert!(world.now(1, 1).refresh.is_none());
    world.at(REFRESHES.1);
    let quiet = Wish { refreshes: false, ..world.wish(1) };
    let got = pollster::block_on(world.cache.get(&1, quiet, || async { Ok(world.value()) })).unwrap();
    assert!(got.refresh.is_none(), "who can not do it is not told");
    let (first, second) = (world.now(1, 1), world.now(1, 1));
    assert!(second.refresh.is_none(), "one is enough");
    let refresh = first.refresh.unwrap();
    let gate = Gate::default();
    let mut crowd: Crowd<'_, Result<(), Error>> = Crowd::new();
    crowd.add(refresh.run(|| async {
        let value = world.value();
        gate.pass().await;
        Ok(value)
    }));
    crowd.run();
    assert_eq!((world.now(1, 1).value.0, world.asked()), (0, 2), "everybody goes on with the old one");
    gate.open();
    crowd.run();
    let got = world.now(1, 1);
    assert_eq!((got.value.0, got.how), (1, How::Kept(Tally { messages: 1, bytes: 1 }, 0)));
    assert_eq!(world.gone(), [(0, Eviction::Replaced, 6)]);
    assert!(world.is_quiet() && got.refresh.is_none());
}

#[test]
fn refreshes_of_many_processes_are_spread() {
    let cache = Cache::<u8, Toy>::new(Env::danger_deterministic(Timestamp::default(), 1), AGE, 1);
    let times: BTreeSet<i64> = (0..1000).map(|_| cache.shared.refresh_after()).collect();
    assert!(*times.first().unwrap() > REFRESHES.0 && *times.last().unwrap() <= REFRESHES.1 && times.len() > 100, "{times:?}");
}

#[test]
fn a_refresh_that_fails_is_tried_again_later_and_one_that_is_dropped_too() {
    let world = unlimited();
    world.now(1, 1);
    world.at(REFRESHES.1);
    let refresh = world.now(1, 1).refresh.unwrap();
    let error = pollster::block_on(refresh.run(|| async { Err(Error::DecryptionFailed) })).unwrap_err();
    assert_eq!((error, world.now(1, 1).refresh.is_none()), (Error::DecryptionFailed, true));
    world.at(REFRESHES.1 + 49);
    assert!(world.now(1, 1).refresh.is_none());
    world.at(REFRESHES.1 + 50);
    assert!(world.now(1, 1).refresh.is_some());
    assert_eq!((world.now(1, 1).value.0, world.gone()), (0, vec![]), "the entry stays good");
}

#[test]
fn who_finds_an_entry_used_up_waits_for_its_refresh() {
    let world = limited(5, u64::MAX);
    let due: Vec<bool> = (0..4).map(|_| world.now(1, 1).refresh.is_some()).collect();
    assert_eq!(due, [false, false, false, true], "when a fifth is left");
    let world = limited(5, u64::MAX);
    (0..3).for_each(|_| drop(world.now(1, 1)));
    let refresh = world.now(1, 1).refresh.unwrap();
    let gate = Gate::default();
    let mut crowd: Crowd<'_, Option<u64>> = Crowd::new();
    crowd.add(async {
        let ask = || async {
            let value = world.value();
            gate.pass().await;
            Ok(value)
        };
        refresh.run(ask).await.unwrap();
        None
    });
    (0..6).for_each(|_| crowd.add(async { Some(world.get(1, 1, &gate, Ok(())).await.unwrap().value.0) }));
    crowd.run();
    assert_eq!((world.asked(), crowd.results[1]), (2, Some(Some(0))), "the fifth message still has the old entry");
    gate.open();
    crowd.run();
    assert_eq!(crowd.results[2..].iter().flatten().flatten().collect::<Vec<_>>(), [&1; 5]);
    assert_eq!((world.asked(), world.is_quiet()), (2, true));
}

#[test]
fn a_refresh_that_comes_too_late_asks_nobody() {
    let (world, gate) = (limited(5, u64::MAX), Gate::default());
    (0..3).for_each(|_| drop(world.now(1, 1)));
    let refresh = world.now(1, 1).refresh.unwrap();
    drop(world.now(1, 1));
    let mut crowd = Crowd::new();
    crowd.add(world.get(1, 1, &gate, Ok(())));
    crowd.run();
    pollster::block_on(refresh.run(|| async { Ok(world.value()) })).unwrap();
    assert_eq!(world.asked(), 2);
}

/// What a cache does, said simply: a list of entries, the least recently used first.
struct Model {
    limits: Limits,
    capacity: usize,
    entries: Vec<(u8, u64, Tally, i64)>,
    asked: u64,
    gone: Vec<(u64, Eviction, u64)>,
}

impl Model {
    fn take(&mut self, at: usize, why: Eviction) {
        let (_, number, tally, _) = self.entries.remove(at);
        self.gone.push((number, why, tally.messages));
    }

    fn expire(&mut self, now: i64) {
        while let Some(at) =
            (0..self.entries.len()).filter(|&at| self.entries[at].3 + AGE <= now).min_by_key(|&at| (self.entries[at].3, self.entries[at].0))
        {
            self.take(at, Eviction::Expired);
        }
    }

    fn get(&mut self, key: u8, bytes: u64, now: i64) -> u64 {
        self.expire(now);
        let Limits { max_messages, max_bytes } = self.limits;
        let full = |tally: Tally| tally.messages == max_messages || tally.bytes == max_bytes;
        if let Some(at) = self.entries.iter().position(|entry| entry.0 == key) {
            let (_, number, tally, made) = self.entries[at];
            let tally = Tally { messages: tally.messages + 1, bytes: tally.bytes + bytes };
            if tally.bytes <= self.limits.max_bytes {
                let is_full = full(tally);
                self.entries.remove(at);
                self.entries.push((key, number, tally, made));
                if is_full {
                    self.take(self.entries.len() - 1, Eviction::UsedUp);
                }
                return number;
            }
            self.take(at, Eviction::UsedUp);
        }
        let (number, tally) = (self.asked, Tally { messages: 1, bytes });
        self.asked += 1;
        if !full(tally) {
            if self.entries.len() == self.capacity {
                self.take(0, Eviction::Capacity);
            }
            self.entries.push((key, number, tally, now));
        }
        number
    }
}

/// A step of a crowd's life: somebody comes, somebody leaves, an asking ends well or badly or is given up, everything is cleared.
#[derive(Clone, Debug)]
enum Step {
    Come(u8, u64),
    Leave(prop::sample::Index),
    Land(prop::sample::Index, u8),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..2, 0u64..6).prop_map(|(key, bytes)| Step::Come(key, bytes)),
        2 => any::<prop::sample::Index>().prop_map(Step::Leave),
        3 => (any::<prop::sample::Index>(), 0u8..4).prop_map(|(index, how)| Step::Land(index, how)),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #[test]
    fn one_after_the_other_it_is_the_model(
        max_messages in 1u64..6, max_bytes in 5u64..20, capacity in 1usize..4,
        steps in prop::collection::vec((0u8..5, 0u64..6, 0i64..300), 0..80),
    ) {
        let world = World::new(Limits { max_messages, max_bytes }, capacity);
        let mut model = Model { limits: world.limits, capacity, entries: vec![], asked: 0, gone: vec![] };
        let mut now = 0;
        for (key, bytes, later) in steps {
            now += later;
            world.at(now);
            prop_assert_eq!(world.now(key, bytes).value.0, model.get(key, bytes, now));
            prop_assert_eq!(world.gone(), std::mem::take(&mut model.gone));
            prop_assert_eq!(world.cache.len(), model.entries.len());
        }
    }

    #[test]
    fn in_any_crowd_nobody_is_forgotten_and_no_entry_overused(
        max_messages in 1u64..6, max_bytes in 5u64..20, steps in prop::collection::vec(step(), 0..60),
    ) {
        let world = limited(max_messages, max_bytes);
        let gates: Mutex<Vec<(Gate, Arc<AtomicU64>)>> = Mutex::default();
        let uses = Mutex::new(std::collections::BTreeMap::<u64, Tally>::new());
        let mut left = BTreeSet::new();
        let mut crowd: Crowd<'_, Result<(), Error>> = Crowd::new();
        let come = |key: u8, bytes: u64| -> BoxFuture<'_, Result<(), Error>> {
            let (world, gates, uses) = (&world, &gates, &uses);
            Box::pin(async move {
                let ask = || async {
                    let (gate, how) = (Gate::default(), Arc::new(AtomicU64::new(0)));
                    gates.lock().unwrap().push((gate.clone(), how.clone()));
                    let value = world.value();
                    gate.pass().await;
                    match how.load(Ordering::SeqCst) {
                        2 => Err(Error::DecryptionFailed),
                        3 => Err(aborted()),
                        _ => Ok(value),
                    }
                };
                let got = world.cache.get(&key, world.wish(bytes), ask).await?;
                let mut uses = uses.lock().unwrap();
                let tally = uses.entry(got.value.0).or_default();
                *tally = tally.plus(bytes);
                Ok(())
            })
        };
        for step in steps {
            match step {
                Step::Come(key, bytes) => crowd.add(come(key, bytes)),
                Step::Leave(index) if !crowd.futures.is_empty() => {
                    let index = index.index(crowd.futures.len());
                    crowd.leave(index);
                    left.insert(index);
                }
                Step::Land(index, how) => {
                    let gates = gates.lock().unwrap();
                    if !gates.is_empty() {
                        let (gate, outcome) = &gates[index.index(gates.len())];
                        outcome.store(u64::from(how), Ordering::SeqCst);
                        gate.open();
                    }
                }
                Step::Clear => world.cache.clear(),
                Step::Leave(_) => {}
            }
            crowd.run();
        }
        loop {
            let before = gates.lock().unwrap().len();
            gates.lock().unwrap().iter().for_each(|(gate, _)| gate.open());
            crowd.run();
            if gates.lock().unwrap().len() == before {
                break;
            }
        }
        for (index, result) in crowd.results.iter().enumerate() {
            prop_assert!(result.is_some() || left.contains(&index), "{} waits for ever", index);
        }
        prop_assert!(world.is_quiet());
        for (number, tally) in uses.lock().unwrap().iter() {
            prop_assert!(tally.fits(world.limits), "{}: {:?}", number, tally);
        }
    }
}
