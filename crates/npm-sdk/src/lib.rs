//! The SDK for JavaScript: npm entry `waxseal`. Bindings only; what an option means is decided in the `waxseal` crate, and what a
//! user sees is the hand-written JavaScript in `www/npm`.
//!
//! If you
//! * start an encryption or decryption, call [`encrypt::encrypt`] or [`decrypt::decrypt`];
//! * drive it, poll the [`operation::Operation`] and answer its questions to the KMS, and to keyrings and stores of the user's own;
//! * need a branch key, call [`branch_keys::make_branch_key`].
//!
//! Nothing outlives an operation: keyrings are described by JavaScript objects and built anew for each call, so between calls this
//! module's memory holds no key, and a new instance after a trap has nothing to restore.
#![cfg(target_arch = "wasm32")]

mod asking;
#[cfg(feature = "hierarchical")]
pub mod branch_keys;
pub mod decrypt;
mod discovery;
pub mod encrypt;
mod encrypted_data_keys;
mod encryption_context;
mod error;
mod keyring;
mod kms;
mod members;
mod object;
pub mod operation;
mod own;
#[cfg(feature = "rsa")]
mod raw_rsa;
pub mod settings;
mod trace;
