//! Those aboard a flight: the one who asks, those who wait, and the one who asks ahead of time. Whichever of them is dropped leaves in order.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use waxseal_base::time::Timestamp;
use waxseal_kms_api::kms::KmsError;

use super::entries::Entry;
use super::flights::News;
use super::{Cache, Kept, Key, Limits, Wish};
use crate::error::Error;

/// The one who asks for those aboard its flight. Dropped before it has landed, it leaves the asking to one of them.
pub(super) struct Asker<K: Key, V: Kept> {
    pub(super) cache: Cache<K, V>,
    pub(super) key: K,
    pub(super) flight: u64,
    /// Tells it from those who ask in its place.
    pub(super) number: u64,
    /// The bytes it uses the entry for; nothing if it asks for the cache's sake only.
    pub(super) seat: Option<u64>,
    pub(super) limits: Limits,
    pub(super) aboard: bool,
}

impl<K: Key, V: Kept> Asker<K, V> {
    pub(super) async fn ask<F>(mut self, ask: impl FnOnce() -> F) -> Result<Arc<V>, Error>
    where
        F: Future<Output = Result<Arc<V>, Error>>,
    {
        let result = ask().await;
        // That the asker gave up says nothing to the others.
        if !result.as_ref().is_err_and(|error| error.kms() == Some(&KmsError::Aborted)) {
            self.land(result.clone());
        }
        result
    }

    fn land(&mut self, result: Result<Arc<V>, Error>) {
        self.aboard = false;
        let shared = &self.cache.shared;
        let refresh_after = shared.refresh_after();
        shared.with(|state, now, leaving| {
            let Some(landing) = state.flights.land(&self.key, self.flight, result.clone(), leaving) else { return };
            let (Ok(value), true) = (result, landing.keep && landing.tally.leaves_one(self.limits)) else { return };
            let expires = landing.asked_at.plus_millis(shared.max_age_millis);
            // Nor is what would be from the future, since the clock was set back.
            if (landing.asked_at..expires).contains(&now) {
                let entry = Entry::new(value, landing.tally, landing.asked_at, expires, landing.asked_at.plus_millis(refresh_after));
                state.entries.put(self.key.clone(), entry, leaving);
            }
        });
    }
}

impl<K: Key, V: Kept> Drop for Asker<K, V> {
    fn drop(&mut self) {
        if self.aboard {
            self.cache.shared.with(|state, _, leaving| state.flights.vacate(&self.key, self.flight, self.number, self.seat, leaving));
        }
    }
}

/// One who waits for a flight.
pub(super) struct Passenger<K: Key, V: Kept> {
    pub(super) cache: Cache<K, V>,
    pub(super) key: K,
    pub(super) flight: u64,
    pub(super) ticket: u64,
    pub(super) wish: Wish,
    pub(super) aboard: bool,
}

pub(super) enum Arrival<K: Key, V: Kept> {
    Landed(Result<Arc<V>, Error>),
    Asks(Asker<K, V>),
}

// It does not refer to itself.
impl<K: Key, V: Kept> Unpin for Passenger<K, V> {}

impl<K: Key, V: Kept> Future for Passenger<K, V> {
    type Output = Arrival<K, V>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let (flight, ticket) = (this.flight, this.ticket);
        let news = this.cache.shared.with(|state, now, leaving| state.flights.ask_after(flight, ticket, now, context.waker(), leaving));
        let arrival = match news {
            News::Flying => return Poll::Pending,
            News::Landed(result) => Arrival::Landed(result),
            News::YouAsk => Arrival::Asks(this.cache.asker(&this.key, (flight, ticket), Some(this.wish.bytes), this.wish.limits)),
        };
        this.aboard = false;
        Poll::Ready(arrival)
    }
}

impl<K: Key, V: Kept> Drop for Passenger<K, V> {
    fn drop(&mut self) {
        if self.aboard {
            let bytes = self.wish.bytes;
            self.cache.shared.with(|state, _, leaving| state.flights.leave(&self.key, self.flight, self.ticket, bytes, leaving));
        }
    }
}

/// The right to ask anew for an entry that is still good; nobody else has it. Dropped without a new entry, it is given out again after a while.
pub(crate) struct Refresh<K: Key, V: Kept> {
    pub(super) cache: Cache<K, V>,
    pub(super) key: K,
    pub(super) limits: Limits,
    /// Of the entry that it is for.
    pub(super) asked_at: Timestamp,
}

impl<K: Key, V: Kept> Refresh<K, V> {
    /// Asks, unless somebody already does; who finds the old entry used up meanwhile waits for this asking.
    pub(crate) async fn run<F>(self, ask: impl FnOnce() -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<Arc<V>, Error>>,
    {
        let flight = self.cache.shared.with(|state, now, _| state.flights.start_empty(&self.key, now));
        let Some(flight) = flight else { return Ok(()) };
        self.cache.asker(&self.key, (flight, flight), None, self.limits).ask(ask).await.map(|_| ())
    }
}

impl<K: Key, V: Kept> Drop for Refresh<K, V> {
    fn drop(&mut self) {
        let shared = &self.cache.shared;
        let pause = shared.max_age_millis / REFRESH_PAUSES;
        shared.with(|state, now, _| state.entries.not_refreshed(&self.key, self.asked_at, now.plus_millis(pause)));
    }
}

/// A refresh that failed is tried again after this part of an entry's age.
const REFRESH_PAUSES: i64 = 20;
