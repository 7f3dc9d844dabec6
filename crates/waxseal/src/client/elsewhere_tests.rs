//! Sessions whose keys are derived and whose ciphers are elsewhere, played by this crate's own: they write and read the same messages.

use waxseal_base::codec::Writer;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Trace;
use zeroize::Zeroizing;

use super::*;
use crate::keyring::NewDataKey;
use crate::keyring::tests::env;
use crate::message::EncryptedDataKey;
use crate::plan::FramePlan;
use crate::primitives::{Expansion, GcmKey, HkdfHash, hkdf};
use crate::session::{BufferedDecryptor, Derivation, DerivingEncryption, Finished, UnsealedHeader};

fn client(suite: Suite, required: &[&str]) -> Client {
    let client = Client::without_keyring(env()).with_suite(suite).with_frame_length(16).unwrap();
    client.with_required_encryption_context_keys(required.iter().map(|key| (*key).to_owned()))
}

fn data_key() -> Secret {
    Secret::new(SecretName::DataKey, Zeroizing::new(DATA_KEY.to_vec()), &Observer::none())
}

fn copies() -> Vec<EncryptedDataKey> {
    vec![EncryptedDataKey { provider_id: "elsewhere".into(), provider_info: b"key".to_vec(), ciphertext: vec![9; 40] }]
}

fn prepare(client: &Client, observer: &Observer) -> PreparedEncryption {
    let options = EncryptOptions {
        encryption_context: [("tenant", "42"), ("k", "v")].into_iter().collect(),
        signer_public_key: client.suite().signature().map(|algorithm| vec![2; algorithm.point_len()]),
        ..Default::default()
    };
    client.prepare_encryption(&options, observer).unwrap()
}

fn start_elsewhere(client: &Client) -> DerivingEncryption {
    prepare(client, &Observer::none()).start_elsewhere(32, copies()).unwrap()
}

/// The cipher under the message key, and the commitment.
fn derive(derivation: &Derivation) -> (GcmKey, [u8; 32]) {
    let (mut message_key, mut commitment) = ([0; 32], [0; 32]);
    let expansions = &mut [
        Expansion { info: &[&derivation.message_key_info], output: &mut message_key },
        Expansion { info: &[&derivation.commitment_info], output: &mut commitment },
    ];
    hkdf(HkdfHash::Sha512, Some(&derivation.salt), &DATA_KEY, expansions).unwrap();
    (GcmKey::new(&message_key).unwrap(), commitment)
}

fn commit(deriving: DerivingEncryption) -> (UnsealedHeader, GcmKey) {
    let (cipher, commitment) = derive(&deriving.derivation());
    (deriving.commit(commitment).unwrap(), cipher)
}

fn seal_header(unsealed: UnsealedHeader, cipher: &GcmKey) -> Encryptor {
    let tag = cipher.seal(&[0; 12], unsealed.additional_data(), &mut []).unwrap();
    unsealed.sealed(tag)
}

/// The rest of the message, its frames sealed so.
fn write(mut encryptor: Encryptor, seal: impl Fn(&mut Encryptor, &FramePlan, &mut [u8]) -> [u8; 16]) -> Vec<u8> {
    let mut message = encryptor.header_bytes().to_vec();
    let mut plans = encryptor.plan_full(2).unwrap();
    plans.push(encryptor.plan(3, true).unwrap());
    for (plan, plaintext) in plans.iter().zip(PLAINTEXT.chunks(16)) {
        let mut head = Writer::new();
        plan.head().write(&mut head);
        let mut content = plaintext.to_vec();
        let tag = seal(&mut encryptor, plan, &mut content);
        message.extend([head.finish(), content, tag.to_vec()].concat());
    }
    let is_signed = encryptor.header().suite.signature().is_some();
    message.extend(if is_signed { encryptor.finish_with_signature(&[0x30, 0]) } else { encryptor.finish() }.unwrap());
    message
}

fn write_here(client: &Client) -> Vec<u8> {
    let made = NewDataKey { data_key: data_key(), encrypted_data_keys: copies() };
    let encryptor = prepare(client, &Observer::none()).start(made).unwrap();
    write(encryptor, |encryptor, plan, content| encryptor.seal(plan, content).unwrap())
}

fn write_elsewhere(client: &Client) -> Vec<u8> {
    let (unsealed, cipher) = commit(start_elsewhere(client));
    write(seal_header(unsealed, &cipher), |encryptor, plan, content| {
        let tag = cipher.seal(&plan.iv, &plan.aad, content).unwrap();
        encryptor.sealed_elsewhere(plan, &tag).unwrap();
        tag
    })
}

fn prepare_reading<'a>(client: &Client, message: &'a [u8], observer: &Observer) -> (PreparedDecryption, &'a [u8]) {
    let (taken, received) = client.read_header(None, observer).push(message).unwrap();
    let options = DecryptOptions {
        reproduced_encryption_context: [("tenant", "42")].into_iter().collect(),
        verify_elsewhere: true,
        ..Default::default()
    };
    (client.prepare_decryption(received.unwrap(), &options).unwrap(), &message[taken..])
}

/// What is found elsewhere about a header.
fn look_at(prepared: &PreparedDecryption) -> (GcmKey, [u8; 32], bool) {
    let (cipher, commitment) = derive(&prepared.derivation().unwrap());
    let (iv, tag) = prepared.header_tag();
    let is_right = cipher.open(iv, &prepared.additional_data().unwrap(), &mut [], tag).is_ok();
    (cipher, commitment, is_right)
}

fn is_read(finished: Finished) -> bool {
    match finished {
        Finished::Verified => true,
        Finished::SignatureToVerify(signature) => signature.verified(true).is_ok(),
    }
}

fn read_here(client: &Client, message: &[u8]) -> Result<Vec<u8>, Error> {
    let (prepared, body) = prepare_reading(client, message, &Observer::none());
    let (mut session, mut plaintext) = (BufferedDecryptor::new(prepared.start(Some(data_key()))?), Vec::new());
    session.push(body, &mut plaintext)?;
    match session.finish(&mut plaintext)? {
        Finished::Verified => {}
        Finished::SignatureToVerify(signature) => plaintext.extend_from_slice(&signature.verified(true)?),
    }
    Ok(plaintext)
}

fn read_elsewhere(client: &Client, message: &[u8]) -> Result<Vec<u8>, Error> {
    let (prepared, mut rest) = prepare_reading(client, message, &Observer::none());
    let (cipher, commitment, is_right) = look_at(&prepared);
    let mut decryptor = prepared.start_elsewhere(&commitment, is_right)?;
    let mut plaintext = Vec::new();
    while !decryptor.has_last_frame() {
        let (taken, plan) = decryptor.plan_head(rest)?;
        let plan = plan.unwrap();
        let (content, after) = rest[taken..].split_at(usize::try_from(plan.len()).unwrap());
        let (tag, after) = after.split_first_chunk().unwrap();
        let mut content = content.to_vec();
        cipher.open(&plan.iv, &plan.aad, &mut content, tag).map_err(|_| decryptor.failed_elsewhere())?;
        decryptor.opened_elsewhere(&plan, tag)?;
        plaintext.extend(content);
        rest = after;
    }
    assert!(is_read(decryptor.finish(rest)?));
    Ok(plaintext)
}

#[test]
fn keys_derived_elsewhere_make_the_same_messages_and_open_them() {
    for suite in [Suite::COMMITTING, Suite::COMMITTING_SIGNED] {
        for required in [&[][..], &["tenant"]] {
            // The same random bytes are drawn.
            let message = write_here(&client(suite, required));
            assert_eq!(write_elsewhere(&client(suite, required)), message, "{suite}, {required:?}");
            let client = client(suite, required);
            assert_eq!(read_here(&client, &message).unwrap(), PLAINTEXT, "{suite}, {required:?}");
            assert_eq!(read_elsewhere(&client, &message).unwrap(), PLAINTEXT, "{suite}, {required:?}");
        }
    }
}

#[test]
fn a_wrong_commitment_or_tag_is_refused() {
    let client = client(Suite::COMMITTING, &["tenant"]);
    let message = write_elsewhere(&client);
    let start = |flipped: Option<usize>, header_is_right: bool| {
        let (prepared, _) = prepare_reading(&client, &message, &Observer::none());
        let (_, mut commitment, is_right) = look_at(&prepared);
        assert!(is_right);
        if let Some(bit) = flipped {
            commitment[bit / 8] ^= 1 << (bit % 8);
        }
        prepared.start_elsewhere(&commitment, header_is_right).map(|_| ())
    };
    assert_eq!(start(None, true), Ok(()));
    assert_eq!(start(None, false), Err(Error::DecryptionFailed));
    for bit in 0..256 {
        assert_eq!(start(Some(bit), true), Err(Error::DecryptionFailed), "bit {bit}");
    }
    // The commitment and the tag are the last of the header.
    let header_len = message.len() - (2 * 48 + 24 + 3 + 16);
    for at in header_len - 48..header_len {
        let mut altered = message.clone();
        altered[at] ^= 1;
        assert_eq!(read_elsewhere(&client, &altered), Err(Error::DecryptionFailed), "byte {at}");
    }
    let (unsealed, _) = commit(start_elsewhere(&client));
    let mut encryptor = unsealed.sealed([1; 16]);
    let plan = encryptor.plan(0, true).unwrap();
    encryptor.sealed_elsewhere(&plan, &[0; 16]).unwrap();
    assert_eq!(read_here(&client, encryptor.header_bytes()), Err(Error::DecryptionFailed), "a tag that no cipher made");
}

#[test]
fn a_data_key_elsewhere_is_checked_like_one_here() {
    let client = client(Suite::COMMITTING, &[]).with_max_encrypted_data_keys(1).unwrap();
    let refused = |len: usize, copies: Vec<EncryptedDataKey>| {
        let error = prepare(&client, &Observer::none()).start_elsewhere(len, copies).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "InvalidInput");
        error.to_string()
    };
    assert!(refused(31, copies()).contains("31 bytes"));
    assert!(refused(32, Vec::new()).contains("for nobody"));
    assert!(refused(32, [copies(), copies()].concat()).contains("this client allows 1"));
}

#[cfg(feature = "legacy")]
#[test]
fn suites_without_commitment_are_not_derived_elsewhere() {
    let client = client(Suite::from_id(0x0178).unwrap(), &[]).with_commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    let refused = prepare(&client, &Observer::none()).start_elsewhere(31, Vec::new()).unwrap_err();
    assert_eq!(refused.code(), "Unsupported");
    let message = write_here(&client);
    let (prepared, _) = prepare_reading(&client, &message, &Observer::none());
    assert_eq!(prepared.derivation().unwrap_err().code(), "Unsupported");
    assert_eq!(prepared.start_elsewhere(&[0; 32], true).unwrap_err().code(), "Unsupported");
}

#[test]
fn a_session_without_ciphers_says_so() {
    let client = client(Suite::COMMITTING, &[]);
    let is_refused = |result: Result<(), Error>| {
        let error = result.unwrap_err();
        assert!(error.code() == "InvalidInput" && error.to_string().contains("without its data key"), "{error}");
    };
    let encryptor = || {
        let (unsealed, cipher) = commit(start_elsewhere(&client));
        seal_header(unsealed, &cipher)
    };
    let mut sealing = encryptor();
    let plan = sealing.plan(3, true).unwrap();
    is_refused(sealing.danger_message_key().map(|_| ()));
    is_refused(sealing.seal(&plan, &mut [0; 3]).map(|_| ()));
    sealing.sealed_elsewhere(&plan, &[0; 16]).unwrap();
    is_refused(encryptor().seal_all(PLAINTEXT).map(|_| ()));

    let message = write_elsewhere(&client);
    let decryptor = || {
        let (prepared, body) = prepare_reading(&client, &message, &Observer::none());
        let (_, commitment, is_right) = look_at(&prepared);
        (prepared.start_elsewhere(&commitment, is_right).unwrap(), body)
    };
    let (mut opening, body) = decryptor();
    let (taken, plan) = opening.plan_head(body).unwrap();
    let (mut content, tag) = (body[taken..taken + 16].to_vec(), body[taken + 16..].first_chunk().unwrap());
    is_refused(opening.danger_message_key().map(|_| ()));
    is_refused(opening.open(plan.as_ref().unwrap(), &mut content, tag));
    opening.opened_elsewhere(plan.as_ref().unwrap(), tag).unwrap();
    is_refused(decryptor().0.open_all(body).map(|_| ()));
    let mut opener = decryptor().0.into_frame_opener(false).unwrap();
    let plan = opener.plan(1, false, &body[..taken]).unwrap();
    is_refused(opener.danger_message_key().map(|_| ()));
    is_refused(opener.open(&plan, &mut content, tag));
    opener.opened_elsewhere(&plan, tag);
}

#[test]
fn the_observer_is_told_what_is_known() {
    let client = client(Suite::COMMITTING, &[]);
    let told = |run: &dyn Fn(&Observer)| {
        let trace = Trace::new();
        run(&Observer::new(&env(), trace.clone()).unwrap());
        trace.events().into_iter().map(|event| event.kind).collect::<Vec<_>>()
    };
    let sealing = told(&|observer| {
        let (unsealed, cipher) = commit(prepare(&client, observer).start_elsewhere(32, copies()).unwrap());
        drop(seal_header(unsealed, &cipher));
    });
    let [Kind::OperationStarted { .. }, Kind::RandomDrawn { .. }, Kind::HeaderSealed { .. }, Kind::OperationFinished { .. }] = &sealing[..]
    else {
        panic!("{sealing:?}")
    };
    let message = write_elsewhere(&client);
    let opening = |wrong: u8, header_is_right: bool| {
        told(&|observer| {
            let (prepared, _) = prepare_reading(&client, &message, observer);
            let (_, mut commitment, _) = look_at(&prepared);
            commitment[0] ^= wrong;
            drop(prepared.start_elsewhere(&commitment, header_is_right));
        })
    };
    let right = opening(0, true);
    let [_, Kind::CommitmentChecked { matches: true }, Kind::HeaderVerified { .. }, _] = &right[..] else { panic!("{right:?}") };
    let wrong = opening(1, true);
    let [_, Kind::CommitmentChecked { matches: false }, Kind::VerificationFailed { what: Verified::Commitment }, _] = &wrong[..] else {
        panic!("{wrong:?}")
    };
    let wrong = opening(0, false);
    let [_, Kind::CommitmentChecked { matches: true }, Kind::VerificationFailed { what: Verified::Header }, _] = &wrong[..] else {
        panic!("{wrong:?}")
    };
    let no_key = told(&|observer| {
        let error = prepare_reading(&client, &message, observer).0.no_key();
        assert!(error.to_string().contains("not for this keyring"), "{error}");
    });
    let [_, Kind::VerificationFailed { what: Verified::EncryptedDataKey }, Kind::OperationFinished { .. }] = &no_key[..] else {
        panic!("{no_key:?}")
    };
}

const DATA_KEY: [u8; 32] = [7; 32];
const PLAINTEXT: &[u8] = b"a plaintext of three frames, of 35!";
