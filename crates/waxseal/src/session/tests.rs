//! Sessions: any sizes of the pieces give the same message and the same plaintext, nothing unverified comes out, and what is done elsewhere fits.

use std::sync::Arc;

use proptest::prelude::*;
use waxseal_base::codec::Writer;
use waxseal_base::event::{Kind, OperationResult};
use waxseal_base::observer::{Observer, Trace};
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::*;
use crate::keyring::tests::env;
use crate::message::{Content, Piece};
#[cfg(feature = "signatures")]
use crate::primitives::ecdsa::{Digest, SigningKey};
use crate::primitives::{GcmKey, TAG_LEN};
#[cfg(feature = "signatures")]
use crate::signature::{signature_from_der, signature_to_der};
#[cfg(feature = "signatures")]
use crate::suite::SignatureAlgorithm;
use crate::{Client, CommitmentPolicy, DecryptOptions, EncryptOptions, RawAesKeyring, Suite};

pub(crate) fn client(suite: Suite) -> Client {
    let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).unwrap();
    let policy = match suite.is_committing() {
        true => CommitmentPolicy::RequireEncryptRequireDecrypt,
        false => CommitmentPolicy::ForbidEncryptAllowDecrypt,
    };
    Client::new(env(), Arc::new(keyring)).with_commitment_policy(policy).with_suite(suite).with_frame_length(16).unwrap()
}

fn start_encryption(client: &Client) -> Encryptor {
    pollster::block_on(client.start_encryption(&EncryptOptions::default(), &Observer::none())).unwrap()
}

pub(crate) fn one_shot(client: &Client, plaintext: &[u8]) -> Vec<u8> {
    pollster::block_on(client.encrypt(plaintext, &EncryptOptions::default(), &Observer::none())).unwrap()
}

fn encrypt(client: &Client, options: &EncryptOptions, plaintext: &[u8], chunk: usize) -> Vec<u8> {
    let encryptor = pollster::block_on(client.start_encryption(options, &Observer::none())).unwrap();
    let mut session = BufferedEncryptor::new(encryptor);
    let mut message = session.header_bytes().to_vec();
    plaintext.chunks(chunk).for_each(|part| session.push(part, &mut message).unwrap());
    session.finish(&mut message).unwrap();
    message
}

/// The header, and what follows it.
fn read_header<'a>(client: &Client, message: &'a [u8], chunk: usize) -> Result<(ReceivedHeader, &'a [u8]), Error> {
    let mut reader = client.read_header(None, &Observer::none());
    let mut position = 0;
    for part in message.chunks(chunk) {
        let (taken, received) = reader.push(part)?;
        position += taken;
        if let Some(received) = received {
            return Ok((received, &message[position..]));
        }
    }
    Err(reader.ended())
}

fn start_decryption<'a>(client: &Client, message: &'a [u8], options: &DecryptOptions) -> Result<(Decryptor, &'a [u8]), Error> {
    let (received, body) = read_header(client, message, message.len().max(1))?;
    Ok((pollster::block_on(client.start_decryption(received, options))?, body))
}

/// The plaintext, and how much of it was given away before the end.
fn decrypt(client: &Client, message: &[u8], chunk: usize) -> Result<(Vec<u8>, usize), Error> {
    let (received, body) = read_header(client, message, chunk)?;
    let decryptor = pollster::block_on(client.start_decryption(received, &DecryptOptions::default()))?;
    let mut session = BufferedDecryptor::new(decryptor);
    let mut plaintext = Vec::new();
    for part in body.chunks(chunk) {
        session.push(part, &mut plaintext)?;
    }
    let before = plaintext.len();
    match session.finish(&mut plaintext)? {
        Finished::Verified => Ok((plaintext, before)),
        Finished::SignatureToVerify(_) => panic!("nobody asked for that"),
    }
}

/// Those that this build has.
pub(crate) fn suites() -> impl Iterator<Item = Suite> {
    let is_built = |suite: &Suite| {
        (cfg!(feature = "signatures") || suite.signature().is_none()) && (cfg!(feature = "legacy") || suite.is_committing())
    };
    Suite::ALL.iter().copied().filter(is_built)
}

#[test]
fn every_suite_in_pieces_of_any_size() {
    for suite in suites() {
        let client = client(suite);
        for plaintext in [&PLAINTEXT[..0], &PLAINTEXT[..16], &PLAINTEXT[..32], PLAINTEXT] {
            for chunk in CHUNKS {
                let message = encrypt(&client, &EncryptOptions::default(), plaintext, chunk);
                let decrypted = pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &Observer::none())).unwrap();
                assert_eq!(decrypted.plaintext, plaintext, "{suite}, by {chunk}");
                let (streamed, _) = decrypt(&client, &one_shot(&client, plaintext), chunk).unwrap();
                assert_eq!(streamed, plaintext, "{suite}, by {chunk}");
            }
        }
    }
}

#[test]
fn no_flipped_bit_and_no_cut_message_opens_in_pieces() {
    for suite in suites() {
        let client = client(suite);
        let message = one_shot(&client, PLAINTEXT);
        for at in 0..message.len() {
            let mut altered = message.clone();
            altered[at] ^= 1 << (at % 8);
            assert!(decrypt(&client, &altered, 7).is_err(), "{suite}: byte {at} of {}", message.len());
            assert!(decrypt(&client, &message[..at], 16).is_err(), "{suite}: cut to {at}");
        }
        assert_eq!(decrypt(&client, &[&message[..], &[0]].concat(), 7).unwrap_err(), Error::DecryptionFailed, "{suite}: a byte more");
    }
}

#[test]
fn all_but_the_last_frame_is_given_away_at_once() {
    let message = one_shot(&client(Suite::COMMITTING), PLAINTEXT);
    assert_eq!(decrypt(&client(Suite::COMMITTING), &message, 1).unwrap().1, PLAINTEXT.len(), "an unsigned message has nothing to wait for");
}

#[cfg(feature = "signatures")]
#[test]
fn the_last_frame_of_a_signed_message_waits_for_the_signature() {
    let client = client(Suite::COMMITTING_SIGNED);
    let message = one_shot(&client, PLAINTEXT);
    assert_eq!(decrypt(&client, &message, 1).unwrap().1, PLAINTEXT.len() / 16 * 16);
    let mut forged = message.clone();
    *forged.last_mut().unwrap() ^= 1;
    let (received, body) = read_header(&client, &forged, 9).unwrap();
    let decryptor = pollster::block_on(client.start_decryption(received, &DecryptOptions::default())).unwrap();
    let (mut session, mut plaintext) = (BufferedDecryptor::new(decryptor), Vec::new());
    session.push(body, &mut plaintext).unwrap();
    assert_eq!(session.finish(&mut plaintext).unwrap_err(), Error::DecryptionFailed);
    assert_eq!(plaintext, PLAINTEXT[..PLAINTEXT.len() / 16 * 16]);
}

/// Hashes what a message has before its footer.
#[cfg(feature = "signatures")]
fn digest(algorithm: SignatureAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let mut digest = Digest::new(algorithm);
    digest.update(bytes);
    digest.finish()
}

#[cfg(feature = "signatures")]
#[test]
fn signers_and_verifiers_can_be_elsewhere() {
    for suite in suites().filter(|suite| suite.signature().is_some()) {
        let (client, algorithm) = (client(suite), suite.signature().unwrap());
        let key = SigningKey::make(algorithm, &env()).unwrap();
        let options = EncryptOptions { signer_public_key: Some(key.public_key()), ..Default::default() };
        let start = || {
            let mut encryptor = pollster::block_on(client.start_encryption(&options, &Observer::none())).unwrap();
            let mut message = encryptor.header_bytes().to_vec();
            let plan = encryptor.plan(5, true).unwrap();
            encryptor.seal_onto(&plan, b"hello", &mut message).unwrap();
            (encryptor, message)
        };
        let (encryptor, mut message) = start();
        let signature = key.sign(&digest(algorithm, &message)).unwrap();
        let bare = signature_from_der(algorithm, &signature).unwrap();
        assert_eq!(signature_to_der(&bare).unwrap(), signature);
        message.extend(encryptor.finish_with_signature(&signature).unwrap());
        assert_eq!(decrypt(&client, &message, 7).unwrap().0, b"hello", "{suite}");
        assert!(start().0.finish().unwrap_err().to_string().contains("signed elsewhere"));
        assert!(start().0.finish_with_signature(&bare).unwrap_err().to_string().contains("not in DER"));

        let verdict = |is_right: bool| {
            let options = DecryptOptions { verify_elsewhere: true, ..Default::default() };
            let (decryptor, body) = start_decryption(&client, &message, &options).unwrap();
            let (mut session, mut plaintext) = (BufferedDecryptor::new(decryptor), Vec::new());
            session.push(body, &mut plaintext).unwrap();
            let Finished::SignatureToVerify(waiting) = session.finish(&mut plaintext).unwrap() else { panic!("nobody verified it") };
            assert_eq!((waiting.public_key(), waiting.signature(), waiting.algorithm()), (&*key.public_key(), &*signature, algorithm));
            assert!(plaintext.is_empty(), "the last frame waits");
            waiting.verified(is_right)
        };
        assert_eq!(verdict(true).unwrap().as_slice(), b"hello");
        assert_eq!(verdict(false), Err(Error::DecryptionFailed));
        let one_shot = DecryptOptions { verify_elsewhere: true, ..Default::default() };
        assert!(pollster::block_on(client.decrypt(&message, &one_shot, &Observer::none())).is_err(), "nobody would verify it");
    }
}

#[cfg(feature = "signatures")]
#[test]
fn a_message_can_be_hashed_elsewhere() {
    let (client, algorithm) = (client(Suite::COMMITTING_SIGNED), SignatureAlgorithm::EcdsaP384);
    let start = || {
        let mut encryptor = start_encryption(&client);
        let plan = encryptor.plan(0, true).unwrap();
        let mut head = Writer::new();
        plan.head().write(&mut head);
        let tag = encryptor.seal(&plan, &mut []).unwrap();
        let message = [encryptor.header_bytes(), &head.finish(), &tag].concat();
        (encryptor, message)
    };
    let (encryptor, mut message) = start();
    let hash = digest(algorithm, &message);
    message.extend(encryptor.finish_with_digest(&hash).unwrap());
    assert_eq!(decrypt(&client, &message, 7).unwrap().0, b"");
    assert!(start().0.finish().unwrap_err().to_string().contains("part of the body was not given"));
    assert!(start().0.finish_with_digest(&hash[1..]).unwrap_err().to_string().contains("makes 48"));
    assert!(start().0.finish_with_signature(&[0x30, 0]).unwrap_err().to_string().contains("signed here"));

    let open = |digest: Option<&[u8]>| {
        let (mut decryptor, body) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
        let plan = decryptor.plan_head(body).unwrap().1.unwrap();
        decryptor.open(&plan, &mut [], body[24..40].try_into().unwrap()).unwrap();
        let end = match digest {
            Some(digest) => decryptor.finish_with_digest(&body[40..], digest),
            None => decryptor.finish(&body[40..]),
        };
        end.map(|_| ())
    };
    assert_eq!(open(Some(&hash)), Ok(()));
    assert_eq!(open(Some(&[0; 48])), Err(Error::DecryptionFailed));
    assert!(open(None).unwrap_err().to_string().contains("part of the body was not given"));
}

#[test]
fn a_signers_key_has_to_fit_its_suite() {
    let refused = |suite: Suite, public_key: Vec<u8>| {
        let options = EncryptOptions { signer_public_key: Some(public_key), ..Default::default() };
        pollster::block_on(client(suite).start_encryption(&options, &Observer::none())).unwrap_err().to_string()
    };
    assert!(refused(Suite::COMMITTING, vec![2; 49]).contains("does not sign"));
    assert!(refused(Suite::COMMITTING_SIGNED, vec![2; 33]).contains("no compressed point of 49 bytes"));
    assert!(refused(Suite::COMMITTING_SIGNED, vec![4; 97]).contains("no compressed point of 49 bytes"));
    let encryptor = start_encryption(&client(Suite::COMMITTING));
    assert!(encryptor.finish_with_digest(&[0; 48]).unwrap_err().to_string().contains("no last frame"));
}

#[test]
fn a_header_reads_the_same_in_pieces() {
    let client = client(Suite::COMMITTING);
    let context = [("tenant", "42"), ("k", "v")].into_iter().collect();
    let options = EncryptOptions { encryption_context: context, ..Default::default() };
    let message = encrypt(&client, &options, PLAINTEXT, 7);
    let (whole, body) = read_header(&client, &message, message.len()).unwrap();
    for chunk in CHUNKS {
        let (received, rest) = read_header(&client, &message, chunk).unwrap();
        assert_eq!((received.header(), received.bytes(), rest), (whole.header(), whole.bytes(), body), "by {chunk}");
    }
    for cut in 0..whole.bytes().len() {
        let [one, other] = [1, 4096].map(|chunk| read_header(&client, &message[..cut], chunk).map(|_| ()).unwrap_err());
        assert_eq!(one, other, "cut to {cut}");
        assert!(one.to_string().contains("ends early"), "{one}");
    }
    for at in 0..whole.bytes().len() {
        let mut altered = message.clone();
        altered[at] ^= 0x81;
        let [one, other] = [1, 4096].map(|chunk| read_header(&client, &altered, chunk).map(|(received, _)| received.header().clone()));
        match (one, other) {
            (Err(one), Err(other)) => assert!(one == other || other.to_string().contains("ends early"), "byte {at}: {one}; {other}"),
            (one, other) => assert_eq!(one, other, "byte {at}"),
        }
    }
    let refused = |bytes: &[u8]| read_header(&client, bytes, 1).map(|_| ()).unwrap_err().to_string();
    assert!(refused(b"AgR4 is base64").contains("base64"));
    assert!(refused(b"no message").contains("no message format version 110"));
}

#[test]
fn a_header_is_not_looked_at_over_and_over() {
    let client = client(Suite::COMMITTING);
    let mut header = read_header(&client, &one_shot(&client, b""), 4096).unwrap().0.header().clone();
    let key = header.encrypted_data_keys[0].clone();
    header.encrypted_data_keys = vec![key; usize::from(u16::MAX)];
    let mut writer = Writer::new();
    header.write(&mut writer).unwrap();
    let bytes = [writer.finish(), vec![0; TAG_LEN]].concat();
    // Several megabytes, byte by byte: quadratic would be hours.
    let (received, rest) = read_header(&client, &bytes, 1).unwrap();
    assert_eq!((received.header(), rest.len()), (&header, 0));
    let refused = read_header(&client.with_max_encrypted_data_keys(1).unwrap(), &bytes, 1).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("at most 1"), "{refused}");
}

#[test]
fn a_header_has_a_limit() {
    let client = client(Suite::COMMITTING);
    let mut header = read_header(&client, &one_shot(&client, b""), 4096).unwrap().0.header().clone();
    let key = crate::message::EncryptedDataKey { ciphertext: vec![0; 65_535], ..header.encrypted_data_keys[0].clone() };
    header.encrypted_data_keys = vec![key; 600];
    let mut writer = Writer::new();
    header.write(&mut writer).unwrap();
    let refused = read_header(&client, &writer.finish(), 1 << 16).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("longer than 33554432 bytes"), "{refused}");
}

#[test]
fn frames_sealed_and_opened_elsewhere_make_a_message() {
    let client = client(Suite::COMMITTING);
    let mut encryptor = start_encryption(&client);
    let cipher = |key: &[u8]| GcmKey::new(key).unwrap();
    let sealer = cipher(encryptor.danger_message_key().unwrap().expose());
    let mut plans = encryptor.plan_full(2).unwrap();
    plans.push(encryptor.plan(3, true).unwrap());
    let mut message = encryptor.header_bytes().to_vec();
    for (plan, plaintext) in plans.iter().zip(PLAINTEXT[..35].chunks(16)) {
        let mut head = Writer::new();
        plan.head().write(&mut head);
        let mut content = plaintext.to_vec();
        let tag = sealer.seal(&plan.iv, &plan.aad, &mut content).unwrap();
        message.extend([head.finish(), content, tag.to_vec()].concat());
        encryptor.sealed_elsewhere(plan, &tag).unwrap();
    }
    assert!(encryptor.finish().unwrap().is_empty());
    assert_eq!(decrypt(&client, &message, 7).unwrap().0, &PLAINTEXT[..35]);

    let (mut decryptor, body) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
    let opener = cipher(decryptor.danger_message_key().unwrap().expose());
    let layout = crate::plan::FrameLayout::of(decryptor.header().content).unwrap();
    let shape = layout.shape_of(body.len() as u64).unwrap();
    assert_eq!((shape.frames, shape.plaintext_len), (3, 35));
    let heads: Vec<u8> = (1..=shape.frames)
        .flat_map(|sequence| {
            let start = usize::try_from(layout.offset_of(sequence)).unwrap();
            let piece = if sequence == shape.frames { Piece::FinalFrame } else { Piece::Frame };
            body[start..start + piece.head_len()].to_vec()
        })
        .collect();
    let plans = decryptor.plan_heads(&heads).unwrap();
    let mut plaintext = Vec::new();
    for plan in &plans {
        let (start, end) = (usize::try_from(plan.range.start).unwrap(), usize::try_from(plan.range.end).unwrap());
        let tag: [u8; 16] = body[end..end + TAG_LEN].try_into().unwrap();
        let mut content = body[start..end].to_vec();
        opener.open(&plan.iv, &plan.aad, &mut content, &tag).unwrap();
        plaintext.extend(content);
        decryptor.opened_elsewhere(plan, &tag).unwrap();
    }
    assert!(matches!(decryptor.finish(&[]).unwrap(), Finished::Verified));
    assert_eq!(plaintext, &PLAINTEXT[..35]);
}

#[test]
fn frames_are_sealed_once_and_in_order() {
    let mut encryptor = start_encryption(&client(Suite::COMMITTING));
    let plans = encryptor.plan_full(2).unwrap();
    let refused = |result: Result<[u8; 16], Error>| result.unwrap_err().to_string();
    assert!(refused(encryptor.seal(&plans[1], &mut [0; 16])).contains("frame 1 is the next"));
    assert!(refused(encryptor.seal(&plans[0], &mut [0; 15])).contains("16 bytes of plaintext, and 15"));
    encryptor.seal(&plans[0], &mut [0; 16]).unwrap();
    assert!(refused(encryptor.seal(&plans[0], &mut [0; 16])).contains("frame 2 is the next"), "no nonce is used twice");
    encryptor.seal(&plans[1], &mut [0; 16]).unwrap();
    let unplanned = crate::plan::FramePlan { sequence: 3, ..plans[1].clone() };
    assert!(encryptor.seal(&unplanned, &mut [0; 16]).is_err());
    assert!(encryptor.finish().unwrap_err().to_string().contains("no last frame"));
    let mut encryptor = start_encryption(&client(Suite::COMMITTING));
    encryptor.plan(0, true).unwrap();
    assert!(encryptor.finish().unwrap_err().to_string().contains("of 1 frames only 0 are sealed"));
}

#[test]
fn a_session_that_failed_does_nothing_any_more() {
    let client = client(Suite::COMMITTING);
    let mut message = one_shot(&client, PLAINTEXT);
    let last = message.len() - 1;
    message[last] ^= 1;
    let (mut decryptor, body) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
    let mut tampered = body[16..32].to_vec();
    tampered[0] ^= 1;
    let ciphertext = tampered.clone();
    let tag: [u8; 16] = body[32..48].try_into().unwrap();
    let plan = decryptor.plan_head(body).unwrap().1.unwrap();
    assert_eq!(decryptor.open(&plan, &mut tampered, &tag), Err(Error::DecryptionFailed));
    assert_eq!(tampered, ciphertext, "what is not verified is not decrypted");
    let mut right = body[16..32].to_vec();
    assert_eq!(decryptor.open(&plan, &mut right, &tag), Err(Error::DecryptionFailed), "not even what is right");
    assert_eq!(decryptor.plan_head(body).map(|_| ()), Err(Error::DecryptionFailed));
    assert!(decryptor.danger_message_key().is_err(), "the key is gone");
    assert!(decryptor.finish(&[]).is_err());
    let mut encryptor = start_encryption(&client);
    assert_eq!(encryptor.failed_elsewhere("the platform has no AES").to_string(), "the platform has no AES");
    assert!(encryptor.plan(0, true).unwrap_err().to_string().contains("failed before"));
    assert!(encryptor.danger_message_key().is_err());
}

#[test]
fn a_long_frame_is_refused_by_its_head() {
    let client = client(Suite::COMMITTING);
    let options = |limit| DecryptOptions { max_buffered_frame: Some(limit), ..Default::default() };
    let message = one_shot(&client, PLAINTEXT);
    let (mut decryptor, body) = start_decryption(&client, &message, &options(15)).unwrap();
    assert_eq!(decryptor.plan_head(&body[..15]).unwrap(), (15, None));
    let refused = decryptor.plan_head(&body[15..16]).unwrap_err();
    assert_eq!(refused.code(), "InvalidMessage");
    assert!(refused.to_string().contains("16 bytes, and `max_buffered_frame` allows 15"), "{refused}");
    let open = |message: &[u8], limit| pollster::block_on(client.decrypt(message, &options(limit), &Observer::none()));
    assert!(open(&message, 16).is_ok());
    assert!(open(&one_shot(&client, b"short"), 5).is_ok(), "what the header says of frames is no frame");
    assert_eq!(open(&one_shot(&client, b"short"), 4).unwrap_err().code(), "InvalidMessage");
}

#[test]
fn the_end_of_a_message_is_checked() {
    let client = client(Suite::COMMITTING);
    let message = one_shot(&client, b"x");
    let end = |open: bool, rest: &[u8]| {
        let (mut decryptor, body) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
        let (taken, plan) = decryptor.plan_head(body).unwrap();
        if open {
            let mut content = [body[taken]];
            decryptor.open(&plan.unwrap(), &mut content, body[taken + 1..].try_into().unwrap()).unwrap();
        }
        decryptor.finish(rest).map(|_| ())
    };
    assert_eq!(end(true, &[]), Ok(()));
    assert_eq!(end(false, &[]), Err(Error::DecryptionFailed), "a frame that was not opened");
    assert_eq!(end(true, &[0]), Err(Error::DecryptionFailed), "a byte too many");
    let (decryptor, _) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
    assert_eq!(decryptor.finish(&[]).map(|_| ()), Err(Error::DecryptionFailed), "no frame at all");
}

#[test]
fn single_frames_open_by_their_numbers() {
    let client = client(Suite::COMMITTING);
    let mut message = one_shot(&client, PLAINTEXT);
    let header_len = message.len() - (2 * (16 + 16 + 16) + 24 + PLAINTEXT.len() % 16 + 16) - (PLAINTEXT.len() / 16 - 2) * 48;
    message[header_len + 16] ^= 1;
    let (decryptor, body) = start_decryption(&client, &message, &DecryptOptions::default()).unwrap();
    let mut opener = decryptor.into_frame_opener(false).unwrap();
    let layout = opener.layout().unwrap();
    let shape = layout.shape_of(body.len() as u64).unwrap();
    assert_eq!(shape.plaintext_len, PLAINTEXT.len() as u64);
    let mut open = |sequence: u32, at: u32, is_last: bool| {
        let start = usize::try_from(layout.offset_of(at)).unwrap();
        let head_len = if is_last { 24 } else { 16 };
        let plan = opener.plan(sequence, is_last, &body[start..start + head_len])?;
        let len = usize::try_from(plan.len()).unwrap();
        let mut content = body[start + head_len..start + head_len + len].to_vec();
        let tag = body[start + head_len + len..][..16].try_into().unwrap();
        opener.open(&plan, &mut content, tag).map(|()| content)
    };
    assert_eq!(open(shape.frames, shape.frames, true).unwrap(), &PLAINTEXT[PLAINTEXT.len() / 16 * 16..]);
    assert_eq!(open(2, 2, false).unwrap(), &PLAINTEXT[16..32]);
    assert_eq!(open(1, 1, false), Err(Error::DecryptionFailed), "an altered frame fails");
    assert_eq!(open(2, 2, false).unwrap(), &PLAINTEXT[16..32], "and the others do not");
    assert_eq!(open(1, 2, false), Err(Error::DecryptionFailed), "a frame in another's place");
    assert_eq!(open(2, 2, true), Err(Error::DecryptionFailed), "one that others follow is not the last");
}

#[test]
fn a_body_of_one_piece_is_one_frame() {
    let client = client(Suite::COMMITTING);
    let mut header = read_header(&client, &one_shot(&client, b""), 4096).unwrap().0.header().clone();
    header.content = Content::Unframed;
    let mut planner = crate::plan::OpeningPlanner::new(&header);
    let head = [&[9; 12][..], &5u64.to_be_bytes()].concat();
    let plan = planner.push_head(&head).unwrap().1.unwrap();
    assert_eq!((plan.piece, plan.iv, plan.range), (Piece::Whole, [9; 12], 20..25));
    assert!(planner.is_done());
}

#[test]
fn a_session_is_one_operation_with_an_end() {
    let told = |run: &dyn Fn(&Observer)| {
        let trace = Trace::new();
        run(&Observer::new(&env(), trace.clone()).unwrap());
        let events = trace.events();
        assert!(events.iter().all(|event| event.span == events[0].span), "one span");
        events.into_iter().map(|event| event.kind).collect::<Vec<_>>()
    };
    let client = client(Suite::COMMITTING);
    let given_up = told(&|observer| drop(pollster::block_on(client.start_encryption(&EncryptOptions::default(), observer)).unwrap()));
    let [.., Kind::SecretWiped { .. }, Kind::OperationFinished { result: OperationResult::Failed { code, .. }, .. }] = &given_up[..] else {
        panic!("{given_up:?}")
    };
    assert_eq!(code, "Aborted");
    let header_only = told(&|observer| drop(client.read_header(Some(7), observer)));
    assert!(matches!(&header_only[..], [Kind::OperationStarted { input_len: Some(7), .. }, Kind::OperationFinished { .. }]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_context_size_and_pieces_round_trip(
        context in prop::collection::btree_map("[a-z\u{e9}\u{1f511}]{1,9}", ".{0,9}", 0..4),
        plaintext in prop::collection::vec(any::<u8>(), 0..400),
        frame_length in 1u32..500,
        (write, read) in (1usize..500, 1usize..500),
        suite in prop::sample::select(suites().collect::<Vec<_>>()),
    ) {
        let client = client(suite).with_frame_length(frame_length).unwrap();
        let options = EncryptOptions { encryption_context: EncryptionContext::from_iter(context), ..Default::default() };
        let message = encrypt(&client, &options, &plaintext, write);
        prop_assert_eq!(decrypt(&client, &message, read).unwrap().0, plaintext);
    }

    #[test]
    fn any_change_is_refused_in_pieces(plaintext in prop::collection::vec(any::<u8>(), 0..60), at: prop::sample::Index, change in 1u8.., chunk in 1usize..80) {
        let client = client(Suite::COMMITTING);
        let mut message = one_shot(&client, &plaintext);
        let at = at.index(message.len());
        message[at] ^= change;
        prop_assert!(decrypt(&client, &message, chunk).is_err());
        message[at] ^= change;
        prop_assert!(decrypt(&client, &message[..at], chunk).is_err());
        message.push(change);
        prop_assert!(decrypt(&client, &message, chunk).is_err());
    }
}

pub(crate) const PLAINTEXT: &[u8] = b"a plaintext of several frames, of which the last one is shorter than the others";
const CHUNKS: [usize; 5] = [1, 7, 16, 4096, usize::MAX];
