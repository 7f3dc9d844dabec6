//! Who executes a plan. The one here runs the ciphers of this crate; others may run the platform's.

use std::fmt;

use waxseal_base::secret::Secret;

use crate::message::HeaderTag;
use crate::plan::FramePlan;
use crate::primitives::GcmKey;

/// Seals and opens frames under one message key.
pub trait Sealer {
    /// Encrypts `buffer`, the plaintext of the plan's range, in place; the tag comes back.
    fn seal(&self, plan: &FramePlan, buffer: &mut [u8]) -> Result<[u8; 16], SealerError>;

    /// Verifies the tag of `buffer`, the ciphertext of the plan's range, and only then decrypts it in place.
    fn open(&self, plan: &FramePlan, buffer: &mut [u8], tag: &[u8; 16]) -> Result<(), SealerError>;
}

/// The cipher did not do it. For `open` this means that the frame was altered; it says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealerError;

impl fmt::Display for SealerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the frame could not be sealed or opened")
    }
}

impl std::error::Error for SealerError {}

/// The ciphers of this crate: constant-time AES in wasm, the processor's AES instructions natively.
pub(crate) struct BuiltInSealer(GcmKey);

impl BuiltInSealer {
    pub(crate) fn new(message_key: &Secret) -> Option<Self> {
        GcmKey::new(message_key.expose()).map(Self)
    }

    /// The header's tag: nothing is encrypted, all of the header is additional data, and the nonce is zero, which no frame has. What the
    /// header does not store is covered too.
    pub(crate) fn seal_header(&self, header: &[u8], not_stored: &[u8]) -> Result<HeaderTag, SealerError> {
        let tag = self.0.seal(&HEADER_IV, &[header, not_stored].concat(), &mut []).map_err(|_| SealerError)?;
        Ok(HeaderTag { iv: HEADER_IV, tag })
    }

    pub(crate) fn verify_header(&self, header: &[u8], not_stored: &[u8], tag: &HeaderTag) -> Result<(), SealerError> {
        self.0.open(&tag.iv, &[header, not_stored].concat(), &mut [], &tag.tag).map_err(|_| SealerError)
    }
}

impl Sealer for BuiltInSealer {
    fn seal(&self, plan: &FramePlan, buffer: &mut [u8]) -> Result<[u8; 16], SealerError> {
        self.0.seal(&plan.iv, &plan.aad, buffer).map_err(|_| SealerError)
    }

    fn open(&self, plan: &FramePlan, buffer: &mut [u8], tag: &[u8; 16]) -> Result<(), SealerError> {
        self.0.open(&plan.iv, &plan.aad, buffer, tag).map_err(|_| SealerError)
    }
}

const HEADER_IV: [u8; 12] = [0; 12];
