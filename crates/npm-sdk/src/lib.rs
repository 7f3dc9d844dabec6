//! The SDK for JavaScript: npm entry `waxseal`. Bindings only; what an option means is decided in the `waxseal` crate, and what a
//! user sees is the hand-written JavaScript in `www/npm`.
//!
//! If you
//! * encrypt a short message, call [`encrypt::encrypt`];
//! * encrypt one whose data stays in JavaScript, call [`sealing::start_sealing`];
//! * decrypt, call [`opening::start_opening`];
//! * drive what you started, poll the [`operation::Operation`] and answer its questions.
//!
//! Nothing outlives an operation: keyrings are described by JavaScript objects and built anew for each call, so between calls this
//! module's memory holds no key, and a new instance after a trap has nothing to restore.
#![cfg(target_arch = "wasm32")]

pub mod encrypt;
mod encryption_context;
mod error;
mod header;
mod keyring;
mod kms;
mod members;
mod object;
pub mod opening;
pub mod operation;
mod plans;
pub mod sealing;
pub mod settings;
mod trace;
