//! A store that JavaScript keeps: SQLite of a server or of a Durable Object, or what a page has read from IndexedDB. Every call answers at
//! once; making the changes durable, before an answer goes out, is the host's.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use waxseal_base::time::Timestamp;
use waxseal_kms::{AuditRecord, Change, CommitError, Record, Seal, Stamp, Store, StoreError};

use crate::local_kms::whole;
use crate::object::object;
use crate::time::timestamp;

#[wasm_bindgen]
extern "C" {
    /// What a host gives. Whatever a method throws is a failure of the store.
    pub type RecordStore;

    #[wasm_bindgen(method, catch)]
    fn read(this: &RecordStore, id: &str) -> Result<Option<StoredRecord>, JsValue>;

    /// `stamp(id)`, if the host has it: version and seal of a record without the rest.
    #[wasm_bindgen(method, getter, js_name = stamp)]
    fn stamp_method(this: &RecordStore) -> Option<Function>;

    #[wasm_bindgen(method, catch)]
    fn ids(this: &RecordStore, prefix: &str, from: &str, limit: f64) -> Result<Vec<String>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = nextDue)]
    fn next_due(this: &RecordStore) -> Result<Option<DueRecord>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &RecordStore, changes: Array, audit: Option<String>) -> Result<bool, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn audit(this: &RecordStore, from: f64, limit: f64) -> Result<Vec<String>, JsValue>;

    /// A record without its id.
    pub type StoredRecord;

    #[wasm_bindgen(method, getter)]
    fn version(this: &StoredRecord) -> f64;

    #[wasm_bindgen(method, getter)]
    fn body(this: &StoredRecord) -> String;

    #[wasm_bindgen(method, getter)]
    fn due(this: &StoredRecord) -> Option<f64>;

    #[wasm_bindgen(method, getter)]
    fn seal(this: &StoredRecord) -> String;

    /// Which record falls due, and when.
    pub type DueRecord;

    #[wasm_bindgen(method, getter)]
    fn id(this: &DueRecord) -> String;

    #[wasm_bindgen(method, getter, js_name = due)]
    fn due_at(this: &DueRecord) -> f64;
}

impl StoredRecord {
    fn stamp(&self) -> Stamp {
        Stamp { version: whole(self.version()), seal: Seal::from_hex(&self.seal()) }
    }
}

/// The engine's view of it.
pub(crate) struct HostStore(RecordStore);

impl HostStore {
    /// Over what a host gives.
    pub(crate) fn new(store: RecordStore) -> Self {
        Self(store)
    }
}

impl Store for HostStore {
    fn read(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let stored = self.0.read(id).map_err(failed)?;
        Ok(stored.map(|stored| {
            let Stamp { version, seal } = stored.stamp();
            Record { id: id.into(), version, body: stored.body(), next_due: stored.due().map(timestamp), seal }
        }))
    }

    fn stamp(&self, id: &str) -> Result<Option<Stamp>, StoreError> {
        let stored = match self.0.stamp_method() {
            Some(stamp) => stamp.call1(&self.0, &id.into()).map_err(failed)?,
            None => return Ok(self.0.read(id).map_err(failed)?.map(|stored| stored.stamp())),
        };
        Ok(if stored.is_undefined() { None } else { Some(stored.unchecked_into::<StoredRecord>().stamp()) })
    }

    fn ids(&self, prefix: &str, from: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.0.ids(prefix, from, limit.min(MAX_LIMIT) as f64).map_err(failed)
    }

    fn next_due(&self) -> Result<Option<(Timestamp, String)>, StoreError> {
        Ok(self.0.next_due().map_err(failed)?.map(|record| (timestamp(record.due_at()), record.id())))
    }

    fn commit(&self, changes: &[Change], audit: Option<&AuditRecord>) -> Result<(), CommitError> {
        let changes: Array = changes.iter().map(to_js).collect();
        let audit = audit.map(serde_json::to_string).transpose().map_err(|error| unwritable(&error))?;
        match self.0.commit(changes, audit) {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommitError::Conflict),
            Err(thrown) => Err(CommitError::Failed(failed(thrown))),
        }
    }

    fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let lines = self.0.audit(from as f64, limit.min(MAX_LIMIT) as f64).map_err(failed)?;
        let read = |line: &String| serde_json::from_str(line);
        lines.iter().map(read).collect::<Result<_, _>>().map_err(|error| StoreError { reason: format!("a line of the audit log: {error}") })
    }
}

/// `{ id, expectedVersion?, record?: { version, body, due?, seal } }`; without a record it is removed.
fn to_js(change: &Change) -> JsValue {
    let record = match change {
        Change::Put { record, .. } => object([
            ("version", (record.version as f64).into()),
            ("body", record.body.as_str().into()),
            ("due", record.next_due.map_or(JsValue::UNDEFINED, |due| (due.as_millis() as f64).into())),
            ("seal", record.seal.to_hex().into()),
        ]),
        Change::Delete { .. } => JsValue::UNDEFINED,
    };
    let expected = change.expected_version().map_or(JsValue::UNDEFINED, |version| (version as f64).into());
    object([("id", change.id().into()), ("expectedVersion", expected), ("record", record)])
}

fn failed(thrown: JsValue) -> StoreError {
    let text = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    StoreError { reason: text.or_else(|| thrown.as_string()).unwrap_or_else(|| "it threw something that is no error".into()) }
}

fn unwritable(error: &serde_json::Error) -> CommitError {
    CommitError::Failed(StoreError { reason: format!("the audit record can not be written: {error}") })
}

/// The largest limit: any number above it is the same to a host, and this one is exact in JavaScript.
const MAX_LIMIT: usize = 1 << 31;
