//! Decrypting under whatever KMS key a message names, within limits that the reader sets.

use std::fmt;
use std::sync::Arc;

use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::kms::Kms;

use super::super::{KeyRequest, Keyring, NewDataKey};
use super::unwrapping::{Candidate, Whom, kms_keys, unwrap_first};
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// Unwraps data keys that any KMS key wrapped, and wraps none. The message says which key is asked, so whoever wrote it chooses: give it a
/// [filter](Self::with_filter) unless the KMS's own permissions are as narrow as you want.
#[derive(Clone)]
pub struct KmsDiscoveryKeyring {
    scope: Scope,
    filter: Option<DiscoveryFilter>,
    grant_tokens: Vec<String>,
}

/// Finds the KMS of a region. Any closure `Fn(&str) -> Option<Arc<dyn Kms>>` does.
pub trait KmsByRegion: MaybeSend + MaybeSync {
    /// The KMS of `region`, such as `us-east-1`; none if keys of that region are not to be used. It is asked anew for each encrypted data key.
    fn kms<'a>(&'a self, region: &'a str) -> BoxFuture<'a, Result<Option<Arc<dyn Kms>>, Error>>;
}

impl<F: Fn(&str) -> Option<Arc<dyn Kms>> + MaybeSend + MaybeSync> KmsByRegion for F {
    fn kms<'a>(&'a self, region: &'a str) -> BoxFuture<'a, Result<Option<Arc<dyn Kms>>, Error>> {
        let kms = self(region);
        Box::pin(async { Ok(kms) })
    }
}

/// Whose keys a discovery keyring may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryFilter {
    partition: String,
    accounts: Vec<String>,
}

impl DiscoveryFilter {
    /// Keys of these accounts in this partition, such as `aws`. A filter that no key can pass is an error.
    pub fn new(partition: impl Into<String>, accounts: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        let (partition, accounts) = (partition.into(), accounts.into_iter().map(Into::into).collect::<Vec<String>>());
        if partition.is_empty() || accounts.is_empty() || accounts.iter().any(String::is_empty) {
            return Err(Error::invalid_input("a discovery filter needs a partition, such as `aws`, and at least one account id"));
        }
        Ok(Self { partition, accounts })
    }

    fn admits(&self, key: &Arn) -> bool {
        key.partition == self.partition && self.accounts.contains(&key.account)
    }
}

#[derive(Clone)]
enum Scope {
    /// Each key is asked for where it is.
    Everywhere(Arc<dyn KmsByRegion>),
    /// Keys of one region, and multi-Region keys by their replica in it.
    OneRegion { region: String, kms: Arc<dyn Kms> },
}

impl KmsDiscoveryKeyring {
    /// A keyring that asks the KMS of each key's own region.
    pub fn new(regions: Arc<dyn KmsByRegion>) -> Self {
        Self { scope: Scope::Everywhere(regions), filter: None, grant_tokens: Vec::new() }
    }

    /// A keyring that asks the KMS of one region only: for keys of that region, and for multi-Region keys of any, by their replica there.
    pub fn mrk_aware(region: impl Into<String>, kms: Arc<dyn Kms>) -> Result<Self, Error> {
        let region = region.into();
        if region.is_empty() || region.contains(':') {
            return Err(Error::invalid_input(reason!("`{region}` is not a region; give one such as `us-east-1`")));
        }
        Ok(Self { scope: Scope::OneRegion { region, kms }, filter: None, grant_tokens: Vec::new() })
    }

    /// The same keyring for keys that pass the filter.
    #[must_use]
    pub fn with_filter(self, filter: DiscoveryFilter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// The same keyring, which sends these grant tokens along.
    #[must_use]
    pub fn with_grant_tokens(self, grant_tokens: Vec<String>) -> Self {
        Self { grant_tokens, ..self }
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        match kms_keys(keys) {
            Ok(named) => {
                let candidates = named.into_iter().filter_map(|(encrypted, arn)| self.candidate(encrypted, arn)).collect();
                unwrap_first(candidates, &self.grant_tokens, request, observer).await
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn candidate<'a>(&'a self, encrypted: &'a EncryptedDataKey, arn: Arn) -> Option<Candidate<'a>> {
        if self.filter.as_ref().is_some_and(|filter| !filter.admits(&arn)) {
            return None;
        }
        let (whom, arn) = match &self.scope {
            Scope::Everywhere(regions) => (Whom::KmsOf { regions: &**regions, region: arn.region.clone() }, arn),
            Scope::OneRegion { region, kms } if arn.region == *region => (Whom::Kms(kms), arn),
            Scope::OneRegion { region, kms } if arn.is_multi_region_key() => (Whom::Kms(kms), Arn { region: region.clone(), ..arn }),
            Scope::OneRegion { .. } => return None,
        };
        Some(Candidate { encrypted, whom, key_arn: arn.to_string() })
    }
}

impl Keyring for KmsDiscoveryKeyring {
    fn make_data_key<'a>(&'a self, _request: &'a KeyRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(async { Err(only_decrypts()) })
    }

    fn wrap_data_key<'a>(
        &'a self,
        _data_key: &'a Secret,
        _request: &'a KeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(async { Err(only_decrypts()) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(self.unwrap(keys, request, observer))
    }
}

impl fmt::Debug for KmsDiscoveryKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = match &self.scope {
            Scope::Everywhere(_) => "any",
            Scope::OneRegion { region, .. } => region,
        };
        f.debug_struct("KmsDiscoveryKeyring").field("region", &region).field("filter", &self.filter).finish_non_exhaustive()
    }
}

fn only_decrypts() -> Error {
    Error::invalid_input("a KMS discovery keyring only decrypts, for it has no key of its own; encrypt with a KMS keyring")
}
