//! The observer of a build with the feature `trace`, who may listen to it, and how its events carry secrets.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::env::{Env, RandomError};
use crate::event::{Actor, Event, Kind, PublicBytes, SecretView, Span};
use crate::observer::ROOT;
use crate::threading::{MaybeSend, MaybeSync};

/// Tells a collector what happens, as one actor, within one span. Cheap to clone; [`Observer::none`] tells nobody.
#[derive(Clone)]
pub struct Observer {
    witness: Option<Arc<Witness>>,
    by: Actor,
    span: Span,
}

impl Observer {
    /// An observer nobody listens to.
    pub fn none() -> Self {
        Self { witness: None, by: Actor::Caller, span: ROOT }
    }

    /// An observer that reports to `collector`, with `env`'s clock. The trace's fingerprint key is drawn here.
    pub fn new(env: &Env, collector: Arc<dyn Collector>) -> Result<Self, RandomError> {
        Self::build(env, collector, false)
    }

    /// **Every key of the trace is in its events.** For a playground whose keys protect nothing.
    pub fn danger_reveal_secrets(env: &Env, collector: Arc<dyn Collector>) -> Result<Self, RandomError> {
        Self::build(env, collector, true)
    }

    /// An observer that shares a trace with others outside this process or module: all that are built with the same
    /// fingerprint key give the same secret the same fingerprint.
    pub fn sharing(env: &Env, collector: Arc<dyn Collector>, fingerprint_key: [u8; 32], danger_reveal_secrets: bool) -> Self {
        let witness =
            Witness { env: env.clone(), collector, fingerprint_key: Zeroizing::new(fingerprint_key), reveal: danger_reveal_secrets };
        Self { witness: Some(Arc::new(witness)), by: Actor::Caller, span: ROOT }
    }

    fn build(env: &Env, collector: Arc<dyn Collector>, reveal: bool) -> Result<Self, RandomError> {
        Ok(Self::sharing(env, collector, env.random_array()?, reveal))
    }

    /// The same trace and span, told by somebody else.
    #[must_use]
    pub fn acting_as(&self, by: Actor) -> Self {
        Self { by, ..self.clone() }
    }

    /// A new span within this one.
    #[must_use]
    pub fn nested(&self) -> Self {
        let id = self.witness.as_ref().map_or(0, |witness| witness.collector.next_span());
        Self { span: Span { id, parent: Some(self.span.id) }, ..self.clone() }
    }

    /// The span it tells about.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The same trace, within a span that was opened elsewhere: by another module that writes the same trace.
    #[must_use]
    pub fn within(&self, span: Span) -> Self {
        Self { span, ..self.clone() }
    }

    /// The same observer, whose events wait: for an attempt that may have to be made again, and then leaves no trace.
    pub fn hold(&self) -> (Self, Held) {
        let Some(witness) = &self.witness else { return (self.clone(), Held(None)) };
        let waiting = Arc::new(Waiting { to: Arc::clone(&witness.collector), events: Mutex::new(Some(Vec::new())) });
        let witness = Witness {
            env: witness.env.clone(),
            collector: Arc::clone(&waiting) as Arc<dyn Collector>,
            fingerprint_key: witness.fingerprint_key.clone(),
            reveal: witness.reveal,
        };
        (Self { witness: Some(Arc::new(witness)), ..self.clone() }, Held(Some(waiting)))
    }

    /// Whether anybody listens.
    pub fn is_listening(&self) -> bool {
        self.witness.is_some()
    }

    /// Tells what happened. The closure runs only if somebody listens; the witness it is given makes views of secrets.
    pub fn emit(&self, kind: impl FnOnce(&Witness) -> Kind) {
        if let Some(witness) = &self.witness {
            let event = Event { seq: 0, at: witness.env.now(), by: self.by, span: self.span, kind: kind(witness) };
            witness.collector.collect(event);
        }
    }

    pub(crate) fn identify(&self, secret: &[u8]) -> Option<SecretView> {
        self.witness.as_ref().map(|witness| SecretView { revealed: None, ..witness.secret(secret) })
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("listening", &self.is_listening()).field("by", &self.by).field("span", &self.span).finish()
    }
}

/// Receives events and numbers them.
pub trait Collector: MaybeSend + MaybeSync {
    /// Takes an event; its `seq` is the collector's to set.
    fn collect(&self, event: Event);

    /// A span id that this trace has not had, from 1.
    fn next_span(&self) -> u64;
}

/// Events that wait. Dropped without [`release`](Self::release), they never happened.
#[must_use = "events that are not released are lost"]
pub struct Held(Option<Arc<Waiting>>);

impl Held {
    /// Passes the events on, in order, and every later one at once.
    pub fn release(self) {
        if let Some(waiting) = self.0 {
            let events = waiting.events.lock().unwrap_or_else(PoisonError::into_inner).take();
            events.into_iter().flatten().for_each(|event| waiting.to.collect(event));
        }
    }
}

struct Waiting {
    to: Arc<dyn Collector>,
    /// None once they are released.
    events: Mutex<Option<Vec<Event>>>,
}

impl Collector for Waiting {
    fn collect(&self, event: Event) {
        match self.events.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(events) => events.push(event),
            None => self.to.collect(event),
        }
    }

    fn next_span(&self) -> u64 {
        self.to.next_span()
    }
}

/// Turns secrets into what a trace may show of them.
pub struct Witness {
    env: Env,
    collector: Arc<dyn Collector>,
    fingerprint_key: Zeroizing<[u8; 32]>,
    reveal: bool,
}

impl Witness {
    /// A secret's length and fingerprint, and its bytes only if this trace reveals secrets.
    pub fn secret(&self, secret: &[u8]) -> SecretView {
        let fingerprint = match Hmac::<Sha256>::new_from_slice(self.fingerprint_key.as_slice()) {
            Ok(mut mac) => {
                mac.update(secret);
                mac.finalize().into_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
            }
            Err(_) => String::new(),
        };
        SecretView { len: secret.len(), fingerprint, revealed: self.reveal.then(|| PublicBytes::copy_of(secret)) }
    }
}

/// A collector that keeps all events in memory.
#[derive(Debug, Default)]
pub struct Trace {
    events: Mutex<Vec<Event>>,
    spans: AtomicU64,
}

impl Trace {
    /// No events yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A copy of all events so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Collector for Trace {
    fn collect(&self, event: Event) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = events.len() as u64;
        events.push(Event { seq, ..event });
    }

    fn next_span(&self) -> u64 {
        self.spans.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn env() -> Env {
        Env::danger_deterministic(Timestamp::from_millis(5), 9)
    }

    fn drawn(purpose: &str) -> Kind {
        Kind::RandomDrawn { purpose: purpose.into(), len: 1 }
    }

    #[test]
    fn events_are_numbered_and_nested() {
        let trace = Trace::new();
        let observer = Observer::new(&env(), trace.clone()).unwrap();
        observer.emit(|_| drawn("first"));
        let inner = observer.nested().acting_as(Actor::Kms);
        inner.emit(|_| drawn("second"));
        let events = trace.events();
        assert_eq!(
            events.iter().map(|e| (e.seq, e.by, e.span.id, e.span.parent)).collect::<Vec<_>>(),
            [(0, Actor::Caller, 0, None), (1, Actor::Kms, 1, Some(0))]
        );
        assert_eq!(events.first().unwrap().at, Timestamp::from_millis(5));
    }

    #[test]
    fn a_span_opened_elsewhere_is_gone_on_with() {
        let trace = Trace::new();
        let observer = Observer::new(&env(), trace.clone()).unwrap();
        let elsewhere = Span { id: 7, parent: Some(3) };
        let inside = observer.within(elsewhere);
        inside.emit(|_| drawn("inside"));
        inside.nested().emit(|_| drawn("nested"));
        let spans: Vec<_> = trace.events().into_iter().map(|event| (event.span.id, event.span.parent)).collect();
        assert_eq!(spans, [(7, Some(3)), (1, Some(7))]);
        assert_eq!((inside.span(), observer.span()), (elsewhere, ROOT));
    }

    #[test]
    fn held_events_arrive_when_released_or_never() {
        let trace = Trace::new();
        let observer = Observer::new(&env(), trace.clone()).unwrap();
        let (first, lost) = observer.hold();
        first.emit(|_| drawn("discarded"));
        drop(lost);
        let (second, held) = observer.hold();
        second.nested().emit(|_| drawn("waiting"));
        assert_eq!(trace.events(), []);
        held.release();
        second.emit(|_| drawn("later"));
        let events: Vec<_> = trace.events().into_iter().map(|event| (event.seq, event.kind)).collect();
        assert_eq!(events, [(0, drawn("waiting")), (1, drawn("later"))]);
    }

    #[test]
    fn nobody_listening_runs_nothing() {
        Observer::none().emit(|_| panic!("the closure of a quiet observer ran"));
    }

    #[test]
    fn secrets_show_a_fingerprint_and_their_bytes_only_under_danger() {
        let view = |observer: &Observer| observer.witness.as_ref().unwrap().secret(b"key");
        let quiet = Observer::new(&env(), Trace::new()).unwrap();
        assert_eq!(view(&quiet).revealed, None);
        assert_eq!(view(&quiet).fingerprint.len(), 16);
        let loud = Observer::danger_reveal_secrets(&env(), Trace::new()).unwrap();
        assert_eq!(view(&loud).revealed, Some(PublicBytes::copy_of(b"key")));
        let other = Observer::sharing(&env(), Trace::new(), [1; 32], false);
        assert_ne!(view(&quiet).fingerprint, view(&other).fingerprint, "the fingerprint depends on the trace's key");
    }
}
