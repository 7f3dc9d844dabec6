//! The embedded KMS for JavaScript: npm entry `waxseal/kms`. Bindings only; what a call means is decided in the `waxseal-kms` crate, and
//! what a user sees is the hand-written JavaScript in `www/npm`.
//!
//! If you
//! * make a KMS, call [`local_kms::open`];
//! * ask it, call [`local_kms::LocalKms::call`] with a request of AWS's shape, or [`local_kms::LocalKms::handle`] with one of HTTP;
//! * ask about it, call [`local_kms::LocalKms::explain`] and [`local_kms::LocalKms::who_can`];
//! * put it into a file and back, use [`local_kms::LocalKms::snapshot`] and [`snapshot::open_snapshot`].
//!
//! Every export is a plain call that returns `{ value }`, `{ fault }` or `{ error }`; whatever it throws is a trap.
#![cfg(target_arch = "wasm32")]

mod accounts;
mod clock;
mod explain;
mod front;
pub mod local_kms;
#[path = "../../npm-sdk/src/object.rs"]
mod object;
mod outcome;
mod rsa_keys;
pub mod snapshot;
pub mod store;
#[path = "../../npm-sdk/src/time.rs"]
mod time;
#[path = "../../npm-sdk/src/trace.rs"]
pub mod trace;
