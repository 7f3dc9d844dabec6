//! The IAM policy language of AWS as a KMS uses it: parse, validate, evaluate.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod action;
mod caller;
mod condition;
mod context;
mod decision;
mod document;
mod error;
mod evaluate;
mod grant;
mod json;
mod principal;
mod resource;
mod statement;
mod variables;

pub use caller::{Caller, CallerKind, InvalidCaller};
pub use context::Context;
pub use decision::Decision;
pub use document::{Document, Policy};
pub use error::{PolicyError, PolicyErrorKind};
pub use evaluate::{Documents, Request, evaluate};
pub use grant::{Grant, GrantChange};
pub use statement::Statement;
