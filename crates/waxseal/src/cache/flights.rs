//! Who asks for what, and who waits for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use waxseal_base::time::Timestamp;

use super::{Key, Leaving, PATIENCE_MILLIS, Tally, Wish};
use crate::error::Error;

/// Flights that are under way, and those that have landed with passengers who have not got off yet.
pub(super) struct Flights<K, V> {
    by_id: BTreeMap<u64, Flight<V>>,
    /// Of each key the one that can be boarded, if it has a seat left.
    newest: BTreeMap<K, u64>,
    /// Numbers flights and tickets.
    numbers: u64,
}

/// One asking.
pub(super) struct Flight<V> {
    phase: Phase<V>,
    /// Who asks, or did: the ticket it had, or the flight's number for the one that started it.
    asker: u64,
    /// The seats that are taken, also the asker's.
    tally: Tally,
    asked_at: Timestamp,
    /// Whether what it brings is kept.
    keep: bool,
    /// By ticket, so in the order they came.
    passengers: BTreeMap<u64, Option<Waker>>,
}

enum Phase<V> {
    Asking,
    /// Who asked has gone away; a passenger was woken to ask.
    Vacant,
    Landed(Result<Arc<V>, Error>),
}

pub(super) enum Boarding {
    Asks,
    /// With this ticket.
    Waits(u64),
}

/// What a passenger hears.
pub(super) enum News<V> {
    Flying,
    Landed(Result<Arc<V>, Error>),
    YouAsk,
}

/// A flight that has landed: what the entry that it brings has been used for, and whether that is to be kept.
pub(super) struct Landing {
    pub(super) tally: Tally,
    pub(super) asked_at: Timestamp,
    pub(super) keep: bool,
}

impl<V> Flight<V> {
    /// Whether its asker has been away for so long that it may never come back: it may be suspended for ever and never dropped, as where a host
    /// ends the request that it belonged to. Should it come back after all, it is welcome.
    fn is_lost(&self, now: Timestamp) -> bool {
        now >= self.asked_at.plus_millis(PATIENCE_MILLIS)
    }
}

impl<K: Key, V> Flights<K, V> {
    pub(super) fn new() -> Self {
        Self { by_id: BTreeMap::new(), newest: BTreeMap::new(), numbers: 0 }
    }

    /// A seat on the flight that is under way, or on a new one, as its asker.
    pub(super) fn board(&mut self, key: &K, wish: Wish, now: Timestamp) -> (u64, Boarding) {
        let ticket = self.number();
        if let Some(id) = self.newest.get(key).copied()
            && let Some(flight) = self.by_id.get_mut(&id)
            && flight.tally.plus(wish.bytes).fits(wish.limits)
            && !flight.is_lost(now)
        {
            flight.tally = flight.tally.plus(wish.bytes);
            flight.passengers.insert(ticket, None);
            return (id, Boarding::Waits(ticket));
        }
        (self.start(key, Tally::default().plus(wish.bytes), now), Boarding::Asks)
    }

    /// A flight whose asker needs no seat, unless one is under way.
    pub(super) fn start_empty(&mut self, key: &K, now: Timestamp) -> Option<u64> {
        let newest = self.newest.get(key).and_then(|id| self.by_id.get(id));
        newest.is_none_or(|flight| flight.is_lost(now)).then(|| self.start(key, Tally::default(), now))
    }

    /// What a passenger finds; who has to wait on is woken when that changes. Who has arrived or is to ask is no passenger any more.
    pub(super) fn ask_after(&mut self, id: u64, ticket: u64, now: Timestamp, waker: &Waker, leaving: &mut Leaving<V>) -> News<V> {
        let Some(flight) = self.by_id.get_mut(&id) else {
            return News::Landed(Err(Error::internal("a request to the KMS was lost")));
        };
        let news = match &flight.phase {
            Phase::Asking if !flight.is_lost(now) => {
                flight.passengers.insert(ticket, Some(waker.clone()));
                return News::Flying;
            }
            Phase::Asking | Phase::Vacant => {
                flight.phase = Phase::Asking;
                flight.asker = ticket;
                flight.asked_at = now;
                News::YouAsk
            }
            Phase::Landed(result) => News::Landed(result.clone()),
        };
        flight.passengers.remove(&ticket);
        self.forget_landed(id, leaving);
        news
    }

    /// The asking is over: everybody is woken, and nobody boards any more.
    pub(super) fn land(&mut self, key: &K, id: u64, result: Result<Arc<V>, Error>, leaving: &mut Leaving<V>) -> Option<Landing> {
        self.close(key, id);
        let flight = self.by_id.get_mut(&id)?;
        flight.phase = Phase::Landed(result);
        leaving.wakers.extend(flight.passengers.values_mut().filter_map(Option::take));
        let landing = Landing { tally: flight.tally, asked_at: flight.asked_at, keep: flight.keep };
        self.forget_landed(id, leaving);
        Some(landing)
    }

    /// An asker goes away, and gives its seat back if it has one. Nobody has to ask in its place if somebody does already.
    pub(super) fn vacate(&mut self, key: &K, id: u64, asker: u64, seat: Option<u64>, leaving: &mut Leaving<V>) {
        let Some(flight) = self.by_id.get_mut(&id).filter(|flight| !matches!(flight.phase, Phase::Landed(_))) else { return };
        flight.tally = seat.map_or(flight.tally, |bytes| flight.tally.minus(bytes));
        if flight.asker == asker {
            flight.phase = Phase::Vacant;
            self.hand_over(key, id, leaving);
        }
    }

    /// A passenger goes away, and gives its seat back if the flight has not landed.
    pub(super) fn leave(&mut self, key: &K, id: u64, ticket: u64, bytes: u64, leaving: &mut Leaving<V>) {
        let Some(flight) = self.by_id.get_mut(&id) else { return };
        flight.passengers.remove(&ticket);
        match flight.phase {
            Phase::Landed(_) => self.forget_landed(id, leaving),
            Phase::Asking => flight.tally = flight.tally.minus(bytes),
            Phase::Vacant => {
                flight.tally = flight.tally.minus(bytes);
                self.hand_over(key, id, leaving);
            }
        }
    }

    /// What is under way will not be kept, nor boarded.
    pub(super) fn keep_none(&mut self) {
        self.newest.clear();
        self.by_id.values_mut().for_each(|flight| flight.keep = false);
    }

    fn start(&mut self, key: &K, tally: Tally, asked_at: Timestamp) -> u64 {
        let id = self.number();
        self.by_id.insert(id, Flight { phase: Phase::Asking, asker: id, tally, asked_at, keep: true, passengers: BTreeMap::new() });
        self.newest.insert(key.clone(), id);
        id
    }

    /// The one who came first is to ask; a flight without anybody is none.
    fn hand_over(&mut self, key: &K, id: u64, leaving: &mut Leaving<V>) {
        let Some(flight) = self.by_id.get_mut(&id) else { return };
        match flight.passengers.values_mut().next() {
            Some(first) => leaving.wakers.extend(first.take()),
            None => {
                leaving.flights.extend(self.by_id.remove(&id));
                self.close(key, id);
            }
        }
    }

    /// A flight that has landed goes when its last passenger has got off.
    fn forget_landed(&mut self, id: u64, leaving: &mut Leaving<V>) {
        if self.by_id.get(&id).is_some_and(|flight| flight.passengers.is_empty() && matches!(flight.phase, Phase::Landed(_))) {
            leaving.flights.extend(self.by_id.remove(&id));
        }
    }

    fn close(&mut self, key: &K, id: u64) {
        if self.newest.get(key) == Some(&id) {
            self.newest.remove(key);
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.newest.is_empty()
    }
}
