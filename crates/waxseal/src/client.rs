//! Encrypts and decrypts whole messages: asks for materials, then does everything else without waiting.

mod opening;
mod sealing;

use std::fmt;
use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, OperationResult, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_kms_api::encryption_context::EncryptionContext;

use self::opening::Received;
use self::sealing::Sealing;
use crate::error::Error;
use crate::keyring::Keyring;
use crate::materials::MaterialsManager;
use crate::materials::cache::{Background, Caching, MaterialsCache};
use crate::message::Header;
use crate::plan::{FramePlan, frame_count};
use crate::sealer::BuiltInSealer;
use crate::suite::{CommitmentPolicy, Suite};

/// Encrypts and decrypts with one keyring. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    materials: MaterialsManager,
    suite: Option<Suite>,
    frame_length: u32,
}

impl Client {
    /// A client with frames of 4096 bytes, key commitment required, and no limit on encrypted data keys.
    pub fn new(env: Env, keyring: Arc<dyn Keyring>) -> Self {
        let materials = MaterialsManager {
            env,
            keyring,
            commitment_policy: CommitmentPolicy::default(),
            max_encrypted_data_keys: None,
            required_keys: Vec::new(),
            caching: None,
            background: None,
        };
        Self { materials, suite: None, frame_length: DEFAULT_FRAME_LENGTH }
    }

    /// The same client under that commitment policy.
    #[must_use]
    pub fn with_commitment_policy(mut self, policy: CommitmentPolicy) -> Self {
        self.materials.commitment_policy = policy;
        self
    }

    /// The same client, which writes messages of that suite. Its commitment policy has to allow that when it encrypts.
    #[must_use]
    pub fn with_suite(self, suite: Suite) -> Self {
        Self { suite: Some(suite), ..self }
    }

    /// The same client, whose messages are bound to the context's pairs of these keys without storing them: every encryption has to have them,
    /// and whoever decrypts has to [reproduce](DecryptOptions::reproduced_encryption_context) them.
    #[must_use]
    pub fn with_required_encryption_context_keys(mut self, keys: impl IntoIterator<Item = String>) -> Self {
        self.materials.required_keys = keys.into_iter().collect();
        self
    }

    /// The same client with frames of that many bytes, 1 to 4,294,967,295, in what it encrypts.
    pub fn with_frame_length(self, frame_length: u32) -> Result<Self, Error> {
        match frame_length {
            0 => Err(Error::invalid_input("the frame length is 0; give one of at least 1 byte")),
            _ => Ok(Self { frame_length, ..self }),
        }
    }

    /// The same client, which neither writes nor reads messages with more encrypted data keys than that, 1 to 65,535. It bounds how many
    /// requests to a KMS a stranger's message can cause.
    pub fn with_max_encrypted_data_keys(mut self, limit: u16) -> Result<Self, Error> {
        if limit == 0 {
            return Err(Error::invalid_input("the limit of encrypted data keys is 0; give one of at least 1"));
        }
        self.materials.max_encrypted_data_keys = Some(limit);
        Ok(self)
    }

    /// The same client, which keeps data keys in that cache, in a partition of its own: it shares the cache's capacity with others, and no key.
    pub fn with_cache(self, cache: MaterialsCache) -> Result<Self, Error> {
        let partition = self.materials.env.random_array::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(self.with_shared_cache(cache, partition))
    }

    /// The same client, which keeps data keys in that partition of the cache. Clients with the same partition use each other's data keys, so they have
    /// to be allowed to: their keyrings are the same.
    #[must_use]
    pub fn with_shared_cache(mut self, cache: MaterialsCache, partition: impl Into<String>) -> Self {
        self.materials.caching = Some(Caching { cache, partition: partition.into() });
        self
    }

    /// The same client, which asks for the next data key some time before the one in the cache must not be used any more, in a task of its own. The
    /// task is given to `background`, and its success or failure told to the observer only. Without it, the operation that finds no usable data
    /// key asks and waits.
    #[must_use]
    pub fn with_background(mut self, background: Arc<dyn Background>) -> Self {
        self.materials.background = Some(background);
        self
    }

    /// Encrypts `plaintext` under a new data key, or one from the cache, and returns the message.
    pub async fn encrypt(&self, plaintext: &[u8], options: &EncryptOptions, observer: &Observer) -> Result<Vec<u8>, Error> {
        let observer = started(observer, "encrypt", plaintext.len());
        let result = self.encrypt_told(plaintext, options, &observer).await;
        scrub_stack();
        finished(&observer, "encrypt", result.as_ref().map(Vec::len));
        result
    }

    /// Decrypts a message. Nothing is returned until all of it is verified: commitment, header, every frame, and that nothing follows.
    pub async fn decrypt(&self, message: &[u8], options: &DecryptOptions, observer: &Observer) -> Result<Decrypted, Error> {
        let observer = started(observer, "decrypt", message.len());
        let result = self.decrypt_told(message, options, &observer).await;
        scrub_stack();
        finished(&observer, "decrypt", result.as_ref().map(|decrypted| decrypted.plaintext.len()));
        result
    }

    async fn encrypt_told(&self, plaintext: &[u8], options: &EncryptOptions, observer: &Observer) -> Result<Vec<u8>, Error> {
        let suite = self.suite.unwrap_or_else(|| self.materials.commitment_policy.default_suite());
        // Checked first, so that no key is made for a plaintext that can not be framed.
        frame_count(self.frame_length, plaintext.len() as u64)?;
        let materials = self.materials.for_encryption(suite, &options.encryption_context, Some(plaintext.len() as u64), observer).await?;
        Sealing { env: &self.materials.env, frame_length: self.frame_length, observer }.run(materials, plaintext)
    }

    async fn decrypt_told(&self, message: &[u8], options: &DecryptOptions, observer: &Observer) -> Result<Decrypted, Error> {
        let refused = |error: Error| {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
            error
        };
        let received = Received::read(message, self.materials.max_encrypted_data_keys).map_err(|error| refused(error.into()))?;
        let header = &received.header;
        if options.unsigned_only && header.suite.signature().is_some() {
            let text = format!("the message is signed, of suite {}, and only unsigned messages were asked for", header.suite);
            return Err(refused(Error::invalid_message(text)));
        }
        self.materials.check_reading(header, &options.reproduced_encryption_context).map_err(refused)?;
        let keys = differing_keys(options, &header.encryption_context);
        if !keys.is_empty() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptionContext });
            return Err(Error::EncryptionContextMismatch { keys });
        }
        let materials = self.materials.for_decryption(header, &options.reproduced_encryption_context, observer).await?;
        let plaintext = received.open(materials, observer)?;
        Ok(Decrypted { plaintext, header: received.header })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("commitment_policy", &self.materials.commitment_policy)
            .field("suite", &self.suite)
            .field("frame_length", &self.frame_length)
            .field("max_encrypted_data_keys", &self.materials.max_encrypted_data_keys)
            .finish_non_exhaustive()
    }
}

/// How to encrypt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptOptions {
    /// What the message is bound to. It travels in the clear. Keys starting with `aws-crypto-` are reserved.
    pub encryption_context: EncryptionContext,
}

/// How to decrypt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecryptOptions {
    /// Pairs that must be in the message's context. They are compared before any key is asked for; the message may have others too.
    pub encryption_context: EncryptionContext,
    /// Pairs that the message may be bound to without storing them. One that it stores has to be equal; one that it neither stores nor is bound
    /// to makes decryption fail.
    pub reproduced_encryption_context: EncryptionContext,
    /// Whether a signed message is refused before any key is asked for.
    pub unsigned_only: bool,
}

/// A message that was opened and verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Decrypted {
    /// What was encrypted.
    pub plaintext: Vec<u8>,
    /// What the header said, verified.
    pub header: Header,
}

impl Decrypted {
    /// All that the message is bound to, as far as it stores that.
    pub fn encryption_context(&self) -> &EncryptionContext {
        &self.header.encryption_context
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("plaintext_len", &self.plaintext.len()).field("header", &self.header).finish()
    }
}

fn slice<'a>(bytes: &'a [u8], plan: &FramePlan) -> Option<&'a [u8]> {
    bytes.get(usize::try_from(plan.range.start).ok()?..usize::try_from(plan.range.end).ok()?)
}

fn sealer_for(message_key: &Secret) -> Result<BuiltInSealer, Error> {
    BuiltInSealer::new(message_key).ok_or_else(|| Error::internal("the message key has no length that AES knows"))
}

/// Short frames can make a message of a plaintext that fits into memory not fit.
fn reserve(bytes: &mut Vec<u8>, more: usize) -> Result<(), Error> {
    bytes.try_reserve_exact(more).map_err(|_| Error::internal(format!("there is no memory for {more} bytes more")))
}

/// Which of the pairs that are asked for the message does not have, and which of the reproduced ones it stores otherwise, by key.
fn differing_keys(options: &DecryptOptions, stored: &EncryptionContext) -> Vec<String> {
    let missing = options.encryption_context.iter().filter(|(key, value)| stored.value(key) != Some(value));
    let others = options.reproduced_encryption_context.iter().filter(|(key, value)| stored.value(key).is_some_and(|own| own != *value));
    // A context of these, because that has each key once and in order.
    let differing: EncryptionContext = missing.chain(others).collect();
    differing.iter().map(|(key, _)| key.into()).collect()
}

/// An operation is a span of its own.
fn started(observer: &Observer, operation: &str, input_len: usize) -> Observer {
    let observer = observer.nested();
    observer.emit(|_| Kind::OperationStarted { operation: operation.into(), input_len: Some(input_len) });
    observer
}

fn finished(observer: &Observer, operation: &str, result: Result<usize, &Error>) {
    observer.emit(|_| Kind::OperationFinished {
        operation: operation.into(),
        result: match result {
            Ok(len) => OperationResult::Succeeded { output_len: Some(len) },
            Err(error) => OperationResult::Failed { code: error.code().into(), message: error.to_string() },
        },
    });
}

const DEFAULT_FRAME_LENGTH: u32 = 4096;

#[cfg(test)]
mod suites_tests;
#[cfg(test)]
mod tests;
