//! Branch keys: a store and a choice that the user wrote in JavaScript, a cache between operations, and new versions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal::keyring::{
    BranchKey, BranchKeyChoice, BranchKeyRecord, BranchKeyRecords, BranchKeyRequests, BranchKeyVersion, BranchKeys, HierarchicalKeyring,
    KmsBranchKeys,
};
use waxseal::{Error, Keyring};
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use crate::asking::Asked;
use crate::kms::JsKms;
use crate::members::{bytes, member, text};
use crate::object::object;
use crate::operation::{Desk, Operation};
use crate::{encryption_context, settings};

#[wasm_bindgen]
extern "C" {
    /// A hierarchical keyring as data.
    pub type Hierarchy;

    /// The KMS that keeps the branch keys wrapped.
    #[wasm_bindgen(method, getter)]
    fn kms(this: &Hierarchy) -> JsValue;

    /// The ARN of the key that wraps them.
    #[wasm_bindgen(method, getter, js_name = keyArn)]
    fn key_arn(this: &Hierarchy) -> String;

    /// The store.
    #[wasm_bindgen(method, getter)]
    fn store(this: &Hierarchy) -> JsValue;

    /// An id, or a function that chooses it.
    #[wasm_bindgen(method, getter, js_name = branchKeyId)]
    fn branch_key_id(this: &Hierarchy) -> JsValue;

    /// Keeps branch keys from one operation to the next.
    #[wasm_bindgen(method, getter)]
    fn cache(this: &Hierarchy) -> Option<Cache>;

    /// Branch keys in JavaScript's memory, where they are wiped when their time is over.
    pub type Cache;

    /// Tells it from others.
    #[wasm_bindgen(method, getter)]
    fn number(this: &Cache) -> u32;

    /// `{ version, key }` if it is there and not too old. The array stays the cache's.
    #[wasm_bindgen(method)]
    fn find(this: &Cache, branch_key_id: &str, version: Option<String>) -> JsValue;

    /// Keeps a key that was asked for at that time, in milliseconds. The array is the cache's from now on.
    #[wasm_bindgen(method)]
    fn keep(this: &Cache, branch_key_id: &str, wanted: Option<String>, version: String, key: Uint8Array, asked_at: f64);
}

impl Hierarchy {
    /// The keyring, whose questions go to the desk.
    pub(crate) fn build(&self, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
        let kms = Arc::new(JsKms::new(self.kms(), Rc::clone(desk)));
        let records = Arc::new(Store(Asked::new(self.store(), "the store of branch keys", desk)));
        let source = KmsBranchKeys::new(kms, &self.key_arn(), records)?;
        let keys: Arc<dyn BranchKeys> = match self.cache() {
            Some(cache) => Arc::new(Coalesced { requests: requests_of(&cache), keys: Remembered { source, cache } }),
            None => Arc::new(source),
        };
        let id = self.branch_key_id();
        Ok(Arc::new(match id.as_string() {
            Some(id) => HierarchicalKeyring::new(keys, id)?,
            None => HierarchicalKeyring::by_context(keys, Arc::new(Choice(Asked::new(id, "the function that chooses a branch key", desk)))),
        }))
    }
}

/// Starts to make a version of a branch key; the operation's value is `{ version, versionRecord, activeRecord }`.
#[wasm_bindgen(js_name = makeBranchKey)]
pub fn make_branch_key(kms: JsValue, key_arn: String, branch_key_id: String, table_name: String) -> Operation {
    Operation::start(|desk| async move {
        let nothing = Arc::new(Store(Asked::new(JsValue::UNDEFINED, "no store", &desk)));
        let keys = KmsBranchKeys::new(Arc::new(JsKms::new(kms, Rc::clone(&desk))), &key_arn, nothing)?;
        let made = keys.make(&branch_key_id, &table_name, &settings::env(), &Observer::none()).await?;
        Ok(object([
            ("version", made.version.to_string().into()),
            ("versionRecord", record_to_js(&made.version_record)),
            ("activeRecord", record_to_js(&made.active_record)),
        ]))
    })
}

/// The user's store.
struct Store(Asked);

impl Store {
    async fn record(&self, what: &str, request: JsValue) -> Result<Option<BranchKeyRecord>, Error> {
        let record = self.0.ask(what, request, &Observer::none()).await?;
        if record.is_undefined() {
            return Ok(None);
        }
        let encryption_context = encryption_context::from_js(&member(&record, "encryptionContext"))?;
        let ciphertext = bytes(&record, "ciphertext").map(|ciphertext| ciphertext.to_vec()).unwrap_or_default();
        Ok(Some(BranchKeyRecord { ciphertext, encryption_context }))
    }
}

impl BranchKeyRecords for Store {
    fn active<'a>(&'a self, branch_key_id: &'a str) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        Box::pin(self.record("active", object([("branchKeyId", branch_key_id.into())])))
    }

    fn version<'a>(&'a self, branch_key_id: &'a str, version: BranchKeyVersion) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>> {
        let request = object([("branchKeyId", branch_key_id.into()), ("version", version.to_string().into())]);
        Box::pin(self.record("version", request))
    }
}

/// The user's function from encryption context to branch key id.
struct Choice(Asked);

impl BranchKeyChoice for Choice {
    fn branch_key_id<'a>(&'a self, context: &'a EncryptionContext) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(async move {
            let request = object([("encryptionContext", encryption_context::to_js(context))]);
            let id = self.0.ask("branchKeyId", request, &Observer::none()).await?;
            Ok(id.as_string().unwrap_or_default())
        })
    }
}

/// Branch keys that outlive an operation, in JavaScript.
struct Remembered {
    source: KmsBranchKeys,
    cache: Cache,
}

impl Remembered {
    async fn get(&self, id: &str, wanted: Option<BranchKeyVersion>, observer: &Observer) -> Result<Arc<BranchKey>, Error> {
        let name = || wanted.map(|version| version.to_string());
        let found = self.cache.find(id, name());
        if let (Some(version), Some(key)) = (text(&found, "version"), bytes(&found, "key")) {
            return BranchKey::new(version.parse()?, Zeroizing::new(key.to_vec())).map(Arc::new);
        }
        let asked_at = js_sys::Date::now();
        let key = match wanted {
            Some(version) => self.source.version(id, version, observer).await?,
            None => self.source.active(id, observer).await?,
        };
        self.cache.keep(id, name(), key.version().to_string(), Uint8Array::new_from_slice(&key.danger_copy()), asked_at);
        Ok(key)
    }
}

impl BranchKeys for Remembered {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.get(branch_key_id, None, observer))
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.get(branch_key_id, Some(version), observer))
    }
}

/// The same, asked for once, however many operations want the same key at the same moment.
struct Coalesced {
    requests: Arc<BranchKeyRequests>,
    keys: Remembered,
}

impl BranchKeys for Coalesced {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.requests.get(&self.keys, branch_key_id, None, observer))
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(self.requests.get(&self.keys, branch_key_id, Some(version), observer))
    }
}

/// The requests of all operations on that cache, which are gone with the last of these.
fn requests_of(cache: &Cache) -> Arc<BranchKeyRequests> {
    REQUESTS.with_borrow_mut(|all| {
        all.retain(|_, requests| requests.strong_count() > 0);
        let running = all.get(&cache.number()).and_then(Weak::upgrade);
        running.unwrap_or_else(|| {
            let requests = Arc::new(BranchKeyRequests::new(settings::env()));
            all.insert(cache.number(), Arc::downgrade(&requests));
            requests
        })
    })
}

thread_local! {
    static REQUESTS: RefCell<BTreeMap<u32, Weak<BranchKeyRequests>>> = const { RefCell::new(BTreeMap::new()) };
}

fn record_to_js(record: &BranchKeyRecord) -> JsValue {
    object([
        ("ciphertext", Uint8Array::new_from_slice(&record.ciphertext).into()),
        ("encryptionContext", encryption_context::to_js(&record.encryption_context)),
    ])
}
