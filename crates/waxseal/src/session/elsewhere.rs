//! An encryption whose keys are derived elsewhere, by whoever has the ciphers too: neither its data key nor its message key is ever here.

use std::fmt;

use waxseal_base::env::Env;

use super::header_writer::{HeaderToCommit, HeaderToSeal};
use super::{Encryptor, Operation};
use crate::error::Error;
use crate::key_schedule::Derivation;
use crate::materials::EncryptionMaterials;
use crate::message::HeaderTag;
use crate::sealer::HEADER_IV;

/// An encryption whose message key and commitment are to be derived.
pub struct DerivingEncryption {
    header: HeaderToCommit,
    plaintext_len: Option<u64>,
    operation: Operation,
}

/// An encryption whose header is to be sealed under the message key, by AES-GCM as frames are: the nonce is twelve zeros, the plaintext empty.
pub struct UnsealedHeader {
    header: HeaderToSeal,
    plaintext_len: Option<u64>,
    operation: Operation,
}

impl DerivingEncryption {
    pub(crate) fn start(
        materials: EncryptionMaterials,
        (plaintext_len, frame_length): (Option<u64>, u32),
        env: &Env,
        mut operation: Operation,
    ) -> Result<Self, Error> {
        match HeaderToCommit::new(materials, frame_length, env, operation.observer()) {
            Ok(header) => Ok(Self { header, plaintext_len, operation }),
            Err(error) => Err(operation.failed(error)),
        }
    }

    /// How the keys come from the data key.
    pub fn derivation(&self) -> Derivation {
        Derivation::of(self.header.suite(), self.header.message_id())
    }

    /// Continues with the commitment that was derived.
    pub fn commit(self, commitment: [u8; 32]) -> Result<UnsealedHeader, Error> {
        let Self { header, plaintext_len, mut operation } = self;
        match header.commit(Some(commitment)) {
            Ok(header) => Ok(UnsealedHeader { header, plaintext_len, operation }),
            Err(error) => Err(operation.failed(error)),
        }
    }
}

impl UnsealedHeader {
    /// What the header's tag covers.
    pub fn additional_data(&self) -> &[u8] {
        self.header.additional_data()
    }

    /// Continues with the header's tag. The session that comes back has neither cipher nor message key: frames are
    /// [sealed elsewhere](Encryptor::sealed_elsewhere).
    pub fn sealed(self, tag: [u8; 16]) -> Encryptor {
        let Self { header, plaintext_len, operation } = self;
        let sealed = header.sealed(&HeaderTag { iv: HEADER_IV, tag }, operation.observer());
        Encryptor::of(sealed, None, plaintext_len, operation)
    }
}

impl fmt::Debug for DerivingEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivingEncryption").field("derivation", &self.derivation()).finish_non_exhaustive()
    }
}

impl fmt::Debug for UnsealedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsealedHeader").field("additional_data", &self.additional_data().len()).finish_non_exhaustive()
    }
}
