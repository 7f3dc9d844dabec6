//! An enforcing, AWS-KMS-compatible key management engine that runs wherever Rust runs: key policies, grants, encryption context, key
//! states and audit, over AWS's JSON shapes and fault names.
//!
//! If you
//! * want a KMS in this process, for a test, a page or a demonstration, use [`LocalKms`];
//! * give it to the SDK, use a [`LocalKmsClient`]: it is a [`Kms`](waxseal_kms_api::kms::Kms), asked by one caller;
//! * want to know why a call was refused, use [`LocalKmsClient::call_explained`], or listen with an observer;
//! * want to know what would help, ask [`LocalKmsClient::explain`]; who can do something, [`LocalKms::who_can`];
//! * want time to pass, for keys that are to be destroyed, give it a [`VirtualClock`](waxseal_base::env::VirtualClock) and use
//!   [`LocalKms::advance_to`];
//! * keep its keys beyond the process, implement [`Store`] and use [`LocalKms::with_store`];
//! * put a whole KMS into a file and make one of it again, use [`LocalKms::snapshot`] and [`LocalKms::restore`];
//! * can make RSA keys faster than wasm does, give it a [`MakeRsaKey`];
//! * have a store that answers later, use [`Engine::handle`] and commit its [`Outcome`] yourself;
//! * let AWS's clients ask over HTTP, or as if over HTTP, put an [`http::Front`] before it;
//! * want to show the bytes of a ciphertext, use [`blob::fields`];
//! * want to know what was decided where AWS is silent, and which attacks were considered, read the [`manual`].
//!
//! ```
//! use waxseal_base::env::{Env, FixedClock};
//! use waxseal_base::observer::Observer;
//! use waxseal_base::time::Timestamp;
//! use waxseal_kms::{LocalKms, LocalKmsOptions};
//! use waxseal_kms_api::calls::{CreateKeyRequest, DecryptRequest, GenerateDataKeyRequest};
//! use waxseal_kms_api::fault::FaultCode;
//! use waxseal_policy::Caller;
//!
//! let env = Env::with_clock(FixedClock(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap()));
//! let kms = LocalKms::new(LocalKmsOptions::default(), env)?;
//! let quiet = Observer::none();
//!
//! let key = kms.administrator().call(CreateKeyRequest::default(), &quiet)?.key_metadata;
//! let request = GenerateDataKeyRequest { key_id: key.arn, key_spec: Some("AES_256".into()), ..Default::default() };
//! let data_key = kms.administrator().call(request, &quiet)?;
//! let stored = DecryptRequest { ciphertext_blob: data_key.ciphertext_blob, ..Default::default() };
//!
//! let bob = kms.as_caller(Caller::parse("arn:aws:iam::111122223333:user/bob")?);
//! let (refused, decision, _) = bob.call_explained(stored.clone(), &quiet);
//! assert_eq!(refused.unwrap_err().code, FaultCode::AccessDeniedException);
//! assert!(!decision.unwrap().is_allowed());
//!
//! let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#;
//! kms.put_identity_policy("arn:aws:iam::111122223333:user/bob", "reader", allow)?;
//! assert_eq!(bob.call(stored, &quiet)?.plaintext.0, data_key.plaintext.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a local KMS does not protect against
//!
//! * **The process it runs in.** It believes the embedding application who the caller is, and the root key is in the process's memory: any
//!   code that runs there, in a page any script of its origin, can be any caller. It enforces policies for code that has only a
//!   [`LocalKmsClient`].
//! * **A store put back to an older state.** An edited record is noticed; a whole record that was genuine once, such as a policy before it was
//!   tightened, is not.
//! * **Loss.** With [`MemoryStore`] the keys, and all that was encrypted under them, are gone with the process.
//! * **Left-overs of the larger ciphers.** The private keys of RSA and ML-DSA are read anew for each use and wiped by the libraries that hold them,
//!   but these work with more of the stack than is overwritten after a call.
//! * **Side channels.** Comparisons of secrets take constant time and the ciphers have no secret-dependent table look-ups, but a shared
//!   machine is not a hardware security module.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod account_record;
mod alias_record;
mod audit;
mod authorization;
pub mod blob;
mod cache;
mod conditions;
mod data_key;
mod data_key_pair;
mod dry_run;
mod due;
mod encryption;
mod engine;
mod explanation;
mod grants;
mod host;
pub mod http;
mod ids;
mod import_token;
mod imported;
mod index;
mod key_policy;
mod key_record;
mod key_spec;
mod known_callers;
mod last_usage;
mod local;
mod macs;
mod managed_key;
pub mod manual;
mod material;
mod multi_region;
mod operations;
mod paging;
mod pipeline;
mod primitives;
mod record;
mod refusals;
mod resolve;
mod root_key;
mod rsa_keys;
mod scene;
mod shared_secret;
mod signing;
pub mod snapshot;
mod states;
mod store;
mod tags;
mod usage;
mod validation;
mod view;
mod wrapping;
mod wrapping_algorithm;

pub use audit::{AuditFilter, AuditRecord, Resource, SessionAttributes, SessionContext, SessionIssuer, UserIdentity};
pub use engine::{Answer, Engine, EngineConfig, InvalidRootKey, Outcome, RequestContext};
pub use explanation::{About, Explanation};
pub use local::{LocalKms, LocalKmsClient, LocalKmsError, LocalKmsOptions, OpenSnapshot};
pub use record::{Record, Seal, Stamp};
pub use rsa_keys::{MakeRsaKey, MakeRsaKeyError};
pub use states::KeyState;
pub use store::{Change, CommitError, MemoryStore, Store, StoreError};
pub use view::{KeyView, MaterialView};
