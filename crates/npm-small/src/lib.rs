//! The small module of npm entry `waxseal`, which every page downloads: sessions alone. It has no keyring, for JavaScript asks those; and it takes and gives bytes
//! through one function, [`door::call`], for every function more, and every JavaScript object that WebAssembly looks into, costs more code than it saves.
//! Bindings only: what an option means is decided in the `waxseal` crate, what a user sees is the hand-written JavaScript in `www/npm`, and
//! `www/npm/shared/small/` has the other side of everything here.
//!
//! It has neither a trace nor elliptic curves nor RSA nor caches nor what older writers left; what takes those is `Unsupported` here, and JavaScript has the full
//! module do it, crate `npm-sdk`, as it does where an error needs words: here it is a number. Between calls its memory holds no key but those of sessions that are under way.
#![cfg(target_arch = "wasm32")]

mod allocator;
mod call;
pub mod door;
mod failure;
mod header;
mod opening;
#[path = "../../npm-sdk/src/plans.rs"]
mod plans;
mod sealing;
