//! Serving from a store that answers at once: commit first, then let the answer go; decide anew if somebody else was faster.

use waxseal_base::event::{Actor, Kind};
use waxseal_base::observer::Observer;
use waxseal_kms_api::calls::Request;

use crate::engine::{Answer, Engine, Outcome, RequestContext};
use crate::store::{CommitError, Store};

impl Engine {
    /// Answers a request and has written what that changed. An attempt that meets a conflict is dropped with its events and its audit record,
    /// and made again with fresh randomness, at most [`MAX_ATTEMPTS`](Self::MAX_ATTEMPTS) times.
    pub fn serve(&self, call: &RequestContext, request: &Request, store: &dyn Store, observer: &Observer) -> Answer {
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
                Err(CommitError::Conflict) => reason = format!("others changed the records during {} attempts", Self::MAX_ATTEMPTS),
                Err(CommitError::Failed(error)) => {
                    reason = error.to_string();
                    break;
                }
            }
        }
        self.give_up(call, request, observer, &reason).answer()
    }

    /// How often a request is handled when its records keep changing.
    pub const MAX_ATTEMPTS: usize = 5;
}

fn tell_persisted(outcome: &Outcome) {
    let observer = outcome.observer.acting_as(Actor::Store);
    for change in &outcome.changes {
        observer.emit(|_| Kind::ChangePersisted { what: change.id().into(), len: change.written_len() });
    }
}
