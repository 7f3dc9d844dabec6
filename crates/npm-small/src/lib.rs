//! The small module of npm entry `waxseal`, which every page downloads: sessions alone. It has no keyring, for JavaScript asks those; and it takes and gives bytes
//! through one function, [`door::call`], for every function more, and every JavaScript object that WebAssembly looks into, costs more code than it saves.
//! Bindings only: what an option means is decided in the `waxseal` crate, what a user sees is the hand-written JavaScript in `www/npm`, and
//! `www/npm/shared/small/` has the other side of everything here.
//!
//! It has neither a trace nor elliptic curves nor RSA nor caches nor what older writers left; what takes those is `Unsupported` here, and JavaScript has the full
//! module do it, crate `npm-sdk`, as it does where an error needs words: here it is a number.
//!
//! It has no ciphers either: WebCrypto derives the keys of messages, and seals and opens header and frames, so its memory never holds a key. Nothing but its size depends on
//! that: what no call leads to is not linked. The feature `ciphers` adds the calls that do all that here, for platforms without WebCrypto, and for those to whom its turns take
//! longer than short messages do. Then between calls memory holds the keys of sessions that are under way, and no others.
#![cfg(target_arch = "wasm32")]

mod allocator;
mod call;
#[cfg(feature = "ciphers")]
mod ciphers;
pub mod door;
mod failure;
mod header;
mod opening;
#[path = "../../npm-sdk/src/plans.rs"]
mod plans;
mod sealing;
#[cfg(feature = "ciphers")]
#[path = "../../npm-sdk/src/wire.rs"]
mod wire;
