//! Values kept for a time and a number of uses, and asked for once, however many operations want the same one at the same moment. The materials
//! manager keeps data keys in one, [`CachedBranchKeys`](crate::keyring::CachedBranchKeys) branch keys.
//!
//! An operation that finds no usable entry starts a *flight*: it asks, and those who come meanwhile take seats on the flight, as many as the
//! coming entry allows uses; who finds no seat starts another flight. When it lands, everybody aboard has the value or the error, at once. If the
//! one who asks goes away, another passenger asks in its place. There is no runtime here: who waits is woken through the waker that polled it, and
//! no lock is held while anybody waits.

mod aboard;
mod entries;
mod flights;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use waxseal_base::env::Env;
use waxseal_base::event::Eviction;
use waxseal_base::time::Timestamp;

pub(crate) use self::aboard::Refresh;
use self::aboard::{Arrival, Asker, Passenger};
use self::entries::{Entries, Entry, Found};
use self::flights::{Boarding, Flight, Flights};
use crate::error::Error;

/// Entries by key. Cheap to clone; all clones are one cache.
pub(crate) struct Cache<K, V> {
    shared: Arc<Shared<K, V>>,
}

/// What an entry is kept under.
pub(crate) trait Key: Ord + Clone {}

impl<T: Ord + Clone> Key for T {}

/// What is kept.
pub(crate) trait Kept {
    /// It was taken out of the cache, after `tally` of uses. Called without any lock.
    fn evicted(&self, _why: Eviction, _tally: Tally) {}
}

/// How often one entry may be used, and for how many bytes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) max_messages: u64,
    pub(crate) max_bytes: u64,
}

/// How often an entry was used, and for how many bytes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

/// What an operation wants of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// For how many bytes it uses the entry; within the limits.
    pub(crate) bytes: u64,
    pub(crate) limits: Limits,
    /// Whether it can start a refresh, and so is to be told when one is due.
    pub(crate) refreshes: bool,
}

/// A value, and how it was come by.
pub(crate) struct Got<K: Key, V: Kept> {
    pub(crate) value: Arc<V>,
    pub(crate) how: How,
    /// Given to one operation when it is time to ask anew, while everybody goes on with this entry.
    pub(crate) refresh: Option<Refresh<K, V>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// This operation asked.
    Asked,
    /// Another one did while this one waited.
    Waited,
    /// It was there: its uses, this one too, and its age in milliseconds.
    Kept(Tally, i64),
}

struct Shared<K, V> {
    env: Env,
    max_age_millis: i64,
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    entries: Entries<K, V>,
    flights: Flights<K, V>,
}

/// What comes out of the state while it is locked and is dealt with when it no longer is: wakers and observers run code of others.
struct Leaving<V> {
    evicted: Vec<(Entry<V>, Eviction)>,
    flights: Vec<Flight<V>>,
    wakers: Vec<Waker>,
}

enum Turn<K: Key, V: Kept> {
    Use(Got<K, V>),
    Wait(Passenger<K, V>),
    Ask(Asker<K, V>),
}

impl<K: Key, V: Kept> Cache<K, V> {
    /// Keeps values for `max_age_millis`, counted from when they were asked for, and `capacity` of them: the one not used for longest makes room.
    pub(crate) fn new(env: Env, max_age_millis: i64, capacity: usize) -> Self {
        let state = Mutex::new(State { entries: Entries::new(capacity), flights: Flights::new() });
        Self { shared: Arc::new(Shared { env, max_age_millis, state }) }
    }

    /// The entry, if it may still be used; else what `ask` brings, or what another operation's asking does. A failure is everybody's who
    /// waited for it, and is not kept.
    pub(crate) async fn get<F>(&self, key: &K, wish: Wish, ask: impl FnOnce() -> F) -> Result<Got<K, V>, Error>
    where
        F: Future<Output = Result<Arc<V>, Error>>,
    {
        let asker = match self.turn(key, wish) {
            Turn::Use(got) => return Ok(got),
            Turn::Ask(asker) => asker,
            Turn::Wait(passenger) => match passenger.await {
                Arrival::Landed(result) => return result.map(|value| Got { value, how: How::Waited, refresh: None }),
                Arrival::Asks(asker) => asker,
            },
        };
        asker.ask(ask).await.map(|value| Got { value, how: How::Asked, refresh: None })
    }

    /// Takes everything out; what is being asked for will not be kept either.
    pub(crate) fn clear(&self) {
        self.shared.with(|state, _, leaving| {
            state.entries.clear(leaving);
            state.flights.keep_none();
        });
    }

    /// Takes out what is too old, as every other operation does too.
    pub(crate) fn evict_expired(&self) {
        self.shared.with(|_, _, _| ());
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.shared.with(|state, _, _| state.entries.len())
    }

    fn turn(&self, key: &K, wish: Wish) -> Turn<K, V> {
        self.shared.with(|state, now, leaving| {
            if let Some(Found { value, tally, asked_at, is_due }) = state.entries.use_one(key, wish, now, leaving) {
                let refresh = is_due.then(|| Refresh { cache: self.clone(), key: key.clone(), limits: wish.limits, asked_at });
                let age = now.as_millis().saturating_sub(asked_at.as_millis());
                return Turn::Use(Got { value, how: How::Kept(tally, age), refresh });
            }
            let (flight, boarding) = state.flights.board(key, wish, now);
            match boarding {
                Boarding::Asks => Turn::Ask(self.asker(key, (flight, flight), Some(wish.bytes), wish.limits)),
                Boarding::Waits(ticket) => {
                    Turn::Wait(Passenger { cache: self.clone(), key: key.clone(), flight, ticket, wish, aboard: true })
                }
            }
        })
    }

    fn asker(&self, key: &K, (flight, number): (u64, u64), seat: Option<u64>, limits: Limits) -> Asker<K, V> {
        Asker { cache: self.clone(), key: key.clone(), flight, number, seat, limits, aboard: true }
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K: Key, V: Kept> Shared<K, V> {
    /// Every access to the state: what is too old leaves first, and what leaves is told and dropped after the lock is gone.
    fn with<R>(&self, act: impl FnOnce(&mut State<K, V>, Timestamp, &mut Leaving<V>) -> R) -> R {
        let mut leaving = Leaving { evicted: Vec::new(), flights: Vec::new(), wakers: Vec::new() };
        let result = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.env.now();
            state.entries.expire(now, &mut leaving);
            act(&mut state, now, &mut leaving)
        };
        leaving.settle();
        result
    }

    /// At 75 to 90 % of the age, by chance, so that many processes that started together do not refresh together.
    fn refresh_after(&self) -> i64 {
        let drawn = self.env.random_array().map_or(0, u16::from_le_bytes);
        let share = 750u16.saturating_add(drawn % 151);
        self.max_age_millis.saturating_mul(i64::from(share)) / 1000
    }
}

impl<V: Kept> Leaving<V> {
    fn settle(self) {
        for (entry, why) in self.evicted {
            entry.value.evicted(why, entry.tally);
        }
        self.wakers.into_iter().for_each(Waker::wake);
    }
}

impl Tally {
    fn plus(self, bytes: u64) -> Self {
        Self { messages: self.messages.saturating_add(1), bytes: self.bytes.saturating_add(bytes) }
    }

    fn minus(self, bytes: u64) -> Self {
        Self { messages: self.messages.saturating_sub(1), bytes: self.bytes.saturating_sub(bytes) }
    }

    fn fits(self, limits: Limits) -> bool {
        self.messages <= limits.max_messages && self.bytes <= limits.max_bytes
    }

    /// Whether another use of an entry may fit, if it is for few bytes.
    fn leaves_one(self, limits: Limits) -> bool {
        self.plus(1).fits(limits)
    }
}

/// How long one who asks is waited for before somebody else asks as well.
const PATIENCE_MILLIS: i64 = 10_000;

impl Limits {
    /// None but age.
    pub(crate) const NONE: Self = Self { max_messages: u64::MAX, max_bytes: u64::MAX };
}

#[cfg(test)]
pub(crate) mod tests;
