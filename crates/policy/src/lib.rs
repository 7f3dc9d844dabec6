//! The IAM policy language as a KMS uses it: parse, validate, evaluate. Pure: no clock, no randomness, no I/O.
//!
//! If you
//! * have a policy's text, make a [`Document`]: it keeps the text, and what it means or [where it is wrong](PolicyError);
//! * want to know whether a request may go on, call [`evaluate`]; [`verdict`] where nobody asks why, which is many times faster;
//! * want to know what would help, call [`explain`]; who else can, [`who_can`];
//! * keep many grants on a key, keep them in a [`GrantIndex`];
//! * have to say why, show [`Decision::because`], and [`Decision::findings`] for every element of every statement and grant;
//! * answer an AWS client, send [`Decision::access_denied_message`];
//! * need to know who asks, see [`Caller`]; what is known about the request, [`Context`].
//!
//! ```
//! use waxseal_kms_api::{arn::Arn, operation::Scope};
//! use waxseal_policy::{Caller, Context, Document, Documents, Request, evaluate};
//!
//! let policy = Document::key_policy(
//!     r#"{
//!         "Version": "2012-10-17",
//!         "Statement": {
//!             "Sid": "Bob reads what belongs to tenant 42",
//!             "Effect": "Allow",
//!             "Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"},
//!             "Action": "kms:Decrypt",
//!             "Resource": "*",
//!             "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "42"}}
//!         }
//!     }"#,
//! );
//! let bob = Caller::parse("arn:aws:iam::111122223333:user/bob")?;
//! let key = Arn::kms_key("aws", "us-east-1", "111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab");
//! let decrypt = |tenant| {
//!     let context: Context = [("kms:EncryptionContext:tenant", tenant)].into_iter().collect();
//!     let request = Request {
//!         caller: &bob,
//!         action: "kms:Decrypt",
//!         resource: Some(&key),
//!         scope: Scope::AnyAccount,
//!         context: &context,
//!         encryption_context: None,
//!         grant_change: None,
//!     };
//!     evaluate(&request, &Documents { key_policy: Some(&policy), ..Documents::default() })
//! };
//! assert!(decrypt("42").is_allowed());
//!
//! let refused = decrypt("43");
//! assert!(!refused.is_allowed());
//! assert!(refused.because.ends_with("(wanted: StringEquals kms:EncryptionContext:tenant = 42; found: 43)"));
//! # Ok::<(), waxseal_policy::InvalidCaller>(())
//! ```
//!
//! # How it is decided
//!
//! 1. Every statement and every grant is compared with the request, all their elements, in document order.
//! 2. A matching Deny refuses, wherever it is written.
//! 3. An operation for the key's own account refuses callers of others.
//! 4. A statement of the key's policy that names the caller, or a grant to it, allows; to a caller of another account, a statement only together
//!    with an identity policy at home.
//! 5. A statement or grant that names the caller's *account* passes the decision on to the caller's identity policies.
//! 6. Nothing else allows. Being of the key's account is no permission, not even for the root user.
//! 7. What is allowed so far is limited: by the service control policies of the caller's organization, of which every level has to leave room; by the
//!    permissions boundary and by the session policies of the caller. The latter two do not limit a statement of the key's policy that names the
//!    very caller: the user, the session, the federated user. They limit one that names its role.
//!
//! # What would help
//!
//! [`explain`] proposes a statement, a policy at home, a grant, room below a limit, a pair of the encryption context, and statements to narrow or to
//! remove; each proposal was tried by deciding again, and none of its parts can be left out. [`who_can`] asks the same of everyone.
//!
//! ```
//! use waxseal_kms_api::{arn::Arn, operation::Scope};
//! use waxseal_policy::{Ask, Caller, Context, Document, Documents, Request, explain, who_can};
//!
//! let policy = Document::key_policy(
//!     r#"{"Statement": {
//!         "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"}, "Action": "kms:Decrypt", "Resource": "*"
//!     }}"#,
//! );
//! let (bob, alice) = (Caller::parse("arn:aws:iam::111122223333:user/bob")?, Caller::parse("arn:aws:iam::111122223333:user/alice")?);
//! let key = Arn::kms_key("aws", "us-east-1", "111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab");
//! let nothing_known = Context::new();
//! let ask = |caller| Ask {
//!     request: Request {
//!         caller,
//!         action: "kms:Decrypt",
//!         resource: Some(&key),
//!         scope: Scope::AnyAccount,
//!         context: &nothing_known,
//!         encryption_context: None,
//!         grant_change: None,
//!     },
//!     documents: Documents { key_policy: Some(&policy), ..Documents::default() },
//! };
//! let holders = who_can(&[ask(&bob), ask(&alice)]);
//! assert_eq!(holders[0].reason, "statement 1 of the key policy allows it");
//! assert_eq!(holders.len(), 1);
//!
//! let fixes = explain(&ask(&alice), &[ask(&bob)]);
//! assert_eq!(fixes[1].edits[0].description, "create a grant for Decrypt to arn:aws:iam::111122223333:user/alice");
//! # Ok::<(), waxseal_policy::InvalidCaller>(())
//! ```
//!
//! # Where the rules come from
//!
//! The guides of AWS KMS and IAM and the KMS API model. Where they do not say what happens, we chose what helps the request least:
//!
//! * *A text that is no policy* may have been meant to deny, so nothing at all is allowed while one is there.
//! * *Several values under an operator for one value* (`StringEquals` on `kms:EncryptionContextKeys`): an Allow needs all of them to match, a Deny
//!   any one. Two pairs of an encryption context whose keys differ only in case are several values of one condition key.
//! * *A policy variable that the request does not have, or has several values for,* matches nothing; in an exception of an Allow
//!   (`StringNotEquals`, `NotResource`) it makes the statement not match, rather than match more.
//! * *A value that is not of its operator's kind* (a word under `NumericLessThan`) is an error when the policy is read. AWS accepts it, and it
//!   never matches.
//! * *NotPrincipal with Allow* and *keys that are there twice* are refused, as is a principal of a kind that a KMS never sees, such as `Federated`.
//! * *A root user* needs no identity policy, because none can be attached to it; what its account can give, it has.
//! * *What a grant gives* is within all limits, whomever the grant names.
//! * *A statement for everyone* names no caller, so boundary and session policies limit it.
//! * *A child grant* of one with `EncryptionContextEquals` needs the same pairs: more of them would admit contexts that the parent does not.
//!
//! # Attacks considered
//!
//! * Wildcards in what the caller brings: variables are filled in as plain text, so a user named `*` is only that.
//! * Patterns that take forever: matching goes back to the last `*` only; its work is at most the product of the lengths, and policies have a
//!   greatest length.
//! * Depth: a document is read level by level as the language has them, so nesting does not use the stack.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod action;
mod caller;
mod condition;
mod constraints;
mod context;
mod decision;
mod document;
mod error;
mod evaluate;
mod explain;
mod grant;
mod grant_index;
mod json;
mod principal;
mod resource;
mod statement;
#[cfg(test)]
mod testing;
mod variables;
mod weigh;
mod who_can;

pub use caller::{Caller, CallerKind, InvalidCaller};
pub use context::Context;
pub use decision::Decision;
pub use document::{Document, Policy};
pub use error::{PolicyError, PolicyErrorKind};
pub use evaluate::{Documents, Request, evaluate, verdict};
pub use explain::{Change, Edit, Fix, explain};
pub use grant::{Grant, GrantChange};
pub use grant_index::{GrantIndex, Grants};
pub use statement::Statement;
pub use who_can::{Ask, Holder, who_can};
