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
use crate::message::{Header, MessageError};
use crate::plan::{FramePlan, frame_count};
use crate::sealer::BuiltInSealer;
use crate::suite::Suite;

/// Encrypts and decrypts with one keyring. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    materials: MaterialsManager,
    frame_length: u32,
}

impl Client {
    /// A client with frames of 4096 bytes and no limit on encrypted data keys.
    pub fn new(env: Env, keyring: Arc<dyn Keyring>) -> Self {
        Self { materials: MaterialsManager { env, keyring, max_encrypted_data_keys: None }, frame_length: DEFAULT_FRAME_LENGTH }
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

    /// Encrypts `plaintext` under a new data key and returns the message.
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
        let context = &options.encryption_context;
        let suite = Suite::default();
        // Checked first, so that no key is made for a plaintext that can not be framed.
        frame_count(self.frame_length, plaintext.len() as u64)?;
        let made = self.materials.for_encryption(suite, context, observer).await?;
        let sealing = Sealing { suite, env: &self.materials.env, frame_length: self.frame_length, context, observer };
        sealing.run(made, plaintext)
    }

    async fn decrypt_told(&self, message: &[u8], options: &DecryptOptions, observer: &Observer) -> Result<Decrypted, Error> {
        let received = Received::read(message, self.materials.max_encrypted_data_keys).map_err(|error| refused(observer, error))?;
        let keys = differing_keys(&options.encryption_context, &received.header.encryption_context);
        if !keys.is_empty() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptionContext });
            return Err(Error::EncryptionContextMismatch { keys });
        }
        let data_key = self.materials.for_decryption(&received.header, observer).await?;
        let plaintext = received.open(data_key, observer)?;
        Ok(Decrypted { plaintext, header: received.header })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
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
    /// All that the message is bound to.
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

/// Which of the pairs that are asked for the message does not have, by key.
fn differing_keys(asked: &EncryptionContext, carried: &EncryptionContext) -> Vec<String> {
    asked.iter().filter(|(key, value)| carried.value(key) != Some(value)).map(|(key, _)| key.into()).collect()
}

fn refused(observer: &Observer, error: MessageError) -> Error {
    observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
    error.into()
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
mod tests;
