//! A KMS that answers as it is told, and what keyrings make of its answers.

use std::sync::{Arc, Mutex};

use waxseal_base::env::Env;
use waxseal_base::event::{Event, SecretName};
use waxseal_base::observer::{Observer, Trace};
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::kms::{Kms, KmsError};
use zeroize::Zeroizing;

use super::*;

pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const OTHER: &str = "arn:aws:kms:us-east-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab";

/// "Wraps" a data key by writing down the key's ARN, the context and the data key with every bit flipped.
pub(crate) struct ToyKms {
    pub(crate) answers_as: String,
    pub(crate) plaintext_len: usize,
    pub(crate) refuses: Option<KmsError>,
    pub(crate) calls: Mutex<Vec<String>>,
}

impl ToyKms {
    pub(crate) fn new() -> Self {
        Self { answers_as: KEY.into(), plaintext_len: 32, refuses: None, calls: Mutex::default() }
    }

    fn called(&self, what: &str, key_id: &str, context: &EncryptionContext) -> Result<String, KmsError> {
        self.calls.lock().unwrap().push(format!("{what} {key_id}"));
        match &self.refuses {
            Some(error) => Err(error.clone()),
            None => Ok(format!("{KEY} {:?} ", context.to_map())),
        }
    }
}

impl Kms for ToyKms {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move {
            assert_eq!(request.number_of_bytes, Some(32));
            let wrapping = self.called("GenerateDataKey", &request.key_id, &request.encryption_context)?;
            let plaintext = vec![7; self.plaintext_len];
            Ok(GenerateDataKeyResponse {
                ciphertext_blob: Blob([wrapping.as_bytes(), &flipped(&plaintext)].concat()),
                plaintext: SecretBlob(Zeroizing::new(plaintext)),
                key_id: self.answers_as.clone(),
                key_material_id: None,
            })
        })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move {
            let wrapping = self.called("Encrypt", &request.key_id, &request.encryption_context)?;
            let ciphertext_blob = Blob([wrapping.as_bytes(), &flipped(&request.plaintext.0)].concat());
            Ok(EncryptResponse { ciphertext_blob, key_id: self.answers_as.clone(), encryption_algorithm: None })
        })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            let wrapping = self.called("Decrypt", request.key_id.as_deref().unwrap(), &request.encryption_context)?;
            let plaintext =
                request.ciphertext_blob.0.strip_prefix(wrapping.as_bytes()).ok_or_else(|| refusal("InvalidCiphertextException"))?;
            let plaintext = flipped(plaintext).into_iter().cycle().take(self.plaintext_len).collect();
            Ok(DecryptResponse {
                plaintext: SecretBlob(Zeroizing::new(plaintext)),
                key_id: self.answers_as.clone(),
                key_material_id: None,
                encryption_algorithm: None,
            })
        })
    }
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| !byte).collect()
}

pub(crate) fn refusal(code: &str) -> KmsError {
    KmsError::Refused { code: code.into(), message: None, request_id: Some("1".into()), retryable: false }
}

pub(crate) fn env() -> Env {
    Env::danger_deterministic(Timestamp::from_millis(0), 11)
}

pub(crate) fn request() -> KeyRequest {
    KeyRequest { suite: Suite::COMMITTING, encryption_context: [("tenant", "42")].into_iter().collect(), env: env() }
}

fn raw(namespace: &str, name: &str, byte: u8, len: usize) -> RawAesKeyring {
    RawAesKeyring::new(namespace, name, Zeroizing::new(vec![byte; len])).unwrap()
}

pub(crate) fn make(keyring: &dyn Keyring) -> Result<NewDataKey, Error> {
    pollster::block_on(keyring.make_data_key(&request(), &Observer::none()))
}

pub(crate) fn unwrap(keyring: &dyn Keyring, keys: &[EncryptedDataKey]) -> Option<Result<Vec<u8>, Error>> {
    pollster::block_on(keyring.unwrap_data_key(keys, &request(), &Observer::none())).map(|key| key.map(|key| key.expose().to_vec()))
}

fn kms_keyring(kms: ToyKms, key_id: &str) -> KmsKeyring {
    KmsKeyring::new(Arc::new(kms), key_id).unwrap()
}

#[test]
fn raw_keys_of_all_lengths_wrap_and_unwrap() {
    for &len in if cfg!(feature = "legacy") { &[16, 24, 32][..] } else { &[32] } {
        let keyring = raw("ns", "ключ", 1, len);
        let made = make(&keyring).unwrap();
        let [key] = &made.encrypted_data_keys[..] else { panic!("one key") };
        assert_eq!((key.provider_id.as_str(), key.ciphertext.len()), ("ns", 48));
        let (info, iv) = key.provider_info.split_last_chunk::<12>().unwrap();
        assert_eq!(info, ["ключ".as_bytes(), &[0, 0, 0, 128, 0, 0, 0, 12]].concat());
        assert_ne!(iv, &[0; 12]);
        assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), Some(Ok(made.data_key.expose().to_vec())));
    }
}

#[test]
fn raw_keys_know_their_own_and_do_not_say_what_is_wrong_with_them() {
    let mine = raw("ns", "name", 1, 32);
    let made = make(&mine).unwrap();
    let key = made.encrypted_data_keys[0].clone();
    for (other, why) in [(raw("nt", "name", 1, 32), "namespace"), (raw("ns", "nam", 1, 32), "prefix"), (raw("ns", "name2", 1, 32), "name")]
    {
        assert_eq!(unwrap(&other, std::slice::from_ref(&key)), None, "{why}");
    }
    let with_info = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut key = key.clone();
        change(&mut key.provider_info);
        [key]
    };
    assert_eq!(unwrap(&mine, &with_info(&|info| info.push(0))), None, "a trailing byte");
    assert_eq!(unwrap(&mine, &with_info(&|info| info[7] = 96)), None, "a shorter tag");
    assert_eq!(unwrap(&mine, &with_info(&|info| info[11] = 16)), None, "a longer nonce");
    let opaque = Some(Err(Error::DecryptionFailed));
    assert_eq!(unwrap(&mine, &with_info(&|info| info[12] ^= 1)), opaque, "another nonce");
    assert_eq!(unwrap(&raw("ns", "name", 2, 32), std::slice::from_ref(&key)), opaque, "another key of that name");
    for len in [0, 15, 16, 47] {
        let short = EncryptedDataKey { ciphertext: key.ciphertext[..len].to_vec(), ..key.clone() };
        assert_eq!(unwrap(&mine, &[short]), opaque, "cut to {len} bytes");
    }
    let mut broken = key.clone();
    broken.ciphertext[0] ^= 1;
    assert_eq!(unwrap(&mine, &[broken, key]), Some(Ok(made.data_key.expose().to_vec())), "the second is tried after the first");
}

#[test]
fn a_raw_key_does_not_give_out_a_data_key_of_another_length() {
    let short = Secret::new(SecretName::DataKey, Zeroizing::new(vec![5; 31]), &Observer::none());
    let keyring = raw("ns", "name", 1, 32);
    let keys = pollster::block_on(keyring.wrap_data_key(&short, &request(), &Observer::none())).unwrap();
    assert_eq!(unwrap(&keyring, &keys), Some(Err(Error::DecryptionFailed)));
}

#[test]
fn bad_settings_are_refused_early() {
    let key = |len| Zeroizing::new(vec![0; len]);
    for namespace in ["aws-kms", "aws-kms-mine"] {
        assert!(RawAesKeyring::new(namespace, "n", key(32)).unwrap_err().to_string().contains("reserved"));
    }
    for len in [0, 15, 17, 31, 33] {
        assert!(RawAesKeyring::new("ns", "n", key(len)).is_err(), "{len}");
    }
    for id in ["", "a b", "arn:aws:s3:::bucket"] {
        assert!(KmsKeyring::new(Arc::new(ToyKms::new()), id).is_err(), "{id}");
    }
    assert!(MultiKeyring::new(None, Vec::new()).is_err());
    assert!(!format!("{:?}", raw("ns", "n", 0x41, 32)).contains("65, 65"));
}

#[test]
fn a_kms_key_wraps_and_unwraps() {
    let keyring = kms_keyring(ToyKms::new(), KEY);
    let made = make(&keyring).unwrap();
    let [key] = &made.encrypted_data_keys[..] else { panic!("one key") };
    assert_eq!((key.provider_id.as_str(), key.provider_info.as_slice()), ("aws-kms", KEY.as_bytes()));
    assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), Some(Ok(vec![7; 32])));
}

#[test]
fn an_alias_encrypts_and_decrypting_with_it_names_the_arn() {
    for name in ["alias/documents", "arn:aws:kms:us-east-1:111122223333:alias/documents", "1234abcd-12ab-34cd-56ef-1234567890ab"] {
        let kms = Arc::new(ToyKms::new());
        let keyring = KmsKeyring::new(kms.clone(), name).unwrap();
        let made = make(&keyring).unwrap();
        let error = unwrap(&keyring, &made.encrypted_data_keys).unwrap().unwrap_err();
        assert_eq!(error.code(), "InvalidInput");
        assert!(error.to_string().contains(name) && error.to_string().contains(KEY), "{error}");
        assert_eq!(kms.calls.lock().unwrap().len(), 1, "no KMS is asked to decrypt");
    }
}

#[test]
fn answers_that_are_not_those_asked_for_are_not_used() {
    for (answers_as, key_id) in [(OTHER, KEY), ("alias/documents", "alias/documents"), ("", KEY), (OTHER, "1234abcd")] {
        let error = make(&kms_keyring(ToyKms { answers_as: answers_as.into(), ..ToyKms::new() }, key_id)).unwrap_err();
        assert_eq!(error.code(), "KmsUnavailable", "{answers_as} for {key_id}: {error}");
    }
    let error = make(&kms_keyring(ToyKms { plaintext_len: 16, ..ToyKms::new() }, KEY)).unwrap_err();
    assert!(error.to_string().contains("16 bytes where 32"), "{error}");
    let made = make(&kms_keyring(ToyKms::new(), KEY)).unwrap();
    for kms in [ToyKms { answers_as: OTHER.into(), ..ToyKms::new() }, ToyKms { plaintext_len: 31, ..ToyKms::new() }] {
        let error = unwrap(&kms_keyring(kms, KEY), &made.encrypted_data_keys).unwrap().unwrap_err();
        assert_eq!(error.code(), "KmsUnavailable", "{error}");
    }
}

#[test]
fn a_kms_key_takes_only_its_own() {
    let keyring = kms_keyring(ToyKms::new(), KEY);
    let made = make(&keyring).unwrap();
    let key = made.encrypted_data_keys[0].clone();
    let of = |info: &str| [EncryptedDataKey { provider_info: info.into(), ..key.clone() }];
    assert_eq!(unwrap(&keyring, &of(OTHER)), None);
    assert_eq!(unwrap(&keyring, &[EncryptedDataKey { provider_id: "aws-kms-rsa".into(), ..key.clone() }]), None);
    for info in ["", "alias/documents", "arn:aws:kms:us-east-1:111122223333:alias/documents", "arn:aws:kms:us-east-1:111122223333:key/"] {
        assert_eq!(unwrap(&keyring, &of(info)).unwrap().unwrap_err().code(), "InvalidMessage", "{info}");
    }
}

#[test]
fn refusals_keep_their_names_and_are_collected() {
    let made = make(&kms_keyring(ToyKms::new(), KEY)).unwrap();
    let twice = [made.encrypted_data_keys[0].clone(), made.encrypted_data_keys[0].clone()];
    let refuses = || kms_keyring(ToyKms { refuses: Some(refusal("AccessDeniedException")), ..ToyKms::new() }, KEY);
    let error = unwrap(&refuses(), &twice).unwrap().unwrap_err();
    assert_eq!((error.code(), error.kms_code(), error.request_id()), ("KmsDenied", Some("AccessDeniedException"), Some("1")));
    assert!(matches!(&error, Error::Kms { failures, .. } if failures.len() == 2), "{error}");
    let multi = MultiKeyring::new(Some(Arc::new(raw("ns", "name", 1, 32))), vec![Arc::new(refuses())]).unwrap();
    let broken = EncryptedDataKey { ciphertext: vec![0; 48], ..make(&raw("ns", "name", 1, 32)).unwrap().encrypted_data_keys[0].clone() };
    let error = unwrap(&multi, &[broken, twice[0].clone()]).unwrap().unwrap_err();
    assert_eq!(error.kms_code(), Some("AccessDeniedException"));
    assert!(matches!(&error, Error::Kms { failures, .. } if failures.len() == 2), "{error}");
}

#[test]
fn who_gives_up_is_not_asked_for_more() {
    let key = make(&kms_keyring(ToyKms::new(), KEY)).unwrap().encrypted_data_keys[0].clone();
    let refuses = kms_keyring(ToyKms { refuses: Some(refusal("AccessDeniedException")), ..ToyKms::new() }, KEY);
    let kms = Arc::new(ToyKms { refuses: Some(KmsError::Aborted), ..ToyKms::new() });
    let aborted: Arc<dyn Keyring> = Arc::new(KmsKeyring::new(kms.clone(), KEY).unwrap());
    let multi = MultiKeyring::new(Some(Arc::new(refuses)), vec![aborted.clone(), aborted]).unwrap();
    let error = unwrap(&multi, &[key.clone(), key]).unwrap().unwrap_err();
    assert_eq!(error.code(), "Aborted", "an earlier refusal does not hide it: {error}");
    assert_eq!(kms.calls.lock().unwrap().len(), 1, "neither the next key nor the next keyring is tried");
}

#[test]
fn all_keyrings_of_a_multi_keyring_wrap_and_any_unwraps() {
    let multi = MultiKeyring::new(
        Some(Arc::new(kms_keyring(ToyKms::new(), KEY))),
        vec![Arc::new(raw("ns", "one", 1, 32)), Arc::new(raw("ns", "two", 2, 32))],
    )
    .unwrap();
    let made = make(&multi).unwrap();
    assert_eq!(made.encrypted_data_keys.len(), 3);
    let data_key = Some(Ok(made.data_key.expose().to_vec()));
    assert_eq!(unwrap(&raw("ns", "two", 2, 32), &made.encrypted_data_keys), data_key);
    assert_eq!(unwrap(&multi, &made.encrypted_data_keys[2..]), data_key);
    assert_eq!(unwrap(&raw("ns", "three", 2, 32), &made.encrypted_data_keys), None);
    let refuses = kms_keyring(ToyKms { refuses: Some(refusal("DisabledException")), ..ToyKms::new() }, KEY);
    let failing = MultiKeyring::new(Some(Arc::new(raw("ns", "one", 1, 32))), vec![Arc::new(refuses)]).unwrap();
    assert_eq!(make(&failing).unwrap_err().kms_code(), Some("DisabledException"), "one child that fails fails all");
    let no_generator = MultiKeyring::new(None, vec![Arc::new(raw("ns", "one", 1, 32))]).unwrap();
    assert_eq!(make(&no_generator).unwrap_err().code(), "InvalidInput");
    let nested = MultiKeyring::new(Some(Arc::new(raw("ns", "zero", 3, 32))), vec![Arc::new(no_generator)]).unwrap();
    assert_eq!(make(&nested).unwrap().encrypted_data_keys.len(), 2);
}

#[test]
fn raw_keys_tell_what_they_do() {
    let trace = Trace::new();
    let observer = Observer::new(&env(), trace.clone()).unwrap();
    drop(pollster::block_on(raw("ns", "name", 1, 32).make_data_key(&request(), &observer)).unwrap());
    let told: Vec<_> = trace.events().iter().map(kind_name).collect();
    assert_eq!(told, ["RandomDrawn", "DataKeyGenerated", "RandomDrawn", "DataKeyWrapped", "SecretWiped"]);
}

/// The name of an event's kind.
pub(crate) fn kind_name(event: &Event) -> String {
    format!("{:?}", event.kind).split([' ', '{']).next().unwrap().into()
}
