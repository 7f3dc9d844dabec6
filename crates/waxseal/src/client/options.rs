//! What can be asked for when a message is encrypted or decrypted, and what comes of the latter.

use std::fmt;

use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::Error;
use crate::message::Header;

/// How to encrypt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptOptions {
    /// What the message is bound to. It travels in the clear. Keys starting with `aws-crypto-` are reserved.
    pub encryption_context: EncryptionContext,
    /// Bytes of plaintext, or more than there can be, where that is known before it is there: too many for the frame length are then refused before a
    /// key is made, a cache may serve, and a session refuses more.
    pub plaintext_len: Option<u64>,
    /// Of a signed suite: the public key of a key pair that the caller holds, which signs instead of a new one; a compressed point, 33 or 49 bytes. The
    /// session is then [finished with a signature](crate::session::Encryptor::finish_with_signature). Every message needs a pair of its own,
    /// but with a cache: its data keys are bound to the pair, and only messages of the same one share them.
    pub signer_public_key: Option<Vec<u8>>,
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
    /// Bytes of plaintext that a frame, or a body that is one piece, may have at most. A longer one is refused when its head has arrived.
    pub max_buffered_frame: Option<u64>,
    /// Whether the caller verifies the signature of a signed message: sessions then end with a
    /// [signature to verify](crate::session::Finished::SignatureToVerify).
    pub verify_elsewhere: bool,
}

impl EncryptOptions {
    pub(crate) fn check_signed_here(&self) -> Result<(), Error> {
        match self.signer_public_key {
            Some(_) => Err(Error::invalid_input("a message that is signed elsewhere has to be encrypted by a session")),
            None => Ok(()),
        }
    }
}

impl DecryptOptions {
    pub(crate) fn check_verified_here(&self) -> Result<(), Error> {
        match self.verify_elsewhere {
            true => Err(Error::invalid_input("a message whose signature is verified elsewhere has to be decrypted by a session")),
            false => Ok(()),
        }
    }

    /// Which of the pairs that are asked for the message does not have, and which of the reproduced ones it stores otherwise, by key.
    pub(super) fn differing_keys(&self, stored: &EncryptionContext) -> Vec<String> {
        let missing = self.encryption_context.iter().filter(|(key, value)| stored.value(key) != Some(value));
        let others = self.reproduced_encryption_context.iter().filter(|(key, value)| stored.value(key).is_some_and(|own| own != *value));
        // In order, and each once.
        let differing: EncryptionContext = missing.chain(others).collect();
        differing.iter().map(|(key, _)| key.into()).collect()
    }
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
