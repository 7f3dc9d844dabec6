//! The worked example of the format's description, and what a reader must refuse in a header.

use proptest::prelude::*;
use waxseal_base::codec::Writer;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::*;
use crate::suite::Suite;

/// A header of made-up values; the tests below change its bytes.
fn header() -> Header {
    Header {
        suite: Suite::COMMITTING,
        message_id: MessageId::V2(std::array::from_fn(|index| u8::try_from(index).unwrap())),
        encryption_context: [("a", "b")].into_iter().collect(),
        encrypted_data_keys: vec![EncryptedDataKey { provider_id: "ns".into(), provider_info: b"name".to_vec(), ciphertext: vec![9; 48] }],
        content: Content::Framed { frame_length: 4096 },
        commitment: Some([3; 32]),
    }
}

fn bytes(header: &Header) -> Vec<u8> {
    let mut writer = Writer::new();
    header.write(&mut writer).unwrap();
    writer.finish()
}

fn read(bytes: &[u8]) -> Result<Header, MessageError> {
    Header::read_from(bytes)
}

fn replace(bytes: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at..at + with.len()].copy_from_slice(with);
    changed
}

#[test]
fn a_header_is_laid_out_as_the_standard_says() {
    let id: Vec<u8> = (0..32).collect();
    let expected = [
        &b"\x02\x04\x78"[..],
        &id,
        b"\0\x08\0\x01\0\x01a\0\x01b",
        b"\0\x01\0\x02ns\0\x04name\0\x30",
        &[9; 48],
        b"\x02\0\0\x10\0",
        &[3; 32],
    ]
    .concat();
    assert_eq!(hex::encode(bytes(&header())), hex::encode(&expected));
    assert_eq!(read(&expected).unwrap(), header());
}

#[test]
fn malformed_headers_are_refused_with_a_reason() {
    let good = bytes(&header());
    let content_type = good.len() - 37;
    let cases = [
        (replace(&good, 0, b"\x03"), "there is no message format version 3"),
        (replace(&good, 0, b"\x41"), "there is no message format version 65"),
        (replace(&good, 0, b" "), "there is no message format version 32"),
        (replace(&good, 1, b"\0\0"), "there is no algorithm suite 0000"),
        (replace(&good, 1, b"\x01\x78"), "suite 0178 does not belong in a message of version 2"),
        (b"\x01\x81\x01\x78".to_vec(), "version 1 has type 80"),
        (b"\x01\x80\x04\x78".to_vec(), "suite 0478 does not belong in a message of version 1"),
        (replace(&good, 45, b"\0\0"), "no encrypted data key"),
        (replace(&good, content_type, b"\x03"), "no content type 3"),
        (replace(&good, content_type, b"\x01"), "not framed but has a frame length"),
        (replace(&good, content_type + 1, b"\0\0\0\0"), "the frame length is 0"),
        (Vec::new(), "ends early"),
    ];
    for (bytes, why) in cases {
        let error = read(&bytes).unwrap_err();
        assert!(matches!(error, MessageError::Malformed(_)) && error.to_string().contains(why), "{why}: {error}");
    }
    for len in 0..good.len() {
        assert!(read(&good[..len]).is_err(), "cut to {len} bytes");
    }
}

#[test]
fn a_header_of_version_1_is_laid_out_as_the_standard_says() {
    let header = Header {
        suite: Suite::from_id(0x0178).unwrap(),
        message_id: MessageId::V1(std::array::from_fn(|index| u8::try_from(index).unwrap())),
        content: Content::Unframed,
        commitment: None,
        ..header()
    };
    let id: Vec<u8> = (0..16).collect();
    let start = [&b"\x01\x80\x01\x78"[..], &id, b"\0\x08\0\x01\0\x01a\0\x01b\0\x01\0\x02ns\0\x04name\0\x30", &[9; 48]].concat();
    let expected = [&start[..], b"\x01\0\0\0\0\x0c\0\0\0\0"].concat();
    assert_eq!(hex::encode(bytes(&header)), hex::encode(&expected));
    assert_eq!(read(&expected).unwrap(), header);
    for (end, why) in [
        (&b"\x01\0\0\0\x01\x0c\0\0\0\0"[..], "four reserved bytes are not zero"),
        (b"\x01\0\0\0\0\x0d\0\0\0\0", "a nonce has 12 bytes"),
        (b"\x01\0\0\0\0\x0c\0\0\0\x01", "not framed but has a frame length"),
        (b"\x02\0\0\0\0\x0c\0\0\0\0", "the frame length is 0"),
    ] {
        let error = read(&[&start[..], end].concat()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let body = FrameHead { sequence: 1, piece: Piece::Whole, iv: frame_iv(1), content_len: 3 };
    let mut writer = Writer::new();
    writer.bytes(&expected).bytes(&[4; 12 + 16]);
    body.write(&mut writer);
    writer.bytes(&[5; 3 + 16]);
    assert_eq!(contiguous_end(&super::fields(&writer.finish()).unwrap()), expected.len() + 28 + 20 + 19);
    let too_long = [&[0; 12][..], &(1u64 << 36).to_be_bytes()].concat();
    let error = FrameHead::read(&mut Reader::new("body", &too_long), Content::Unframed).unwrap_err();
    assert!(error.to_string().contains("at most 68719476704 bytes"), "{error}");
}

#[test]
fn base64_is_told_from_other_text() {
    for text in ["AgR4TdvRMQ==", "AYABeA=="] {
        assert_eq!(read(text.as_bytes()).unwrap_err(), MessageError::Base64);
    }
}

#[test]
fn a_limit_of_keys_holds_before_the_first_is_read() {
    let good = bytes(&header());
    let claims = replace(&good, 45, b"\xff\xff");
    let mut reader = Reader::new("message header", &claims);
    let error = Header::read(&mut reader, Some(3)).unwrap_err();
    assert_eq!(error, MessageError::TooManyEncryptedDataKeys { count: 65_535, limit: 3 });
    assert_eq!(reader.position(), 47, "nothing after the count is read");
    assert!(Header::read(&mut Reader::new("message header", &good), Some(1)).is_ok());
}

#[test]
fn contexts_of_any_order_are_read() {
    let mut header = header();
    header.encryption_context = [("a", "1"), ("b", "2")].into_iter().collect();
    let sorted = bytes(&header);
    let unsorted = replace(&sorted, 39, b"\0\x01b\0\x012\0\x01a\0\x011");
    assert_ne!(sorted, unsorted);
    assert_eq!(read(&unsorted).unwrap(), header);
}

fn contiguous_end(fields: &[Field]) -> usize {
    fields.iter().fold(0, |end, field| {
        assert_eq!(field.range.start, end, "{field:?}");
        assert!(!field.range.is_empty() && !field.label.is_empty() && !field.note.is_empty(), "{field:?}");
        field.range.end
    })
}

#[test]
fn fields_speak_to_people() {
    let mut message = bytes(&header());
    let header_len = message.len();
    assert_eq!(contiguous_end(&Header::fields(&message).unwrap()), header_len);
    message.extend_from_slice(&[5; 16]);
    assert_eq!(contiguous_end(&Header::fields(&message).unwrap()), header_len + 16);
    assert!(Header::fields(&[&message[..], b"!"].concat()).is_err());
    let mut writer = Writer::new();
    FrameHead { sequence: 1, piece: Piece::FinalFrame, iv: frame_iv(1), content_len: 2 }.write(&mut writer);
    message.extend_from_slice(&writer.finish());
    message.extend_from_slice(&[0xcc; 2 + 16]);
    let fields = super::fields(&message).unwrap();
    assert_eq!(contiguous_end(&fields), message.len());
    let note = |label: &str| fields.iter().find(|field| field.label == label).unwrap().note.clone();
    assert_eq!(note("suite id"), "suite 0478: AES-256-GCM, HKDF-SHA-512, key commitment");
    assert_eq!(note("final frame 1: sequence number"), "frame number 1");
    assert_eq!(note("final frame 1: ciphertext"), "2 bytes, as long as the plaintext");
    assert!(note("provider info").contains("`name`"));
    message.push(0);
    assert!(super::fields(&message).is_err(), "bytes after the message belong to no field");
}

/// A message of two frames and the last one, each of `frame_length` bytes, with these numbers.
fn message_of_frames(frame_length: u32, sequences: [u32; 3]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(&bytes(&Header { content: Content::Framed { frame_length }, ..header() })).bytes(&[5; 16]);
    for (sequence, piece) in sequences.into_iter().zip([Piece::Frame, Piece::Frame, Piece::FinalFrame]) {
        FrameHead { sequence, piece, iv: frame_iv(sequence), content_len: frame_length.into() }.write(&mut writer);
        writer.bytes(&vec![0xcc; usize::try_from(frame_length).unwrap() + 16]);
    }
    writer.finish()
}

#[test]
fn what_can_be_seen_without_a_key_is_described() {
    let message = message_of_frames(2, [1, 2, 3]);
    let whole = describe(&message, 3);
    assert_eq!((whole.frame_count, whole.plaintext_len, &whole.problem), (3, 6, &None));
    assert_eq!(whole.header_len, Some(bytes(&header()).len() + 16));
    assert_eq!(whole.fields, super::fields(&message).unwrap());
    for max_frames in 0..3 {
        let brief = describe(&message, max_frames);
        assert_eq!(contiguous_end(&brief.fields), message.len());
        assert_eq!(brief.fields.last().unwrap().label, format!("frames {} to 3", max_frames + 1));
        assert!(brief.fields.len() < whole.fields.len());
        assert_eq!(Described { fields: whole.fields.clone(), ..brief }, whole);
    }
    for len in 0..message.len() {
        let cut = describe(&message[..len], 9);
        assert!(whole.fields.starts_with(&cut.fields) && cut.problem.is_some(), "{len} bytes");
        assert!(cut.header.is_none_or(|header| Some(header) == whole.header), "{len} bytes");
    }
    let swapped = message_of_frames(2, [2, 1, 3]);
    assert!(super::fields(&swapped).is_ok());
    let swapped = describe(&swapped, 9);
    assert_eq!((swapped.frame_count, contiguous_end(&swapped.fields)), (3, message.len()));
    assert!(swapped.problem.unwrap().to_string().contains("frame 2 stands where frame 1 belongs"));
}

fn any_header() -> impl Strategy<Value = Header> {
    let key = (".{0,6}", prop::collection::vec(any::<u8>(), 0..9), prop::collection::vec(any::<u8>(), 0..9))
        .prop_map(|(provider_id, provider_info, ciphertext)| EncryptedDataKey { provider_id, provider_info, ciphertext });
    let context = prop::collection::btree_map(".{0,6}", ".{0,6}", 0..4).prop_map(|pairs| pairs.into_iter().collect::<EncryptionContext>());
    let suite = prop::sample::select(Suite::ALL);
    let content = prop_oneof![Just(Content::Unframed), (1u32..).prop_map(|frame_length| Content::Framed { frame_length })];
    (suite, any::<([u8; 16], [u8; 32])>(), context, prop::collection::vec(key, 1..4), content).prop_map(
        |(suite, (short, long), encryption_context, encrypted_data_keys, content)| Header {
            suite,
            message_id: if suite.message_version() == 1 { MessageId::V1(short) } else { MessageId::V2(long) },
            encryption_context,
            encrypted_data_keys,
            content,
            commitment: suite.is_committing().then_some(long),
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_its_fields_are_all_of_it(header in any_header()) {
        let bytes = bytes(&header);
        prop_assert_eq!(read(&bytes).unwrap(), header);
        prop_assert_eq!(contiguous_end(&Header::fields(&bytes).unwrap()), bytes.len());
    }

    #[test]
    fn any_bytes_are_described_without_panic(tail: Vec<u8>, whole: Vec<u8>) {
        let _ = super::fields(&whole);
        for start in [&b"\x02\x04\x78"[..], b"\x02\x05\x78", b"\x01\x80\x03\x78"] {
            let _ = super::fields(&[start, &tail].concat());
        }
    }
}
