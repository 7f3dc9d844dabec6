//! What strangers can send: a target takes any bytes and stops where they make waxseal do what it must never do.
//!
//! `cargo xtask fuzz` looks for such bytes; `tests/hostile.rs` runs the targets over the committed seeds and over mutations of them. What the
//! bytes of each target mean is told in `fuzz/README.md`.

mod arns;
mod calls;
mod ciphertext_blob;
mod edits;
mod encrypted_data_keys;
mod fields;
mod forger;
mod frames;
mod grant_tokens;
mod header;
mod http;
mod input;
mod policy;
mod sessions;
mod stream;
pub(crate) mod world;

pub use arns::arns;
pub use calls::calls;
pub use ciphertext_blob::ciphertext_blob;
pub use encrypted_data_keys::encrypted_data_keys;
pub use frames::frames;
pub use grant_tokens::grant_tokens;
pub use header::header;
pub use http::http;
pub use policy::policy;
pub use stream::stream;

/// One of the ways in.
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Takes any bytes; it panics where they do harm.
    pub run: fn(&[u8]),
}

/// All targets, the quickest first.
pub const TARGETS: [Target; 10] = [
    Target { name: "arns", run: arns },
    Target { name: "header", run: header },
    Target { name: "ciphertext_blob", run: ciphertext_blob },
    Target { name: "grant_tokens", run: grant_tokens },
    Target { name: "encrypted_data_keys", run: encrypted_data_keys },
    Target { name: "frames", run: frames },
    Target { name: "stream", run: stream },
    Target { name: "policy", run: policy },
    Target { name: "http", run: http },
    Target { name: "calls", run: calls },
];
