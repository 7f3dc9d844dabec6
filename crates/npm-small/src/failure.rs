//! Why the last call gave nothing. JavaScript asks at once, so one place is enough.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use waxseal::Error;

/// The place of its code in the list that `www/npm/shared/small/door.js` has too, from 1: `InvalidInput`, `InvalidMessage`, `Unsupported`,
/// `EncryptionContextMismatch`, `DecryptionFailed`, `Internal`. There are no words: the full module has them.
#[wasm_bindgen]
pub fn failure() -> u8 {
    LAST.get()
}

/// What was to be given, or nothing, with the error kept.
pub(crate) fn told<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(|error| LAST.set(place(error))).ok()
}

/// What is asked for can not be done.
pub(crate) fn invalid_input() -> Error {
    Error::InvalidInput { reason: String::new() }
}

/// JavaScript does not keep to what these calls take.
pub(crate) fn internal() -> Error {
    Error::Internal { reason: String::new() }
}

fn place(error: &Error) -> u8 {
    match error {
        Error::InvalidInput { .. } => 1,
        Error::InvalidMessage { .. } => 2,
        Error::Unsupported { .. } => 3,
        Error::EncryptionContextMismatch { .. } => 4,
        Error::DecryptionFailed => 5,
        // No KMS is asked here.
        Error::Kms { .. } | Error::Internal { .. } => 6,
    }
}

thread_local! {
    static LAST: Cell<u8> = const { Cell::new(0) };
}
