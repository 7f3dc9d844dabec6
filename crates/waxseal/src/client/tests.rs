//! Whole operations: round trips, refusals, what is told, and that failures release nothing.

use std::sync::Arc;

use proptest::prelude::*;
use waxseal_base::event::{Event, OperationResult, SecretName};
use waxseal_base::observer::Trace;
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::*;
use crate::keyring::NewDataKey;
use crate::keyring::tests::{KEY, ToyKms, env, kind_name, refusal};
use crate::keyring::{KmsKeyring, MultiKeyring, RawAesKeyring};
use crate::message::Header;

fn raw_keyring() -> RawAesKeyring {
    RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).unwrap()
}

fn client() -> Client {
    Client::new(env(), Arc::new(raw_keyring()))
}

fn context() -> EncryptionContext {
    [("tenant", "42"), ("purpose", "test")].into_iter().collect()
}

fn encrypt(client: &Client, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let options = EncryptOptions { encryption_context: context(), ..Default::default() };
    pollster::block_on(client.encrypt(plaintext, &options, &Observer::none()))
}

fn decrypt(client: &Client, message: &[u8]) -> Result<Decrypted, Error> {
    pollster::block_on(client.decrypt(message, &DecryptOptions::default(), &Observer::none()))
}

fn decrypt_expecting(client: &Client, message: &[u8], pairs: &[(&str, &str)]) -> Result<Decrypted, Error> {
    let options = DecryptOptions { encryption_context: pairs.iter().copied().collect(), ..Default::default() };
    pollster::block_on(client.decrypt(message, &options, &Observer::none()))
}

#[test]
fn what_is_encrypted_decrypts() {
    let message = encrypt(&client(), b"top secret").unwrap();
    assert!(!message.windows(10).any(|window| window == b"top secret"));
    let decrypted = decrypt(&client(), &message).unwrap();
    assert_eq!(decrypted.plaintext, b"top secret");
    assert_eq!((decrypted.encryption_context(), decrypted.header.content.frame_length()), (&context(), Some(Client::DEFAULT_FRAME_LENGTH)));
    assert!(!format!("{decrypted:?}").contains("116, 111, 112"), "a plaintext does not print");
}

#[test]
fn message_ids_and_data_keys_are_fresh() {
    let client = client();
    let (one, two) = (encrypt(&client, b"same").unwrap(), encrypt(&client, b"same").unwrap());
    let (one, two) = (Header::read_from(&one).unwrap(), Header::read_from(&two).unwrap());
    assert_ne!(one.message_id, two.message_id);
    assert_ne!(one.commitment, two.commitment);
    assert_ne!(one.encrypted_data_keys, two.encrypted_data_keys);
}

#[test]
fn the_context_given_to_decrypt_is_compared_before_any_key_is_asked_for() {
    let kms = Arc::new(ToyKms::new());
    let client = Client::new(env(), Arc::new(KmsKeyring::new(kms.clone(), KEY).unwrap()));
    let message = encrypt(&client, b"x").unwrap();
    let error = decrypt_expecting(&client, &message, &[("tenant", "43"), ("purpose", "test"), ("more", "")]).unwrap_err();
    assert_eq!(error, Error::EncryptionContextMismatch { keys: vec!["more".into(), "tenant".into()] });
    assert_eq!(kms.calls.lock().unwrap().len(), 1, "only the call that encrypted");
    assert!(decrypt_expecting(&client, &message, &[("tenant", "42")]).is_ok());
}

#[test]
fn a_refusal_of_the_kms_keeps_its_name() {
    let good = Arc::new(KmsKeyring::new(Arc::new(ToyKms::new()), KEY).unwrap());
    let message = encrypt(&Client::new(env(), good), b"x").unwrap();
    let kms = ToyKms { refuses: Some(refusal("AccessDeniedException")), ..ToyKms::new() };
    let client = Client::new(env(), Arc::new(KmsKeyring::new(Arc::new(kms), KEY).unwrap()));
    assert_eq!(decrypt(&client, &message).unwrap_err().kms_code(), Some("AccessDeniedException"));
    assert_eq!(encrypt(&client, b"x").unwrap_err().kms_code(), Some("AccessDeniedException"));
}

#[test]
fn a_message_for_another_key_says_which_keys_it_is_for() {
    let message = encrypt(&client(), b"x").unwrap();
    let other = RawAesKeyring::new("other", "name", Zeroizing::new(vec![1; 32])).unwrap();
    let error = decrypt(&Client::new(env(), Arc::new(other)), &message).unwrap_err();
    assert_eq!(error.code(), "InvalidInput");
    assert!(error.to_string().contains("wrapped by ns `name`"), "{error}");
}

#[test]
fn requests_that_can_not_be_met_are_refused() {
    let refused = |client: &Client, context: EncryptionContext| {
        let options = EncryptOptions { encryption_context: context, ..Default::default() };
        pollster::block_on(client.encrypt(b"x", &options, &Observer::none())).unwrap_err()
    };
    let error = refused(&client(), [("aws-crypto-public-key", "x")].into_iter().collect());
    assert!(error.code() == "InvalidInput" && error.to_string().contains("`aws-crypto-public-key` is reserved"), "{error}");
    let error = refused(&client(), [("k", "v".repeat(65_530))].into_iter().collect());
    assert!(error.code() == "InvalidInput" && error.to_string().contains("at most 65535"), "{error}");
    assert_eq!(client().with_frame_length(0).unwrap_err().code(), "InvalidInput");
    assert_eq!(client().with_max_encrypted_data_keys(0).unwrap_err().code(), "InvalidInput");
    let two = MultiKeyring::new(Some(Arc::new(raw_keyring())), vec![Arc::new(raw_keyring())]).unwrap();
    let client = Client::new(env(), Arc::new(two));
    let message = encrypt(&client, b"x").unwrap();
    let limited = client.with_max_encrypted_data_keys(1).unwrap();
    assert!(encrypt(&limited, b"x").unwrap_err().to_string().contains("wrapped the data key 2 times"));
    assert!(decrypt(&limited, &message).unwrap_err().to_string().contains("at most 1"));
}

/// A keyring that gives what it should not.
struct Careless {
    data_key_len: usize,
    keys: usize,
    /// Of each wrapped copy.
    ciphertext_len: usize,
}

impl Keyring for Careless {
    fn make_data_key<'a>(
        &'a self,
        _request: &'a crate::keyring::KeyRequest,
        observer: &'a Observer,
    ) -> waxseal_base::threading::BoxFuture<'a, Result<NewDataKey, Error>> {
        let data_key = Secret::new(SecretName::DataKey, Zeroizing::new(vec![4; self.data_key_len]), observer);
        let key =
            crate::message::EncryptedDataKey { provider_id: "x".into(), provider_info: vec![], ciphertext: vec![0; self.ciphertext_len] };
        Box::pin(async move { Ok(NewDataKey { data_key, encrypted_data_keys: vec![key; self.keys] }) })
    }

    fn wrap_data_key<'a>(
        &'a self,
        _data_key: &'a Secret,
        _request: &'a crate::keyring::KeyRequest,
        _observer: &'a Observer,
    ) -> waxseal_base::threading::BoxFuture<'a, Result<Vec<crate::message::EncryptedDataKey>, Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        _keys: &'a [crate::message::EncryptedDataKey],
        _request: &'a crate::keyring::KeyRequest,
        observer: &'a Observer,
    ) -> waxseal_base::threading::BoxFuture<'a, Option<Result<Secret, Error>>> {
        let data_key = Secret::new(SecretName::DataKey, Zeroizing::new(vec![4; self.data_key_len]), observer);
        Box::pin(async move { Some(Ok(data_key)) })
    }
}

#[test]
fn what_a_keyring_gives_is_checked() {
    let client = |data_key_len, keys| Client::new(env(), Arc::new(Careless { data_key_len, keys, ciphertext_len: 0 }));
    assert!(encrypt(&client(31, 1), b"x").unwrap_err().to_string().contains("a data key of 31 bytes"));
    assert!(encrypt(&client(32, 0), b"x").unwrap_err().to_string().contains("for nobody"));
    assert!(encrypt(&client(32, 65_536), b"x").unwrap_err().to_string().contains("65536 times"));
    let message = encrypt(&client(32, 1), b"x").unwrap();
    assert_eq!(decrypt(&client(32, 1), &message).unwrap().plaintext, b"x");
    assert_eq!(decrypt(&client(33, 1), &message).unwrap_err(), Error::DecryptionFailed);
}

#[test]
fn a_header_that_would_not_be_read_is_not_written() {
    let client = |keys| Client::new(env(), Arc::new(Careless { data_key_len: 32, keys, ciphertext_len: 60_000 }));
    assert!(encrypt(&client(560), b"x").unwrap_err().to_string().contains("wrap the data key less often"));
    assert_eq!(decrypt(&client(559), &encrypt(&client(559), b"x").unwrap()).unwrap().plaintext, b"x");
}

fn told(run: impl FnOnce(&Observer)) -> Vec<Event> {
    let trace = Trace::new();
    run(&Observer::new(&env(), trace.clone()).unwrap());
    trace.events()
}

fn names(events: &[Event]) -> Vec<String> {
    events.iter().map(kind_name).collect()
}

fn kms_client() -> Client {
    let keyring = KmsKeyring::new(Arc::new(ToyKms::new()), KEY).unwrap();
    Client::new(env(), Arc::new(keyring)).with_frame_length(4).unwrap()
}

#[test]
fn an_encryption_tells_its_story_in_order() {
    let mut message = Vec::new();
    let events = told(|observer| {
        message = pollster::block_on(kms_client().encrypt(b"seven b", &EncryptOptions::default(), observer)).unwrap();
    });
    assert_eq!(
        names(&events),
        [
            "OperationStarted",
            "KmsRequestSent",
            "RandomDrawn",
            "KeyDerived",
            "KeyDerived",
            "SecretWiped",
            "HeaderSealed",
            "FrameSealed",
            "FrameSealed",
            "SecretWiped",
            "OperationFinished"
        ]
    );
    assert!(events.iter().all(|event| event.span == events[0].span && event.span.id == 1), "an operation is one span");
    let sealed = events.iter().find_map(|event| match &event.kind {
        Kind::HeaderSealed { header } => Some(header.0.clone()),
        _ => None,
    });
    let sealed = sealed.unwrap();
    assert!(message.starts_with(&sealed), "the header is told whole, with its tag");
    assert_eq!(Header::fields(&sealed).unwrap().last().unwrap().label, "header tag");
    let wiped: Vec<_> = events
        .iter()
        .filter_map(|event| match event.kind {
            Kind::SecretWiped { secret, .. } => Some(secret),
            _ => None,
        })
        .collect();
    assert_eq!(wiped, [SecretName::DataKey, SecretName::MessageKey]);
}

#[test]
fn a_decryption_tells_its_story_in_order() {
    let client = kms_client();
    let message = encrypt(&client, b"seven b").unwrap();
    let events = told(|observer| {
        pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), observer)).unwrap();
    });
    assert_eq!(
        names(&events),
        [
            "OperationStarted",
            "KmsRequestSent",
            "KeyDerived",
            "KeyDerived",
            "CommitmentChecked",
            "SecretWiped",
            "HeaderVerified",
            "FrameOpened",
            "FrameOpened",
            "SecretWiped",
            "OperationFinished"
        ]
    );
}

#[test]
fn a_failed_decryption_tells_where_it_stopped_and_wipes_what_it_had() {
    let client = kms_client();
    let message = encrypt(&client, b"seven b").unwrap();
    let header_len = Header::fields(&message[..message.len() - 79]).unwrap().last().unwrap().range.end;
    let flip = |at: usize| {
        let mut message = message.clone();
        message[at] ^= 1;
        message
    };
    let last = message.len() - 1;
    let cases = [
        (flip(header_len - 1), Verified::Header, 6),
        (flip(header_len - 17), Verified::Commitment, 5),
        (flip(last), Verified::Frame, 8),
        (message[..last].to_vec(), Verified::MessageFormat, 8),
        ([&message[..], b"\0"].concat(), Verified::MessageFormat, 9),
    ];
    for (message, stopped_at, position) in cases {
        let mut result = Ok(());
        let events = told(|observer| {
            result = pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), observer)).map(|_| ());
        });
        let error = result.unwrap_err();
        let at = events.iter().position(|event| event.kind == Kind::VerificationFailed { what: stopped_at });
        assert_eq!(at, Some(position), "{stopped_at:?}: {:?}", names(&events));
        let wiped = events.iter().filter(|event| matches!(event.kind, Kind::SecretWiped { .. })).count();
        assert_eq!(wiped, 2, "{stopped_at:?}: data key and message key");
        let failed = OperationResult::Failed { code: error.code().into(), message: error.to_string() };
        assert_eq!(events.last().unwrap().kind, Kind::OperationFinished { operation: "decrypt".into(), result: failed });
        assert_eq!(error, Error::DecryptionFailed, "the error says the same wherever it stopped");
    }
}

#[test]
fn an_answer_that_is_not_used_is_told() {
    let message = encrypt(&kms_client(), b"x").unwrap();
    let kms = ToyKms { answers_as: crate::keyring::tests::OTHER.into(), ..ToyKms::new() };
    let client = Client::new(env(), Arc::new(KmsKeyring::new(Arc::new(kms), KEY).unwrap()));
    let events = told(|observer| {
        pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), observer)).unwrap_err();
    });
    assert_eq!(names(&events), ["OperationStarted", "KmsRequestSent", "VerificationFailed", "SecretWiped", "OperationFinished"]);
    let events = told(|observer| {
        pollster::block_on(client.encrypt(b"x", &EncryptOptions::default(), observer)).unwrap_err();
    });
    assert_eq!(names(&events), ["OperationStarted", "KmsRequestSent", "VerificationFailed", "SecretWiped", "OperationFinished"]);
}

#[test]
fn a_quiet_trace_has_no_key_in_it() {
    let client = kms_client();
    let trace = told(|observer| {
        let message = pollster::block_on(client.encrypt(b"x", &EncryptOptions::default(), observer)).unwrap();
        pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), observer)).unwrap();
    });
    // The toy KMS gives a data key of thirty-two sevens.
    assert!(!format!("{trace:?}").contains("7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_plaintext_and_frame_length_round_trip(plaintext in prop::collection::vec(any::<u8>(), 0..600), frame_length in 1u32..700) {
        let client = client().with_frame_length(frame_length).unwrap();
        let message = encrypt(&client, &plaintext).unwrap();
        let fields = crate::message::fields(&message).unwrap();
        let mut end = 0;
        for field in &fields {
            prop_assert_eq!(field.range.start, end);
            end = field.range.end;
        }
        prop_assert_eq!(end, message.len());
        let decrypted = decrypt(&client, &message).unwrap();
        prop_assert_eq!(decrypted.plaintext, plaintext);
    }

    #[test]
    fn any_change_is_refused(plaintext in prop::collection::vec(any::<u8>(), 0..40), at: prop::sample::Index, change in 1u8..) {
        let client = client().with_frame_length(16).unwrap();
        let mut message = encrypt(&client, &plaintext).unwrap();
        let at = at.index(message.len());
        message[at] ^= change;
        prop_assert!(decrypt(&client, &message).is_err());
        message[at] ^= change;
        prop_assert!(decrypt(&client, &message[..at]).is_err());
        message.push(change);
        prop_assert!(decrypt(&client, &message).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(tail in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decrypt(&client(), &tail).is_err());
        prop_assert!(decrypt(&client(), &[&b"\x02\x04\x78"[..], &tail].concat()).is_err());
    }
}
