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
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;

#[cfg(feature = "cache")]
use self::cache::{Background, Caching};
use crate::error::Error;
use crate::key_schedule::check_built;
use crate::keyring::{KeyRequest, Keyring, NewDataKey};
use crate::message::{EncryptedDataKey, Header};
use crate::signature::{PUBLIC_KEY, Signer, Verifier};
use crate::suite::{CommitmentPolicy, Suite};

/// Gets data keys from one keyring.
#[derive(Clone)]
pub(crate) struct MaterialsManager {
    pub(crate) env: Env,
    /// None where the caller gets data keys elsewhere.
    pub(crate) keyring: Option<Arc<dyn Keyring>>,
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

/// What a message is written with besides its data key.
pub(crate) struct EncryptionMaterials {
    pub(crate) suite: Suite,
    pub(crate) encrypted_data_keys: Vec<EncryptedDataKey>,
    /// The pairs that the header stores.
    pub(crate) stored: EncryptionContext,
    /// The pairs that it authenticates only.
    pub(crate) not_stored: EncryptionContext,
    pub(crate) signer: Option<Signer>,
}

/// What a message is read with besides its data key.
pub(crate) struct DecryptionMaterials {
    /// The pairs that the header authenticates without storing them.
    pub(crate) not_stored: EncryptionContext,
    pub(crate) verifier: Option<Verifier>,
}

/// A data key that is wanted for a message to be written, and who signs that. What the key is bound to is the context asked for, with the signer's public key
/// if there is one.
pub(crate) struct Wanted {
    pub(crate) request: KeyRequest,
    signer: Option<Signer>,
}

/// A data key that was made, as it was wanted: the key, or nothing where it stays elsewhere.
pub(crate) struct Made<DataKey = Secret> {
    data_key: DataKey,
    encrypted_data_keys: Vec<EncryptedDataKey>,
    context: EncryptionContext,
    signer: Option<Signer>,
}

/// The data key of a message to be read, and what goes with it.
pub(crate) struct Sought {
    pub(crate) request: KeyRequest,
    pub(crate) materials: DecryptionMaterials,
}

/// A data key that was unwrapped.
pub(crate) struct Unwrapped(Secret);

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
    ) -> Result<(Secret, EncryptionMaterials), Error> {
        self.check_writing(suite, context)?;
        let made = self.cached_or_made((suite, context), signer_public_key, plaintext_len, observer).await?;
        self.materials(suite, made)
    }

    /// What to write a message of that suite with, given its data key.
    pub(crate) fn materials<DataKey>(&self, suite: Suite, made: Made<DataKey>) -> Result<(DataKey, EncryptionMaterials), Error> {
        // Another client's limit may have been higher.
        self.check_count(made.encrypted_data_keys.len())?;
        let (mut stored, mut not_stored) = (EncryptionContext::new(), EncryptionContext::new());
        for (key, value) in made.context.iter() {
            let is_required = self.required_keys.iter().any(|required| required == key);
            if is_required { &mut not_stored } else { &mut stored }.insert(key, value);
        }
        let (encrypted_data_keys, signer) = (made.encrypted_data_keys, made.signer);
        Ok((made.data_key, EncryptionMaterials { suite, encrypted_data_keys, stored, not_stored, signer }))
    }

    async fn make(
        &self,
        suite: Suite,
        context: &EncryptionContext,
        signer_public_key: Option<&[u8]>,
        observer: &Observer,
    ) -> Result<Made, Error> {
        let wanted = self.want(suite, context, signer_public_key)?;
        let made = self.keyring()?.make_data_key(&wanted.request, observer).await?;
        self.accept(wanted, made)
    }

    /// Before a data key is made.
    pub(crate) fn want(&self, suite: Suite, context: &EncryptionContext, signer_public_key: Option<&[u8]>) -> Result<Wanted, Error> {
        let mut context = context.clone();
        let signer = Signer::make(suite, signer_public_key, &mut context, &self.env)?;
        // A context that does not fit into a message is refused before a key is made for it.
        context.to_canonical_bytes()?;
        Ok(Wanted { request: self.request(suite, context), signer })
    }

    /// The data key that was made, if it is one as it was wanted.
    pub(crate) fn accept(&self, wanted: Wanted, made: NewDataKey) -> Result<Made, Error> {
        let len = made.data_key.len();
        self.accept_of_len(wanted, (made.data_key, len), made.encrypted_data_keys)
    }

    /// The same for a data key that is here or elsewhere and has that length.
    pub(crate) fn accept_of_len<DataKey>(
        &self,
        wanted: Wanted,
        (data_key, len): (DataKey, usize),
        encrypted_data_keys: Vec<EncryptedDataKey>,
    ) -> Result<Made<DataKey>, Error> {
        let Wanted { request: KeyRequest { suite, encryption_context: context, .. }, signer } = wanted;
        if len != suite.data_key_len() {
            let text = reason!("the keyring gave a data key of {len} bytes; suite {suite} needs {}", suite.data_key_len());
            return Err(Error::invalid_input(text));
        }
        if encrypted_data_keys.is_empty() {
            return Err(Error::invalid_input("the keyring wrapped the data key for nobody; the message could never be opened"));
        }
        self.check_count(encrypted_data_keys.len())?;
        Ok(Made { data_key, encrypted_data_keys, context, signer })
    }

    fn check_count(&self, count: usize) -> Result<(), Error> {
        match self.max_encrypted_data_keys.unwrap_or(u16::MAX) {
            limit if count > usize::from(limit) => {
                Err(Error::invalid_input(reason!("the keyring wrapped the data key {count} times; this client allows {limit}")))
            }
            _ => Ok(()),
        }
    }

    /// Whether a message may be written, as far as that is known before a key is made.
    pub(crate) fn check_writing(&self, suite: Suite, context: &EncryptionContext) -> Result<(), Error> {
        let policy = self.commitment_policy;
        if !policy.allows_writing(suite) {
            let text = reason!("suite {suite} ({}) is not written under the commitment policy {}", suite.description(), policy.name());
            return Err(Error::invalid_input(reason!("{text}; use suite {}, or another policy", policy.default_suite())));
        }
        check_built(suite)?;
        if let Some((key, _)) = context.iter().find(|(key, _)| key.starts_with(RESERVED_PREFIX)) {
            let text = reason!("the encryption context key `{key}` is reserved; choose one that does not start with `{RESERVED_PREFIX}`");
            return Err(Error::invalid_input(text));
        }
        self.check_required(context)
    }

    /// Every pair that is authenticated and not stored has to be given.
    fn check_required(&self, context: &EncryptionContext) -> Result<(), Error> {
        match self.required_keys.iter().find(|key| context.value(key).is_none()) {
            Some(key) => {
                Err(Error::invalid_input(reason!("the encryption context lacks `{key}`, which this client requires; give its value")))
            }
            None => Ok(()),
        }
    }

    /// Whether a message may be read, as far as that is known before any key is asked for.
    pub(crate) fn check_reading(&self, header: &Header, reproduced: &EncryptionContext) -> Result<(), Error> {
        let (suite, policy) = (header.suite, self.commitment_policy);
        if !policy.allows_reading(suite) {
            let text =
                reason!("the message is of suite {suite} ({}), without key commitment, and the commitment policy", suite.description());
            let allowed = CommitmentPolicy::RequireEncryptAllowDecrypt.name();
            return Err(Error::invalid_message(reason!("{text} is {}; if you trust its writer, read it under {allowed}", policy.name())));
        }
        check_built(suite)?;
        self.check_required(reproduced)?;
        match (suite.signature(), header.encryption_context.value(PUBLIC_KEY)) {
            (None, Some(_)) => Err(Error::invalid_message(reason!(
                "the message carries `{PUBLIC_KEY}`, a signer's key, but suite {suite} has no signature"
            ))),
            (Some(_), None) => {
                Err(Error::invalid_message(reason!("the message is signed, of suite {suite}, but carries no `{PUBLIC_KEY}`")))
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
    ) -> Result<(Secret, DecryptionMaterials), Error> {
        let sought = self.seek(header, reproduced, verify_elsewhere)?;
        let (keys, context) = (&header.encrypted_data_keys, &sought.request.encryption_context);
        let found = self.cached_or_unwrapped(header.suite, keys, context, observer).await;
        sought.found(found, observer)
    }

    /// Before a data key is unwrapped.
    pub(crate) fn seek(&self, header: &Header, reproduced: &EncryptionContext, verify_elsewhere: bool) -> Result<Sought, Error> {
        let stored = &header.encryption_context;
        let verifier = Verifier::make(header.suite, verify_elsewhere, stored)?;
        let (mut not_stored, mut context) = (EncryptionContext::new(), stored.clone());
        for (key, value) in reproduced.iter().filter(|(key, _)| stored.value(key).is_none()) {
            not_stored.insert(key, value);
            context.insert(key, value);
        }
        Ok(Sought { request: self.request(header.suite, context), materials: DecryptionMaterials { not_stored, verifier } })
    }

    async fn unwrap(
        &self,
        suite: Suite,
        keys: &[EncryptedDataKey],
        context: &EncryptionContext,
        observer: &Observer,
    ) -> Result<Unwrapped, Error> {
        let unwrapped = self.keyring()?.unwrap_data_key(keys, &self.request(suite, context.clone()), observer).await;
        Unwrapped::of(unwrapped, suite, keys)
    }

    fn request(&self, suite: Suite, encryption_context: EncryptionContext) -> KeyRequest {
        KeyRequest { suite, encryption_context, env: self.env.clone() }
    }

    fn keyring(&self) -> Result<&dyn Keyring, Error> {
        let none = || Error::invalid_input("the client has no keyring; bring the data key yourself");
        self.keyring.as_deref().ok_or_else(none)
    }
}

impl Sought {
    /// What to read the message with, given its data key or why there is none.
    pub(crate) fn found(self, found: Result<Unwrapped, Error>, observer: &Observer) -> Result<(Secret, DecryptionMaterials), Error> {
        match found {
            Ok(Unwrapped(data_key)) => Ok((data_key, self.materials)),
            Err(error) => Err(tell_not_found(error, observer)),
        }
    }
}

impl Unwrapped {
    /// What a keyring made of these keys, if it is a key for that suite.
    pub(crate) fn of(unwrapped: Option<Result<Secret, Error>>, suite: Suite, keys: &[EncryptedDataKey]) -> Result<Self, Error> {
        match unwrapped {
            Some(Ok(data_key)) if data_key.len() == suite.data_key_len() => Ok(Self(data_key)),
            Some(Ok(_wrong_length)) => Err(Error::DecryptionFailed),
            Some(Err(error)) => Err(error),
            None => Err(no_matching_key(keys)),
        }
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

/// There is no data key, and this is why.
pub(crate) fn tell_not_found(error: Error, observer: &Observer) -> Error {
    // A KMS tells itself why it refused, and its keyring which answer it did not use.
    if !matches!(error, Error::Kms { .. }) {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptedDataKey });
    }
    error
}

/// Which keys a message is for is written in the clear, so saying it tells nobody anything.
pub(crate) fn no_matching_key(keys: &[EncryptedDataKey]) -> Error {
    let names = || {
        let mut names: Vec<_> = keys.iter().take(SHOWN).map(|key| key.wrapped_by()).collect();
        let more = keys.len().saturating_sub(names.len());
        if more > 0 {
            names.push(format!("{more} more"));
        }
        names.join(", ")
    };
    Error::invalid_input(reason!("the message is not for this keyring; its data key is wrapped by {}", names()))
}

const RESERVED_PREFIX: &str = "aws-crypto-";
const SHOWN: usize = 4;
