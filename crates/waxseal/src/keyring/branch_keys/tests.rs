//! Branch keys in a store of two lists, wrapped by a stand-in KMS that writes down what it wrapped.

use std::collections::BTreeMap;
use std::sync::Mutex;

use waxseal_base::env::Env;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::{Kms, KmsError};

use super::super::tests::{KEY, OTHER, env, refusal};
use super::*;

/// Ciphertexts are numbers of entries of its list.
#[derive(Default)]
pub(crate) struct ListKms {
    wrapped: Mutex<Vec<(EncryptionContext, Vec<u8>)>>,
    pub(crate) decrypts: Mutex<usize>,
    pub(crate) answers_as: Mutex<Option<String>>,
    pub(crate) cut_to: Mutex<Option<usize>>,
}

impl ListKms {
    fn name(&self, asked: &str) -> String {
        self.answers_as.lock().unwrap().clone().unwrap_or_else(|| asked.into())
    }

    fn wrap(&self, context: EncryptionContext, key: Vec<u8>) -> Blob {
        let mut wrapped = self.wrapped.lock().unwrap();
        wrapped.push((context, key));
        Blob(vec![u8::try_from(wrapped.len() - 1).unwrap()])
    }
}

impl Kms for ListKms {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move {
            let len = self.cut_to.lock().unwrap().unwrap_or(usize::try_from(request.number_of_bytes.unwrap()).unwrap());
            let key = vec![u8::try_from(self.wrapped.lock().unwrap().len()).unwrap(); len];
            Ok(GenerateDataKeyResponse {
                ciphertext_blob: self.wrap(request.encryption_context, key.clone()),
                plaintext: SecretBlob(Zeroizing::new(key)),
                key_id: self.name(&request.key_id),
                key_material_id: None,
            })
        })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move {
            let ciphertext_blob = self.wrap(request.encryption_context, request.plaintext.0.to_vec());
            Ok(EncryptResponse { ciphertext_blob, key_id: self.name(&request.key_id), encryption_algorithm: None })
        })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            *self.decrypts.lock().unwrap() += 1;
            let (context, key) = self.wrapped.lock().unwrap()[usize::from(request.ciphertext_blob.0[0])].clone();
            if context != request.encryption_context {
                return Err(refusal("InvalidCiphertextException"));
            }
            let len = self.cut_to.lock().unwrap().unwrap_or(key.len());
            Ok(DecryptResponse {
                plaintext: SecretBlob(Zeroizing::new(key[..len].to_vec())),
                key_id: self.name(request.key_id.as_deref().unwrap()),
                key_material_id: None,
                encryption_algorithm: None,
            })
        })
    }
}

/// By branch key id: the active record; by id and version: that of the version.
#[derive(Default)]
pub(crate) struct Table {
    active: Mutex<BTreeMap<String, BranchKeyRecord>>,
    versions: Mutex<BTreeMap<(String, BranchKeyVersion), BranchKeyRecord>>,
}

impl Table {
    fn store(&self, id: &str, made: NewBranchKey) {
        self.active.lock().unwrap().insert(id.into(), made.active_record);
        self.versions.lock().unwrap().insert((id.into(), made.version), made.version_record);
    }
}

impl BranchKeyRecords for Table {
    fn active<'a>(&'a self, branch_key_id: &'a str) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        Box::pin(async move { Ok(self.active.lock().unwrap().get(branch_key_id).cloned()) })
    }

    fn version<'a>(&'a self, branch_key_id: &'a str, version: BranchKeyVersion) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        Box::pin(async move { Ok(self.versions.lock().unwrap().get(&(branch_key_id.into(), version)).cloned()) })
    }
}

/// A KMS, a store, and branch keys of both.
pub(crate) struct World {
    pub(crate) kms: Arc<ListKms>,
    table: Arc<Table>,
    pub(crate) keys: Arc<KmsBranchKeys>,
    env: Env,
}

impl World {
    pub(crate) fn new() -> Self {
        let (kms, table) = (Arc::new(ListKms::default()), Arc::new(Table::default()));
        let keys = Arc::new(KmsBranchKeys::new(kms.clone(), KEY, table.clone()).unwrap());
        Self { kms, table, keys, env: env() }
    }

    pub(crate) fn make(&self, id: &str) -> BranchKeyVersion {
        let made = pollster::block_on(self.keys.make(id, "table", &self.env, &Observer::none())).unwrap();
        let version = made.version;
        self.table.store(id, made);
        version
    }
}

pub(super) fn active(keys: &dyn BranchKeys, id: &str) -> Result<Arc<BranchKey>, Error> {
    pollster::block_on(keys.active(id, &Observer::none()))
}

pub(super) fn version(keys: &dyn BranchKeys, id: &str, version: BranchKeyVersion) -> Result<Arc<BranchKey>, Error> {
    pollster::block_on(keys.version(id, version, &Observer::none()))
}

#[test]
fn versions_are_uuids() {
    let text = "e9ce18a3-edb5-4272-9f86-1cacb7997ff6";
    let parsed: BranchKeyVersion = text.parse().unwrap();
    assert_eq!((parsed.0[0], parsed.0[15], parsed.to_string().as_str()), (0xe9, 0xf6, text));
    for wrong in
        ["", "e9ce18a3", "E9CE18A3-EDB5-4272-9F86-1CACB7997FF6", "e9ce18a3edb542729f861cacb7997ff6", "+9ce18a3-edb5-4272-9f86-1cacb7997ff6"]
    {
        assert!(wrong.parse::<BranchKeyVersion>().is_err(), "{wrong}");
    }
    let made = World::new().make("tenant").to_string();
    assert!(made.as_bytes()[14] == b'4' && b"89ab".contains(&made.as_bytes()[19]), "{made} is of version 4");
}

#[test]
fn a_branch_key_has_32_bytes_and_does_not_print() {
    for len in [0, 16, 31, 33] {
        assert!(BranchKey::new(BranchKeyVersion([0; 16]), Zeroizing::new(vec![9; len])).is_err(), "{len}");
    }
    let key = BranchKey::new(BranchKeyVersion([0; 16]), Zeroizing::new(vec![9; 32])).unwrap();
    assert_eq!(format!("{key:?}"), "BranchKey(00000000-0000-0000-0000-000000000000)");
}

#[test]
fn the_newest_version_is_active_and_the_older_ones_stay() {
    let world = World::new();
    let first = world.make("tenant");
    let first_key = active(&*world.keys, "tenant").unwrap();
    assert_eq!((first_key.version(), first_key.expose()), (first, version(&*world.keys, "tenant", first).unwrap().expose()));
    let second = world.make("tenant");
    assert_ne!(first, second);
    assert_eq!(active(&*world.keys, "tenant").unwrap().version(), second);
    assert_eq!(version(&*world.keys, "tenant", first).unwrap().expose(), first_key.expose());
    assert_ne!(version(&*world.keys, "tenant", second).unwrap().expose(), first_key.expose());
}

#[test]
fn records_are_bound_to_what_they_are() {
    let world = World::new();
    let of_version = world.make("tenant");
    let record = world.table.versions.lock().unwrap().values().next().unwrap().clone();
    let context: BTreeMap<_, _> = record.encryption_context.iter().collect();
    assert_eq!(context["branch-key-id"], "tenant");
    assert_eq!(context["type"], format!("branch:version:{of_version}"));
    assert_eq!((context["kms-arn"], context["hierarchy-version"], context["tablename"]), (KEY, "1", "table"));
    assert_eq!((context["create-time"], context.len()), ("1970-01-01T00:00:00Z", 6));
    let active = world.table.active.lock().unwrap()["tenant"].encryption_context.clone();
    assert_eq!((active.value("type"), active.value("version")), (Some("branch:ACTIVE"), Some(context["type"])));
}

#[test]
fn a_store_that_gives_another_record_is_noticed() {
    let world = World::new();
    let mine = world.make("tenant");
    world.make("other");
    let theirs = world.table.active.lock().unwrap()["other"].clone();
    assert!(active(&*world.keys, "nobody").unwrap_err().to_string().contains("no active version of branch key `nobody`"));
    assert!(version(&*world.keys, "tenant", BranchKeyVersion([1; 16])).unwrap_err().to_string().contains("no version 01010101-"));
    world.table.active.lock().unwrap().insert("tenant".into(), theirs.clone());
    assert!(active(&*world.keys, "tenant").unwrap_err().to_string().contains("another record"));
    world.table.versions.lock().unwrap().insert(("tenant".into(), mine), theirs.clone());
    assert!(version(&*world.keys, "tenant", mine).unwrap_err().to_string().contains("another record"));
    assert_eq!(*world.kms.decrypts.lock().unwrap(), 0, "the KMS is not asked");
    let mut relabelled = theirs;
    relabelled.encryption_context.insert("branch-key-id", "tenant");
    world.table.active.lock().unwrap().insert("tenant".into(), relabelled);
    assert_eq!(
        active(&*world.keys, "tenant").unwrap_err().kms_code(),
        Some("InvalidCiphertextException"),
        "and what is relabelled it refuses"
    );
}

#[test]
fn answers_that_are_not_those_asked_for_are_not_used() {
    let world = World::new();
    world.make("tenant");
    let make = || pollster::block_on(world.keys.make("tenant", "table", &env(), &Observer::none())).map(|_| ());
    *world.kms.answers_as.lock().unwrap() = Some(OTHER.into());
    for error in [active(&*world.keys, "tenant").unwrap_err(), make().unwrap_err()] {
        assert!(error.code() == "KmsUnavailable" && error.to_string().contains(OTHER), "{error}");
    }
    *world.kms.answers_as.lock().unwrap() = None;
    *world.kms.cut_to.lock().unwrap() = Some(31);
    for error in [active(&*world.keys, "tenant").unwrap_err(), make().unwrap_err()] {
        assert!(error.code() == "KmsUnavailable" && error.to_string().contains("31 bytes"), "{error}");
    }
    for key_arn in ["", "alias/a", "1234", "arn:aws:kms:us-east-1:111122223333:alias/a"] {
        assert!(KmsBranchKeys::new(world.kms.clone(), key_arn, world.table.clone()).is_err(), "{key_arn}");
    }
}
