//! How the materials manager uses a cache: which requests it answers, what is told of it, and who refreshes.

use std::future::Future;
use std::sync::Arc;

use waxseal_base::event::{Eviction, Kind, OperationResult};
use waxseal_base::observer::Observer;
use waxseal_base::threading::{MaybeSend, MaybeSync};
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::cache::{Background, Caching};
use super::identifier::Identifier;
use super::{Made, MaterialsManager, Unwrapped};
use crate::cache::{self, Got, How, Limits, Refresh, Tally, Wish};
use crate::error::Error;
use crate::message::EncryptedDataKey;
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
    /// The cache, if it may answer for messages of that suite: without key derivation, messages would share their message key.
    pub(super) fn caching_of(&self, suite: Suite) -> Option<&Caching> {
        self.caching.as_ref().filter(|_| suite.key_derivation() != KeyDerivation::Identity)
    }

    pub(super) async fn cached_for_encryption(
        &self,
        caching: &Caching,
        (suite, context): (Suite, &EncryptionContext),
        plaintext_len: u64,
        observer: &Observer,
    ) -> Result<Made, Error> {
        let identifier = Identifier::of_encryption(&caching.partition, suite, context)?;
        let (limits, refreshes) = (caching.cache.limits_of_entries(), self.background.is_some());
        let ask = || asked(identifier, observer, self.make(suite, context, None, observer));
        caching.cache.decryptions.evict_expired();
        let got = caching.cache.encryptions.get(&identifier, Wish { bytes: plaintext_len, limits, refreshes }, ask).await?;
        tell(&got, identifier, observer);
        if let Some((refresh, background)) = got.refresh.zip(self.background.as_ref()) {
            let (manager, context) = (self.without_cache(), context.clone());
            let make = move |observer: Observer| async move { manager.make(suite, &context, None, &observer).await };
            start(background, refresh, identifier, observer, make);
        }
        Ok(got.value.materials.copy())
    }

    pub(super) async fn cached_for_decryption(
        &self,
        caching: &Caching,
        (suite, context): (Suite, &EncryptionContext),
        keys: &[EncryptedDataKey],
        observer: &Observer,
    ) -> Result<Unwrapped, Error> {
        let identifier = Identifier::of_decryption(&caching.partition, suite, keys, context)?;
        let ask = || asked(identifier, observer, self.unwrap(suite, keys, context, observer));
        caching.cache.encryptions.evict_expired();
        let wish = Wish { bytes: 0, limits: Limits::NONE, refreshes: self.background.is_some() };
        let got = caching.cache.decryptions.get(&identifier, wish, ask).await?;
        tell(&got, identifier, observer);
        if let Some((refresh, background)) = got.refresh.zip(self.background.as_ref()) {
            let (manager, context, keys) = (self.without_cache(), context.clone(), keys.to_vec());
            let unwrap = move |observer: Observer| async move { manager.unwrap(suite, &keys, &context, &observer).await };
            start(background, refresh, identifier, observer, unwrap);
        }
        Ok(got.value.materials.copy())
    }

    /// A task that waits somewhere must not keep what it waits in.
    fn without_cache(&self) -> Self {
        Self { caching: None, background: None, ..self.clone() }
    }
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
