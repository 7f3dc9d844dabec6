//! Keyrings: what wraps a message's data key when it is made, and unwraps it when the message is opened.

mod branch_keys;
mod hierarchical;
mod kms;
mod multi;
mod raw;
mod raw_aes;
#[cfg(feature = "rsa")]
mod raw_rsa;
mod vendor;
pub mod wrapping;

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::key_ref::KeyRef;
use waxseal_kms_api::kms::KmsError;

pub use branch_keys::{BranchKey, BranchKeyRecord, BranchKeyRecords, BranchKeyVersion, BranchKeys, KmsBranchKeys, NewBranchKey};
#[cfg(feature = "cache")]
pub use branch_keys::{BranchKeyRequests, CachedBranchKeys};
pub use hierarchical::{BranchKeyChoice, HierarchicalKeyring};
pub use kms::{DiscoveryFilter, KmsByRegion, KmsDiscoveryKeyring, KmsKeyring};
pub use multi::MultiKeyring;
pub use raw_aes::RawAesKeyring;
#[cfg(feature = "rsa")]
pub use raw_rsa::{OaepHash, RawRsaKeyring, RsaKeys};
pub use vendor::VendorKeyring;

use crate::error::Error;
use crate::message::EncryptedDataKey;
use crate::suite::Suite;

/// Wraps and unwraps data keys. Implement it to bring your own; [`MultiKeyring`] combines them.
pub trait Keyring: MaybeSend + MaybeSync {
    /// Makes a data key of the suite's length and wraps it at least once.
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>>;

    /// Wraps a data key that another keyring made.
    fn wrap_data_key<'a>(
        &'a self,
        data_key: &'a Secret,
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>>;

    /// Unwraps the data key from the first of `keys` that it can: it tries those that are for it in order and goes on after a failure.
    /// `None` says that none of them is for this keyring; an error, that those that are could not be unwrapped. The caller checks the
    /// data key's length and the commitment to it.
    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>>;

    /// The multi-Region keys that it uses for messages of any of their regions. A [`MultiKeyring`] refuses to have one of them twice.
    fn multi_region_keys(&self) -> Vec<KeyRef> {
        Vec::new()
    }
}

/// What a data key is for.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The suite, which decides the data key's length.
    pub suite: Suite,
    /// What the wrapped data key is to be bound to, or is bound to.
    pub encryption_context: EncryptionContext,
    /// Where randomness comes from.
    pub env: Env,
}

impl KeyRequest {
    /// A random data key of the suite's length: what a keyring wraps that has no KMS to make one.
    pub fn make_data_key(&self, observer: &Observer) -> Result<Secret, Error> {
        let len = self.suite.data_key_len();
        let data_key = Secret::make_random(SecretName::DataKey, "data key", len, &self.env, observer)?;
        observer.emit(|witness| Kind::DataKeyGenerated {
            spec: format!("AES_{}", len.saturating_mul(8)),
            data_key: witness.secret(data_key.expose()),
        });
        Ok(data_key)
    }
}

/// A data key and its wrapped copies.
#[derive(Debug)]
pub struct NewDataKey {
    /// The data key.
    pub data_key: Secret,
    /// Its wrapped copies, in the order they go into the message.
    pub encrypted_data_keys: Vec<EncryptedDataKey>,
}

/// The failures of several attempts to unwrap a data key, in order.
#[derive(Debug, Default)]
pub(crate) struct Failures(Vec<Error>);

impl Failures {
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Whether the caller gave up, so that nothing more is to be tried.
    pub(crate) fn is_aborted(&self) -> bool {
        self.0.last().and_then(Error::kms) == Some(&KmsError::Aborted)
    }

    /// One error that stands for all, or `None` if nothing failed. Giving up comes first, for it is the caller who did; then a refusal of a KMS,
    /// for it has a name and something can be done about it; failures of raw keys stay opaque.
    pub(crate) fn into_error(self) -> Option<Error> {
        if self.is_aborted() {
            return Some(KmsError::Aborted.into());
        }
        let mut first_kms = None;
        let mut texts = Vec::new();
        let mut others = Vec::new();
        for failure in self.0 {
            match failure {
                Error::Kms { error, failures } => {
                    first_kms.get_or_insert(error);
                    texts.extend(failures);
                }
                other => {
                    texts.push(other.to_string());
                    others.push(other);
                }
            }
        }
        match first_kms {
            Some(error) => Some(Error::Kms { error, failures: texts }),
            None => others.into_iter().max_by_key(usefulness),
        }
    }
}

/// Of two failures, which tells the caller more.
fn usefulness(error: &Error) -> u8 {
    match error {
        Error::InvalidInput { .. } => 2,
        Error::InvalidMessage { .. } => 1,
        _ => 0,
    }
}

#[cfg(test)]
pub(crate) mod tests;
