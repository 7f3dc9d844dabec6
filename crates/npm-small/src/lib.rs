//! The small module of npm entry `waxseal`, which every page downloads: sessions alone. It has no keyring, for JavaScript asks those; it takes and gives bytes
//! and numbers, for every JavaScript object that WebAssembly looks into costs more code than it saves. Bindings only: what an option means is decided
//! in the `waxseal` crate, what a user sees is the hand-written JavaScript in `www/npm`, and `www/npm/shared/small/` has the other side of everything here.
//!
//! If you
//! * encrypt, call [`sealing::prepare_sealing`];
//! * decrypt, call [`opening::prepare_opening`];
//! * get `undefined` from anything, call [`failure::failure`] for why;
//! * wrap data keys by a raw AES key, call [`cipher::wrap`] and [`cipher::unwrap`].
//!
//! It has neither a trace nor elliptic curves nor RSA nor caches nor what older writers left; what takes those is `Unsupported` here, and JavaScript has the full
//! module do it, crate `npm-sdk`. Between calls its memory holds no key but those of sessions that are under way.
#![cfg(target_arch = "wasm32")]

mod allocator;
mod call;
pub mod cipher;
pub mod failure;
mod header;
pub mod opening;
#[path = "../../npm-sdk/src/plans.rs"]
mod plans;
pub mod sealing;
