//! Every suite, the commitment policies, signatures, and contexts that are authenticated without being stored.
#![cfg(all(feature = "legacy", feature = "signatures"))]

use std::sync::Arc;

use waxseal_base::codec::Writer;
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::*;
use crate::keyring::RawAesKeyring;
use crate::keyring::tests::env;
use crate::message::{Header, MessageId};
use crate::signature::PUBLIC_KEY;

fn client(policy: CommitmentPolicy) -> Client {
    let keyring = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).unwrap();
    Client::new(env(), Arc::new(keyring)).with_commitment_policy(policy).with_frame_length(16).unwrap()
}

/// One that may write that suite, and read it.
fn client_for(suite: Suite) -> Client {
    let policy = match suite.is_committing() {
        true => CommitmentPolicy::RequireEncryptRequireDecrypt,
        false => CommitmentPolicy::ForbidEncryptAllowDecrypt,
    };
    client(policy).with_suite(suite)
}

fn encrypt(client: &Client, context: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let options = EncryptOptions { encryption_context: context.iter().copied().collect(), ..Default::default() };
    pollster::block_on(client.encrypt(PLAINTEXT, &options, &Observer::none()))
}

fn decrypt(client: &Client, message: &[u8], reproduced: &[(&str, &str)]) -> Result<Decrypted, Error> {
    let options = DecryptOptions { reproduced_encryption_context: reproduced.iter().copied().collect(), ..Default::default() };
    pollster::block_on(client.decrypt(message, &options, &Observer::none()))
}

#[test]
fn every_suite_opens_and_no_flipped_bit_does() {
    for &suite in Suite::ALL {
        let client = client_for(suite);
        let message = encrypt(&client, &[("tenant", "42")]).unwrap();
        let decrypted = decrypt(&client, &message, &[]).unwrap();
        assert_eq!((decrypted.plaintext.as_slice(), decrypted.header.suite), (PLAINTEXT, suite));
        assert_eq!(decrypted.encryption_context().value(PUBLIC_KEY).is_some(), suite.signature().is_some(), "{suite}");
        for at in 0..message.len() {
            let mut altered = message.clone();
            altered[at] ^= 1;
            assert!(decrypt(&client, &altered, &[]).is_err(), "{suite}: byte {at} of {}", message.len());
        }
        for len in 0..message.len() {
            assert!(decrypt(&client, &message[..len], &[]).is_err(), "{suite}: cut to {len}");
        }
        assert!(decrypt(&client, &[&message[..], &[0]].concat(), &[]).is_err(), "{suite}: a byte more");
    }
}

#[test]
fn a_policy_decides_what_is_written_and_read() {
    let without = Suite::from_id(0x0178).unwrap();
    let older = encrypt(&client_for(without), &[]).unwrap();
    let refused = decrypt(&client(CommitmentPolicy::default()), &older, &[]).unwrap_err();
    assert_eq!(refused.code(), "InvalidMessage");
    assert!(refused.to_string().contains("suite 0178 (AES-256-GCM, HKDF-SHA-256), without key commitment"), "{refused}");
    assert!(refused.to_string().ends_with("read it under require-encrypt-allow-decrypt"), "{refused}");
    assert!(decrypt(&client(CommitmentPolicy::RequireEncryptAllowDecrypt), &older, &[]).is_ok());

    let refused = encrypt(&client(CommitmentPolicy::default()).with_suite(without), &[]).unwrap_err();
    assert!(refused.to_string().contains("use suite 0478, or another policy"), "{refused}");
    let forbidding = client(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    assert!(encrypt(&forbidding.clone().with_suite(Suite::COMMITTING), &[]).unwrap_err().to_string().contains("use suite 0378"));
    let message = encrypt(&forbidding, &[]).unwrap();
    assert_eq!(Header::read_from(&message).unwrap().suite, Suite::from_id(0x0378).unwrap());
}

#[test]
fn a_signature_is_of_its_message_by_its_signer() {
    let client = client_for(Suite::COMMITTING_SIGNED);
    let [one, two] = [(); 2].map(|()| encrypt(&client, &[]).unwrap());
    let key = |message: &[u8]| Header::read_from(message).unwrap().encryption_context.value(PUBLIC_KEY).unwrap().to_owned();
    assert_ne!(key(&one), key(&two), "each message has a signer of its own");
    let footer = 2 + 104;
    let cut = |message: &[u8]| (message[..message.len() - footer].to_vec(), message[message.len() - footer..].to_vec());
    // Signatures differ in length by a few bytes; a stranger's footer fits only where they are equal.
    let ((body, own), (_, strangers)) = (cut(&one), cut(&two));
    for (message, why) in [
        ([&body[..], &strangers].concat(), "another message's signature"),
        (body.clone(), "none at all"),
        ([&body[..], b"\0\0"].concat(), "an empty one"),
        ([&body[..], &own, &own].concat(), "two of them"),
    ] {
        assert_eq!(decrypt(&client, &message, &[]).unwrap_err(), Error::DecryptionFailed, "{why}");
    }
    let options = DecryptOptions { unsigned_only: true, ..Default::default() };
    let refused = pollster::block_on(client.decrypt(&one, &options, &Observer::none())).unwrap_err();
    assert!(refused.to_string().contains("only unsigned messages were asked for"), "{refused}");
}

#[test]
fn a_signers_key_belongs_to_signed_messages_only() {
    let header = |suite: Suite, context: EncryptionContext| {
        let message = encrypt(&client_for(suite), &[]).unwrap();
        let header = Header { encryption_context: context, ..Header::read_from(&message).unwrap() };
        let mut writer = Writer::new();
        header.write(&mut writer).unwrap();
        writer.bytes(&[0; 60]);
        writer.finish()
    };
    let named = || EncryptionContext::from_iter([(PUBLIC_KEY, "AzkNCLxJL48=")]);
    for (suite, context, why) in [
        (Suite::COMMITTING, named(), "suite 0478 has no signature"),
        (Suite::COMMITTING_SIGNED, EncryptionContext::new(), "carries no `aws-crypto-public-key`"),
        (Suite::COMMITTING_SIGNED, named(), "is no public key of its suite"),
    ] {
        let refused = decrypt(&client_for(suite), &header(suite, context), &[]).unwrap_err();
        assert!(refused.code() == "InvalidMessage" && refused.to_string().contains(why), "{refused}");
    }
}

#[test]
fn a_context_can_be_authenticated_without_being_stored() {
    for suite in [Suite::COMMITTING, Suite::COMMITTING_SIGNED, Suite::from_id(0x0114).unwrap()] {
        let client = client_for(suite).with_required_encryption_context_keys(["tenant".into()]);
        let message = encrypt(&client, &[("tenant", "42"), ("purpose", "test")]).unwrap();
        let stored = Header::read_from(&message).unwrap().encryption_context;
        assert_eq!((stored.value("tenant"), stored.value("purpose")), (None, Some("test")));
        assert!(!message.windows(2).any(|window| window == b"42"), "nothing tells the tenant");

        assert_eq!(decrypt(&client, &message, &[("tenant", "42")]).unwrap().plaintext, PLAINTEXT);
        assert_eq!(decrypt(&client_for(suite), &message, &[("tenant", "42"), ("purpose", "test")]).unwrap().plaintext, PLAINTEXT);
        assert_eq!(decrypt(&client, &message, &[("tenant", "43")]).unwrap_err(), Error::DecryptionFailed);
        assert_eq!(decrypt(&client_for(suite), &message, &[]).unwrap_err(), Error::DecryptionFailed);
        let missing = decrypt(&client, &message, &[]).unwrap_err();
        assert!(missing.to_string().contains("lacks `tenant`, which this client requires"), "{missing}");
        let differs = decrypt(&client, &message, &[("tenant", "42"), ("purpose", "other")]).unwrap_err();
        assert_eq!(differs, Error::EncryptionContextMismatch { keys: vec!["purpose".into()] });
        assert!(encrypt(&client, &[("purpose", "test")]).unwrap_err().to_string().contains("lacks `tenant`"));
    }
}

#[test]
fn ids_of_version_1_are_shorter() {
    let message = encrypt(&client_for(Suite::from_id(0x0014).unwrap()), &[]).unwrap();
    assert!(matches!(Header::read_from(&message).unwrap().message_id, MessageId::V1(_)));
}

const PLAINTEXT: &[u8] = b"a plaintext of three frames, of which the last is short";
