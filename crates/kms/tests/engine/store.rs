//! Records change all or none, before the answer goes out; a race is decided anew; an edited record is noticed.

use std::sync::{Arc, Mutex};

use crate::support::{BOB, bob, data_key, decrypt, encrypt, kms, kms_over, trace};
use waxseal_base::env::{Clock, Env, VirtualClock};
use waxseal_base::event::Kind;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms::{
    AuditRecord, Change, CommitError, Engine, KeyState, LocalKms, LocalKmsError, LocalKmsOptions, MemoryStore, Record, Store, StoreError,
};
use waxseal_kms_api::calls::{
    CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, DisableKeyRequest, ListGrantsRequest, ListKeysRequest,
    ListRetirableGrantsRequest, RevokeGrantRequest, ScheduleKeyDeletionRequest,
};
use waxseal_kms_api::fault::FaultCode;
use waxseal_kms_api::kms::Kms;

/// A store in which somebody else is always a little faster: a rival commits just before each of the first `races` commits that change something.
struct Racing {
    inner: Arc<MemoryStore>,
    rival: Mutex<Option<LocalKms>>,
    races: Mutex<usize>,
    tried: Mutex<Vec<Change>>,
}

impl Store for Racing {
    fn read(&self, id: &str) -> Result<Option<Record>, StoreError> {
        self.inner.read(id)
    }

    fn ids(&self, prefix: &str, from: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inner.ids(prefix, from, limit)
    }

    fn next_due(&self) -> Result<Option<(Timestamp, String)>, StoreError> {
        self.inner.next_due()
    }

    fn commit(&self, changes: &[Change], audit: Option<&AuditRecord>) -> Result<(), CommitError> {
        let mut races = self.races.lock().unwrap();
        if let (Some(Change::Put { record, .. }), true) = (changes.first(), *races > 0) {
            *races -= 1;
            self.tried.lock().unwrap().extend_from_slice(changes);
            let key_id = record.id.rsplit('/').next().unwrap();
            let rival = self.rival.lock().unwrap().clone().unwrap();
            rival.administrator().call(grant(key_id, "Encrypt"), &Observer::none()).unwrap();
        }
        self.inner.commit(changes, audit)
    }

    fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.inner.audit(from, limit)
    }
}

fn grant(key_id: &str, operation: &str) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key_id.into(),
        grantee_principal: BOB.into(),
        operations: vec![operation.into()],
        ..CreateGrantRequest::default()
    }
}

fn racing(races: usize) -> (Arc<Racing>, LocalKms, String) {
    let inner = Arc::new(MemoryStore::new());
    let rival = kms_over(inner.clone(), 2);
    let key = rival.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    let store = Arc::new(Racing { inner, rival: Mutex::new(Some(rival)), races: Mutex::new(races), tried: Mutex::default() });
    let kms = kms_over(store.clone(), 3);
    (store, kms, key)
}

#[test]
fn who_loses_a_race_decides_anew_with_fresh_randomness() {
    let (store, kms, key) = racing(2);
    let mut granted = None;
    let events = trace(|observer| granted = Some(kms.administrator().call(grant(&key, "Decrypt"), observer).unwrap().grant_id));
    let grants =
        kms.administrator().call(ListGrantsRequest { key_id: key, ..ListGrantsRequest::default() }, &Observer::none()).unwrap().grants;
    assert_eq!(grants.iter().map(|grant| grant.operations.join(" ")).collect::<Vec<_>>(), ["Encrypt", "Encrypt", "Decrypt"]);
    assert_eq!(grants.last().map(|grant| &grant.grant_id), granted.as_ref(), "nothing of the rival's was overwritten");

    let tried: Vec<String> = store.tried.lock().unwrap().iter().map(|change| serde_json::to_string(change).unwrap()).collect();
    assert!(tried.len() == 2 && tried.iter().all(|change| !change.contains(granted.as_ref().unwrap())), "each attempt drew its own id");
    let started = |event: &&waxseal_base::event::Event| matches!(event.kind, Kind::OperationStarted { .. } | Kind::GrantCreated { .. });
    assert_eq!(events.iter().filter(started).count(), 2, "the lost attempts left no events");
    let own = kms.audit().unwrap().into_iter().filter(|record| record.request_parameters["operations"] == serde_json::json!(["Decrypt"]));
    assert_eq!(own.count(), 1, "and no audit records");
}

#[test]
fn who_always_loses_gives_up_and_has_changed_nothing() {
    let (store, kms, key) = racing(usize::MAX);
    let mut fault = None;
    let events = trace(|observer| fault = Some(kms.administrator().call(grant(&key, "Decrypt"), observer).unwrap_err()));
    let fault = fault.unwrap();
    assert!(fault.code == FaultCode::KMSInternalException && fault.code.is_retryable(), "{fault}");
    assert_eq!(store.tried.lock().unwrap().len(), Engine::MAX_ATTEMPTS);
    let grants = kms.key(&key).unwrap().unwrap().grants;
    assert!(grants.len() == Engine::MAX_ATTEMPTS && grants.iter().all(|grant| grant.operations == ["Encrypt"]));
    assert!(!events.iter().any(|event| matches!(event.kind, Kind::GrantCreated { .. } | Kind::ChangePersisted { .. })), "{events:?}");
    assert!(matches!(events.last().unwrap().kind, Kind::OperationFinished { .. }));
}

/// A store that can be read and not written.
struct ReadOnly(Arc<MemoryStore>);

impl Store for ReadOnly {
    fn read(&self, id: &str) -> Result<Option<Record>, StoreError> {
        self.0.read(id)
    }

    fn ids(&self, prefix: &str, from: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.0.ids(prefix, from, limit)
    }

    fn next_due(&self) -> Result<Option<(Timestamp, String)>, StoreError> {
        self.0.next_due()
    }

    fn commit(&self, _: &[Change], _: Option<&AuditRecord>) -> Result<(), CommitError> {
        Err(CommitError::Failed(StoreError { reason: "the disk is full".into() }))
    }

    fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.0.audit(from, limit)
    }
}

#[test]
fn what_can_not_be_recorded_is_not_answered() {
    let inner = Arc::new(MemoryStore::new());
    let key = kms_over(inner.clone(), 2).administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    let kms = kms_over(Arc::new(ReadOnly(inner)), 3);
    let mut fault = None;
    let events = trace(|observer| fault = kms.administrator().call(data_key(&key), observer).err());
    let fault = fault.unwrap();
    assert_eq!(fault.code, FaultCode::KMSInternalException);
    assert!(fault.message.unwrap().contains("the disk is full"));
    let recorded = |event: &waxseal_base::event::Event| matches!(event.kind, Kind::AuditRecorded { .. } | Kind::DataKeyGenerated { .. });
    assert!(!events.iter().any(recorded), "nothing is told that was not written: {events:?}");
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#;
    let error = kms.put_identity_policy(BOB, "p", allow).unwrap_err();
    assert_eq!(error.to_string(), "the store can not be used: the disk is full");
}

#[test]
fn an_edited_record_is_not_used() {
    let store = Arc::new(MemoryStore::new());
    let kms = kms_over(store.clone(), 1);
    let key = kms.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata;
    let describe = || kms.administrator().call(DescribeKeyRequest { key_id: key.arn.clone(), ..Default::default() }, &Observer::none());
    let genuine = store.read(&format!("key/us-east-1/{}", key.key_id)).unwrap().unwrap();
    assert!(describe().is_ok() && genuine.body.contains("111122223333"));
    let edited = Record { body: genuine.body.replace("111122223333", "444455556666"), ..genuine.clone() };
    store.commit(&[Change::Put { record: edited, expected_version: Some(genuine.version) }], None).unwrap();
    assert!(describe().is_ok(), "who has verified the genuine record goes on with that");
    let other = kms_over(store, 2);
    let fault = other.administrator().call(DescribeKeyRequest { key_id: key.arn, ..Default::default() }, &Observer::none()).unwrap_err();
    assert_eq!(fault.code, FaultCode::KMSInternalException);
    assert!(fault.message.unwrap().contains("was altered"));
    assert!(matches!(kms.keys().unwrap_err(), LocalKmsError::Record { why, .. } if why.contains("altered")));
}

#[test]
fn a_thief_of_the_disk_has_no_key() {
    let (kms, administrator, key) = kms();
    let made = administrator.call(data_key(&key), &Observer::none()).unwrap();
    let stolen = Arc::new(MemoryStore::new());
    for record in kms.records().unwrap() {
        assert!(!record.body.contains(&hex::encode(made.plaintext.0.as_slice())));
        stolen.commit(&[Change::Put { record, expected_version: None }], None).unwrap();
    }
    let options = waxseal_kms::LocalKmsOptions::default();
    let thief = LocalKms::with_store(options, crate::support::env(4), stolen).unwrap();
    let fault = thief.administrator().call(decrypt(&made.ciphertext_blob.0), &Observer::none()).unwrap_err();
    assert_eq!(fault.code, FaultCode::KMSInternalException);
}

#[test]
fn records_outlive_the_engine_that_wrote_them() {
    let store = Arc::new(MemoryStore::new());
    let first = kms_over(store.clone(), 1);
    let key = first.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    let blob = first.administrator().call(encrypt(&key, b"kept"), &Observer::none()).unwrap().ciphertext_blob.0;
    drop(first);
    let copy = Arc::new(MemoryStore::new());
    for id in store.ids("", "", usize::MAX).unwrap() {
        let text = serde_json::to_string(&store.read(&id).unwrap().unwrap()).unwrap();
        copy.commit(&[Change::Put { record: serde_json::from_str(&text).unwrap(), expected_version: None }], None).unwrap();
    }
    let second = kms_over(copy, 2);
    assert_eq!(second.administrator().call(decrypt(&blob), &Observer::none()).unwrap().plaintext.0.as_slice(), b"kept");
}

#[test]
fn a_host_sees_a_key_and_the_policies_it_attached() {
    let (kms, administrator, key) = kms();
    administrator.call(grant(&key, "Decrypt"), &Observer::none()).unwrap();
    administrator.call(DisableKeyRequest { key_id: key.clone() }, &Observer::none()).unwrap();
    let view = kms.key(&key).unwrap().unwrap();
    assert_eq!((view.state, view.grants.len(), view.materials.len()), (KeyState::Disabled, 1, 1));
    assert!(view.materials[0].current && view.policy.contains("kms:*"));
    assert!(kms.key("nothing").unwrap().is_none());

    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#;
    kms.put_identity_policy(BOB, "one", allow).unwrap();
    kms.put_identity_policy(BOB, "two", allow).unwrap();
    assert!(kms.delete_identity_policy(BOB, "one").unwrap());
    assert!(!kms.delete_identity_policy(BOB, "one").unwrap());
    assert_eq!(kms.identity_policies(BOB).unwrap(), [("two".to_owned(), allow.to_owned())]);
    for (principal, policy, why) in [
        ("bob", allow, "can not be a caller"),
        ("arn:aws:iam::1:role/App", allow, "12 digits"),
        ("arn:aws:iam::111122223333:role/*", allow, "can not be a caller"),
        ("logs.us-east-1.amazonaws.com", allow, "is a service"),
        (BOB, "{", "not an identity policy: line 1"),
    ] {
        let error = kms.put_identity_policy(principal, "p", policy).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_region_that_would_break_every_arn_is_refused() {
    for region in ["", "us:east", "US East", "eu/west"] {
        let options = waxseal_kms::LocalKmsOptions { region: region.into(), ..waxseal_kms::LocalKmsOptions::default() };
        let error = LocalKms::new(options, crate::support::env(1)).unwrap_err();
        assert_eq!(error.to_string(), format!("`{region}` is not a region; the form is us-east-1"));
    }
}

#[test]
fn the_sdk_can_ask_it_as_any_kms() {
    let (kms, administrator, key) = kms();
    let observer = Observer::none();
    let anyone: &dyn Kms = &administrator;
    let made = pollster::block_on(anyone.generate_data_key(data_key(&key), &observer)).unwrap();
    let opened = pollster::block_on(anyone.decrypt(decrypt(&made.ciphertext_blob.0), &observer)).unwrap();
    assert_eq!(opened.plaintext.0, made.plaintext.0);
    let encrypted = pollster::block_on(anyone.encrypt(encrypt(&key, b"x"), &observer)).unwrap();
    let error = pollster::block_on(Kms::decrypt(&bob(&kms), decrypt(&encrypted.ciphertext_blob.0), &observer)).unwrap_err();
    assert!(error.to_string().starts_with("AccessDeniedException: User: arn:aws:iam::111122223333:user/bob"), "{error}");
}

#[test]
fn what_a_key_is_listed_under_goes_with_it() {
    let clock = VirtualClock::new(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap());
    let (store, none) = (Arc::new(MemoryStore::new()), Observer::none());
    let kms = LocalKms::with_store(LocalKmsOptions::default(), Env::danger_seeded(clock.clone(), 1), store.clone()).unwrap();
    let administrator = kms.administrator();
    let key = administrator.call(CreateKeyRequest::default(), &none).unwrap().key_metadata;
    let entries = || store.ids("index/", "", 99).unwrap().len();
    assert_eq!(entries(), 1);
    let grant = |retiring: &str| {
        let request = CreateGrantRequest { retiring_principal: Some(retiring.into()), ..grant(&key.arn, "Decrypt") };
        administrator.call(request, &none).unwrap().grant_id
    };
    let carol = "arn:aws:iam::111122223333:user/carol";
    let [first, second, third] = [BOB, BOB, carol].map(grant);
    assert_eq!(entries(), 3, "the key's account, bob and carol");
    for (grant_id, left) in [(first, 3), (second, 2)] {
        let request = RevokeGrantRequest { key_id: key.arn.clone(), grant_id, ..Default::default() };
        administrator.call(request, &none).unwrap();
        assert_eq!(entries(), left);
    }
    let listed = |retiring: &str| {
        let request = ListRetirableGrantsRequest { retiring_principal: retiring.into(), ..Default::default() };
        administrator.call(request, &none).unwrap().grants.into_iter().map(|grant| grant.grant_id).collect::<Vec<_>>()
    };
    assert_eq!((listed(BOB), listed(carol)), (vec![], vec![third]));

    let end = ScheduleKeyDeletionRequest { key_id: key.arn.clone(), pending_window_in_days: Some(7) };
    administrator.call(end, &none).unwrap();
    kms.advance_to(clock.advance_to(clock.now().plus_days(7)), &none).unwrap();
    assert_eq!((entries(), listed(carol).len()), (0, 0));
}

#[test]
fn an_entry_proves_nothing() {
    let (store, none) = (Arc::new(MemoryStore::new()), Observer::none());
    let kms = kms_over(store.clone(), 1);
    let key = kms.administrator().call(CreateKeyRequest::default(), &none).unwrap().key_metadata;
    let eves = kms.as_caller(waxseal_policy::Caller::parse("arn:aws:iam::444455556666:root").unwrap());
    let own = store.read(&format!("index/account/111122223333/us-east-1/{}", key.key_id)).unwrap().unwrap();
    for id in [&key.key_id, "1234abcd-12ab-34cd-56ef-1234567890ab"] {
        let planted = Record { id: format!("index/account/444455556666/us-east-1/{id}"), ..own.clone() };
        store.commit(&[Change::Put { record: planted, expected_version: None }], None).unwrap();
    }
    assert!(eves.call(ListKeysRequest::default(), &none).unwrap().keys.is_empty());
    assert_eq!(kms.administrator().call(ListKeysRequest::default(), &none).unwrap().keys.len(), 1);
}
