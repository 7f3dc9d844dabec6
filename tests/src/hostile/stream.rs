//! Whole messages in pieces of any size: what is written is the same message, what is read is judged the same, and nothing comes out but what was
//! encrypted, from its start, and of a signed message never its end before its signature.

use std::io::{self, Read, Write};
use std::sync::Arc;

use waxseal::session::BufferedEncryptor;
use waxseal::{Client, CommitmentPolicy, DecryptOptions, EncryptOptions, Error, RawAesKeyring, Suite};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use super::edits::edited;
use super::input::Input;
use super::sessions::{Decryption, Sizes};

/// The suite, the frame length, sizes of pieces to write and to read, the most bytes of a frame, how many edits, the edits; then the plaintext.
pub fn stream(data: &[u8]) {
    let mut input = Input(data);
    let world = World { suite: *input.one_of(Suite::ALL), frame_length: 1 + u32::from(input.byte()) };
    let (writing, reading) = (input.sizes(), input.sizes());
    let limit = input.byte();
    let edits = usize::from(input.byte() % 8) * 3;
    let (edits, plaintext) = (input.take(edits), input.0);
    let genuine = world.encrypt(plaintext, writing);
    let message = edited(&genuine, edits);
    let options = DecryptOptions { max_buffered_frame: limit.checked_sub(1).map(u64::from), ..DecryptOptions::default() };
    let opens = world.decrypt(&message, reading, &options, plaintext);
    let longest = (world.frame_length as usize).min(plaintext.len()) as u64;
    let is_within = options.max_buffered_frame.is_none_or(|limit| longest <= limit);
    assert_eq!(opens, message == genuine && is_within, "only the very message opens");
}

struct World {
    suite: Suite,
    frame_length: u32,
}

impl World {
    /// Draws the same random bytes in the same order as every other one.
    fn client(&self) -> Client {
        let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).expect("a key of 32 bytes");
        let client = Client::new(Env::danger_deterministic(Timestamp::default(), 1), Arc::new(keyring)).with_suite(self.suite);
        let policy = if self.suite.is_committing() { CommitmentPolicy::default() } else { CommitmentPolicy::ForbidEncryptAllowDecrypt };
        client.with_commitment_policy(policy).with_frame_length(self.frame_length).expect("it is not 0")
    }

    /// At once, by a session and by a writer.
    fn encrypt(&self, plaintext: &[u8], sizes: Sizes<'_>) -> Vec<u8> {
        let options = EncryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
        let whole = pollster::block_on(self.client().encrypt(plaintext, &options, &Observer::none())).expect("it encrypts");
        let encryptor = pollster::block_on(self.client().start_encryption(&options, &Observer::none())).expect("it encrypts");
        let mut session = BufferedEncryptor::new(encryptor);
        let mut message = session.header_bytes().to_vec();
        for piece in sizes.pieces(plaintext) {
            let before = message.len();
            session.push(piece, &mut message).expect("it encrypts");
            assert!(message.len() - before <= (piece.len() + self.frame_length as usize) * 33, "what is pushed is sealed, and no more");
        }
        session.finish(&mut message).expect("it encrypts");
        assert_eq!(message, whole, "a session writes the same message");
        let writer = self.client();
        let mut writer = pollster::block_on(writer.encrypt_to(Vec::new(), &options, &Observer::none())).expect("it encrypts");
        for piece in sizes.pieces(plaintext) {
            writer.write_all(piece).expect("it encrypts");
        }
        assert_eq!(writer.finish().expect("it encrypts"), whole, "a writer writes the same message");
        whole
    }

    /// At once, by a session and by a reader. Whether it opens.
    fn decrypt(&self, message: &[u8], sizes: Sizes<'_>, options: &DecryptOptions, plaintext: &[u8]) -> bool {
        let client = self.client();
        let whole = pollster::block_on(client.decrypt(message, options, &Observer::none()));
        let may_come = |early: &[u8]| {
            assert!(plaintext.starts_with(early), "nothing is given away but what was encrypted");
            let is_end = self.suite.signature().is_some() && !plaintext.is_empty() && early.len() == plaintext.len();
            assert!(!is_end, "the end of a signed message waits for the signature");
        };
        let mut released = Vec::new();
        let streamed = Decryption { client: &client, options, sizes, is_right: true }.run(message, &mut released, may_come);
        assert_eq!(streamed.as_ref().err(), whole.as_ref().err(), "in pieces a message is judged as in one");
        let (read, reading) = read_all(&client, message, sizes, options);
        assert_eq!(reading.as_ref().err(), whole.as_ref().err(), "a reader judges as a session does");
        assert!(plaintext.starts_with(&released) && read == released);
        if let Ok(decrypted) = &whole {
            assert_eq!((&decrypted.plaintext[..], &released[..]), (plaintext, plaintext));
            assert_eq!(streamed.as_ref(), Ok(&decrypted.header));
        }
        whole.is_ok()
    }
}

/// What a reader gives, also before it fails.
fn read_all(client: &Client, message: &[u8], sizes: Sizes<'_>, options: &DecryptOptions) -> (Vec<u8>, Result<(), Error>) {
    let mut plaintext = Vec::new();
    let source = InPieces { pieces: sizes.pieces(message).filter(|piece| !piece.is_empty()), piece: &[] };
    let read = pollster::block_on(client.decrypt_from(source, options, &Observer::none()));
    let read = read.and_then(|mut reader| reader.read_to_end(&mut plaintext));
    let result = read.map(|_| ()).map_err(|error| Error::in_io_error(&error).expect("nothing else fails").clone());
    (plaintext, result)
}

/// A source that gives one piece at a time, or what there is room for.
struct InPieces<'a, I> {
    pieces: I,
    piece: &'a [u8],
}

impl<'a, I: Iterator<Item = &'a [u8]>> Read for InPieces<'a, I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.pieces.next().unwrap_or_default();
        }
        self.piece.read(buffer)
    }
}
