//! Streams: whatever the sizes of what is read and written, the same plaintext comes out; what is cut off or altered ends in an error, and stays one.

use std::io::{self, BufRead, Cursor, ErrorKind, Read, Write};

use proptest::prelude::*;
use waxseal_base::observer::Observer;

use super::*;
use crate::primitives::TAG_LEN;
use crate::session::tests::{PLAINTEXT, client, one_shot, suites};
use crate::{Client, DecryptOptions, EncryptOptions, Error, Suite};

/// A stream that takes or gives as many bytes at a time as its steps say, in turns, and at a step of 0 says that nothing is ready.
pub(super) struct Wayward<T> {
    pub(super) inner: T,
    steps: Vec<u8>,
    taken: usize,
}

impl<T> Wayward<T> {
    pub(super) fn new(inner: T, steps: Vec<u8>) -> Self {
        Self { inner, steps, taken: 0 }
    }

    /// How many bytes may go through now, of as many.
    pub(super) fn step(&mut self, len: usize) -> Option<usize> {
        let step = usize::from(self.steps[self.taken % self.steps.len()]);
        self.taken += 1;
        (step > 0).then_some(step.min(len))
    }
}

impl<T: Read> Read for Wayward<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.step(buffer.len()).ok_or(ErrorKind::Interrupted)?;
        self.inner.read(&mut buffer[..len])
    }
}

impl<T: Write> Write for Wayward<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.step(bytes.len()).ok_or(ErrorKind::Interrupted)?;
        self.inner.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Steps of which at least one lets something through.
pub(super) fn steps() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(0..=u8::MAX, 0..5), 1..=u8::MAX).prop_map(|(mut steps, last)| {
        steps.push(last);
        steps
    })
}

fn encrypt_to<W>(client: &Client, writer: W) -> EncryptWriter<W> {
    pollster::block_on(client.encrypt_to(writer, &EncryptOptions::default(), &Observer::none())).unwrap()
}

fn decrypt_from<R: Read>(client: &Client, reader: R) -> io::Result<DecryptReader<R>> {
    pollster::block_on(client.decrypt_from(reader, &DecryptOptions::default(), &Observer::none()))
}

/// What comes out, and how it ends.
fn decrypted(client: &Client, message: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut plaintext = Vec::new();
    let end = decrypt_from(client, message).and_then(|mut reader| reader.read_to_end(&mut plaintext));
    (plaintext, end.map(|_| ()))
}

#[test]
fn every_suite_goes_through_streams() {
    for suite in suites() {
        let client = client(suite);
        for plaintext in [&PLAINTEXT[..0], &PLAINTEXT[..16], &PLAINTEXT[..32], PLAINTEXT] {
            let mut writer = encrypt_to(&client, Vec::new());
            writer.write_all(plaintext).unwrap();
            let message = writer.finish().unwrap();
            let mut reader = decrypt_from(&client, &message[..]).unwrap();
            assert_eq!(reader.header().suite, suite);
            let mut decrypted = Vec::new();
            reader.read_to_end(&mut decrypted).unwrap();
            assert_eq!(decrypted, plaintext, "{suite}");
            assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the end stays");
        }
    }
}

#[test]
fn a_message_that_is_cut_off_never_comes_to_its_end() {
    for suite in suites() {
        let client = client(suite);
        let message = one_shot(&client, &PLAINTEXT[..40]);
        for cut in 0..message.len() {
            let (plaintext, end) = decrypted(&client, &message[..cut]);
            assert!(end.is_err(), "{suite}: cut to {cut}");
            assert!(PLAINTEXT[..40].starts_with(&plaintext));
            assert!(suite.signature().is_none() || plaintext.len() <= 32, "{suite}: the last frame waits for the signature");
        }
        let (_, end) = decrypted(&client, &[&message[..], &[0]].concat());
        assert_eq!(Error::in_io_error(&end.unwrap_err()), Some(&Error::DecryptionFailed), "{suite}: a byte too many");
    }
}

#[test]
fn a_writer_that_is_not_finished_leaves_no_message() {
    let client = client(Suite::COMMITTING);
    for len in [0, 16, 40] {
        let mut message = Vec::new();
        let mut writer = encrypt_to(&client, &mut message);
        writer.write_all(&PLAINTEXT[..len]).unwrap();
        writer.flush().unwrap();
        drop(writer);
        let (plaintext, end) = decrypted(&client, &message);
        assert!(end.is_err(), "{len} bytes");
        assert_eq!(plaintext, PLAINTEXT[..len.saturating_sub(1) / 16 * 16], "what was flushed was whole frames");
    }
}

#[test]
fn frames_before_an_altered_one_come_out_and_its_error_stays() {
    let client = client(Suite::COMMITTING);
    let mut message = one_shot(&client, PLAINTEXT);
    let last = message.len() - 1;
    message[last] ^= 1;
    let mut reader = decrypt_from(&client, &message[..]).unwrap();
    let mut plaintext = [0; 64];
    reader.read_exact(&mut plaintext).unwrap();
    assert_eq!(plaintext, PLAINTEXT[..64]);
    for _ in 0..3 {
        let error = reader.read(&mut [0]).unwrap_err();
        assert_eq!((error.kind(), Error::in_io_error(&error)), (ErrorKind::InvalidData, Some(&Error::DecryptionFailed)));
    }
}

#[test]
fn lines_can_be_read() {
    let client = client(Suite::COMMITTING);
    let message = one_shot(&client, b"a line longer than a frame\nand another\nand the last");
    let lines: Vec<_> = decrypt_from(&client, &message[..]).unwrap().lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["a line longer than a frame", "and another", "and the last"]);
}

#[test]
fn what_was_asked_of_a_message_is_refused_by_name() {
    let message = one_shot(&client(Suite::COMMITTING), PLAINTEXT);
    let refused = |options: DecryptOptions, message: &[u8]| {
        let client = client(Suite::COMMITTING);
        let opened = pollster::block_on(client.decrypt_from(message, &options, &Observer::none()));
        let error = opened.and_then(|mut reader| reader.read(&mut [0])).unwrap_err();
        (error.kind(), Error::in_io_error(&error).unwrap().to_string())
    };
    let (kind, text) = refused(DecryptOptions { max_buffered_frame: Some(15), ..Default::default() }, &message);
    assert!(kind == ErrorKind::InvalidData && text.contains("`max_buffered_frame` allows 15"), "{text}");
    let (kind, text) = refused(DecryptOptions { verify_elsewhere: true, ..Default::default() }, &message);
    assert!(kind == ErrorKind::InvalidInput && text.contains("by a session"), "{text}");
    let (_, text) = refused(DecryptOptions::default(), &message[..20]);
    assert!(text.contains("ends early"), "{text}");
    let (_, text) = refused(DecryptOptions::default(), b"");
    assert!(text.contains("ends early"), "{text}");
    let options = EncryptOptions { signer_public_key: Some(vec![2; 49]), ..Default::default() };
    let error = pollster::block_on(client(Suite::COMMITTING_SIGNED).encrypt_to(io::sink(), &options, &Observer::none())).unwrap_err();
    assert!(error.to_string().contains("by a session"), "{error}");
}

#[cfg(feature = "signatures")]
#[test]
fn a_signed_message_is_refused_by_its_header_where_only_unsigned_ones_are_wanted() {
    let client = client(Suite::COMMITTING_SIGNED);
    let message = one_shot(&client, PLAINTEXT);
    let options = DecryptOptions { unsigned_only: true, ..Default::default() };
    let error = pollster::block_on(client.decrypt_from(&message[..], &options, &Observer::none())).unwrap_err();
    assert_eq!(Error::in_io_error(&error).unwrap().code(), "InvalidMessage");
}

/// Fails once, at the first byte after so many.
struct FailsOnce<T> {
    inner: T,
    before: usize,
    has_failed: bool,
}

impl<T> FailsOnce<T> {
    fn new(inner: T, before: usize) -> Self {
        Self { inner, before, has_failed: false }
    }

    fn step(&mut self, len: usize) -> io::Result<usize> {
        if self.before == 0 && !std::mem::replace(&mut self.has_failed, true) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let len = if self.before == 0 { len } else { len.min(self.before) };
        self.before = self.before.saturating_sub(len);
        Ok(len)
    }
}

impl<T: Read> Read for FailsOnce<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.step(buffer.len())?;
        self.inner.read(&mut buffer[..len])
    }
}

impl<T: Write> Write for FailsOnce<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.step(bytes.len())?;
        self.inner.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[test]
fn after_an_error_of_the_stream_the_call_can_be_repeated() {
    let client = client(Suite::COMMITTING);
    let message = one_shot(&client, PLAINTEXT);
    let header_len = message.len() - 200;
    for before in header_len..message.len() {
        let mut reader = match decrypt_from(&client, FailsOnce::new(&message[..], before)) {
            Ok(reader) => reader,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "the header was not there yet");
                continue;
            }
        };
        let mut plaintext = Vec::new();
        let error = reader.read_to_end(&mut plaintext).unwrap_err();
        assert!(error.kind() == ErrorKind::WouldBlock && Error::in_io_error(&error).is_none());
        reader.read_to_end(&mut plaintext).unwrap();
        assert_eq!(plaintext, PLAINTEXT);
    }
    for before in 0..60 {
        let mut writer = encrypt_to(&client, FailsOnce::new(Vec::new(), before));
        writer.write_all(PLAINTEXT).unwrap();
        assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::WouldBlock);
        let message = writer.finish().unwrap().inner;
        assert_eq!(decrypted(&client, &message).0, PLAINTEXT);
    }
    let full = &mut [0; 10][..];
    let mut writer = encrypt_to(&client, full);
    assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::WriteZero);
}

#[test]
fn more_than_was_announced_is_refused_for_good() {
    let options = EncryptOptions { plaintext_len: Some(20), ..Default::default() };
    let mut writer = pollster::block_on(client(Suite::COMMITTING).encrypt_to(Vec::new(), &options, &Observer::none())).unwrap();
    writer.write_all(&[0; 20]).unwrap();
    let error = writer.write_all(&[0; 13]).unwrap_err();
    assert_eq!((error.kind(), Error::in_io_error(&error).unwrap().code()), (ErrorKind::InvalidInput, "InvalidInput"));
    assert!(writer.write(&[0]).is_err() && writer.flush().is_err(), "what was lost can not be followed by anything");
    assert!(writer.get_ref().is_empty());
    assert!(writer.finish().is_err());
}

#[test]
fn memory_is_bounded_by_the_frame_length() {
    for frame_length in [1, 4096, 100_000, 1 << 20] {
        let client = client(Suite::COMMITTING).with_frame_length(frame_length).unwrap();
        let frame = usize::try_from(frame_length).unwrap();
        let plaintext = vec![7; if frame == 1 { BATCH } else { 3 * (frame + BATCH) }];
        let mut writer = encrypt_to(&client, Vec::new());
        for part in plaintext.chunks(1 << 19) {
            writer.write_all(part).unwrap();
            assert!(writer.outgoing.capacity() <= 2 * (frame + 2 * BATCH), "{frame_length}: {}", writer.outgoing.capacity());
        }
        let message = writer.finish().unwrap();
        let mut reader = decrypt_from(&client, &message[..]).unwrap();
        let mut part = vec![0; 10_000];
        let mut position = 0;
        loop {
            let len = reader.read(&mut part).unwrap();
            assert!(reader.released.capacity() <= frame + TAG_LEN + BATCH && reader.input.capacity() == BATCH);
            assert!(part[..len] == plaintext[position..position + len]);
            position += len;
            if len == 0 {
                break;
            }
        }
        assert_eq!(position, plaintext.len());
    }
}

#[test]
fn tasks_may_move_between_threads() {
    fn is_send(_: impl Send) {}
    let (client, observer) = (client(Suite::COMMITTING), Observer::none());
    is_send(client.encrypt_to(io::sink(), &EncryptOptions::default(), &observer));
    is_send(client.decrypt_from(&[][..], &DecryptOptions::default(), &observer));
    is_send(client.open(Cursor::new(Vec::<u8>::new()), &DecryptOptions::default(), &observer));
    is_send(encrypt_to(&client, io::sink()));
    let message = one_shot(&client, PLAINTEXT);
    is_send(decrypt_from(&client, &message[..]).unwrap());
    is_send(pollster::block_on(client.open(Cursor::new(message), &DecryptOptions::default(), &observer)).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sizes_round_trip(
        plaintext in prop::collection::vec(any::<u8>(), 0..3000),
        frame_length in 1u32..500,
        (write, read) in (1usize..1000, 1usize..1000),
        (sink, source) in (steps(), steps()),
        flush: bool,
        suite in prop::sample::select(suites().collect::<Vec<_>>()),
    ) {
        let client = client(suite).with_frame_length(frame_length).unwrap();
        let mut writer = encrypt_to(&client, Wayward::new(Vec::new(), sink));
        for part in plaintext.chunks(write) {
            writer.write_all(part).unwrap();
            if flush {
                writer.flush().unwrap();
            }
        }
        let message = writer.finish().unwrap().inner;
        let mut reader = decrypt_from(&client, Wayward::new(Cursor::new(message), source)).unwrap();
        let mut decrypted = Vec::new();
        let mut part = vec![0; read];
        loop {
            match reader.read(&mut part).unwrap() {
                0 => break,
                len => decrypted.extend_from_slice(&part[..len]),
            }
        }
        prop_assert_eq!(decrypted, plaintext);
    }

    #[test]
    fn any_change_is_refused(plaintext in prop::collection::vec(any::<u8>(), 0..60), at: prop::sample::Index, change in 1u8.., source in steps()) {
        let client = client(Suite::COMMITTING);
        let mut message = one_shot(&client, &plaintext);
        let at = at.index(message.len());
        message[at] ^= change;
        let mut released = Vec::new();
        let end = decrypt_from(&client, Wayward::new(&message[..], source)).and_then(|mut reader| reader.read_to_end(&mut released));
        prop_assert!(end.is_err() && plaintext.starts_with(&released));
    }
}
