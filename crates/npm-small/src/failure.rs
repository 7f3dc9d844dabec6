//! Why the last call gave nothing. JavaScript asks at once, so one place is enough.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use waxseal::Error;

/// Its code, a space, and its text.
#[wasm_bindgen]
pub fn failure() -> String {
    LAST.take()
}

/// What was to be given, or nothing, with the error kept.
pub(crate) fn told<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(|error| LAST.set(format!("{} {error}", error.code()))).ok()
}

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}
