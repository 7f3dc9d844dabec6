use super::super::branch_keys::tests::World;
use super::super::tests::{make, request, unwrap};
use super::*;

fn keyring(world: &World, id: &str) -> HierarchicalKeyring {
    HierarchicalKeyring::new(world.keys.clone(), id).unwrap()
}

#[test]
fn data_keys_are_wrapped_under_the_active_version_and_unwrapped_by_theirs() {
    let world = World::new();
    let first = world.make("tenant");
    let keyring = keyring(&world, "tenant");
    let made = make(&keyring).unwrap();
    let [key] = &made.encrypted_data_keys[..] else { panic!("one key") };
    assert_eq!((key.provider_id.as_str(), &key.provider_info[..]), ("aws-kms-hierarchy", &b"tenant"[..]));
    assert_eq!((key.ciphertext.len(), &key.ciphertext[28..44]), (16 + 12 + 16 + 32 + 16, &first.0[..]));
    let data_key = Some(Ok(made.data_key.expose().to_vec()));
    assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), data_key);
    let second = world.make("tenant");
    assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), data_key, "after a rotation too");
    assert_eq!(make(&keyring).unwrap().encrypted_data_keys[0].ciphertext[28..44], second.0);
}

#[test]
fn each_wrapping_has_its_own_salt_and_nonce() {
    let world = World::new();
    world.make("tenant");
    let keyring = keyring(&world, "tenant");
    let [first, second] = [(); 2].map(|()| pollster::block_on(keyring.make_data_key(&request_of(7), &Observer::none())).unwrap());
    let [one, other] = [&first, &second].map(|made| &made.encrypted_data_keys[0].ciphertext);
    assert_eq!(one, other, "of one seed they are the same");
    let third = pollster::block_on(keyring.make_data_key(&request_of(8), &Observer::none())).unwrap();
    let other = &third.encrypted_data_keys[0].ciphertext;
    assert!(one[..16] != other[..16] && one[16..28] != other[16..28] && one[..12] != one[16..28]);
}

fn request_of(seed: u64) -> KeyRequest {
    KeyRequest { env: waxseal_base::env::Env::danger_deterministic(Default::default(), seed), ..request() }
}

#[test]
fn every_byte_of_a_wrapped_data_key_counts() {
    let world = World::new();
    world.make("tenant");
    let keyring = keyring(&world, "tenant");
    let made = make(&keyring).unwrap();
    let key = made.encrypted_data_keys[0].clone();
    let opaque = Some(Err(Error::DecryptionFailed));
    for at in 0..key.ciphertext.len() {
        let mut broken = key.clone();
        broken.ciphertext[at] ^= 1;
        let result = unwrap(&keyring, &[broken]);
        match at {
            // There is no such version.
            28..44 => assert!(result.unwrap().unwrap_err().to_string().contains("no version"), "{at}"),
            _ => assert_eq!(result, opaque, "{at}"),
        }
    }
    for len in 0..key.ciphertext.len() {
        let short = EncryptedDataKey { ciphertext: key.ciphertext[..len].to_vec(), ..key.clone() };
        assert_eq!(unwrap(&keyring, &[short]), opaque, "cut to {len} bytes");
    }
    let long = EncryptedDataKey { ciphertext: [&key.ciphertext[..], &[0]].concat(), ..key.clone() };
    assert_eq!(unwrap(&keyring, std::slice::from_ref(&long)), opaque);
    assert_eq!(unwrap(&keyring, &[long, key]), Some(Ok(made.data_key.expose().to_vec())), "the next one is tried");
}

#[test]
fn a_data_key_is_bound_to_its_context_and_branch_key() {
    let world = World::new();
    world.make("tenant");
    let keyring = keyring(&world, "tenant");
    let made = make(&keyring).unwrap();
    let other = KeyRequest { encryption_context: [("tenant", "43")].into_iter().collect(), ..request() };
    let opened = pollster::block_on(keyring.unwrap_data_key(&made.encrypted_data_keys, &other, &Observer::none()));
    assert_eq!(opened.unwrap().map(|_| ()), Err(Error::DecryptionFailed));
    let key = &made.encrypted_data_keys[0];
    for (provider_id, info) in [("aws-kms-hierarchy", "tenant2"), ("aws-kms-hierarchy", ""), ("aws-kms", "tenant"), ("", "tenant")] {
        let theirs = EncryptedDataKey { provider_id: provider_id.into(), provider_info: info.into(), ..key.clone() };
        assert_eq!(unwrap(&keyring, &[theirs]), None, "{provider_id} {info}");
    }
}

#[test]
fn a_data_key_of_another_length_is_not_given_out() {
    let world = World::new();
    world.make("tenant");
    let keyring = keyring(&world, "tenant");
    let short = Secret::new(SecretName::DataKey, Zeroizing::new(vec![5; 31]), &Observer::none());
    let keys = pollster::block_on(keyring.wrap_data_key(&short, &request(), &Observer::none())).unwrap();
    assert_eq!(unwrap(&keyring, &keys), Some(Err(Error::DecryptionFailed)));
}

#[test]
fn the_context_can_choose_the_branch_key() {
    let world = World::new();
    for id in ["tenant 42", "tenant 43"] {
        world.make(id);
    }
    let choose = |context: &EncryptionContext| match context.value("tenant") {
        Some(tenant) => Ok(format!("tenant {tenant}")),
        None => Err(Error::invalid_input("no tenant")),
    };
    let keyring = HierarchicalKeyring::by_context(world.keys.clone(), Arc::new(choose));
    let made = make(&keyring).unwrap();
    assert_eq!(made.encrypted_data_keys[0].provider_info, b"tenant 42");
    assert!(unwrap(&keyring, &made.encrypted_data_keys).unwrap().is_ok());
    let nobody = KeyRequest { encryption_context: EncryptionContext::new(), ..request() };
    assert!(pollster::block_on(keyring.make_data_key(&nobody, &Observer::none())).is_err());
    let opened = pollster::block_on(keyring.unwrap_data_key(&made.encrypted_data_keys, &nobody, &Observer::none()));
    assert!(opened.unwrap().is_err());
    let empty = HierarchicalKeyring::by_context(world.keys.clone(), Arc::new(|_: &EncryptionContext| Ok(String::new())));
    assert_eq!(make(&empty).unwrap_err().code(), "InvalidInput");
    assert!(HierarchicalKeyring::new(world.keys.clone(), "").is_err());
}

/// Gives one branch key whatever is asked for.
struct Stubborn(Arc<BranchKey>);

impl BranchKeys for Stubborn {
    fn active<'a>(&'a self, _id: &'a str, _observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn version<'a>(
        &'a self,
        _id: &'a str,
        _version: BranchKeyVersion,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[test]
fn a_source_that_gives_another_version_is_noticed() {
    let [one, other] = [1, 2].map(|byte| {
        let key = BranchKey::new(BranchKeyVersion([byte; 16]), Zeroizing::new(vec![7; 32])).unwrap();
        HierarchicalKeyring::new(Arc::new(Stubborn(Arc::new(key))), "id").unwrap()
    });
    let made = make(&one).unwrap();
    let error = unwrap(&other, &made.encrypted_data_keys).unwrap().unwrap_err();
    assert!(error.to_string().contains("was given, not 01010101-"), "{error}");
}
