//! Clients with caches: what is shared, what is not, what is told, and that keys are wiped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use waxseal_base::env::VirtualClock;
use waxseal_base::event::{Event, Eviction, Kind, OperationResult, SecretName};
use waxseal_base::observer::{Observer, Trace};
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;

use super::*;
use crate::cache::tests::{Crowd, once_more};
use crate::keyring::tests::{kind_name, refusal};
use crate::keyring::{KeyRequest, Keyring, NewDataKey};
use crate::message::{EncryptedDataKey, Header};
use crate::suite::{CommitmentPolicy, Suite};
use crate::{Client, DecryptOptions, EncryptOptions};

/// Wraps data keys by flipping their bits, answers when it is asked a second time, and counts.
#[derive(Default)]
struct Slow {
    made: Mutex<u8>,
    unwrapped: Mutex<u32>,
    refuses: AtomicBool,
}

impl Slow {
    async fn answer(&self) -> Result<(), Error> {
        once_more().await;
        if self.refuses.load(Ordering::SeqCst) { Err(refusal("AccessDeniedException").into()) } else { Ok(()) }
    }

    fn counts(&self) -> (u8, u32) {
        (*self.made.lock().unwrap(), *self.unwrapped.lock().unwrap())
    }
}

impl Keyring for Slow {
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(async move {
            let number = {
                let mut made = self.made.lock().unwrap();
                *made += 1;
                *made
            };
            self.answer().await?;
            let key = zeroize::Zeroizing::new(vec![number; request.suite.data_key_len()]);
            let ciphertext = key.iter().map(|byte| !byte).collect();
            let encrypted = EncryptedDataKey { provider_id: "slow".into(), provider_info: vec![], ciphertext };
            Ok(NewDataKey { data_key: Secret::new(SecretName::DataKey, key, observer), encrypted_data_keys: vec![encrypted; 2] })
        })
    }

    fn wrap_data_key<'a>(
        &'a self,
        _: &'a Secret,
        _: &'a KeyRequest,
        _: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        _: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(async move {
            *self.unwrapped.lock().unwrap() += 1;
            if let Err(error) = self.answer().await {
                return Some(Err(error));
            }
            let key = keys[0].ciphertext.iter().map(|byte| !byte).collect::<Vec<_>>();
            Some(Ok(Secret::new(SecretName::DataKey, key.into(), observer)))
        })
    }
}

struct World {
    clock: VirtualClock,
    env: Env,
    keyring: Arc<Slow>,
    cache: MaterialsCache,
}

impl World {
    fn new(limits: CacheLimits) -> Self {
        let clock = VirtualClock::new(Timestamp::from_millis(0));
        let env = Env::danger_seeded(clock.clone(), 1);
        let cache = MaterialsCache::new(env.clone(), limits).unwrap();
        Self { clock, env, keyring: Arc::default(), cache }
    }

    fn plain(&self) -> Client {
        Client::new(self.env.clone(), self.keyring.clone())
    }

    fn client(&self) -> Client {
        self.plain().with_cache(self.cache.clone()).unwrap()
    }

    fn at(&self, seconds: i64) {
        self.clock.advance_to(Timestamp::from_millis(seconds * 1000));
    }
}

fn minute() -> World {
    World::new(CacheLimits::of_age(60))
}

fn options(tenant: &str) -> EncryptOptions {
    EncryptOptions { encryption_context: [("tenant", tenant)].into_iter().collect(), ..EncryptOptions::default() }
}

fn encrypt(client: &Client, tenant: &str) -> Result<Vec<u8>, Error> {
    pollster::block_on(client.encrypt(b"top secret", &options(tenant), &Observer::none()))
}

fn decrypt(client: &Client, message: &[u8]) -> Result<Vec<u8>, Error> {
    let decrypted = pollster::block_on(client.decrypt(message, &DecryptOptions::default(), &Observer::none()))?;
    Ok(decrypted.plaintext)
}

const CROWD: usize = 10_000;

#[test]
fn ten_thousand_messages_cost_one_request_each_way() {
    let world = minute();
    let client = world.client();
    let (options, observer) = (options("a"), Observer::none());
    let mut crowd = Crowd::new();
    (0..CROWD).for_each(|_| crowd.add(client.encrypt(b"x", &options, &observer)));
    crowd.run();
    let messages: Vec<Vec<u8>> = crowd.results.iter().flatten().map(|result| result.clone().unwrap()).collect();
    assert_eq!((messages.len(), world.keyring.counts()), (CROWD, (1, 0)));
    let headers: Vec<Header> = messages.iter().map(|message| Header::read_from(message).unwrap()).collect();
    assert_ne!(headers[0].message_id, headers[1].message_id);
    assert_ne!(headers[0].commitment, headers[1].commitment, "each message has a key of its own");

    let options = DecryptOptions::default();
    let mut crowd = Crowd::new();
    messages.iter().for_each(|message| crowd.add(client.decrypt(message, &options, &observer)));
    crowd.run();
    assert!(crowd.results.iter().flatten().all(|result| result.as_ref().is_ok_and(|decrypted| decrypted.plaintext == b"x")));
    assert_eq!((crowd.results.len(), world.keyring.counts(), world.cache.len()), (CROWD, (1, 1), 2));
}

#[test]
fn ten_thousand_messages_cost_one_request_for_each_hundred_that_are_allowed() {
    let world = World::new(CacheLimits { max_messages: 100, ..CacheLimits::of_age(60) });
    let client = world.client();
    let (options, observer) = (options("a"), Observer::none());
    let mut crowd = Crowd::new();
    (0..CROWD).for_each(|_| crowd.add(client.encrypt(b"x", &options, &observer)));
    crowd.run();
    let mut keys: Vec<_> = crowd
        .results
        .iter()
        .flatten()
        .map(|result| Header::read_from(result.as_ref().unwrap()).unwrap().encrypted_data_keys[0].ciphertext[0])
        .collect();
    keys.sort_unstable();
    assert!(keys.chunks(100).all(|chunk| chunk.first() == chunk.last()));
    assert_eq!((keys.len(), world.keyring.counts(), world.cache.len()), (CROWD, (100, 0), 0));
}

#[cfg(feature = "signatures")]
#[test]
fn nothing_is_shared_between_partitions_suites_and_contexts() {
    let world = minute();
    let (one, two) = (world.client(), world.client());
    let message = encrypt(&one, "a").unwrap();
    encrypt(&one, "a").unwrap();
    assert_eq!(world.keyring.counts().0, 1);
    encrypt(&one, "b").unwrap();
    assert_eq!(world.keyring.counts().0, 2, "another context");
    encrypt(&two, "a").unwrap();
    assert_eq!(world.keyring.counts().0, 3, "another client");
    let signed = one.clone().with_suite(Suite::COMMITTING_SIGNED);
    encrypt(&signed, "a").unwrap();
    assert_eq!(world.keyring.counts().0, 4, "another suite");
    for client in [&one, &one, &two, &two] {
        decrypt(client, &message).unwrap();
    }
    assert_eq!(world.keyring.counts(), (4, 2), "who encrypted it asks too, once a client");
    let shared = || world.plain().with_shared_cache(world.cache.clone(), "ours");
    let message = encrypt(&shared(), "a").unwrap();
    encrypt(&shared(), "a").unwrap();
    [shared(), shared()].iter().for_each(|client| drop(decrypt(client, &message).unwrap()));
    assert_eq!(world.keyring.counts(), (5, 3), "what is shared on purpose");
    let other = MaterialsCache::new(world.env.clone(), CacheLimits::of_age(60)).unwrap();
    encrypt(&world.plain().with_shared_cache(other, "ours"), "a").unwrap();
    assert_eq!(world.keyring.counts().0, 6, "another cache");
}

#[test]
fn a_message_is_opened_only_under_its_own_data_keys_and_context() {
    let world = minute();
    let client = world.client();
    let messages = ["a", "b"].map(|tenant| encrypt(&client, tenant).unwrap());
    messages.iter().for_each(|message| drop(decrypt(&client, message).unwrap()));
    assert_eq!(world.keyring.counts().1, 2);
    let at = messages[0].windows(4).position(|window| window == b"slow").unwrap() + 10;
    let mut altered = messages[0].clone();
    altered[at] ^= 1;
    assert_eq!(decrypt(&client, &altered).unwrap_err(), Error::DecryptionFailed);
    assert_eq!(world.keyring.counts().1, 3, "an altered data key is another one");
}

#[test]
fn what_must_not_share_a_data_key_does_not() {
    let world = World::new(CacheLimits { max_bytes: 15, ..CacheLimits::of_age(60) });
    let old = world.client().with_commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    for id in [0x0014, 0x0046, 0x0078] {
        let client = old.clone().with_suite(Suite::from_id(id).unwrap());
        let messages = [(); 2].map(|()| encrypt(&client, "a").unwrap());
        messages.iter().for_each(|message| drop(decrypt(&client, message).unwrap()));
    }
    assert_eq!((world.keyring.counts(), world.cache.is_empty()), ((6, 6), true), "suites without key derivation");
    let client = world.client();
    let plaintext = [0; 16];
    for _ in 0..2 {
        pollster::block_on(client.encrypt(&plaintext, &options("a"), &Observer::none())).unwrap();
    }
    assert_eq!((world.keyring.counts().0, world.cache.is_empty()), (8, true), "more bytes than an entry may serve");
    let start = |plaintext_len| {
        let options = EncryptOptions { plaintext_len, ..options("a") };
        pollster::block_on(client.start_encryption(&options, &Observer::none())).unwrap()
    };
    (0..2).for_each(|_| drop(start(None)));
    assert_eq!((world.keyring.counts().0, world.cache.is_empty()), (10, true), "an unknown length");
    (0..2).for_each(|_| drop(start(Some(7))));
    assert_eq!(world.keyring.counts().0, 11);
    assert!(start(Some(7)).plan(8, true).unwrap_err().to_string().contains("longer than it was said to be"));
    assert!(start(Some(1)).plan(1, true).is_ok());
}

#[test]
fn limits_of_the_client_hold_for_what_others_cached() {
    let world = minute();
    let shared = || world.plain().with_shared_cache(world.cache.clone(), "ours");
    encrypt(&shared(), "a").unwrap();
    let strict = shared().with_max_encrypted_data_keys(1).unwrap();
    assert!(encrypt(&strict, "a").unwrap_err().to_string().contains("2 times; this client allows 1"));
    let requiring = shared().with_required_encryption_context_keys(["tenant".to_owned()]);
    let message = encrypt(&requiring, "a").unwrap();
    assert!(Header::read_from(&message).unwrap().encryption_context.is_empty());
    assert_eq!(world.keyring.counts().0, 1);
    let reproduced = DecryptOptions { reproduced_encryption_context: options("a").encryption_context, ..DecryptOptions::default() };
    for client in [&requiring, &shared()] {
        pollster::block_on(client.decrypt(&message, &reproduced, &Observer::none())).unwrap();
    }
    assert_eq!(decrypt(&shared(), &message).unwrap_err(), Error::DecryptionFailed, "the context is part of what is cached");
}

#[cfg(feature = "signatures")]
#[test]
fn signed_messages_of_one_data_key_have_one_signer() {
    let world = minute();
    let client = world.client().with_suite(Suite::COMMITTING_SIGNED);
    let messages = [(); 2].map(|()| encrypt(&client, "a").unwrap());
    let contexts = messages.each_ref().map(|message| Header::read_from(message).unwrap().encryption_context);
    assert_eq!((&contexts[0], contexts[0].len()), (&contexts[1], 2));
    messages.iter().for_each(|message| assert_eq!(decrypt(&client, message).unwrap(), b"top secret"));
    assert_eq!(world.keyring.counts(), (1, 1));
    let mut altered = messages[1].clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    assert_eq!(decrypt(&client, &altered).unwrap_err(), Error::DecryptionFailed, "each is verified");
}

#[test]
fn signers_elsewhere_share_no_data_key() {
    let world = minute();
    let client = world.client().with_suite(Suite::COMMITTING_SIGNED);
    let start = |first: u8| {
        let options =
            EncryptOptions { plaintext_len: Some(1), signer_public_key: Some([vec![first], vec![9; 48]].concat()), ..options("a") };
        let encryptor = pollster::block_on(client.start_encryption(&options, &Observer::none())).unwrap();
        encryptor.header().encryption_context.value("aws-crypto-public-key").map(str::to_owned)
    };
    assert_eq!((start(2), world.keyring.counts().0), (start(2), 1));
    assert_ne!(start(2), start(3));
    encrypt(&client, "a").unwrap();
    assert_eq!(world.keyring.counts().0, 3);
}

#[test]
fn a_refusal_is_not_kept() {
    let world = minute();
    let client = world.client();
    let message = encrypt(&client, "b").unwrap();
    world.keyring.refuses.store(true, Ordering::SeqCst);
    let (options, observer) = (options("a"), Observer::none());
    let mut crowd = Crowd::new();
    (0..3).for_each(|_| crowd.add(client.encrypt(b"x", &options, &observer)));
    crowd.run();
    assert!(crowd.results.iter().flatten().all(|result| result.as_ref().unwrap_err().kms_code() == Some("AccessDeniedException")));
    assert_eq!(decrypt(&client, &message).unwrap_err().code(), "KmsDenied");
    assert_eq!(world.keyring.counts(), (2, 1));
    world.keyring.refuses.store(false, Ordering::SeqCst);
    assert!(encrypt(&client, "a").is_ok() && decrypt(&client, &message).is_ok());
}

fn observer(world: &World, trace: &Arc<Trace>) -> Observer {
    Observer::new(&world.env, trace.clone()).unwrap()
}

/// What is told of the cache and of wiping, in order.
fn told(trace: &Trace) -> Vec<String> {
    let is_about = |event: &&Event| {
        matches!(event.kind, Kind::CacheHit { .. } | Kind::CacheMiss { .. } | Kind::CacheEvicted { .. } | Kind::SecretWiped { .. })
    };
    trace.events().iter().filter(is_about).map(kind_name).collect()
}

#[test]
fn hits_misses_and_evictions_are_told() {
    let (world, trace) = (minute(), Trace::new());
    let (client, observer) = (world.client(), observer(&world, &trace));
    let (options, decrypting) = (options("a"), DecryptOptions::default());
    let mut crowd = Crowd::new();
    (0..2).for_each(|_| crowd.add(client.encrypt(b"x", &options, &observer)));
    crowd.run();
    world.at(7);
    let message = pollster::block_on(client.encrypt(b"x", &options, &observer)).unwrap();
    let cached: Vec<_> = trace
        .events()
        .into_iter()
        .map(|event| event.kind)
        .filter(|kind| matches!(kind, Kind::CacheHit { .. } | Kind::CacheMiss { .. }))
        .collect();
    let Kind::CacheMiss { entry } = cached[0].clone() else { panic!("{cached:?}") };
    assert_eq!(entry.len(), 16);
    let hit = |waited, uses, age_millis| Kind::CacheHit { entry: entry.clone(), waited, uses, age_millis };
    assert_eq!(cached[1..], [hit(true, None, None), hit(false, Some(3), Some(7000))]);
    pollster::block_on(client.decrypt(&message, &decrypting, &observer)).unwrap();
    assert_eq!(
        told(&trace),
        ["CacheMiss", "SecretWiped", "CacheHit", "SecretWiped", "CacheHit", "SecretWiped", "CacheMiss", "SecretWiped"],
        "message keys are wiped, the data key stays"
    );
    let before = trace.events().len();
    world.at(60);
    world.cache.evict_expired();
    let last = trace.events()[before..].to_vec();
    assert_eq!(last[0].kind, Kind::CacheEvicted { entry: entry.clone(), uses: 3, reason: Eviction::Expired });
    let derived = trace.events().into_iter().find_map(|event| match event.kind {
        Kind::KeyDerived { from, .. } => Some(from),
        _ => None,
    });
    assert_eq!(last[1].kind, Kind::SecretWiped { secret: SecretName::DataKey, identity: derived.unwrap() }, "the very key");
    assert_eq!((last.len(), world.cache.is_empty()), (2, false), "the one to decrypt with is younger");
}

/// Which data keys were wiped, by fingerprint.
fn wiped(trace: &Trace) -> Vec<String> {
    let fingerprint = |event: Event| match event.kind {
        Kind::SecretWiped { secret: SecretName::DataKey, identity } => Some(identity.fingerprint),
        _ => None,
    };
    trace.events().into_iter().filter_map(fingerprint).collect()
}

#[test]
fn data_keys_are_wiped_however_they_leave() {
    let world = World::new(CacheLimits { capacity: 1, max_messages: 3, ..CacheLimits::of_age(60) });
    let trace = Trace::new();
    let (client, observer) = (world.client(), observer(&world, &trace));
    let run = |tenant| pollster::block_on(client.encrypt(b"x", &options(tenant), &observer)).unwrap();
    let wiped_by = |what: &str, count: usize| assert_eq!(wiped(&trace).len(), count, "{what}");
    run("a");
    wiped_by("nothing", 0);
    run("b");
    wiped_by("want of room", 1);
    (0..2).for_each(|_| drop(run("b")));
    wiped_by("its last use", 2);
    run("c");
    world.at(60);
    encrypt(&client, "d").unwrap();
    wiped_by("age, at another's use", 3);
    run("e");
    world.cache.clear();
    wiped_by("a wish", 4);
    let message = run("f");
    pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &observer)).unwrap();
    let World { cache, .. } = world;
    drop((client, cache));
    wiped_by("the end of the cache", 6);
    let fingerprints = wiped(&trace);
    assert!(fingerprints[4] == fingerprints[5] && fingerprints[..4].iter().all(|each| *each != fingerprints[4]));
}

/// Keeps the tasks it is given.
#[derive(Clone, Default)]
struct Later(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Later {
    fn run(&self) -> usize {
        let tasks = std::mem::take(&mut *self.0.lock().unwrap());
        tasks.into_iter().map(pollster::block_on).count()
    }
}

impl Background for Later {
    fn start(&self, task: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push(task);
    }
}

#[test]
fn entries_are_refreshed_before_they_expire() {
    let (world, trace, later) = (minute(), Trace::new(), Later::default());
    let client = world.client().with_background(Arc::new(later.clone()));
    let observer = observer(&world, &trace);
    let message = encrypt(&client, "a").unwrap();
    decrypt(&client, &message).unwrap();
    world.at(55);
    let both = || {
        pollster::block_on(client.encrypt(b"x", &options("a"), &observer)).unwrap();
        pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &observer)).unwrap();
    };
    (0..3).for_each(|_| both());
    assert_eq!((world.keyring.counts(), later.run()), ((1, 1), 2), "nobody waits, and one refresh each is enough");
    assert_eq!(world.keyring.counts(), (2, 2));
    world.at(114);
    both();
    assert_eq!(world.keyring.counts(), (2, 2), "the time counts anew");
    let refreshes: Vec<_> = trace.events().into_iter().filter(|event| matches!(&event.kind, Kind::OperationStarted { operation, .. } | Kind::OperationFinished { operation, .. } if operation == "refresh")).collect();
    assert_eq!(refreshes.len(), 4);
    assert_eq!((refreshes[0].span, refreshes[0].span.parent), (refreshes[1].span, Some(1)), "a part of the operation that noticed");

    world.keyring.refuses.store(true, Ordering::SeqCst);
    assert_eq!((later.run(), world.keyring.counts()), (2, (3, 3)));
    let failed = trace.events().into_iter().any(|event| matches!(event.kind, Kind::OperationFinished { operation, result: OperationResult::Failed { code, .. } } if operation == "refresh" && code == "KmsDenied"));
    assert!(failed, "a refresh that fails is told");
    both();
    drop(later);
    world.at(115);
    assert!(encrypt(&client, "a").is_err(), "and at its end the entry is gone");
}

#[test]
fn giving_up_while_asking_is_handed_over() {
    let world = minute();
    let client = world.client();
    let (options, observer) = (options("a"), Observer::none());
    let mut crowd = Crowd::new();
    (0..4).for_each(|_| crowd.add(client.encrypt(b"x", &options, &observer)));
    // The first has been asked once and has left when the keyring would answer it.
    crowd.step(4);
    crowd.leave(0);
    crowd.run();
    assert_eq!((crowd.results.iter().flatten().filter(|result| result.is_ok()).count(), world.keyring.counts()), (3, (2, 0)));
}

#[test]
fn limits_that_can_not_be_are_refused() {
    let good = CacheLimits::of_age(1);
    let make = |limits| MaterialsCache::new(crate::keyring::tests::env(), limits).map_err(|error| error.to_string());
    assert!(make(CacheLimits { max_messages: 1, max_bytes: 1, capacity: 1, ..good }).is_ok() && make(good).is_ok());
    for (limits, why) in [
        (CacheLimits::of_age(0), "0 seconds"),
        (CacheLimits { max_messages: 0, ..good }, "1 to 4294967296 messages, not 0"),
        (CacheLimits { max_messages: (1 << 32) + 1, ..good }, "not 4294967297"),
        (CacheLimits { max_bytes: 0, ..good }, "1 to 9223372036854775807 bytes, not 0"),
        (CacheLimits { max_bytes: 1 << 63, ..good }, "not 9223372036854775808"),
        (CacheLimits { capacity: 0, ..good }, "capacity"),
    ] {
        assert!(make(limits).unwrap_err().contains(why), "{why}");
    }
    assert_eq!(format!("{:?}", make(good).unwrap()).matches("len: 0").count(), 1);
}
