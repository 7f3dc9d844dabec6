//! A host for tests whose time passes only when somebody waits for it, and whose service answers, or misbehaves, as it is told.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use waxseal_base::env::{Env, VirtualClock};
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use crate::http::{Host, Http, HttpError, HttpRequest, HttpResponse, Timer};
use crate::transport::millis;

/// What the service does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Answers with that status, body and headers.
    Answers(u16, String, Vec<(&'static str, String)>),
    /// The same, after that time.
    AnswersAfter(Duration, u16, String),
    /// Never answers: it hangs, or its answer drips.
    Hangs,
    /// Hangs up, at once or in the middle of its answer.
    HangsUp,
    /// Sends more than anybody reads.
    Floods,
    /// A client of HTTP that does not keep its word reads it all.
    AnswersTooMuch,
}

/// The way and the time of each request; the last way is for all after it.
pub(crate) struct World {
    time: Arc<Time>,
    ways: Mutex<Vec<Way>>,
    pub(crate) requests: Mutex<Vec<(i64, HttpRequest)>>,
}

impl World {
    pub(crate) fn new(ways: &[Way]) -> Arc<Self> {
        let time = Arc::new(Time { clock: VirtualClock::new(START), sleepers: Mutex::default(), wakes: AtomicI64::new(0) });
        Arc::new(Self { time, ways: Mutex::new(ways.to_vec()), requests: Mutex::default() })
    }

    pub(crate) fn host(self: &Arc<Self>) -> Host {
        let env = Env::danger_seeded(self.time.clock.clone(), 1);
        Host { http: Arc::new(Sender(Arc::clone(self))), timer: Arc::new(VirtualTimer(Arc::clone(&self.time))), env }
    }

    /// Runs the work; whenever all of it waits, time moves on to when the first waiter's is over. A panic if nobody's ever is: it would hang.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut context = std::task::Context::from_waker(Waker::noop());
        for _ in 0..10_000 {
            if let Poll::Ready(outcome) = work.as_mut().poll(&mut context) {
                return outcome;
            }
            self.time.move_on();
        }
        panic!("it does not end");
    }

    /// Milliseconds since the beginning.
    pub(crate) fn elapsed(&self) -> i64 {
        self.time.elapsed()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.time.clock.advance_to(START.plus_millis(self.elapsed() + millis(time)));
    }

    pub(crate) fn timer(self: &Arc<Self>) -> VirtualTimer {
        VirtualTimer(Arc::clone(&self.time))
    }
}

struct Time {
    clock: VirtualClock,
    /// By number, when each sleeper's time is over, and who is to be woken then.
    sleepers: Mutex<BTreeMap<i64, (i64, Option<Waker>)>>,
    wakes: AtomicI64,
}

impl Time {
    fn elapsed(&self) -> i64 {
        use waxseal_base::env::Clock;
        self.clock.now().as_millis() - START.as_millis()
    }

    fn move_on(&self) {
        let mut sleepers = self.sleepers.lock().unwrap();
        let now = self.elapsed();
        let next = sleepers.values().map(|(end, _)| *end).filter(|end| *end > now).min().expect("somebody's time is over some day");
        self.clock.advance_to(START.plus_millis(next));
        sleepers.values_mut().filter(|(end, _)| *end <= next).filter_map(|(_, waker)| waker.take()).for_each(Waker::wake);
    }
}

#[derive(Clone)]
pub(crate) struct VirtualTimer(Arc<Time>);

/// One who sleeps, until it is dropped.
struct Sleeper {
    number: i64,
    time: Arc<Time>,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.time.sleepers.lock().unwrap().remove(&self.number);
    }
}

impl Timer for VirtualTimer {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let number = self.0.wakes.fetch_add(1, Ordering::SeqCst);
        let end = self.0.elapsed() + millis(time);
        self.0.sleepers.lock().unwrap().insert(number, (end, None));
        let sleeper = Sleeper { number, time: Arc::clone(&self.0) };
        Box::pin(std::future::poll_fn(move |context| {
            if sleeper.time.elapsed() >= end {
                return Poll::Ready(());
            }
            sleeper.time.sleepers.lock().unwrap().insert(sleeper.number, (end, Some(context.waker().clone())));
            Poll::Pending
        }))
    }
}

struct Sender(Arc<World>);

impl Http for Sender {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        Box::pin(async move {
            let way = {
                let (mut requests, ways) = (self.0.requests.lock().unwrap(), self.0.ways.lock().unwrap());
                requests.push((self.0.elapsed(), request));
                ways[(requests.len() - 1).min(ways.len() - 1)].clone()
            };
            let response = |status, body: String, headers: Vec<(&str, String)>| HttpResponse {
                status,
                headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                body: Zeroizing::new(body.into_bytes()),
            };
            match way {
                Way::Answers(status, body, headers) => Ok(response(status, body, headers)),
                Way::AnswersAfter(time, status, body) => {
                    self.0.timer().sleep(time).await;
                    Ok(response(status, body, Vec::new()))
                }
                Way::Hangs => pending().await,
                Way::HangsUp => Err(HttpError::NoAnswer("connection reset".into())),
                Way::Floods => Err(HttpError::TooLong),
                Way::AnswersTooMuch => Ok(response(200, " ".repeat(70_000), Vec::new())),
            }
        })
    }
}

pub(crate) fn answers(status: u16, body: &str) -> Way {
    Way::Answers(status, body.into(), Vec::new())
}

/// 2026-01-15T12:00:00Z
pub(crate) const START: Timestamp = Timestamp::from_millis(1_768_478_400_000);
