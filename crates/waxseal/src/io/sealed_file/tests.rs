//! Parts of messages: the same as of the plaintext, from no more frames than needed; a message that was cut off does not open.

use std::io::{Cursor, Write};
use std::sync::Arc;

use proptest::prelude::*;
use waxseal_base::codec::Writer;

use super::*;
use crate::KmsKeyring;
use crate::keyring::tests::{KEY, ToyKms, env};
use crate::message::Content;
use crate::session::tests::{PLAINTEXT, client, one_shot};
use crate::suite::Suite;

fn open<R: Read + Seek>(client: &Client, source: R) -> io::Result<SealedFile<R>> {
    pollster::block_on(client.open(source, &DecryptOptions::default(), &Observer::none()))
}

fn refusal(opened: io::Result<SealedFile<impl Read + Seek>>) -> Error {
    Error::in_io_error(&opened.unwrap_err()).unwrap().clone()
}

/// Counts what is read.
struct Counted {
    bytes: Cursor<Vec<u8>>,
    read: usize,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.bytes.read(buffer)?;
        self.read += len;
        Ok(len)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[test]
fn only_the_frames_of_a_part_are_read() {
    let client = client(Suite::COMMITTING).with_frame_length(1000).unwrap();
    let plaintext: Vec<u8> = (0..=u8::MAX).cycle().take(999_999).collect();
    let mut file = open(&client, Counted { bytes: Cursor::new(one_shot(&client, &plaintext)), read: 0 }).unwrap();
    assert_eq!((file.len(), file.is_empty()), (999_999, false));
    assert!(file.get_ref().read <= super::super::BATCH + 1039, "header and last frame");
    for (offset, len, frames) in [(0, 1, 1), (1, 999, 0), (1000, 1000, 1), (500_500, 1000, 2), (700_001, 5000, 6), (999_998, 9, 1)] {
        let before = file.get_ref().read;
        let mut part = vec![0; len];
        let filled = file.read_at(offset, &mut part).unwrap();
        let start = usize::try_from(offset).unwrap();
        assert_eq!(part[..filled], plaintext[start..plaintext.len().min(start + len)]);
        assert!(file.get_ref().read - before <= frames * 1040, "{offset}, {len}");
        assert!(file.frame.capacity() <= 1040);
    }
    assert_eq!(file.read_at(999_999, &mut [0]).unwrap(), 0);
    assert_eq!(file.read_at(u64::MAX, &mut [0; 9]).unwrap(), 0);
}

#[test]
fn a_message_that_was_cut_off_or_extended_does_not_open() {
    let client = client(Suite::COMMITTING);
    for len in [0, 16, 40, 48] {
        let message = one_shot(&client, &PLAINTEXT[..len]);
        assert_eq!(open(&client, Cursor::new(&message)).unwrap().len(), len as u64);
        for cut in 0..message.len() {
            assert!(open(&client, Cursor::new(&message[..cut])).is_err(), "{len} bytes, cut to {cut}");
        }
        for more in 1..60 {
            let longer = [&message[..], &vec![0; more]].concat();
            assert_eq!(refusal(open(&client, Cursor::new(longer))), Error::DecryptionFailed, "{len} bytes and {more} more");
        }
    }
}

#[test]
fn an_altered_frame_fails_when_it_is_read() {
    let client = client(Suite::COMMITTING);
    let mut message = one_shot(&client, PLAINTEXT);
    // The third of four full frames, before a last one of 15 bytes.
    let at = message.len() - (40 + 15) - 48 - 20;
    message[at] ^= 1;
    let mut file = open(&client, Cursor::new(message)).unwrap();
    let mut part = [0; 16];
    for _ in 0..2 {
        for (frame, is_good) in [(0, true), (1, true), (2, false), (3, true)] {
            let read = file.read_at(frame * 16, &mut part);
            let start = usize::try_from(frame).unwrap() * 16;
            assert!(if is_good { read.unwrap() == 16 && part == PLAINTEXT[start..start + 16] } else { read.is_err() }, "frame {frame}");
        }
    }
    assert!(file.read_at(20, &mut [0; 20]).is_err(), "a part of it");
    let mut plaintext = Vec::new();
    let error = file.read_to_end(&mut plaintext).unwrap_err();
    assert_eq!((plaintext, Error::in_io_error(&error)), (PLAINTEXT[..32].to_vec(), Some(&Error::DecryptionFailed)));
}

#[test]
fn frames_of_another_message_or_place_are_refused() {
    let client = client(Suite::COMMITTING);
    let (mut message, other) = (one_shot(&client, PLAINTEXT), one_shot(&client, PLAINTEXT));
    let body = message.len() - (40 + 15) - 4 * 48;
    message.copy_within(body + 48..body + 96, body);
    message[body + 96..body + 144].copy_from_slice(&other[body + 96..body + 144]);
    let mut file = open(&client, Cursor::new(message)).unwrap();
    let reads = [0, 16, 32, 48, 64].map(|offset| file.read_at(offset, &mut [0]).is_ok());
    assert_eq!(reads, [false, true, false, true, true]);
}

#[test]
fn a_signed_message_opens_only_for_who_says_so_and_no_key_is_asked_for_otherwise() {
    let kms = Arc::new(ToyKms::new());
    let client = Client::new(env(), Arc::new(KmsKeyring::new(kms.clone(), KEY).unwrap())).with_suite(Suite::COMMITTING_SIGNED);
    let header = {
        let mut header = client_header();
        header.suite = Suite::COMMITTING_SIGNED;
        header
    };
    assert!(refusal(open(&client, Cursor::new(written(&header)))).to_string().contains("the message is signed"));
    let unframed = Header { suite: Suite::COMMITTING, content: Content::Unframed, ..header };
    assert!(refusal(open(&client, Cursor::new(written(&unframed)))).to_string().contains("body is one piece"));
    assert!(kms.calls.lock().unwrap().is_empty());
}

fn client_header() -> Header {
    Header::read_from(&one_shot(&client(Suite::COMMITTING), b"")).unwrap()
}

fn written(header: &Header) -> Vec<u8> {
    let mut writer = Writer::new();
    header.write(&mut writer).unwrap();
    [writer.finish(), vec![0; TAG_LEN]].concat()
}

#[cfg(feature = "signatures")]
#[test]
fn signed_messages_open_without_their_signature() {
    let danger_open = |client: &Client, message: &[u8]| {
        let source = Cursor::new(message.to_vec());
        pollster::block_on(client.danger_open_ignoring_signature(source, &DecryptOptions::default(), &Observer::none()))
    };
    for suite in crate::session::tests::suites().filter(|suite| suite.signature().is_some()) {
        let client = client(suite);
        for len in [0, 16, PLAINTEXT.len()] {
            let message = one_shot(&client, &PLAINTEXT[..len]);
            let mut plaintext = Vec::new();
            danger_open(&client, &message).unwrap().read_to_end(&mut plaintext).unwrap();
            assert_eq!(plaintext, PLAINTEXT[..len], "{suite}");
            for cut in 1..message.len() {
                assert!(danger_open(&client, &message[..cut]).is_err(), "{suite}: cut to {cut}");
            }
        }
    }
    let unsigned = client(Suite::COMMITTING);
    assert_eq!(danger_open(&unsigned, &one_shot(&unsigned, PLAINTEXT)).unwrap().len(), PLAINTEXT.len() as u64);
}

#[test]
fn frames_longer_than_allowed_are_refused_at_once() {
    let client = client(Suite::COMMITTING);
    let message = one_shot(&client, PLAINTEXT);
    let open = |limit| {
        let options = DecryptOptions { max_buffered_frame: Some(limit), ..Default::default() };
        pollster::block_on(client.open(Cursor::new(&message), &options, &Observer::none()))
    };
    assert!(refusal(open(15)).to_string().contains("16 bytes, and `max_buffered_frame` allows 15"));
    assert!(open(16).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_read_as_the_plaintext_would_be(
        plaintext in prop::collection::vec(any::<u8>(), 0..500),
        frame_length in 1u32..200,
        // The last frame may be empty after full ones, which a session writes if it is asked to.
        is_last_empty: bool,
        steps in prop::collection::vec((0u8..4, -600i64..600, 0usize..300), 1..40),
    ) {
        let client = client(Suite::COMMITTING).with_frame_length(frame_length).unwrap();
        let message = match is_last_empty {
            true => with_empty_last_frame(&client, &plaintext[..plaintext.len() / frame_length as usize * frame_length as usize]),
            false => one_shot(&client, &plaintext),
        };
        let mut file = open(&client, Cursor::new(message)).unwrap();
        let mut plain = Cursor::new(&plaintext[..usize::try_from(file.len()).unwrap()]);
        for (step, offset, len) in steps {
            let to = match step {
                0 => SeekFrom::Start(offset.unsigned_abs()),
                1 => SeekFrom::End(offset),
                2 => SeekFrom::Current(offset),
                _ => {
                    let (mut one, mut other) = (vec![0; len], vec![0; len]);
                    let position = plain.position();
                    let filled = file.read_at(position, &mut one).unwrap();
                    let expected = plain.read(&mut other).unwrap();
                    prop_assert_eq!(&one[..filled], &other[..expected]);
                    other.truncate(expected);
                    let mut again = vec![0; expected];
                    file.read_exact(&mut again).unwrap();
                    prop_assert_eq!(again, other);
                    continue;
                }
            };
            prop_assert_eq!(file.seek(to).ok(), plain.seek(to).ok());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_change_is_refused(plaintext in prop::collection::vec(any::<u8>(), 0..60), at: prop::sample::Index, change in 1u8..) {
        let client = client(Suite::COMMITTING);
        let mut message = one_shot(&client, &plaintext);
        let at = at.index(message.len());
        message[at] ^= change;
        let mut released = Vec::new();
        let end = open(&client, Cursor::new(message)).and_then(|mut file| file.read_to_end(&mut released));
        prop_assert!(end.is_err() && plaintext.starts_with(&released));
    }
}

/// All of the plaintext in full frames, and one more.
fn with_empty_last_frame(client: &Client, plaintext: &[u8]) -> Vec<u8> {
    let mut encryptor = pollster::block_on(client.start_encryption(&Default::default(), &Observer::none())).unwrap();
    let mut message = encryptor.header_bytes().to_vec();
    for frame in plaintext.chunks(encryptor.frame_length() as usize) {
        let plan = encryptor.plan(encryptor.frame_length(), false).unwrap();
        encryptor.seal_onto(&plan, frame, &mut message).unwrap();
    }
    let plan = encryptor.plan(0, true).unwrap();
    encryptor.seal_onto(&plan, &[], &mut message).unwrap();
    message.write_all(&encryptor.finish().unwrap()).unwrap();
    message
}
