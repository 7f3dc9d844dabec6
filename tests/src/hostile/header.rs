//! Headers: read in pieces as at once, written as they were read, and described as they are used.

use std::sync::{Arc, LazyLock};

use waxseal::message::{Header, describe, fields};
use waxseal::{Client, Error, RawAesKeyring};
use waxseal_base::codec::{Reader, Writer};
use waxseal_base::env::Env;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

use super::fields::end_of;
use super::sessions::{self, Sizes};

/// The bytes as a message, of which the header counts.
pub fn header(data: &[u8]) {
    let mut reader = Reader::new("message header", data);
    let read = Header::read(&mut reader, None);
    let len = reader.position();
    in_pieces(data, read.as_ref().map_err(|error| error.clone().into()), len);
    match &read {
        Ok(header) => {
            written(header, &data[..len]);
            limited(header, data);
            assert_eq!(end_of(&Header::fields(&data[..len]).expect("what can be read can be described")), len);
        }
        Err(error) => assert_eq!(Header::fields(data).as_ref().err(), Some(error)),
    }
    described(data, read.ok().as_ref());
}

/// However it arrives, it is the same header, or the same is wrong with it.
fn in_pieces(data: &[u8], whole: Result<&Header, Error>, len: usize) {
    let sizes: [&[u8]; 4] = [&[1], &[0], &[0, 7, 1], &[61, 0, 2]];
    let mut outcomes = sizes.map(|sizes| {
        let received = sessions::header(&CLIENT, data, Sizes(sizes));
        received.map(|(received, body)| (received.header().clone(), body.len()))
    });
    let (first, others) = outcomes.split_first_mut().expect("there are several");
    assert!(others.iter().all(|other| other == first), "the sizes of pieces change nothing");
    match (whole, first) {
        (Ok(header), Ok((received, body_len))) => {
            let tag_len = if header.suite.message_version() == 1 { 28 } else { 16 };
            assert_eq!((&*received, len + tag_len + *body_len), (header, data.len()));
        }
        // It ends within its tag.
        (Ok(_), Err(_)) => assert!(data.len() - len < 28),
        (Err(error), received) => assert_eq!(received.as_ref().err(), Some(&error)),
    }
}

/// What is written again are the same bytes, but for the order of the context's pairs.
fn written(header: &Header, bytes: &[u8]) {
    let mut writer = Writer::new();
    header.write(&mut writer).expect("what was read fits");
    let again = writer.finish();
    assert_eq!(again.len(), bytes.len());
    assert_eq!(Header::read_from(&again).as_ref(), Ok(header));
    let context = header.encryption_context.to_canonical_bytes().expect("what was read fits");
    let start = if header.suite.message_version() == 1 { 22 } else { 37 };
    assert_eq!(bytes[start..start + context.len()] == context, again == bytes, "nothing but the order of pairs differs");
}

/// A limit of encrypted data keys refuses more of them, and nothing else.
fn limited(header: &Header, data: &[u8]) {
    let count = u16::try_from(header.encrypted_data_keys.len()).expect("they are counted in two bytes");
    for limit in [count - 1, count, count.saturating_add(1)] {
        let read = Header::read(&mut Reader::new("message header", data), Some(limit));
        assert_eq!(read.is_ok(), limit >= count, "{count} encrypted data keys where at most {limit} are accepted");
    }
}

/// The description of the whole message, whatever is wrong with it.
fn described(data: &[u8], header: Option<&Header>) {
    let whole = describe(data, u32::MAX);
    assert_eq!(whole.header.as_ref(), header);
    assert!(end_of(&whole.fields) <= data.len());
    if let Ok(all) = fields(data) {
        assert_eq!((end_of(&all), &all), (data.len(), &whole.fields));
    }
    let short = describe(data, 1);
    assert_eq!((short.frame_count, short.plaintext_len, &short.problem), (whole.frame_count, whole.plaintext_len, &whole.problem));
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).expect("a key of 32 bytes");
    Client::new(Env::danger_deterministic(Timestamp::default(), 1), Arc::new(keyring))
});
