//! Executes plans with the ciphers of this crate. Where others run them, the platform's say, they do the same with the message key.

use waxseal_base::secret::Secret;

use crate::error::Error;
use crate::message::HeaderTag;
use crate::plan::FramePlan;
use crate::primitives::{CipherError, GcmKey, Tag};

/// Seals and opens header and frames under one message key, which it holds: by constant-time AES in wasm, the processor's AES instructions natively.
pub(crate) struct Sealer {
    cipher: GcmKey,
    message_key: Secret,
}

impl Sealer {
    pub(crate) fn new(message_key: Secret) -> Result<Self, Error> {
        let no_key = || Error::internal("the message key has no length that AES knows");
        Ok(Self { cipher: GcmKey::new(message_key.expose()).ok_or_else(no_key)?, message_key })
    }

    pub(crate) fn message_key(&self) -> &Secret {
        &self.message_key
    }

    /// The header's tag: nothing is encrypted, all of the header is additional data, and the nonce is zero, which no frame has. What the
    /// header does not store is covered too.
    pub(crate) fn seal_header(&self, additional_data: &[u8]) -> Result<HeaderTag, CipherError> {
        let tag = self.cipher.seal(&HEADER_IV, additional_data, &mut [])?;
        Ok(HeaderTag { iv: HEADER_IV, tag })
    }

    pub(crate) fn verify_header(&self, additional_data: &[u8], tag: &HeaderTag) -> Result<(), CipherError> {
        self.cipher.open(&tag.iv, additional_data, &mut [], &tag.tag)
    }

    /// Encrypts `buffer`, the plaintext of the plan's range, in place; the tag comes back.
    pub(crate) fn seal(&self, plan: &FramePlan, buffer: &mut [u8]) -> Result<Tag, CipherError> {
        self.cipher.seal(&plan.iv, &plan.aad, buffer)
    }

    /// Verifies the tag of `buffer`, the ciphertext of the plan's range, and only then decrypts it in place.
    pub(crate) fn open(&self, plan: &FramePlan, buffer: &mut [u8], tag: &Tag) -> Result<(), CipherError> {
        self.cipher.open(&plan.iv, &plan.aad, buffer, tag)
    }
}

/// Why a session has no sealer.
pub(crate) fn is_elsewhere() -> Error {
    Error::invalid_input("the session was started without its data key; whoever derived the message key has its ciphers too")
}

pub(crate) const HEADER_IV: [u8; 12] = [0; 12];
