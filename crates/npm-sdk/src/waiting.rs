//! Operations that wait for one another: each has a number, and who is woken is written down for JavaScript to poll it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use wasm_bindgen::prelude::*;

/// Wakes one operation.
pub(crate) struct Bell {
    number: u32,
    waker: Waker,
}

impl Bell {
    pub(crate) fn new() -> Self {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Self { number, waker: Waker::from(Arc::new(Ringing(number))) }
    }

    /// Its operation's number.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }
}

/// The numbers of the operations that were woken since the last time, in order: after every step there may be some.
#[wasm_bindgen]
pub fn woken() -> Vec<u32> {
    std::mem::take(&mut *WOKEN.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Ringing(u32);

impl Wake for Ringing {
    fn wake(self: Arc<Self>) {
        WOKEN.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
    }
}

static NUMBERS: AtomicU32 = AtomicU32::new(0);
static WOKEN: Mutex<Vec<u32>> = Mutex::new(Vec::new());
