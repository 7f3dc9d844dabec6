//! Executes plans with the ciphers of this crate. Where others run them, the platform's say, they do the same with the message key.

use waxseal_base::secret::Secret;

use crate::error::Error;
use crate::message::HeaderTag;
use crate::plan::FramePlan;
use crate::primitives::{CipherError, GcmKey, Tag};

/// Seals and opens header and frames under one message key: by constant-time AES in wasm, the processor's AES instructions natively.
pub(crate) struct Sealer(GcmKey);

impl Sealer {
    pub(crate) fn new(message_key: &Secret) -> Result<Self, Error> {
        GcmKey::new(message_key.expose()).map(Self).ok_or_else(|| Error::internal("the message key has no length that AES knows"))
    }

    /// The header's tag: nothing is encrypted, all of the header is additional data, and the nonce is zero, which no frame has. What the
    /// header does not store is covered too.
    pub(crate) fn seal_header(&self, header: &[u8], not_stored: &[u8]) -> Result<HeaderTag, CipherError> {
        let tag = self.0.seal(&HEADER_IV, &[header, not_stored].concat(), &mut [])?;
        Ok(HeaderTag { iv: HEADER_IV, tag })
    }

    pub(crate) fn verify_header(&self, header: &[u8], not_stored: &[u8], tag: &HeaderTag) -> Result<(), CipherError> {
        self.0.open(&tag.iv, &[header, not_stored].concat(), &mut [], &tag.tag)
    }

    /// Encrypts `buffer`, the plaintext of the plan's range, in place; the tag comes back.
    pub(crate) fn seal(&self, plan: &FramePlan, buffer: &mut [u8]) -> Result<Tag, CipherError> {
        self.0.seal(&plan.iv, &plan.aad, buffer)
    }

    /// Verifies the tag of `buffer`, the ciphertext of the plan's range, and only then decrypts it in place.
    pub(crate) fn open(&self, plan: &FramePlan, buffer: &mut [u8], tag: &Tag) -> Result<(), CipherError> {
        self.0.open(&plan.iv, &plan.aad, buffer, tag)
    }
}

const HEADER_IV: [u8; 12] = [0; 12];
