//! The words a KMS speaks, shared by the engine that answers and the clients that ask.
//!
//! If you
//! * implement a KMS or an adapter to one, implement [`kms::Kms`];
//! * name a key, use [`key_ref::KeyRef`] and [`arn::Arn`];
//! * bind data to a purpose, use [`encryption_context::EncryptionContext`];
//! * refuse a request, return a [`fault::Fault`] with one of AWS's names;
//! * need the shape of a call, see [`calls`] and [`operation::Operation`];
//! * name a key of a KMS that is not AWS's, use [`vendor_key::VendorKey`];
//! * prove who asks over a network, or check such a proof, use [`sigv4`].
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod arn;
pub mod blob;
pub mod calls;
pub mod encryption_context;
pub mod fault;
pub mod grant_operation;
pub mod key_ref;
pub mod kms;
pub mod operation;
pub mod sigv4;
pub mod vendor_key;
