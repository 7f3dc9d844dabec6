//! Serving from a store that answers at once: commit first, then let the answer go; decide anew if somebody else was faster.

use waxseal_base::event::{Actor, Kind};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::Request;
use waxseal_kms_api::fault::Fault;

use crate::audit::AuditRecord;
use crate::engine::{Answer, Engine, Outcome, RequestContext};
use crate::index;
use crate::refusals::{failed, internal};
use crate::store::{CommitError, Store};

impl Engine {
    /// Answers a request and has written what that changed; before, whatever has fallen due by now is done. An attempt that meets a conflict is dropped with its events and its audit record,
    /// and made again with fresh randomness, at most [`MAX_ATTEMPTS`](Self::MAX_ATTEMPTS) times.
    pub fn serve(&self, call: &RequestContext, request: &Request, store: &dyn Store, observer: &Observer) -> Answer {
        if let Err(fault) = self.advance_to(self.env.now(), store, observer) {
            return self.give_up(call, request, observer, &fault.to_string()).answer();
        }
        let mut reason = String::new();
        for _ in 0..Self::MAX_ATTEMPTS {
            let (attempt, held) = observer.hold();
            let outcome = self.handle(call, request, store, &attempt);
            match store.commit(&outcome.changes, Some(&outcome.audit)) {
                Ok(()) => {
                    held.release();
                    tell_persisted(&outcome);
                    return outcome.answer();
                }
                Err(CommitError::Conflict) => reason = lost_every_race(),
                Err(CommitError::Failed(error)) => {
                    reason = error.to_string();
                    break;
                }
            }
        }
        self.give_up(call, request, observer, &reason).answer()
    }

    /// Does whatever falls due by that time, in the order of time, each as of its own moment, and has written it. Returns the lines of the audit
    /// log. The engine's clock is its host's: a host with a virtual clock moves that too.
    pub fn advance_to(&self, time: Timestamp, store: &dyn Store, observer: &Observer) -> Result<Vec<AuditRecord>, Fault> {
        let mut done = Vec::new();
        let mut conflicts = 0;
        while conflicts < Self::MAX_ATTEMPTS {
            let (attempt, held) = observer.hold();
            let Some(outcome) = self.next_due(time, store, &attempt)? else { return Ok(done) };
            match store.commit(&outcome.changes, Some(&outcome.audit)) {
                Ok(()) => {
                    held.release();
                    tell_persisted(&outcome);
                    done.push(outcome.finish());
                    conflicts = 0;
                }
                Err(CommitError::Conflict) => conflicts += 1,
                Err(CommitError::Failed(error)) => return Err(failed(error)),
            }
        }
        Err(internal(lost_every_race()))
    }

    /// How often a request is handled when its records keep changing.
    pub const MAX_ATTEMPTS: usize = 5;
}

fn lost_every_race() -> String {
    format!("others changed the records during {} attempts", Engine::MAX_ATTEMPTS)
}

fn tell_persisted<R>(outcome: &Outcome<R>) {
    let observer = outcome.observer.acting_as(Actor::Store);
    for change in outcome.changes.iter().filter(|change| !index::is_entry(change.id())) {
        observer.emit(|_| Kind::ChangePersisted { what: change.id().into(), len: change.written_len() });
    }
}
