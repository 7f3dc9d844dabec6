//! Credentials and tokens that end: kept until shortly before that, then asked for again, once for everybody who waits.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use crate::check::check_printable;
use crate::error::{ClientError, Kind};
use crate::http::Host;
use crate::transport::{millis, within};

/// Where credentials or tokens come from.
pub enum Source<T> {
    /// Always the same.
    Fixed(Provided<T>),
    /// Asked when they are needed.
    Provider(Arc<dyn Provider<T>>),
}

/// Gets credentials or tokens.
pub trait Provider<T>: MaybeSend + MaybeSync {
    /// New ones. One that takes longer than the call that needs it may take has failed, and its future is dropped.
    fn provide(&self) -> BoxFuture<'_, Result<Provided<T>, ProviderError>>;
}

/// Credentials or a token, and how long they are good.
#[derive(Debug)]
pub struct Provided<T> {
    /// What is good so long.
    pub value: Arc<T>,
    /// How long.
    pub good: Good,
}

/// How long something is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// Until the service refuses it.
    Always,
    /// Until then; a provider is asked again five minutes before.
    Until(Timestamp),
    /// For one request.
    Once,
}

/// Why a provider has none. The text goes into errors: it must not have a secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError(
    /// What went wrong.
    pub String,
);

/// A bearer token: wiped when dropped, never printed.
pub struct Token(Zeroizing<String>);

impl Token {
    /// A token, without `Bearer`: printable ASCII without spaces.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, ClientError> {
        let text = text.into();
        check_printable(&text, "token")?;
        Ok(Self(text))
    }

    /// The text, to be used at once and not kept.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl<T> Provided<T> {
    /// What is good until the service refuses it.
    pub fn always(value: T) -> Self {
        Self { value: Arc::new(value), good: Good::Always }
    }

    fn left(&self, now: Timestamp) -> i64 {
        match self.good {
            Good::Until(end) => end.as_millis().saturating_sub(now.as_millis()),
            Good::Always | Good::Once => i64::MAX,
        }
    }
}

// Not derived: a derived one would be there only for what can itself be cloned.
impl<T> Clone for Provided<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), good: self.good }
    }
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(provided) => Self::Fixed(provided.clone()),
            Self::Provider(provider) => Self::Provider(Arc::clone(provider)),
        }
    }
}

impl<T> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Source::Fixed",
            Self::Provider(_) => "Source::Provider",
        })
    }
}

/// What a source gives, kept for as long as it is good.
pub(crate) struct Renewed<T> {
    source: Source<T>,
    /// For messages: `token`.
    what: &'static str,
    check: fn(&T) -> Result<(), ClientError>,
    state: Arc<Mutex<State<T>>>,
}

type Asking<T> = Shared<BoxFuture<'static, Result<Provided<T>, ClientError>>>;

struct State<T> {
    current: Option<Provided<T>>,
    /// What is under way, its number, and when it has failed.
    asking: Option<(u64, Timestamp, Asking<T>)>,
    asked: u64,
    /// Whether what the source gives is for one request only; known once it has given something.
    is_once: bool,
}

impl<T: MaybeSend + MaybeSync + 'static> Renewed<T> {
    /// What is given wrongly in the first place is told at once.
    pub(crate) fn new(source: Source<T>, what: &'static str, check: fn(&T) -> Result<(), ClientError>) -> Result<Self, ClientError> {
        let current = match &source {
            Source::Fixed(given) => {
                check(&given.value)?;
                Some(given.clone())
            }
            Source::Provider(_) => None,
        };
        Ok(Self { source, what, check, state: Arc::new(Mutex::new(State { current, asking: None, asked: 0, is_once: false })) })
    }

    /// One that is good now. A renewal that takes longer than `patience`, or half of it while the old one is good, has failed, for the next one to be
    /// tried.
    pub(crate) async fn value(&self, host: &Host, patience: Duration) -> Result<Arc<T>, ClientError> {
        let (current, is_once) = {
            let state = lock(&self.state);
            (state.current.clone(), state.is_once)
        };
        let good_for =
            |millis: i64| current.as_ref().filter(|current| current.left(host.env.now()) > millis).map(|current| current.value.clone());
        if let Some(value) = good_for(EARLY_MILLIS) {
            return Ok(value);
        }
        let Source::Provider(provider) = &self.source else {
            return good_for(0).ok_or_else(|| self.ended(current.as_ref()));
        };
        // A renewal that hangs must leave time for the request, which the old one is still good for.
        let patience = if good_for(0).is_some() { patience / 2 } else { patience };
        let renewed = match is_once {
            true => self.ask(provider, host, patience).await,
            false => self.ask_together(provider, host, patience).await,
        };
        // It is asked early, so that the old one is still good if that fails.
        renewed.map(|provided| provided.value).or_else(|error| good_for(0).ok_or(error))
    }

    /// The service did not take it, whatever it says of its end.
    pub(crate) fn forget(&self) {
        if matches!(self.source, Source::Provider(_)) {
            lock(&self.state).current = None;
        }
    }

    /// Asks, or waits for who does. Whoever waits longest sees it through: nothing is lost when one of them goes away.
    async fn ask_together(&self, provider: &Arc<dyn Provider<T>>, host: &Host, patience: Duration) -> Result<Provided<T>, ClientError> {
        let now = host.env.now();
        let (asking, is_mine) = {
            let mut state = lock(&self.state);
            match &state.asking {
                Some((_, late, asking)) if now < *late => (asking.clone(), false),
                _ => {
                    state.asked = state.asked.saturating_add(1);
                    let number = state.asked;
                    let asking = self.landing(number, provider, host, patience).shared();
                    state.asking = Some((number, now.plus_millis(millis(patience)), asking.clone()));
                    (asking, true)
                }
            }
        };
        match asking.await {
            Ok(Provided { good: Good::Once, .. }) if !is_mine => self.ask(provider, host, patience).await,
            outcome => outcome,
        }
    }

    fn landing(
        &self,
        number: u64,
        provider: &Arc<dyn Provider<T>>,
        host: &Host,
        patience: Duration,
    ) -> BoxFuture<'static, Result<Provided<T>, ClientError>> {
        // Whoever waits has the client, and with it the state, which has this future: held by each other, neither would ever be wiped.
        let (asking, state) = (self.ask(provider, host, patience), Arc::downgrade(&self.state));
        Box::pin(async move {
            let outcome = asking.await;
            let Some(state) = state.upgrade() else { return outcome };
            let mut state = lock(&state);
            if state.asking.as_ref().is_some_and(|(own, ..)| *own == number) {
                state.asking = None;
            }
            if let Ok(provided) = &outcome {
                state.is_once = provided.good == Good::Once;
                // What is good for one request only is not kept.
                state.current = Some(provided.clone()).filter(|_| !state.is_once);
            }
            outcome
        })
    }

    fn ask(
        &self,
        provider: &Arc<dyn Provider<T>>,
        host: &Host,
        patience: Duration,
    ) -> BoxFuture<'static, Result<Provided<T>, ClientError>> {
        let (provider, host, what, check) = (Arc::clone(provider), host.clone(), self.what, self.check);
        Box::pin(async move {
            let provided = match within(&host, patience, provider.provide()).await {
                Some(Ok(provided)) => provided,
                Some(Err(ProviderError(why))) => return Err(failed(what, &why)),
                None => return Err(failed(what, "it took too long")),
            };
            check(&provided.value)?;
            match provided.left(host.env.now()) > 0 {
                true => Ok(provided),
                false => Err(ClientError::caller(format!("the provider of the {what} gave what has ended already"))),
            }
        })
    }

    fn ended(&self, current: Option<&Provided<T>>) -> ClientError {
        let end = match current {
            Some(Provided { good: Good::Until(end), .. }) => *end,
            _ => Timestamp::default(),
        };
        ClientError::caller(format!("the {} ended at {end}; pass new ones, or a provider that gets them", self.what))
    }
}

fn failed(what: &str, why: &str) -> ClientError {
    let error = ClientError::new(Kind::Unavailable, "its owner", format_args!("the provider of the {what} failed: {why}"));
    ClientError { retryable: false, ..error }
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Five minutes, as in AWS's own clients.
const EARLY_MILLIS: i64 = 300_000;

#[cfg(test)]
mod tests;
