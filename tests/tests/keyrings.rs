//! The SDK's KMS keyrings on the embedded KMS, in two regions.

use std::sync::{Arc, Mutex};

use waxseal::keyring::{
    BranchKeyRecord, BranchKeyRecords, BranchKeyVersion, CachedBranchKeys, DiscoveryFilter, KmsBranchKeys, KmsDiscoveryKeyring,
    NewBranchKey,
};
use waxseal::{Client, DecryptOptions, EncryptOptions, Error, HierarchicalKeyring, Keyring, KmsKeyring, MultiKeyring};
use waxseal_base::env::{Env, VirtualClock};
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use waxseal_kms::{LocalKms, LocalKmsClient, LocalKmsOptions};
use waxseal_kms_api::calls::{CreateKeyRequest, DisableKeyRequest, ReplicateKeyRequest};
use waxseal_kms_api::kms::Kms;

const US: &str = "us-east-1";
const EU: &str = "eu-west-1";

struct World {
    kms: LocalKms,
    env: Env,
}

impl World {
    fn new() -> Self {
        let clock = VirtualClock::new(Timestamp::from_millis(0));
        let env = Env::danger_seeded(clock.clone(), 5);
        let world = Self { kms: LocalKms::new(LocalKmsOptions::default(), env.clone()).unwrap(), env };
        clock.advance_to(Timestamp::from_millis(1000));
        world
    }

    fn within(&self, region: &str) -> LocalKmsClient {
        self.kms.administrator().in_region(region).unwrap()
    }

    fn kms(&self, region: &str) -> Arc<dyn Kms> {
        Arc::new(self.within(region))
    }

    /// A key's ARN.
    fn make_key(&self, region: &str, multi_region: bool) -> String {
        let request = CreateKeyRequest { multi_region: Some(multi_region), ..Default::default() };
        self.within(region).call(request, &Observer::none()).unwrap().key_metadata.arn
    }

    /// The replica's ARN.
    fn replicate(&self, key_arn: &str) -> String {
        let request = ReplicateKeyRequest { key_id: key_arn.into(), replica_region: EU.into(), ..Default::default() };
        self.within(US).call(request, &Observer::none()).unwrap().replica_key_metadata.arn
    }

    fn disable(&self, region: &str, key_arn: &str) {
        self.within(region).call(DisableKeyRequest { key_id: key_arn.into() }, &Observer::none()).unwrap();
    }

    fn keyring(&self, region: &str, key_arn: &str) -> Arc<dyn Keyring> {
        Arc::new(KmsKeyring::new(self.kms(region), key_arn).unwrap())
    }

    fn discovery(&self) -> KmsDiscoveryKeyring {
        let administrator = self.kms.administrator();
        KmsDiscoveryKeyring::new(Arc::new(move |region: &str| -> Option<Arc<dyn Kms>> {
            Some(Arc::new(administrator.clone().in_region(region).ok()?))
        }))
    }

    fn encrypt(&self, keyring: Arc<dyn Keyring>) -> Vec<u8> {
        let options = EncryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
        pollster::block_on(Client::new(self.env.clone(), keyring).encrypt(b"top secret", &options, &Observer::none())).unwrap()
    }

    fn decrypt(&self, keyring: impl Keyring + 'static, message: &[u8]) -> Result<Vec<u8>, Error> {
        let client = Client::new(self.env.clone(), Arc::new(keyring));
        let decrypted = pollster::block_on(client.decrypt(message, &DecryptOptions::default(), &Observer::none()));
        decrypted.map(|decrypted| decrypted.plaintext)
    }
}

fn opened() -> Result<Vec<u8>, Error> {
    Ok(b"top secret".to_vec())
}

#[test]
fn discovery_opens_what_keys_of_any_region_wrapped_and_its_filter_does_not() {
    let world = World::new();
    for region in [US, EU] {
        let message = world.encrypt(world.keyring(region, &world.make_key(region, false)));
        assert_eq!(world.decrypt(world.discovery(), &message), opened(), "{region}");
        let mine = DiscoveryFilter::new("aws", ["111122223333"]).unwrap();
        assert_eq!(world.decrypt(world.discovery().with_filter(mine), &message), opened(), "{region}");
        let theirs = DiscoveryFilter::new("aws", ["444455556666"]).unwrap();
        let error = world.decrypt(world.discovery().with_filter(theirs), &message).unwrap_err();
        assert!(error.to_string().contains("not for this keyring"), "{error}");
    }
}

#[test]
fn discovery_tries_the_next_key_after_a_refusal() {
    let world = World::new();
    let (disabled, good) = (world.make_key(US, false), world.make_key(EU, false));
    let both = MultiKeyring::new(Some(world.keyring(US, &disabled)), vec![world.keyring(EU, &good)]).unwrap();
    let message = world.encrypt(Arc::new(both));
    world.disable(US, &disabled);
    assert_eq!(world.decrypt(world.discovery(), &message), opened());
    world.disable(EU, &good);
    let error = world.decrypt(world.discovery(), &message).unwrap_err();
    assert_eq!(error.kms_code(), Some("DisabledException"));
    assert!(matches!(&error, Error::Kms { failures, .. } if failures.len() == 2), "{error}");
}

#[test]
fn a_replica_opens_what_its_primary_key_wrapped_for_those_who_are_aware() {
    let world = World::new();
    let primary = world.make_key(US, true);
    let message = world.encrypt(world.keyring(US, &primary));
    let replica = world.replicate(&primary);
    assert_eq!(world.decrypt(KmsKeyring::mrk_aware(world.kms(EU), &replica).unwrap(), &message), opened());
    assert_eq!(world.decrypt(KmsDiscoveryKeyring::mrk_aware(EU, world.kms(EU)).unwrap(), &message), opened());
    let error = world.decrypt(KmsKeyring::new(world.kms(EU), &replica).unwrap(), &message).unwrap_err();
    assert!(error.to_string().contains("not for this keyring"), "{error}");
    let single = world.encrypt(world.keyring(US, &world.make_key(US, false)));
    let error = world.decrypt(KmsDiscoveryKeyring::mrk_aware(EU, world.kms(EU)).unwrap(), &single).unwrap_err();
    assert!(error.to_string().contains("not for this keyring"), "{error}");
}

/// A store that has the versions of one branch key, the newest last.
#[derive(Default)]
struct Versions(Mutex<Vec<NewBranchKey>>);

impl BranchKeyRecords for Versions {
    fn active<'a>(&'a self, _branch_key_id: &'a str) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        Box::pin(async { Ok(self.0.lock().unwrap().last().map(|made| made.active_record.clone())) })
    }

    fn version<'a>(&'a self, _branch_key_id: &'a str, version: BranchKeyVersion) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        let versions = self.0.lock().unwrap();
        let record = versions.iter().find(|made| made.version == version).map(|made| made.version_record.clone());
        Box::pin(async { Ok(record) })
    }
}

#[test]
fn branch_keys_of_the_kms_wrap_many_messages_with_one_request() {
    let world = World::new();
    let (key, store) = (world.make_key(US, false), Arc::new(Versions::default()));
    let keys = Arc::new(KmsBranchKeys::new(world.kms(US), &key, store.clone()).unwrap());
    let make = || {
        let made = pollster::block_on(keys.make("tenant 42", "branch keys", &world.env, &Observer::none())).unwrap();
        store.0.lock().unwrap().push(made);
    };
    make();
    let requests = || world.kms.audit().unwrap().len();
    let cached = Arc::new(CachedBranchKeys::new(keys.clone(), world.env.clone(), 60, 10).unwrap());
    let keyring = HierarchicalKeyring::new(cached.clone(), "tenant 42").unwrap();
    let before = requests();
    let messages: Vec<_> = (0..10).map(|_| world.encrypt(Arc::new(keyring.clone()))).collect();
    assert_eq!(requests() - before, 1, "the active version");
    for message in &messages {
        assert_eq!(world.decrypt(keyring.clone(), message), opened());
    }
    assert_eq!(requests() - before, 2, "and that version");
    make();
    cached.clear();
    let newer = world.encrypt(Arc::new(keyring.clone()));
    for message in [&messages[0], &newer] {
        assert_eq!(world.decrypt(keyring.clone(), message), opened());
    }
    world.disable(US, &key);
    assert_eq!(world.decrypt(keyring.clone(), &newer), opened(), "until the cache forgets");
    cached.clear();
    assert_eq!(world.decrypt(keyring, &newer).unwrap_err().kms_code(), Some("DisabledException"));
}
