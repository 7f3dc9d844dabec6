//! Prepared sessions that are started without their data key: it stays with whoever derives the message key and has the ciphers, WebCrypto for
//! instance. Committing suites only.

use super::{PreparedDecryption, PreparedEncryption};
use crate::error::Error;
use crate::key_schedule::{Derivation, check_elsewhere};
use crate::message::EncryptedDataKey;
use crate::session::{Decryptor, DerivingEncryption};

impl PreparedEncryption {
    /// Starts the session of a data key that was made and stays elsewhere: its length in bytes is given, and its wrapped copies. Suites without key commitment
    /// are [`Error::Unsupported`].
    pub fn start_elsewhere(self, data_key_len: usize, encrypted_data_keys: Vec<EncryptedDataKey>) -> Result<DerivingEncryption, Error> {
        let Self { client, plaintext_len, wanted, mut operation } = self;
        let suite = wanted.request.suite;
        let made = check_elsewhere(suite)
            .and_then(|()| client.materials.accept_of_len(wanted, ((), data_key_len), encrypted_data_keys))
            .and_then(|made| client.materials.materials(suite, made));
        match made {
            Ok(((), materials)) => {
                DerivingEncryption::start(materials, (plaintext_len, client.frame_length), &client.materials.env, operation)
            }
            Err(error) => Err(operation.failed(error)),
        }
    }
}

impl PreparedDecryption {
    /// How the message key and the commitment come from the data key, for whoever derives them elsewhere. Suites without key commitment are
    /// [`Error::Unsupported`].
    pub fn derivation(&self) -> Result<Derivation, Error> {
        let header = self.header();
        check_elsewhere(header.suite).map(|()| Derivation::of(header.suite, &header.message_id))
    }

    /// What the header's [tag](Self::header_tag) covers.
    pub fn additional_data(&self) -> Result<Vec<u8>, Error> {
        self.received.additional_data(&self.sought.materials.not_stored)
    }

    /// Nonce and tag of the header, by AES-GCM under the message key: the ciphertext is empty.
    pub fn header_tag(&self) -> (&[u8; 12], &[u8; 16]) {
        let tag = self.received.tag();
        (&tag.iv, &tag.tag)
    }

    /// Starts the session of a data key that stays elsewhere, given the commitment that was derived, and whether the header's tag **is right** under the
    /// message key that was. The session has neither cipher nor message key: frames are [opened elsewhere](Decryptor::opened_elsewhere). Suites without
    /// key commitment are [`Error::Unsupported`].
    pub fn start_elsewhere(self, commitment: &[u8; 32], header_is_right: bool) -> Result<Decryptor, Error> {
        let Self { received, sought, max_buffered_frame } = self;
        match check_elsewhere(received.header().suite) {
            Ok(()) => Decryptor::start_elsewhere(received, sought.materials, (commitment, header_is_right), max_buffered_frame),
            Err(error) => Err(received.failed(error)),
        }
    }
}
