//! How the materials manager uses a cache: which requests it answers, what is told of it, and who refreshes.

use std::future::Future;
use std::sync::Arc;

use waxseal_base::event::{Eviction, Kind, OperationResult, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::{MaybeSend, MaybeSync};
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::cache::{Background, Caching};
use super::identifier::Identifier;
use super::{Made, MaterialsManager, Unwrapped};
use crate::cache::{self, Got, How, Limits, Refresh, Tally, Wish};
use crate::error::Error;
use crate::message::EncryptedDataKey;
use crate::signature::Signer;
use crate::suite::{KeyDerivation, Suite};

/// Materials in a cache, and whom to tell what becomes of them: who asked for them.
pub(super) struct Kept<T> {
    materials: T,
    identifier: Identifier,
    observer: Observer,
}

impl<T> cache::Kept for Kept<T> {
    fn evicted(&self, reason: Eviction, tally: Tally) {
        self.observer.emit(|_| Kind::CacheEvicted { entry: self.identifier.to_string(), uses: tally.messages, reason });
    }
}

impl MaterialsManager {
    /// A data key from the cache, or a new one: where there is no cache, and for a plaintext that is too long or of unknown length.
    pub(super) async fn cached_or_made(
        &self,
        (suite, context): (Suite, &EncryptionContext),
        signer_public_key: Option<&[u8]>,
        plaintext_len: Option<u64>,
        observer: &Observer,
    ) -> Result<Made, Error> {
        let caching = self.caching_of(suite).zip(plaintext_len).filter(|(caching, len)| *len <= caching.cache.limits.max_bytes);
        let Some((caching, bytes)) = caching else { return self.make(suite, context, signer_public_key, observer).await };
        let identifier = self.identify(&caching.partition, suite, context, signer_public_key)?;
        let wish = Wish { bytes, limits: caching.cache.limits_of_entries(), refreshes: self.background.is_some() };
        caching.cache.decryptions.evict_expired();
        let ask = || asked(identifier, observer, self.make(suite, context, signer_public_key, observer));
        let got = caching.cache.encryptions.get(&identifier, wish, ask).await?;
        tell(&got, identifier, observer);
        if let Some((refresh, background)) = got.refresh.zip(self.background.as_ref()) {
            let (manager, context, public_key) = (self.without_cache(), context.clone(), signer_public_key.map(<[u8]>::to_vec));
            let make = move |observer: Observer| async move { manager.make(suite, &context, public_key.as_deref(), &observer).await };
            start(background, refresh, identifier, observer, make);
        }
        Ok(got.value.materials.copy())
    }

    /// The data key that one of `keys` is, from the cache or, where there is none, the keyring.
    pub(super) async fn cached_or_unwrapped(
        &self,
        suite: Suite,
        keys: &[EncryptedDataKey],
        context: &EncryptionContext,
        observer: &Observer,
    ) -> Result<Unwrapped, Error> {
        let Some(caching) = self.caching_of(suite) else { return self.unwrap(suite, keys, context, observer).await };
        let identifier = Identifier::of_decryption(&caching.partition, suite, keys, context)?;
        let wish = Wish { bytes: 0, limits: Limits::NONE, refreshes: self.background.is_some() };
        caching.cache.encryptions.evict_expired();
        let ask = || asked(identifier, observer, self.unwrap(suite, keys, context, observer));
        let got = caching.cache.decryptions.get(&identifier, wish, ask).await?;
        tell(&got, identifier, observer);
        if let Some((refresh, background)) = got.refresh.zip(self.background.as_ref()) {
            let (manager, context, keys) = (self.without_cache(), context.clone(), keys.to_vec());
            let unwrap = move |observer: Observer| async move { manager.unwrap(suite, &keys, &context, &observer).await };
            start(background, refresh, identifier, observer, unwrap);
        }
        Ok(got.value.materials.copy())
    }

    /// The cache, if it may answer for messages of that suite: without key derivation, messages would share their message key.
    fn caching_of(&self, suite: Suite) -> Option<&Caching> {
        self.caching.as_ref().filter(|_| suite.key_derivation() != KeyDerivation::Identity)
    }

    /// A data key is bound to the public key of a signer elsewhere; a signer that is made with it is kept with it.
    fn identify(&self, partition: &str, suite: Suite, context: &EncryptionContext, signer: Option<&[u8]>) -> Result<Identifier, Error> {
        if signer.is_none() {
            return Identifier::of_encryption(partition, suite, context);
        }
        let mut context = context.clone();
        Signer::make(suite, signer, &mut context, &self.env)?;
        Identifier::of_encryption(partition, suite, &context)
    }

    /// A task that waits somewhere must not keep what it waits in.
    fn without_cache(&self) -> Self {
        Self { caching: None, background: None, ..self.clone() }
    }
}

impl Made {
    fn copy(&self) -> Self {
        let Self { data_key, encrypted_data_keys, context, signer } = self;
        Self {
            data_key: quiet_copy(data_key),
            encrypted_data_keys: encrypted_data_keys.clone(),
            context: context.clone(),
            signer: signer.as_ref().map(Signer::another),
        }
    }
}

impl Unwrapped {
    fn copy(&self) -> Self {
        Self(quiet_copy(&self.0))
    }
}

/// For one message, while the cache has the key still: that it is wiped is told when the cache does that.
fn quiet_copy(data_key: &Secret) -> Secret {
    Secret::new(SecretName::DataKey, data_key.danger_copy(), &Observer::none())
}

async fn asked<T>(identifier: Identifier, observer: &Observer, ask: impl Future<Output = Result<T, Error>>) -> Result<Arc<Kept<T>>, Error> {
    observer.emit(|_| Kind::CacheMiss { entry: identifier.to_string() });
    Ok(kept(identifier, observer, ask.await?))
}

fn kept<T>(identifier: Identifier, observer: &Observer, materials: T) -> Arc<Kept<T>> {
    Arc::new(Kept { materials, identifier, observer: observer.clone() })
}

fn tell<T>(got: &Got<Identifier, Kept<T>>, identifier: Identifier, observer: &Observer) {
    let (waited, uses, age_millis) = match got.how {
        How::Asked => return,
        How::Waited => (true, None, None),
        How::Kept(tally, age) => (false, Some(tally.messages), Some(age)),
    };
    observer.emit(|_| Kind::CacheHit { entry: identifier.to_string(), waited, uses, age_millis });
}

/// A refresh is an operation of its own: whether it succeeds is told, and nobody waits for it.
fn start<T: MaybeSend + 'static, F: Future<Output = Result<T, Error>> + MaybeSend + 'static>(
    background: &Arc<dyn Background>,
    refresh: Refresh<Identifier, Kept<T>>,
    identifier: Identifier,
    observer: &Observer,
    ask: impl FnOnce(Observer) -> F + MaybeSend + 'static,
) where
    Kept<T>: MaybeSend + MaybeSync,
{
    let observer = observer.nested();
    background.start(Box::pin(async move {
        observer.emit(|_| Kind::OperationStarted { operation: REFRESH.into(), input_len: None });
        let asked = ask(observer.clone());
        let result = refresh.run(|| async { Ok(kept(identifier, &observer, asked.await?)) }).await;
        observer.emit(|_| Kind::OperationFinished {
            operation: REFRESH.into(),
            result: match result {
                Ok(()) => OperationResult::Succeeded { output_len: None },
                Err(error) => OperationResult::Failed { code: error.code().into(), message: error.to_string() },
            },
        });
    }));
}

const REFRESH: &str = "refresh";
