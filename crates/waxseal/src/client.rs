//! Starts sessions, for which it asks for materials.

mod options;
mod prepared;

use std::fmt;
use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::{Secret, scrub_stack};

pub use self::options::{DecryptOptions, Decrypted, EncryptOptions};
pub use self::prepared::{PreparedDecryption, PreparedEncryption};
use crate::error::Error;
use crate::keyring::Keyring;
#[cfg(feature = "cache")]
use crate::materials::cache::{Background, Caching, MaterialsCache};
use crate::materials::{DecryptionMaterials, EncryptionMaterials, MaterialsManager};
use crate::message::Header;
use crate::plan::FrameLayout;
use crate::session::{Decryptor, Encryptor, HeaderReader, Operation, ReceivedHeader};
use crate::suite::{CommitmentPolicy, Suite};

/// Encrypts and decrypts with one keyring. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    materials: MaterialsManager,
    suite: Option<Suite>,
    frame_length: u32,
}

impl Client {
    /// Bytes of plaintext in a frame, unless another length is [asked for](Self::with_frame_length).
    pub const DEFAULT_FRAME_LENGTH: u32 = 64 * 1024;

    /// A client with frames of the default length, key commitment required, and no limit on encrypted data keys.
    pub fn new(env: Env, keyring: Arc<dyn Keyring>) -> Self {
        Self::of(env, Some(keyring))
    }

    /// A client for whoever gets data keys elsewhere: it [prepares](Self::prepare_encryption) sessions, which are started with a data key that the caller
    /// brings. What would have to ask a keyring is refused.
    pub fn without_keyring(env: Env) -> Self {
        Self::of(env, None)
    }

    fn of(env: Env, keyring: Option<Arc<dyn Keyring>>) -> Self {
        let materials = MaterialsManager {
            env,
            keyring,
            commitment_policy: CommitmentPolicy::default(),
            max_encrypted_data_keys: None,
            required_keys: Vec::new(),
            #[cfg(feature = "cache")]
            caching: None,
            #[cfg(feature = "cache")]
            background: None,
        };
        Self { materials, suite: None, frame_length: Self::DEFAULT_FRAME_LENGTH }
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
        FrameLayout::new(frame_length).map(|_| Self { frame_length, ..self })
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
    #[cfg(feature = "cache")]
    pub fn with_cache(self, cache: MaterialsCache) -> Result<Self, Error> {
        let partition = self.materials.env.random_array::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(self.with_shared_cache(cache, partition))
    }

    /// The same client, which keeps data keys in that partition of the cache. Clients with the same partition use each other's data keys, so they have
    /// to be allowed to: their keyrings are the same.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn with_shared_cache(mut self, cache: MaterialsCache, partition: impl Into<String>) -> Self {
        self.materials.caching = Some(Caching { cache, partition: partition.into() });
        self
    }

    /// The same client, which asks for the next data key some time before the one in the cache must not be used any more, in a task of its own. The
    /// task is given to `background`, and its success or failure told to the observer only. Without it, the operation that finds no usable data
    /// key asks and waits.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn with_background(mut self, background: Arc<dyn Background>) -> Self {
        self.materials.background = Some(background);
        self
    }

    /// The suite of the messages it writes.
    pub fn suite(&self) -> Suite {
        self.suite.unwrap_or_else(|| self.materials.commitment_policy.default_suite())
    }

    /// Encrypts `plaintext` under a new data key and returns the message.
    pub async fn encrypt(&self, plaintext: &[u8], options: &EncryptOptions, observer: &Observer) -> Result<Vec<u8>, Error> {
        options.check_signed_here()?;
        let encryptor = self.start_encryption_of(Some(plaintext.len() as u64), options, observer).await?;
        encryptor.seal_all(plaintext)
    }

    /// Decrypts a message. Nothing is returned until all of it is verified: commitment, header, every frame, the signature, and that nothing
    /// follows.
    pub async fn decrypt(&self, message: &[u8], options: &DecryptOptions, observer: &Observer) -> Result<Decrypted, Error> {
        options.check_verified_here()?;
        let mut reader = self.read_header(Some(message.len() as u64), observer);
        let (taken, received) = reader.push(message)?;
        let Some(received) = received else { return Err(reader.ended()) };
        let decryptor = self.start_decryption(received, options).await?;
        let header = decryptor.header().clone();
        let mut plaintext = decryptor.open_all(message.get(taken..).unwrap_or_default())?;
        Ok(Decrypted { plaintext: std::mem::take(&mut *plaintext), header })
    }

    /// Starts to encrypt under a new data key, or one from the cache: the header is sealed, and the frames are the caller's to plan.
    pub async fn start_encryption(&self, options: &EncryptOptions, observer: &Observer) -> Result<Encryptor, Error> {
        self.start_encryption_of(options.plaintext_len, options, observer).await
    }

    async fn start_encryption_of(&self, len: Option<u64>, options: &EncryptOptions, observer: &Observer) -> Result<Encryptor, Error> {
        let mut operation = Operation::start(observer, "encrypt", len);
        let started = match self.encryption_materials(len, options, operation.observer()).await {
            Ok(materials) => Encryptor::start(materials, (len, self.frame_length), &self.materials.env, operation),
            Err(error) => Err(operation.failed(error)),
        };
        // What is scrubbed later, deeper in the stack, does not reach all that this has used.
        scrub_stack();
        started
    }

    /// Starts to decrypt a message of which nothing has arrived yet; `message_len`, in bytes, is for the observer, where it is known.
    pub fn read_header(&self, message_len: Option<u64>, observer: &Observer) -> HeaderReader {
        HeaderReader::new(Operation::start(observer, "decrypt", message_len), self.materials.max_encrypted_data_keys)
    }

    /// Starts to decrypt the message with that header: checks what can be checked without a key, asks for the data key, and verifies commitment
    /// and header. The frames are the caller's to open.
    pub async fn start_decryption(&self, received: ReceivedHeader, options: &DecryptOptions) -> Result<Decryptor, Error> {
        let started = match self.decryption_materials(&received, options).await {
            Ok(materials) => Decryptor::start(received, materials, options.max_buffered_frame),
            Err(error) => Err(received.failed(error)),
        };
        // What is scrubbed later, deeper in the stack, does not reach all that this has used.
        scrub_stack();
        started
    }

    async fn encryption_materials(
        &self,
        len: Option<u64>,
        options: &EncryptOptions,
        observer: &Observer,
    ) -> Result<(Secret, EncryptionMaterials), Error> {
        self.check_frames(len)?;
        let (context, signer) = (&options.encryption_context, options.signer_public_key.as_deref());
        self.materials.for_encryption(self.suite(), context, len, signer, observer).await
    }

    /// No key is made for a plaintext that can not be framed.
    fn check_frames(&self, len: Option<u64>) -> Result<(), Error> {
        FrameLayout::new(self.frame_length)?.frames_for(len.unwrap_or_default()).map(|_| ())
    }

    async fn decryption_materials(
        &self,
        received: &ReceivedHeader,
        options: &DecryptOptions,
    ) -> Result<(Secret, DecryptionMaterials), Error> {
        let (header, observer) = (received.header(), received.observer());
        self.check_received(header, options, observer)?;
        self.materials.for_decryption(header, &options.reproduced_encryption_context, options.verify_elsewhere, observer).await
    }

    /// What can be checked without a key.
    fn check_received(&self, header: &Header, options: &DecryptOptions, observer: &Observer) -> Result<(), Error> {
        let refused = |error: Error| {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
            error
        };
        if options.unsigned_only && header.suite.signature().is_some() {
            let text = reason!("the message is signed, of suite {}, and only unsigned messages were asked for", header.suite);
            return Err(refused(Error::invalid_message(text)));
        }
        self.materials.check_reading(header, &options.reproduced_encryption_context).map_err(refused)?;
        let keys = options.differing_keys(&header.encryption_context);
        if !keys.is_empty() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptionContext });
            return Err(Error::EncryptionContextMismatch { keys });
        }
        Ok(())
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

#[cfg(test)]
mod elsewhere_tests;
#[cfg(test)]
mod suites_tests;
#[cfg(test)]
mod tests;
