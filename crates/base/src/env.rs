//! The two things a computation needs from outside itself: the time and randomness. Both are injected, so the same code runs
//! natively under test, in wasm, under a virtual clock in lessons, and reproducibly in vectors.

#[cfg(feature = "rand_core")]
mod env_random;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

#[cfg(feature = "rand_core")]
pub use env_random::EnvRandom;

use crate::threading::{MaybeSend, MaybeSync};
use crate::time::Timestamp;

/// The clock and the source of randomness of one host. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Env {
    /// An environment of any clock and any source of randomness.
    pub fn new(clock: impl Clock + 'static, random: impl Random + 'static) -> Self {
        Self { clock: Arc::new(clock), random: Arc::new(random) }
    }

    /// The operating system's clock and randomness. In wasm the host brings its clock: see [`with_clock`](Self::with_clock).
    #[cfg(not(target_arch = "wasm32"))]
    pub fn system() -> Self {
        Self::with_clock(SystemClock)
    }

    /// The platform's randomness under the given clock.
    pub fn with_clock(clock: impl Clock + 'static) -> Self {
        Self::new(clock, OsRandom)
    }

    /// **For tests and vectors only**: a clock that stands still at `now` and bytes that follow from `seed`. Whoever knows the
    /// seed knows every key.
    pub fn danger_deterministic(now: Timestamp, seed: u64) -> Self {
        Self::danger_seeded(FixedClock(now), seed)
    }

    /// **For tests and vectors only**: any clock, and bytes that follow from `seed`. Whoever knows the seed knows every key.
    pub fn danger_seeded(clock: impl Clock + 'static, seed: u64) -> Self {
        Self::new(clock, SeededRandom { seed, drawn: AtomicU64::new(0) })
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fills `bytes` with randomness fit for keys.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.random.fill(bytes)
    }

    /// `N` random bytes, for nonces and ids. Keys go into a [`Secret`](crate::secret::Secret) instead.
    pub fn random_array<const N: usize>(&self) -> Result<[u8; N], RandomError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("now", &self.now()).finish_non_exhaustive()
    }
}

/// Tells the time.
pub trait Clock: MaybeSend + MaybeSync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp + MaybeSend + MaybeSync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// Fills buffers with randomness fit for keys.
pub trait Random: MaybeSend + MaybeSync {
    /// Fills all of `bytes` or fails.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The platform could not give randomness; nothing may go on without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform gave no random bytes")
    }
}

impl std::error::Error for RandomError {}

/// A clock that stands still.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(
    /// The time it always shows.
    pub Timestamp,
);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A clock that stands still until it is moved, and moves forward only: for tests and lessons. All clones are one clock.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<AtomicI64>);

impl VirtualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// Moves it to `time` and returns what it shows then. It does not go back: at an earlier `time` it stays where it is.
    pub fn advance_to(&self, time: Timestamp) -> Timestamp {
        let before = self.0.fetch_max(time.as_millis(), Ordering::SeqCst);
        Timestamp::from_millis(before.max(time.as_millis()))
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The operating system's clock.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

#[cfg(not(target_arch = "wasm32"))]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's generator; in wasm `crypto.getRandomValues`.
#[derive(Clone, Copy, Debug)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(|_| RandomError)
    }
}

/// HMAC-SHA-256 of a counter under the seed: reproducible, and not for keys.
struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for chunk in bytes.chunks_mut(32) {
            let count = self.drawn.fetch_add(1, Ordering::Relaxed);
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.seed.to_be_bytes()).map_err(|_| RandomError)?;
            mac.update(&count.to_be_bytes());
            let block = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
            for (to, from) in chunk.iter_mut().zip(block.iter()) {
                *to = *from;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_platform_does_not() {
        let draw = |env: &Env| env.random_array::<40>().unwrap();
        let now = Timestamp::from_millis(7);
        let first = Env::danger_deterministic(now, 1);
        assert_eq!(draw(&first), draw(&Env::danger_deterministic(now, 1)));
        assert_ne!(draw(&first), draw(&Env::danger_deterministic(now, 1)), "the second draw differs from the first");
        assert_ne!(draw(&Env::danger_deterministic(now, 2)), draw(&Env::danger_deterministic(now, 1)));
        let real = Env::with_clock(FixedClock(now));
        assert_ne!(draw(&real), draw(&real));
        assert_eq!(real.now(), now);
        let clock = VirtualClock::new(now);
        let seeded = Env::danger_seeded(clock.clone(), 1);
        assert_eq!(draw(&seeded), draw(&Env::danger_deterministic(now, 1)));
        assert_eq!(clock.advance_to(Timestamp::from_millis(9)), Timestamp::from_millis(9));
        assert_eq!(clock.advance_to(Timestamp::from_millis(8)), seeded.now(), "it does not go back");
        assert_eq!(seeded.now(), Timestamp::from_millis(9));
        assert!(Env::system().now() > Timestamp::from_millis(1_700_000_000_000), "the system's clock is past 2023");
    }
}
