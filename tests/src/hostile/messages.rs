//! Messages in pieces: the sessions decide as the one-shot calls do, whatever the sizes of the pieces, and nothing comes out but what was
//! encrypted, from its start.

use std::sync::{Arc, LazyLock};

use waxseal::message::Header;
use waxseal::session::{BufferedDecryptor, Finished, HeaderReader, ReceivedHeader};
use waxseal::{Client, CommitmentPolicy, DecryptOptions, EncryptOptions, Error, RawAesKeyring, Suite};
use waxseal_base::codec::Reader;
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use super::edits::edited;

/// The first byte says which suite and what the others are: a message, what follows a genuine header, or edits of a genuine message. The second says
/// how large the pieces are.
pub fn messages(data: &[u8]) {
    let [choice, pieces, data @ ..] = data else { return };
    let genuine = &GENUINE[usize::from(*choice) % GENUINE.len()];
    let message = match usize::from(*choice) / GENUINE.len() % 3 {
        0 => data.to_vec(),
        1 => [&genuine.message[..genuine.header_len], data].concat(),
        _ => edited(&genuine.message, data),
    };
    header(&genuine.client, &message, *pieces);
    let whole = pollster::block_on(genuine.client.decrypt(&message, &DecryptOptions::default(), &Observer::none()));
    let mut released = Vec::new();
    let streamed = decrypt(&genuine.client, &message, *pieces, &mut released);
    assert!(PLAINTEXT.starts_with(&released), "nothing is given away but what was encrypted");
    assert_eq!(streamed.as_ref().err(), whole.as_ref().err(), "in pieces a message is judged as in one");
    assert_eq!(whole.is_ok(), message == genuine.message, "only the very message opens");
    if whole.is_ok() {
        assert_eq!(released, PLAINTEXT);
    }
}

/// A header is the same in pieces, and so is what is wrong with it.
fn header(client: &Client, message: &[u8], pieces: u8) {
    let whole = client.read_header(None, &Observer::none());
    let whole = read(whole, message, message.len().max(1)).map(|(received, body)| (received.header().clone(), body.len()));
    let parts = read(client.read_header(None, &Observer::none()), message, size(pieces));
    let parts = parts.map(|(received, body)| (received.header().clone(), body.len()));
    assert_eq!(parts, whole);
    if let Ok((header, _)) = whole {
        assert_eq!(Header::read(&mut Reader::new("message header", message), None), Ok(header));
    }
}

fn decrypt(client: &Client, message: &[u8], pieces: u8, plaintext: &mut Vec<u8>) -> Result<(), Error> {
    let (received, body) = read(client.read_header(None, &Observer::none()), message, size(pieces))?;
    let decryptor = pollster::block_on(client.start_decryption(received, &DecryptOptions::default()))?;
    let mut session = BufferedDecryptor::new(decryptor);
    for piece in body.chunks(size(pieces)) {
        session.push(piece, plaintext)?;
    }
    match session.finish(plaintext)? {
        Finished::Verified => Ok(()),
        Finished::SignatureToVerify(_) => panic!("nobody asked to verify it"),
    }
}

/// The header, and what follows it.
fn read(mut reader: HeaderReader, message: &[u8], size: usize) -> Result<(ReceivedHeader, &[u8]), Error> {
    let mut position = 0;
    for piece in message.chunks(size) {
        let (taken, received) = reader.push(piece)?;
        position += taken;
        if let Some(received) = received {
            return Ok((received, &message[position..]));
        }
        assert_eq!(taken, piece.len(), "what is not taken is the body's");
    }
    Err(reader.ended())
}

fn size(pieces: u8) -> usize {
    usize::from(pieces).max(1)
}

struct Genuine {
    client: Client,
    message: Vec<u8>,
    header_len: usize,
}

/// Of one suite of each kind: with and without commitment, signed, of both versions.
static GENUINE: LazyLock<Vec<Genuine>> = LazyLock::new(|| {
    [(0x0478, CommitmentPolicy::default()), (0x0014, CommitmentPolicy::ForbidEncryptAllowDecrypt), (0x0578, CommitmentPolicy::default())]
        .into_iter()
        .map(|(id, policy)| Genuine::new(Suite::from_id(id).expect("there is that suite"), policy))
        .collect()
});

impl Genuine {
    fn new(suite: Suite, policy: CommitmentPolicy) -> Self {
        let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).expect("a key of 32 bytes");
        let env = Env::danger_deterministic(Timestamp::default(), 1);
        let client = Client::new(env, Arc::new(keyring)).with_commitment_policy(policy).with_suite(suite);
        let client = client.with_frame_length(8).expect("8 is a frame length");
        let options = EncryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
        let message = pollster::block_on(client.encrypt(PLAINTEXT, &options, &Observer::none())).expect("it encrypts");
        let (received, _) = read(client.read_header(None, &Observer::none()), &message, message.len()).expect("it is a message");
        let header_len = received.bytes().len();
        Self { client, message, header_len }
    }
}

const PLAINTEXT: &[u8] = b"attack at dawn, or after it";
