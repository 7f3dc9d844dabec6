//! The one way in. Sessions have numbers; each is JavaScript's to end.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use waxseal::Error;
use zeroize::Zeroizing;

use crate::call::Call;
#[cfg(feature = "ciphers")]
use crate::ciphers;
use crate::failure::{internal, told};
use crate::opening::Opening;
use crate::sealing::Sealing;

/// Does `what` in the session of that number, or in none; nothing comes back if it fails, and [`failure`](crate::failure::failure) says why. The list is that of
/// `www/npm/shared/small/door.js`; what each takes and gives stands where it is done.
#[wasm_bindgen]
pub fn call(what: u8, session: usize, input: Vec<u8>) -> Option<Vec<u8>> {
    // A data key, or plaintext.
    let mut input = Zeroizing::new(input);
    told(SESSIONS.with_borrow_mut(|sessions| sessions.call(what, session, &mut input)))
}

enum Session {
    Sealing(Sealing),
    Opening(Opening),
}

/// Places of sessions that are over are used again.
struct Sessions(Vec<Option<Session>>);

impl Sessions {
    fn call(&mut self, what: u8, session: usize, input: &mut [u8]) -> Result<Vec<u8>, Error> {
        let mut call = Call::new(input);
        match (what, self.0.get_mut(session)) {
            (0, _) => Sealing::prepare(&mut call).map(|sealing| self.add(Session::Sealing(sealing))),
            (1, _) => Opening::prepare(&mut call).map(|opening| self.add(Session::Opening(opening))),
            #[cfg(feature = "ciphers")]
            (2, _) => ciphers::wrap(&mut call),
            #[cfg(feature = "ciphers")]
            (3, _) => ciphers::unwrap(&mut call),
            (4, Some(place)) => {
                *place = None;
                Ok(Vec::new())
            }
            (_, Some(Some(Session::Sealing(sealing)))) => sealing.call(what, input),
            (_, Some(Some(Session::Opening(opening)))) => opening.call(what, input),
            _ => Err(internal()),
        }
    }

    /// Its number, as four bytes.
    fn add(&mut self, session: Session) -> Vec<u8> {
        let free = self.0.iter().position(Option::is_none);
        let number = free.unwrap_or(self.0.len());
        match self.0.get_mut(number) {
            Some(place) => *place = Some(session),
            None => self.0.push(Some(session)),
        }
        u32::try_from(number).unwrap_or_default().to_be_bytes().to_vec()
    }
}

thread_local! {
    static SESSIONS: RefCell<Sessions> = const { RefCell::new(Sessions(Vec::new())) };
}
