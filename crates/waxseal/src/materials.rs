//! The materials manager: decides whether a suite may be used, makes or finds the signer's key, asks the keyring for a message's data key and
//! checks what it gave.

#[cfg(feature = "cache")]
pub(crate) mod cache;
#[cfg(feature = "cache")]
mod caching;
#[cfg(feature = "cache")]
mod identifier;

use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;

#[cfg(feature = "cache")]
use self::cache::{Background, Caching};
use crate::error::Error;
use crate::key_schedule::check_built;
use crate::keyring::{KeyRequest, Keyring};
use crate::message::{EncryptedDataKey, Header};
use crate::signature::{PUBLIC_KEY, Signer, Verifier};
use crate::suite::{CommitmentPolicy, Suite};

/// Gets data keys from one keyring.
#[derive(Clone)]
pub(crate) struct MaterialsManager {
    pub(crate) env: Env,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) commitment_policy: CommitmentPolicy,
    pub(crate) max_encrypted_data_keys: Option<u16>,
    /// Keys of pairs that messages authenticate and do not store.
    pub(crate) required_keys: Vec<String>,
    #[cfg(feature = "cache")]
    pub(crate) caching: Option<Caching>,
    /// Who runs refreshes of the cache.
    #[cfg(feature = "cache")]
    pub(crate) background: Option<Arc<dyn Background>>,
}

/// What a message is written with.
pub(crate) struct EncryptionMaterials {
    pub(crate) suite: Suite,
    pub(crate) data_key: Secret,
    pub(crate) encrypted_data_keys: Vec<EncryptedDataKey>,
    /// The pairs that the header stores.
    pub(crate) stored: EncryptionContext,
    /// The pairs that it authenticates only.
    pub(crate) not_stored: EncryptionContext,
    pub(crate) signer: Option<Signer>,
}

/// What a message is read with.
pub(crate) struct DecryptionMaterials {
    pub(crate) data_key: Secret,
    /// The pairs that the header authenticates without storing them.
    pub(crate) not_stored: EncryptionContext,
    pub(crate) verifier: Option<Verifier>,
}

/// A data key that was made, for the context it is bound to: the one asked for, with the signer's public key if there is one.
struct Made {
    data_key: Secret,
    encrypted_data_keys: Vec<EncryptedDataKey>,
    context: EncryptionContext,
    signer: Option<Signer>,
}

/// A data key that was unwrapped.
struct Unwrapped(Secret);

impl MaterialsManager {
    /// A data key, of the right length, wrapped at least once and not more often than allowed, and a signer if the suite signs: the one elsewhere
    /// with that public key, or one of its own. The data key is new, or one that the cache has for such messages; a plaintext whose length is not
    /// known has one of its own.
    pub(crate) async fn for_encryption(
        &self,
        suite: Suite,
        context: &EncryptionContext,
        plaintext_len: Option<u64>,
        signer_public_key: Option<&[u8]>,
        observer: &Observer,
    ) -> Result<EncryptionMaterials, Error> {
        self.check_writing(suite, context)?;
        let made = self.cached_or_made((suite, context), signer_public_key, plaintext_len, observer).await?;
        // Another client's limit may have been higher.
        self.check_count(made.encrypted_data_keys.len())?;
        let (not_stored, stored): (Vec<_>, Vec<_>) =
            made.context.iter().partition(|(key, _)| self.required_keys.iter().any(|required| required == key));
        Ok(EncryptionMaterials {
            suite,
            stored: stored.into_iter().collect(),
            not_stored: not_stored.into_iter().collect(),
            data_key: made.data_key,
            encrypted_data_keys: made.encrypted_data_keys,
            signer: made.signer,
        })
    }

    async fn make(
        &self,
        suite: Suite,
        context: &EncryptionContext,
        signer_public_key: Option<&[u8]>,
        observer: &Observer,
    ) -> Result<Made, Error> {
        let mut context = context.clone();
        let signer = Signer::make(suite, signer_public_key, &mut context, &self.env)?;
        // A context that does not fit into a message is refused before a key is made for it.
        context.to_canonical_bytes()?;
        let made = self.keyring.make_data_key(&self.request(suite, &context), observer).await?;
        let (len, count) = (made.data_key.len(), made.encrypted_data_keys.len());
        if len != suite.data_key_len() {
            let text = format!("the keyring gave a data key of {len} bytes; suite {suite} needs {}", suite.data_key_len());
            return Err(Error::invalid_input(text));
        }
        if count == 0 {
            return Err(Error::invalid_input("the keyring wrapped the data key for nobody; the message could never be opened"));
        }
        self.check_count(count)?;
        let (data_key, encrypted_data_keys) = (made.data_key, made.encrypted_data_keys);
        Ok(Made { data_key, encrypted_data_keys, context, signer })
    }

    fn check_count(&self, count: usize) -> Result<(), Error> {
        match self.max_encrypted_data_keys.unwrap_or(u16::MAX) {
            limit if count > usize::from(limit) => {
                Err(Error::invalid_input(format!("the keyring wrapped the data key {count} times; this client allows {limit}")))
            }
            _ => Ok(()),
        }
    }

    fn check_writing(&self, suite: Suite, context: &EncryptionContext) -> Result<(), Error> {
        let policy = self.commitment_policy;
        if !policy.allows_writing(suite) {
            let text = format!("suite {suite} ({}) is not written under the commitment policy {}", suite.description(), policy.name());
            return Err(Error::invalid_input(format!("{text}; use suite {}, or another policy", policy.default_suite())));
        }
        check_built(suite)?;
        if let Some((key, _)) = context.iter().find(|(key, _)| key.starts_with(RESERVED_PREFIX)) {
            let text = format!("the encryption context key `{key}` is reserved; choose one that does not start with `{RESERVED_PREFIX}`");
            return Err(Error::invalid_input(text));
        }
        self.check_required(context)
    }

    /// Every pair that is authenticated and not stored has to be given.
    fn check_required(&self, context: &EncryptionContext) -> Result<(), Error> {
        match self.required_keys.iter().find(|key| context.value(key).is_none()) {
            Some(key) => {
                Err(Error::invalid_input(format!("the encryption context lacks `{key}`, which this client requires; give its value")))
            }
            None => Ok(()),
        }
    }

    /// Whether a message may be read, as far as that is known before any key is asked for.
    pub(crate) fn check_reading(&self, header: &Header, reproduced: &EncryptionContext) -> Result<(), Error> {
        let (suite, policy) = (header.suite, self.commitment_policy);
        if !policy.allows_reading(suite) {
            let text =
                format!("the message is of suite {suite} ({}), without key commitment, and the commitment policy", suite.description());
            let allowed = CommitmentPolicy::RequireEncryptAllowDecrypt.name();
            return Err(Error::invalid_message(format!("{text} is {}; if you trust its writer, read it under {allowed}", policy.name())));
        }
        check_built(suite)?;
        self.check_required(reproduced)?;
        match (suite.signature(), header.encryption_context.value(PUBLIC_KEY)) {
            (None, Some(_)) => Err(Error::invalid_message(format!(
                "the message carries `{PUBLIC_KEY}`, a signer's key, but suite {suite} has no signature"
            ))),
            (Some(_), None) => {
                Err(Error::invalid_message(format!("the message is signed, of suite {suite}, but carries no `{PUBLIC_KEY}`")))
            }
            _ => Ok(()),
        }
    }

    /// The data key of a message whose header was read and may be, and who verifies its signature if it has one.
    pub(crate) async fn for_decryption(
        &self,
        header: &Header,
        reproduced: &EncryptionContext,
        verify_elsewhere: bool,
        observer: &Observer,
    ) -> Result<DecryptionMaterials, Error> {
        let stored = &header.encryption_context;
        let verifier = Verifier::make(header.suite, verify_elsewhere, stored)?;
        let not_stored: EncryptionContext = reproduced.iter().filter(|(key, _)| stored.value(key).is_none()).collect();
        let context = stored.iter().chain(not_stored.iter()).collect();
        let keys = &header.encrypted_data_keys;
        match self.cached_or_unwrapped(header.suite, keys, &context, observer).await {
            Ok(Unwrapped(data_key)) => Ok(DecryptionMaterials { data_key, not_stored, verifier }),
            Err(error) => {
                // A KMS tells itself why it refused, and its keyring which answer it did not use.
                if !matches!(error, Error::Kms { .. }) {
                    observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptedDataKey });
                }
                Err(error)
            }
        }
    }

    async fn unwrap(
        &self,
        suite: Suite,
        keys: &[EncryptedDataKey],
        context: &EncryptionContext,
        observer: &Observer,
    ) -> Result<Unwrapped, Error> {
        match self.keyring.unwrap_data_key(keys, &self.request(suite, context), observer).await {
            Some(Ok(data_key)) if data_key.len() == suite.data_key_len() => Ok(Unwrapped(data_key)),
            Some(Ok(_wrong_length)) => Err(Error::DecryptionFailed),
            Some(Err(error)) => Err(error),
            None => Err(no_matching_key(keys)),
        }
    }

    fn request(&self, suite: Suite, context: &EncryptionContext) -> KeyRequest {
        KeyRequest { suite, encryption_context: context.clone(), env: self.env.clone() }
    }
}

/// Without a cache everything is asked for.
#[cfg(not(feature = "cache"))]
impl MaterialsManager {
    async fn cached_or_made(
        &self,
        (suite, context): (Suite, &EncryptionContext),
        signer_public_key: Option<&[u8]>,
        _plaintext_len: Option<u64>,
        observer: &Observer,
    ) -> Result<Made, Error> {
        self.make(suite, context, signer_public_key, observer).await
    }

    async fn cached_or_unwrapped(
        &self,
        suite: Suite,
        keys: &[EncryptedDataKey],
        context: &EncryptionContext,
        observer: &Observer,
    ) -> Result<Unwrapped, Error> {
        self.unwrap(suite, keys, context, observer).await
    }
}

/// Which keys a message is for is written in the clear, so saying it tells nobody anything.
fn no_matching_key(keys: &[EncryptedDataKey]) -> Error {
    let mut names: Vec<_> = keys.iter().take(SHOWN).map(|key| key.wrapped_by()).collect();
    let more = keys.len().saturating_sub(names.len());
    if more > 0 {
        names.push(format!("{more} more"));
    }
    Error::invalid_input(format!("the message is not for this keyring; its data key is wrapped by {}", names.join(", ")))
}

const RESERVED_PREFIX: &str = "aws-crypto-";
const SHOWN: usize = 4;
