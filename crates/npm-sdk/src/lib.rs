//! The SDK for JavaScript: npm entry `waxseal`. Bindings only; what an option means is decided in the `waxseal` crate, and what a
//! user sees is the hand-written JavaScript in `www/npm`.
//!
//! If you
//! * encrypt a short message, call [`encrypt::encrypt`];
//! * encrypt one whose data stays in JavaScript, call [`sealing::start_sealing`];
//! * decrypt, call [`opening::start_opening`];
//! * read parts of a message, call [`parts::start_opening_parts`];
//! * drive what you started, poll the [`operation::Operation`] and answer its questions, to a KMS and to keyrings and stores of the user's own;
//! * need a branch key, call [`branch_keys::make_branch_key`];
//! * want to look at a message without any key, call [`describe::describe`].
//!
//! This is the full module, which a page loads once something takes it: the trace, elliptic curves, RSA, caches, every keyring. What most pages need is in the
//! small one, crate `npm-small`.
//!
//! Keyrings are described by JavaScript objects and built anew for each call, so between calls this module's memory holds no key but those in a
//! [`cache::Cache`]: data keys, until they are evicted or JavaScript gives the cache back. A new instance after a trap has nothing to restore: its
//! caches start empty.
#![cfg(target_arch = "wasm32")]

mod asking;
pub mod branch_keys;
pub mod cache;
pub mod describe;
mod discovery;
pub mod encrypt;
mod encrypted_data_keys;
mod encryption_context;
mod error;
mod header;
mod keyring;
mod kms;
mod members;
mod object;
pub mod opening;
pub mod operation;
mod own;
pub mod parts;
mod plans;
mod raw_rsa;
mod reading;
pub mod sealing;
mod settings;
mod tags;
mod time;
mod trace;
pub mod waiting;
mod wire;
