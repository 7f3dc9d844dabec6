//! Somebody who has the key of a message, and writes with it what no client writes. What is forged this way is refused for its order and its lengths
//! alone: every tag in it is right.

use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce};
use waxseal::message::{Content, FrameHead, Header, MessageId, Piece};
use waxseal::{Client, CommitmentPolicy, DecryptOptions, EncryptOptions, RawAesKeyring, Suite};
use waxseal_base::codec::Writer;
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use super::sessions::{self, Sizes};

/// The key of a message, whose header can be rewritten for another content.
pub(super) struct Forger {
    /// Opens what is forged, if anything does.
    pub(super) client: Client,
    header: Header,
    message_key: Vec<u8>,
}

impl Forger {
    /// One who has the key of a message of that suite, of 128 or 256 bits.
    pub(super) fn new(suite: Suite) -> Self {
        let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).expect("a key of 32 bytes");
        let policy = if suite.is_committing() { CommitmentPolicy::default() } else { CommitmentPolicy::ForbidEncryptAllowDecrypt };
        let client = Client::new(Env::danger_deterministic(Timestamp::default(), 1), Arc::new(keyring));
        let client = client.with_commitment_policy(policy).with_suite(suite);
        let message = pollster::block_on(client.encrypt(b"", &EncryptOptions::default(), &Observer::none())).expect("it encrypts");
        let (received, _) = sessions::header(&client, &message, Sizes(&[])).expect("it is a message");
        let decryptor = pollster::block_on(client.start_decryption(received, &DecryptOptions::default())).expect("its header is right");
        let message_key = decryptor.danger_message_key().expect("it has a key").expose().to_vec();
        Self { header: decryptor.header().clone(), client, message_key }
    }

    /// Whether messages are signed.
    pub(super) fn is_signed(&self) -> bool {
        self.header.suite.signature().is_some()
    }

    /// The id of the message.
    pub(super) fn message_id(&self) -> &[u8] {
        self.header.message_id.as_bytes()
    }

    /// The header of a message of that content, with its tag.
    pub(super) fn header(&self, content: Content) -> Vec<u8> {
        let mut writer = Writer::new();
        Header { content, ..self.header.clone() }.write(&mut writer).expect("it fits");
        let bytes = writer.finish();
        let iv: &[u8] = if matches!(self.header.message_id, MessageId::V1(_)) { &[0; 12] } else { &[] };
        let tag = self.seal([0; 12], &bytes, b"");
        [&bytes, iv, &tag].concat()
    }

    /// A frame of that head, whose tag covers that additional data: all of it.
    pub(super) fn frame(&self, head: &FrameHead, additional: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut writer = Writer::new();
        head.write(&mut writer);
        [writer.finish(), self.seal(head.iv, additional, plaintext)].concat()
    }

    /// Ciphertext and tag.
    fn seal(&self, iv: [u8; 12], aad: &[u8], msg: &[u8]) -> Vec<u8> {
        let payload = Payload { msg, aad };
        let nonce = Nonce::from(iv);
        let sealed = match self.message_key.len() {
            16 => Aes128Gcm::new_from_slice(&self.message_key).expect("16 bytes").encrypt(&nonce, payload),
            _ => Aes256Gcm::new_from_slice(&self.message_key).expect("32 bytes").encrypt(&nonce, payload),
        };
        sealed.expect("it is short enough")
    }
}

/// What a frame's tag covers besides its ciphertext, as the standard has it.
pub(super) fn additional_data(message_id: &[u8], piece: Piece, sequence: u32, len: u64) -> Vec<u8> {
    let label: &[u8] = match piece {
        Piece::Frame => b"AWSKMSEncryptionClient Frame",
        Piece::FinalFrame => b"AWSKMSEncryptionClient Final Frame",
        Piece::Whole => b"AWSKMSEncryptionClient Single Block",
    };
    [message_id, label, &sequence.to_be_bytes(), &len.to_be_bytes()].concat()
}
