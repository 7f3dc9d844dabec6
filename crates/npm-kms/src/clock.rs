//! The clock of an embedded KMS: JavaScript sets it before each call, so that a clock of the user's never runs inside this module.

use std::cell::Cell;
use std::rc::Rc;

use waxseal_base::env::Clock;
use waxseal_base::time::Timestamp;

/// Shows the time it was last set to.
#[derive(Clone)]
pub(crate) struct SetClock(Rc<Cell<Timestamp>>);

impl SetClock {
    /// A clock that shows `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Rc::new(Cell::new(now)))
    }

    /// Moves it to `now`.
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.set(now);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}
