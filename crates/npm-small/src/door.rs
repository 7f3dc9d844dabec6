//! The one way in. Sessions have numbers; each is JavaScript's to end.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use waxseal::Error;
use waxseal::keyring::wrapping;
use zeroize::Zeroizing;

use crate::call::Call;
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
            (2, _) => wrap(&mut call),
            (3, _) => unwrap(&mut call),
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

/// The cipher of raw AES keyrings: bytes of key, nonce, additional data and data key become the wrapped data key.
fn wrap(call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let (key, iv, aad, data_key) = (call.bytes()?, call.bytes()?, call.bytes()?, call.bytes()?);
    iv.try_into().ok().and_then(|iv| wrapping::seal(key, iv, aad, data_key)).ok_or(Error::DecryptionFailed)
}

/// Bytes of key, nonce, additional data and wrapped data key become the data key.
fn unwrap(call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let (key, iv, aad, wrapped) = (call.bytes()?, call.bytes()?, call.bytes()?, call.bytes()?);
    let data_key = iv.try_into().ok().and_then(|iv| wrapping::open(key, iv, aad, wrapped));
    data_key.map(|mut data_key| std::mem::take(&mut *data_key)).ok_or(Error::DecryptionFailed)
}

thread_local! {
    static SESSIONS: RefCell<Sessions> = const { RefCell::new(Sessions(Vec::new())) };
}
