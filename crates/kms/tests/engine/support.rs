//! What the tests of the engine share: a KMS with one key, and calls as somebody.

use std::sync::Arc;

use rand_core::{TryCryptoRng, TryRng};
use waxseal_base::env::{Env, RandomError};
use waxseal_base::event::{Event, Kind};
use waxseal_base::observer::{Observer, Trace};
use waxseal_base::time::Timestamp;
use waxseal_kms::{LocalKms, LocalKmsClient, LocalKmsOptions, MemoryStore, Store};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{CreateKeyRequest, DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_policy::Caller;
use zeroize::Zeroizing;

pub const BOB: &str = "arn:aws:iam::111122223333:user/bob";

pub fn env(seed: u64) -> Env {
    Env::danger_deterministic(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap(), seed)
}

/// A KMS over that store, under the same root key whatever the seed.
pub fn kms_over(store: Arc<dyn Store>, seed: u64) -> LocalKms {
    let options = LocalKmsOptions { root_key: Some(Zeroizing::new(vec![5; 32])), ..LocalKmsOptions::default() };
    LocalKms::with_store(options, env(seed), store).unwrap()
}

/// A KMS, its administrator, and the ARN of its key.
pub fn kms() -> (LocalKms, LocalKmsClient, String) {
    let kms = kms_over(Arc::new(MemoryStore::new()), 1);
    let administrator = kms.administrator();
    let key = administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    (kms, administrator, key)
}

pub fn bob(kms: &LocalKms) -> LocalKmsClient {
    kms.as_caller(Caller::parse(BOB).unwrap())
}

pub fn encrypt(key: &str, plaintext: &[u8]) -> EncryptRequest {
    EncryptRequest {
        key_id: key.into(),
        plaintext: SecretBlob(Zeroizing::new(plaintext.to_vec())),
        encryption_context: [("tenant", "42")].into_iter().collect(),
        ..EncryptRequest::default()
    }
}

pub fn decrypt(blob: &[u8]) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Blob(blob.to_vec()),
        encryption_context: [("tenant", "42")].into_iter().collect(),
        ..DecryptRequest::default()
    }
}

pub fn data_key(key: &str) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key_id: key.into(),
        key_spec: Some("AES_256".into()),
        encryption_context: [("tenant", "42")].into_iter().collect(),
        ..GenerateDataKeyRequest::default()
    }
}

/// The events of what `act` does.
pub fn trace(act: impl FnOnce(&Observer)) -> Vec<Event> {
    let trace = Trace::new();
    act(&Observer::new(&env(9), trace.clone()).unwrap());
    trace.events()
}

/// One word per event.
pub fn words(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| match &event.kind {
        Kind::RandomDrawn { purpose, .. } => format!("random-drawn {purpose}"),
        Kind::SecretWiped { secret, .. } => format!("secret-wiped {secret:?}"),
        Kind::VerificationFailed { what } => format!("verification-failed {what:?}"),
        Kind::OperationStarted { operation, .. } => format!("operation-started {operation}"),
        kind => serde_json::to_value(kind).unwrap()["kind"].as_str().unwrap().to_owned(),
    };
    events.iter().map(word).collect()
}

/// A client's randomness.
pub struct Random(pub Env);

impl TryRng for Random {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        self.0.random_array().map(u32::from_le_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        self.0.random_array().map(u64::from_le_bytes)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)
    }
}

impl TryCryptoRng for Random {}
