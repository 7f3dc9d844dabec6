//! Several keyrings as one: any of them can open what all of them wrapped.

use std::fmt;
use std::sync::Arc;

use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::key_ref::KeyRef;

use super::{Failures, KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// Encrypts under all of its keyrings; decrypts with the first that can.
#[derive(Clone)]
pub struct MultiKeyring {
    generator: Option<Arc<dyn Keyring>>,
    children: Vec<Arc<dyn Keyring>>,
}

impl MultiKeyring {
    /// The generator makes the data key and the children wrap it too. Without a generator it can only decrypt. No keyring at all is an error, and
    /// so are two that are aware of multi-Region keys and have the same one, be it in two regions: the second could open no more than the first.
    pub fn new(generator: Option<Arc<dyn Keyring>>, children: Vec<Arc<dyn Keyring>>) -> Result<Self, Error> {
        if generator.is_none() && children.is_empty() {
            return Err(Error::invalid_input("a multi-keyring needs at least one keyring"));
        }
        let multi = Self { generator, children };
        refuse_related(&multi.multi_region_keys())?;
        Ok(multi)
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let Some(generator) = &self.generator else {
            return Err(Error::invalid_input("a multi-keyring without a generator can not encrypt; give it one"));
        };
        let mut made = generator.make_data_key(request, observer).await?;
        for child in &self.children {
            made.encrypted_data_keys.extend(child.wrap_data_key(&made.data_key, request, observer).await?);
        }
        Ok(made)
    }

    async fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<Vec<EncryptedDataKey>, Error> {
        let mut keys = Vec::new();
        for keyring in self.generator.iter().chain(&self.children) {
            keys.extend(keyring.wrap_data_key(data_key, request, observer).await?);
        }
        Ok(keys)
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        let mut failures = Failures::default();
        for keyring in self.generator.iter().chain(&self.children) {
            match keyring.unwrap_data_key(keys, request, observer).await {
                Some(Ok(data_key)) => return Some(Ok(data_key)),
                Some(Err(error)) => failures.push(error),
                None => {}
            }
            if failures.is_aborted() {
                break;
            }
        }
        failures.into_error().map(Err)
    }
}

impl Keyring for MultiKeyring {
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(self.make(request, observer))
    }

    fn wrap_data_key<'a>(
        &'a self,
        data_key: &'a Secret,
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(self.wrap(data_key, request, observer))
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(self.unwrap(keys, request, observer))
    }

    fn multi_region_keys(&self) -> Vec<KeyRef> {
        let mut keys = Vec::new();
        for keyring in self.generator.iter().chain(&self.children) {
            keys.extend(keyring.multi_region_keys());
        }
        keys
    }
}

impl fmt::Debug for MultiKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generator, children } = self;
        write!(f, "MultiKeyring({} generator, {} children)", usize::from(generator.is_some()), children.len())
    }
}

fn refuse_related(keys: &[KeyRef]) -> Result<(), Error> {
    let is_related = |key: &&KeyRef| keys.iter().filter(|other| other.multi_region_id() == key.multi_region_id()).count() > 1;
    let related: Vec<_> = keys.iter().filter(is_related).map(|key| format!("`{key}`")).collect();
    match related.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid_input(reason!("{} are the same multi-Region key; keep one of them", related.join(", ")))),
    }
}
