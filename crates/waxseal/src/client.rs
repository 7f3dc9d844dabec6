//! Encrypts and decrypts whole messages: asks for materials, then does everything else without waiting.

use std::fmt;
use std::sync::Arc;

use waxseal_base::codec::{Reader, Writer};
use waxseal_base::env::Env;
use waxseal_base::event::{Kind, OperationResult, PublicBytes, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::key_schedule::{derive_for_opening, derive_for_sealing};
use crate::keyring::{Keyring, NewDataKey};
use crate::materials::MaterialsManager;
use crate::message::{Header, MessageError};
use crate::plan::{FramePlan, OpeningPlanner, SealingPlanner, frame_count};
use crate::primitives::TAG_LEN;
use crate::sealer::{BuiltInSealer, Sealer};
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

/// What is known before a message is written.
struct Sealing<'a> {
    suite: Suite,
    env: &'a Env,
    frame_length: u32,
    context: &'a EncryptionContext,
    observer: &'a Observer,
}

impl Sealing<'_> {
    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    fn run(&self, made: NewDataKey, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let Self { suite, env, frame_length, context, observer } = *self;
        let message_id = env.random_array()?;
        observer.emit(|_| Kind::RandomDrawn { purpose: "message id".into(), len: message_id.len() });
        let (message_key, commitment) = derive_for_sealing(suite, made.data_key, &message_id, observer)?;
        let header = Header {
            suite,
            message_id,
            encryption_context: context.clone(),
            encrypted_data_keys: made.encrypted_data_keys,
            frame_length,
            commitment,
        };
        let sealer = sealer_for(&message_key)?;
        let mut writer = Writer::new();
        header.write(&mut writer)?;
        let mut message = writer.finish();
        let tag = sealer.seal_header(&message).map_err(|_| Error::internal("the header could not be sealed"))?;
        message.extend_from_slice(&tag);
        observer.emit(|_| Kind::HeaderSealed { header: PublicBytes::copy_of(&message) });
        let planner = SealingPlanner::new(message_id, frame_length, plaintext.len() as u64)?;
        message.reserve(body_len(&planner, plaintext.len()));
        for plan in planner {
            seal_frame(&sealer, &plan, plaintext, &mut message, observer)?;
        }
        Ok(message)
    }
}

fn seal_frame(sealer: &impl Sealer, plan: &FramePlan, plaintext: &[u8], message: &mut Vec<u8>, observer: &Observer) -> Result<(), Error> {
    let broken = || Error::internal(format!("frame {} could not be sealed", plan.sequence));
    let mut head = Writer::new();
    plan.head().write(&mut head);
    message.extend_from_slice(&head.finish());
    let start = message.len();
    message.extend_from_slice(slice(plaintext, plan).ok_or_else(broken)?);
    let tag = sealer.seal(plan, message.get_mut(start..).ok_or_else(broken)?).map_err(|_| broken())?;
    message.extend_from_slice(&tag);
    observer.emit(|_| Kind::FrameSealed {
        sequence: plan.sequence,
        is_final: plan.is_final,
        plaintext_len: usize::try_from(plan.len()).unwrap_or(usize::MAX),
        iv: PublicBytes::copy_of(&plan.iv),
        tag: PublicBytes::copy_of(&tag),
    });
    Ok(())
}

/// A message as it came in: its header read but not verified, its parts as they are.
struct Received<'a> {
    header: Header,
    header_bytes: &'a [u8],
    tag: &'a [u8; TAG_LEN],
    body: &'a [u8],
}

impl<'a> Received<'a> {
    fn read(message: &'a [u8], max_encrypted_data_keys: Option<u16>) -> Result<Self, MessageError> {
        let mut reader = Reader::new("message header", message);
        let header = Header::read(&mut reader, max_encrypted_data_keys)?;
        let header_bytes = reader.since(0);
        let tag = reader.take(TAG_LEN)?.first_chunk().ok_or_else(|| reader.invalid("its tag is missing"))?;
        let body = reader.take(reader.remaining())?;
        Ok(Self { header, header_bytes, tag, body })
    }

    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    fn open(&self, data_key: Secret, observer: &Observer) -> Result<Vec<u8>, Error> {
        let Header { suite, message_id, commitment, .. } = &self.header;
        let message_key = derive_for_opening(*suite, data_key, message_id, commitment, observer)?;
        let sealer = sealer_for(&message_key)?;
        if sealer.verify_header(self.header_bytes, self.tag).is_err() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::Header });
            return Err(Error::DecryptionFailed);
        }
        observer.emit(|_| Kind::HeaderVerified { header: PublicBytes([self.header_bytes, self.tag].concat()) });
        self.open_body(&sealer, observer)
    }

    fn open_body(&self, sealer: &impl Sealer, observer: &Observer) -> Result<Vec<u8>, Error> {
        // The plaintext is shorter than the body, so the buffer never grows and leaves no copy; if anything fails, it is wiped.
        let mut plaintext = Zeroizing::new(Vec::with_capacity(self.body.len()));
        let mut planner = OpeningPlanner::new(&self.header);
        let mut rest = self.body;
        while !rest.is_empty() {
            let (taken, plan) = planner.push(rest).map_err(|error| refused(observer, error))?;
            rest = rest.get(taken..).unwrap_or_default();
            if let Some(plan) = plan {
                open_frame(sealer, &plan, self.body, &mut plaintext, observer)?;
            }
        }
        planner.finish().map_err(|error| refused(observer, error))?;
        Ok(std::mem::take(&mut *plaintext))
    }
}

fn open_frame(sealer: &impl Sealer, plan: &FramePlan, body: &[u8], plaintext: &mut Vec<u8>, observer: &Observer) -> Result<(), Error> {
    let start = plaintext.len();
    let opened = slice(body, plan).and_then(|ciphertext| {
        let tag = usize::try_from(plan.range.end).ok().and_then(|end| body.get(end..)?.first_chunk::<TAG_LEN>())?;
        plaintext.extend_from_slice(ciphertext);
        sealer.open(plan, plaintext.get_mut(start..)?, tag).ok().map(|()| tag)
    });
    let Some(tag) = opened else {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::Frame });
        return Err(Error::DecryptionFailed);
    };
    observer.emit(|_| Kind::FrameOpened {
        sequence: plan.sequence,
        is_final: plan.is_final,
        plaintext_len: plaintext.len().saturating_sub(start),
        iv: PublicBytes::copy_of(&plan.iv),
        tag: PublicBytes::copy_of(tag),
    });
    Ok(())
}

fn slice<'a>(bytes: &'a [u8], plan: &FramePlan) -> Option<&'a [u8]> {
    bytes.get(usize::try_from(plan.range.start).ok()?..usize::try_from(plan.range.end).ok()?)
}

fn sealer_for(message_key: &Secret) -> Result<BuiltInSealer, Error> {
    BuiltInSealer::new(message_key).ok_or_else(|| Error::internal("the message key has no length that AES knows"))
}

fn body_len(planner: &SealingPlanner, plaintext_len: usize) -> usize {
    let per_frame = 16usize.saturating_add(TAG_LEN);
    let frames = usize::try_from(planner.frames()).unwrap_or(usize::MAX);
    frames.saturating_mul(per_frame).saturating_add(8).saturating_add(plaintext_len)
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
