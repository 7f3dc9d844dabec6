//! Encrypted data keys: written as they were read, and unwrapped by the keyring that wrapped them, whatever else stands beside them, and by nobody
//! else.

use std::sync::{Arc, LazyLock};

use waxseal::keyring::{
    BranchKey, BranchKeyVersion, BranchKeys, HierarchicalKeyring, KeyRequest, Keyring, KmsDiscoveryKeyring, KmsKeyring, MultiKeyring,
    OaepHash, RawAesKeyring, RawRsaKeyring, RsaKeys,
};
use waxseal::message::EncryptedDataKey;
use waxseal::{Error, Suite};
use waxseal_base::codec::{Reader, Writer};
use waxseal_base::env::Env;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::kms::Kms;
use zeroize::Zeroizing;

use super::edits::edited;
use super::fields::end_of;
use super::input::Input;
use super::world::WORLD;

/// Which genuine key is edited, how many edits, the edits, which genuine key stands behind; then keys as they are on the wire.
pub fn encrypted_data_keys(data: &[u8]) {
    let mut input = Input(data);
    let genuine = &KEYRINGS[usize::from(input.byte()) % KEYRINGS.len()].1;
    let edits = usize::from(input.byte() % 8) * 3;
    let mut keys = read(&edited(&wire(genuine), input.take(edits)));
    let last = usize::from(input.byte());
    keys.extend(read(input.0));
    keys.extend(KEYRINGS.get(last).map(|(_, genuine)| genuine.clone()));
    let outcomes = KEYRINGS.iter().map(|(keyring, genuine)| unwrapped(&**keyring, genuine, &keys));
    let opened = outcomes.filter(|opened| *opened).count();
    let any = pollster::block_on(ALL.unwrap_data_key(&keys, &request(), &Observer::none()));
    assert_eq!(any.is_some_and(|result| result.is_ok()), opened > 0, "several keyrings open what one of them opens");
}

/// The keys at the front that can be read, each of which is all of its bytes.
fn read(bytes: &[u8]) -> Vec<EncryptedDataKey> {
    let mut reader = Reader::new("message header", bytes);
    let mut keys = Vec::new();
    loop {
        let start = reader.position();
        let Ok(key) = EncryptedDataKey::read(&mut reader) else { return keys };
        let fields = EncryptedDataKey::fields(reader.since(start)).expect("what can be read can be described");
        assert_eq!(wire(&key), reader.since(start), "a key is written as it was read");
        assert_eq!(end_of(&fields), reader.position() - start);
        assert!(key.wrapped_by().starts_with(&key.provider_id));
        keys.push(key);
    }
}

fn wire(key: &EncryptedDataKey) -> Vec<u8> {
    let mut writer = Writer::new();
    key.write(&mut writer).expect("it fits");
    writer.finish()
}

/// Whether the keyring unwraps one of the keys, which must be the one that it wrapped.
fn unwrapped(keyring: &dyn Keyring, genuine: &EncryptedDataKey, keys: &[EncryptedDataKey]) -> bool {
    let result = pollster::block_on(keyring.unwrap_data_key(keys, &request(), &Observer::none()));
    let is_there = keys.contains(genuine);
    let is_mine = keys.iter().any(|key| key.provider_id == genuine.provider_id);
    match &result {
        Some(Ok(data_key)) => {
            assert!(is_there, "only the very key is unwrapped");
            assert_eq!(data_key.expose(), DATA_KEY);
        }
        // One that names no KMS key spoils those of KMS keys.
        Some(Err(Error::InvalidMessage { .. })) => assert!(is_mine && genuine.provider_id == "aws-kms"),
        Some(Err(error)) => {
            assert!(is_mine && !is_there, "the very key is unwrapped, whatever stands beside it");
            assert!(matches!(error, Error::DecryptionFailed | Error::Kms { .. } | Error::InvalidInput { .. }), "{error}");
        }
        None => assert!(!is_there, "a keyring knows its own"),
    }
    matches!(result, Some(Ok(_)))
}

fn request() -> KeyRequest {
    KeyRequest {
        suite: Suite::COMMITTING,
        encryption_context: [("tenant", "42")].into_iter().collect(),
        env: Env::danger_deterministic(Timestamp::default(), 3),
    }
}

/// One branch key, in one version.
struct OneBranchKey(Arc<BranchKey>);

impl BranchKeys for OneBranchKey {
    fn active<'a>(&'a self, _: &'a str, _: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async { Ok(Arc::clone(&self.0)) })
    }

    fn version<'a>(&'a self, _: &'a str, version: BranchKeyVersion, _: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        let found = (version == self.0.version()).then(|| Arc::clone(&self.0));
        Box::pin(async { found.ok_or_else(|| Error::InvalidInput { reason: "there is no such version".into() }) })
    }
}

/// Every kind of keyring, with what it made of the data key.
static KEYRINGS: LazyLock<Vec<(Arc<dyn Keyring>, EncryptedDataKey)>> = LazyLock::new(|| {
    let kms: Arc<dyn Kms> = Arc::new(WORLD.administrator());
    let of_one_key: Arc<dyn Keyring> = Arc::new(KmsKeyring::new(Arc::clone(&kms), &WORLD.key).expect("it is a key"));
    let everywhere = Arc::clone(&kms);
    let any_region = KmsDiscoveryKeyring::new(Arc::new(move |region: &str| (region == "us-east-1").then(|| Arc::clone(&everywhere))));
    let one_region = KmsDiscoveryKeyring::mrk_aware("us-east-1", kms).expect("it is a region");
    let raw_aes = RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 32])).expect("a key of 32 bytes");
    let pair = RsaKeys::Pair { public: RSA_PUBLIC, private: RSA_PRIVATE };
    let raw_rsa = RawRsaKeyring::new("ns", "rsa", OaepHash::Sha256, pair).expect("they are keys");
    let branch_key = BranchKey::new(BranchKeyVersion([7; 16]), Zeroizing::new(vec![8; 32])).expect("a key of 32 bytes");
    let branches = HierarchicalKeyring::new(Arc::new(OneBranchKey(Arc::new(branch_key))), "branch").expect("it has an id");
    let wrapping: [Arc<dyn Keyring>; 4] = [of_one_key, Arc::new(raw_aes), Arc::new(raw_rsa), Arc::new(branches)];
    let mut all: Vec<_> = wrapping.into_iter().map(|keyring| (Arc::clone(&keyring), wrapped(&*keyring))).collect();
    let by_kms = all[0].1.clone();
    all.extend([(Arc::new(any_region) as Arc<dyn Keyring>, by_kms.clone()), (Arc::new(one_region), by_kms)]);
    all
});

static ALL: LazyLock<MultiKeyring> = LazyLock::new(|| {
    let children = KEYRINGS.iter().map(|(keyring, _)| Arc::clone(keyring)).collect();
    MultiKeyring::new(None, children).expect("they do not overlap")
});

fn wrapped(keyring: &dyn Keyring) -> EncryptedDataKey {
    let data_key = Secret::new(SecretName::DataKey, Zeroizing::new(DATA_KEY.to_vec()), &Observer::none());
    let wrapped = pollster::block_on(keyring.wrap_data_key(&data_key, &request(), &Observer::none()));
    wrapped.expect("it wraps").pop().expect("it is wrapped once")
}

const DATA_KEY: &[u8] = &[9; 32];
const RSA_PUBLIC: &[u8] = include_bytes!("../../../crates/kms/tests/keys/rsa-2048.spki.der");
const RSA_PRIVATE: &[u8] = include_bytes!("../../../crates/kms/tests/keys/rsa-2048.pkcs8.der");
