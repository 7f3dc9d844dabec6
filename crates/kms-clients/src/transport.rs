//! How every client asks its service: with a time limit for each try and one for all of them, and another try only after what another try may mend. All
//! time is the host's, so what happens when is the same in every test.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use waxseal_base::threading::{BoxFuture, MaybeSync};
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use crate::error::{ClientError, Kind};
use crate::http::{Host, HttpError, HttpRequest, HttpResponse, MAX_ANSWER_LEN};
use crate::json::{AnswerOf, Members, plaintext_in};

/// How long a client waits, and how often it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long one try may take, until all of the answer is there.
    pub timeout: Duration,
    /// How long a call may take, with all tries, pauses, and getting credentials.
    pub deadline: Duration,
    /// How many tries a call has, at least one. Another is made after a time-out, a broken connection, a status of 5xx, and throttling: after as long as
    /// the service says in `Retry-After`, else a random part of 100 ms, 200 ms, 400 ms and so on. A refusal is never asked again.
    pub attempts: u32,
}

/// 5 seconds for a try, 20 for a call, 3 tries.
impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), deadline: Duration::from_secs(20), attempts: 3 }
    }
}

pub(crate) struct Transport {
    pub(crate) vendor: &'static str,
    pub(crate) host: Host,
    pub(crate) limits: Limits,
}

/// What is asked, and what comes of an answer.
pub(crate) trait Exchange: MaybeSync {
    type Outcome;

    /// The n-th request; it is told how much time is left.
    fn question(&self, n: u32, left: Duration) -> BoxFuture<'_, Result<Question, ClientError>>;

    /// The outcome of an answer to the n-th request, whatever its status.
    fn outcome(&self, n: u32, answer: &Answer) -> Result<Self::Outcome, ClientError>;
}

pub(crate) struct Question {
    pub(crate) request: HttpRequest,
    /// The part of the address that is told to people.
    pub(crate) host: String,
    /// What must not be repeated.
    pub(crate) secrets: Vec<Zeroizing<String>>,
}

pub(crate) struct Answer {
    response: HttpResponse,
    secrets: Vec<Zeroizing<String>>,
    pub(crate) retry_after: Option<Duration>,
}

impl Transport {
    /// The outcome of the first try that is one. Requests go to `places` in turn; only before the first is asked again is there a pause.
    pub(crate) async fn send<E: Exchange>(&self, exchange: &E, places: u32) -> Result<E::Outcome, ClientError> {
        let Limits { deadline, .. } = self.limits;
        match within(&self.host, deadline, self.tries(exchange, places.max(1))).await {
            Some(outcome) => outcome,
            None => Err(self.unavailable(format_args!("{} gave no answer in {} milliseconds", self.vendor, deadline.as_millis()))),
        }
    }

    async fn tries<E: Exchange>(&self, exchange: &E, places: u32) -> Result<E::Outcome, ClientError> {
        let ends = self.host.env.now().plus_millis(millis(self.limits.deadline));
        let mut n: u32 = 0;
        loop {
            let failure = match self.once(exchange, n, self.left(ends)).await {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => failure,
            };
            let tried = n.saturating_add(1);
            let pause = match tried.checked_rem(places) {
                Some(0) => self.pause_after(&failure, n.checked_div(places).unwrap_or_default()),
                _ => Duration::ZERO,
            };
            if !failure.retryable || tried >= self.limits.attempts.max(places) || pause >= self.left(ends) {
                return Err(failure);
            }
            self.host.timer.sleep(pause).await;
            n = tried;
        }
    }

    async fn once<E: Exchange>(&self, exchange: &E, n: u32, left: Duration) -> Result<E::Outcome, ClientError> {
        let Question { request, host, mut secrets } = exchange.question(n, left).await?;
        secrets.extend(plaintext_in(&request.body));
        let Limits { timeout, .. } = self.limits;
        let sent = within(&self.host, timeout, self.host.http.send(request)).await;
        let too_long = |status| {
            let what = format_args!("{} answered with more than {MAX_ANSWER_LEN} bytes", self.vendor);
            ClientError { status, retryable: false, ..ClientError::new(Kind::Unavailable, self.vendor, what) }
        };
        match sent {
            None => Err(self.unavailable(format_args!("{host} did not answer in {} milliseconds", timeout.as_millis()))),
            Some(Err(HttpError::NoAnswer(why))) => {
                Err(self.unavailable(format_args!("{host} could not be reached or hung up: {}", cleaned(&why, &secrets))))
            }
            Some(Err(HttpError::TooLong)) => Err(too_long(None)),
            Some(Ok(response)) if response.body.len() > MAX_ANSWER_LEN => Err(too_long(Some(response.status))),
            Some(Ok(response)) => exchange.outcome(n, &Answer::new(response, secrets, self.host.env.now())),
        }
    }

    fn left(&self, ends: Timestamp) -> Duration {
        let left = ends.as_millis().saturating_sub(self.host.env.now().as_millis());
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }

    fn unavailable(&self, what: std::fmt::Arguments<'_>) -> ClientError {
        ClientError::new(Kind::Unavailable, self.vendor, what)
    }

    /// What the service said, else up to a bound that doubles; by chance, so that not all come back together.
    fn pause_after(&self, failure: &ClientError, rounds: u32) -> Duration {
        match failure.retry_after {
            Some(time) => time.saturating_add(self.part_of(FIRST_PAUSE)),
            None => self.part_of(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(rounds)).min(LONGEST_PAUSE)),
        }
    }

    /// A random part of that time; all of it where there is no randomness.
    fn part_of(&self, time: Duration) -> Duration {
        let chance = u32::from_be_bytes(self.host.env.random_array().unwrap_or([0xff; 4]));
        time.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// What comes of it, or `None` if that takes longer by the host's time.
pub(crate) async fn within<T>(host: &Host, time: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), host.timer.sleep(time)).await {
        Either::Left((outcome, _)) => Some(outcome),
        Either::Right(_) => None,
    }
}

impl Answer {
    pub(crate) fn new(response: HttpResponse, secrets: Vec<Zeroizing<String>>, now: Timestamp) -> Self {
        let mut answer = Self { response, secrets, retry_after: None };
        answer.retry_after = answer.header("retry-after").and_then(|text| retry_after(text, now));
        answer
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The members of a good answer.
    pub(crate) fn members(&self, vendor: &'static str, request_id: Option<String>) -> Result<Members<'_>, ClientError> {
        Members::read(&self.response.body, AnswerOf { vendor, status: self.status(), request_id })
    }

    /// The body of a refusal, which has no secret in it that is not one of those that were sent: an object, or `None`.
    pub(crate) fn refusal(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.response.body).ok().filter(|value: &serde_json::Value| value.is_object() || value.is_array())
    }

    /// The service's own words, without what must not be repeated: some services quote what they were sent.
    pub(crate) fn clean(&self, text: &str) -> String {
        cleaned(text, &self.secrets)
    }
}

fn cleaned(text: &str, secrets: &[Zeroizing<String>]) -> String {
    // What is so short is no secret, and may be a part of any word.
    let secrets = secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET);
    let text = secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[secret]"));
    text.chars().take(MAX_WORDS).collect()
}

/// Of a header with seconds or a date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let left = Timestamp::parse_http_date(text)?.as_millis().saturating_sub(now.as_millis());
    Some(Duration::from_millis(u64::try_from(left).unwrap_or_default()))
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const SHORTEST_SECRET: usize = 8;
const MAX_WORDS: usize = 1_000;

#[cfg(test)]
mod tests;
