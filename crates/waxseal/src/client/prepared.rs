//! Sessions whose data key the caller brings: from a KMS that is asked elsewhere, by code that is not Rust. What is checked, and in which order, is as where a
//! keyring is asked.

mod elsewhere;

use std::fmt;

use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};

use super::{Client, DecryptOptions, EncryptOptions};
use crate::error::Error;
use crate::keyring::{KeyRequest, NewDataKey};
use crate::materials::{Sought, Unwrapped, Wanted, no_matching_key, tell_not_found};
use crate::message::Header;
use crate::session::{Decryptor, Encryptor, Operation, ReceivedHeader};

/// An encryption for which a data key is to be made.
pub struct PreparedEncryption {
    client: Client,
    plaintext_len: Option<u64>,
    wanted: Wanted,
    operation: Operation,
}

/// A decryption for which a data key is to be unwrapped.
pub struct PreparedDecryption {
    received: ReceivedHeader,
    sought: Sought,
    max_buffered_frame: Option<u64>,
}

impl Client {
    /// Prepares an encryption like [`start_encryption`](Self::start_encryption), up to where a keyring would be asked. No cache is used.
    pub fn prepare_encryption(&self, options: &EncryptOptions, observer: &Observer) -> Result<PreparedEncryption, Error> {
        let mut operation = Operation::start(observer, "encrypt", options.plaintext_len);
        match self.wanted(options) {
            Ok(wanted) => Ok(PreparedEncryption { client: self.clone(), plaintext_len: options.plaintext_len, wanted, operation }),
            Err(error) => Err(operation.failed(error)),
        }
    }

    /// Prepares a decryption like [`start_decryption`](Self::start_decryption), up to where a keyring would be asked. No cache is used.
    pub fn prepare_decryption(&self, received: ReceivedHeader, options: &DecryptOptions) -> Result<PreparedDecryption, Error> {
        match self.sought(&received, options) {
            Ok(sought) => Ok(PreparedDecryption { received, sought, max_buffered_frame: options.max_buffered_frame }),
            Err(error) => Err(received.failed(error)),
        }
    }

    fn wanted(&self, options: &EncryptOptions) -> Result<Wanted, Error> {
        self.check_frames(options.plaintext_len)?;
        self.materials.check_writing(self.suite(), &options.encryption_context)?;
        self.materials.want(self.suite(), &options.encryption_context, options.signer_public_key.as_deref())
    }

    fn sought(&self, received: &ReceivedHeader, options: &DecryptOptions) -> Result<Sought, Error> {
        self.check_received(received.header(), options, received.observer())?;
        self.materials.seek(received.header(), &options.reproduced_encryption_context, options.verify_elsewhere)
    }
}

impl PreparedEncryption {
    /// What the data key is for.
    pub fn request(&self) -> &KeyRequest {
        &self.wanted.request
    }

    /// Starts the session with a data key that was made, and its wrapped copies.
    pub fn start(self, made: NewDataKey) -> Result<Encryptor, Error> {
        let Self { client, plaintext_len, wanted, mut operation } = self;
        let suite = wanted.request.suite;
        let materials = client.materials.accept(wanted, made).and_then(|made| client.materials.materials(suite, made));
        let started = match materials {
            Ok(materials) => Encryptor::start(materials, (plaintext_len, client.frame_length), &client.materials.env, operation),
            Err(error) => Err(operation.failed(error)),
        };
        scrub_stack();
        started
    }
}

impl PreparedDecryption {
    /// What the data key is for.
    pub fn request(&self) -> &KeyRequest {
        &self.sought.request
    }

    /// What the header says, not verified; the wrapped copies of the data key are in it.
    pub fn header(&self) -> &Header {
        self.received.header()
    }

    /// Starts the session with the data key; none says that no copy of it is for whoever was asked.
    pub fn start(self, data_key: Option<Secret>) -> Result<Decryptor, Error> {
        let Some(data_key) = data_key else { return Err(self.no_key()) };
        let Self { received, sought, max_buffered_frame } = self;
        let header = received.header();
        let found = Unwrapped::of(Some(Ok(data_key)), header.suite, &header.encrypted_data_keys);
        let started = match sought.found(found, received.observer()) {
            Ok(materials) => Decryptor::start(received, materials, max_buffered_frame),
            Err(error) => Err(received.failed(error)),
        };
        scrub_stack();
        started
    }

    /// Ends the session, because no copy of the data key is for whoever was asked: the error says for whom they are.
    pub fn no_key(self) -> Error {
        let error = tell_not_found(no_matching_key(&self.header().encrypted_data_keys), self.received.observer());
        self.received.failed(error)
    }
}

impl fmt::Debug for PreparedEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedEncryption").field("request", self.request()).finish_non_exhaustive()
    }
}

impl fmt::Debug for PreparedDecryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedDecryption").field("header", self.header()).finish_non_exhaustive()
    }
}
