//! An enforcing, AWS-KMS-compatible key management engine that runs wherever Rust runs.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod account_record;
mod audit;
pub mod blob;
mod conditions;
mod engine;
mod grants;
mod host;
mod ids;
mod key_policy;
mod key_record;
mod local;
mod operations;
mod pipeline;
mod primitives;
mod record;
mod refusals;
mod resolve;
mod root_key;
mod states;
mod store;
mod validation;
mod view;
mod wrapping;

pub use audit::{AuditRecord, Resource, UserIdentity};
pub use engine::{Answer, Engine, EngineConfig, InvalidRootKey, Outcome, RequestContext};
pub use local::{LocalKms, LocalKmsClient, LocalKmsError, LocalKmsOptions};
pub use record::Record;
pub use states::KeyState;
pub use store::{Change, CommitError, MemoryStore, Store, StoreError};
pub use view::{KeyView, MaterialView};
