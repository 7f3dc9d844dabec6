//! What every room of waxseal stands on.
//!
//! If you need
//! * the time or randomness, use [`mod@env`]: both are injected, nothing here owns a clock;
//! * to say what happened, use [`observer`] and the events of [`event`];
//! * to read or write a wire structure, use [`codec`]: no other code indexes bytes;
//! * to say why something failed, use [`reason!`](macro@reason): a build for the web can do without the words;
//! * to hold a key, use [`secret`]: it is wiped when dropped and says so in the trace;
//! * a trait object that must be `Send` natively and not in wasm, use [`threading`].

pub mod codec;
pub mod env;
pub mod event;
pub mod observer;
mod reason;
pub mod secret;
pub mod threading;
pub mod time;

pub use reason::{REASONS, reason};
