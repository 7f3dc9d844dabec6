//! Envelope encryption in the AWS Encryption SDK message format. A fresh data key encrypts each message; keyrings wrap that data key; the
//! message carries the wrapped copies. Any official AWS Encryption SDK opens what this crate writes, and the other way round.
//!
//! If you
//! * encrypt or decrypt bytes, use a [`Client`];
//! * encrypt or decrypt files and sockets, whatever their length, use [`Client::encrypt_to`] and [`Client::decrypt_from`];
//! * want parts of an encrypted file, use [`Client::open`];
//! * hold your keys in a KMS, give it a [`KmsKeyring`]: one key ARN, and any [`Kms`](waxseal_kms_api::kms::Kms);
//! * hold them in Google Cloud KMS, Azure Key Vault, Vault or OpenBao, give it a [`VendorKeyring`]; crate `waxseal-kms-clients` has the clients;
//! * have multi-Region keys, use [`KmsKeyring::mrk_aware`];
//! * decrypt under whichever KMS key a message names, give it a [`KmsDiscoveryKeyring`], with a filter of accounts;
//! * encrypt so many messages that a KMS request for each is too slow or dear, give it a [`HierarchicalKeyring`]: wrapping keys in versions,
//!   which a KMS keeps wrapped and you [store](keyring::BranchKeyRecords) and [cache](keyring::CachedBranchKeys);
//! * encrypt or decrypt many messages of the same contexts, give the client a [`MaterialsCache`]: one request to the KMS then serves many of them;
//! * hold a key yourself, give it a [`RawAesKeyring`]: you are then the one who keeps, rotates and loses that key;
//! * must not hold the key where you encrypt, give it a [`RawRsaKeyring`] of a public key;
//! * want several keys to be able to open a message, give it a [`MultiKeyring`];
//! * have your own way to wrap data keys, implement [`Keyring`];
//! * want to look at a message without any key, be it broken, use [`message::describe`];
//! * get or give the data in parts, want the ciphers to run elsewhere (WebCrypto, hardware), sign elsewhere, or read single frames of a long
//!   message, take a [`session`];
//! * want to know why it is built this way, and against which attacks, read the [`manual`].
//!
//! All of the format is read: versions 1 and 2, every algorithm suite, framed or not, signed or not. What is written is framed, and of suite 0478
//! (AES-256-GCM, HKDF-SHA-512, key commitment, no signature) unless another is asked for. Messages without key commitment are read and written
//! only by a client whose [`CommitmentPolicy`] says so. These crate features are on by default, and builds for the web go without them where
//! they can: `legacy`, suites without key commitment and AES with 128 and 192 bits; `signatures`, ECDSA for signed suites; `rsa`, raw RSA keyrings;
//! `cache`, data keys and branch keys that serve many messages; `async-io`, asynchronous streams; `trace`, events for an observer. What is asked of a build without it is
//! [`Error::Unsupported`]. Without `reasons` errors have no words: they are told by their [codes](Error::code) alone.
//!
//! ```
//! use std::sync::Arc;
//! use waxseal::{Client, DecryptOptions, EncryptOptions, RawAesKeyring};
//! use waxseal_base::{env::{Env, FixedClock}, observer::Observer, time::Timestamp};
//! use zeroize::Zeroizing;
//!
//! # fn main() -> Result<(), waxseal::Error> {
//! let env = Env::with_clock(FixedClock(Timestamp::from_millis(0)));
//! let key = Zeroizing::new(vec![7; 32]); // yours comes from a safe place
//! let keyring = RawAesKeyring::new("my application", "2026 key", key)?;
//! let client = Client::new(env, Arc::new(keyring));
//!
//! let context = [("tenant", "42")].into_iter().collect();
//! let observer = Observer::none();
//! let encrypt = EncryptOptions { encryption_context: context, ..Default::default() };
//! let message = pollster::block_on(client.encrypt(b"top secret", &encrypt, &observer))?;
//!
//! // What is given here must be in the message; it is compared before any key is asked for.
//! let decrypt = DecryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
//! let decrypted = pollster::block_on(client.decrypt(&message, &decrypt, &observer))?;
//! assert_eq!(decrypted.plaintext, b"top secret");
//! # Ok(())
//! # }
//! ```
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "cache")]
mod cache;
mod client;
mod error;
pub mod io;
mod key_schedule;
pub mod keyring;
pub mod manual;
mod materials;
pub mod message;
pub mod plan;
mod primitives;
mod sealer;
pub mod session;
mod signature;
pub mod suite;

pub use client::{Client, DecryptOptions, Decrypted, EncryptOptions, PreparedDecryption, PreparedEncryption};
pub use error::Error;
#[cfg(feature = "rsa")]
pub use keyring::RawRsaKeyring;
pub use keyring::{HierarchicalKeyring, Keyring, KmsDiscoveryKeyring, KmsKeyring, MultiKeyring, RawAesKeyring, VendorKeyring};
#[cfg(feature = "cache")]
pub use materials::cache::{Background, CacheLimits, MaterialsCache};
pub use signature::{signature_from_der, signature_to_der};
pub use suite::{CommitmentPolicy, Suite};
