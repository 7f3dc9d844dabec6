//! What falls due by itself, with time and without a request: a key is rotated, or destroyed when its waiting period is over.

use serde_json::{Value, json};
use waxseal_base::event::{Actor, Kind};
use waxseal_base::observer::Observer;
use waxseal_base::secret::scrub_stack;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::alias_record::{AliasRecord, alias_arn};
use crate::audit::AuditRecord;
use crate::engine::{Engine, Outcome};
use crate::index;
use crate::key_record::{KeyRecord, Rotation, RotationType};
use crate::material::make_material;
use crate::record::Record;
use crate::refusals::{failed, internal};
use crate::states::KeyState;
use crate::store::{Change, Store};

impl Engine {
    /// Does what falls due first, if that is by `time`, as of the moment at which it fell due. Nothing is written: the host commits the
    /// outcome's changes with the audit record, lets it [finish](Outcome::finish), and asks again until there is nothing left.
    pub fn next_due(&self, time: Timestamp, store: &dyn Store, observer: &Observer) -> Result<Option<Outcome<()>>, Fault> {
        let Some((now, id)) = store.next_due().map_err(failed)?.filter(|(due, _)| *due <= time) else { return Ok(None) };
        let stored = store.read(&id).map_err(failed)?.ok_or_else(|| internal(format!("the record `{id}` fell due and is not there")))?;
        let key: KeyRecord = stored.open(&self.root_key).map_err(failed)?;
        let due = Due { engine: self, store, observer: &observer.nested().acting_as(Actor::Kms), now, version: stored.version };
        let outcome = if key.state == KeyState::Enabled { due.rotate(key) } else { due.destroy(&key) };
        scrub_stack();
        outcome.map(Some)
    }
}

struct Due<'a> {
    engine: &'a Engine,
    store: &'a dyn Store,
    observer: &'a Observer,
    now: Timestamp,
    /// Of the key's record.
    version: u64,
}

impl Due<'_> {
    /// The key's record goes, and with it all its material; so do its aliases.
    fn destroy(&self, key: &KeyRecord) -> Result<Outcome<()>, Fault> {
        self.begin(DELETE_KEY);
        let id = KeyRecord::record_id(&key.region, &key.id);
        self.engine.forget(&id);
        let mut changes = vec![Change::Delete { id, expected_version: self.version }];
        changes.extend(index::changes(Some(key), None));
        for name in &key.aliases {
            let alias = self.store.read(&AliasRecord::record_id(&key.account, &key.region, name)).map_err(failed)?;
            changes.extend(alias.map(|alias| Change::Delete { id: alias.id, expected_version: alias.version }));
            let alias_arn = || alias_arn(self.engine, &key.region, &key.account, name).to_string();
            self.observer.emit(|_| Kind::AliasDeleted { alias_arn: alias_arn() });
        }
        self.observer.emit(|_| Kind::KeyDestroyed { key_arn: key.arn().to_string() });
        self.end(DELETE_KEY, key, changes, json!({ "keyId": key.id }))
    }

    /// The key gets a new generation of material; the older ones stay, for what they encrypted.
    fn rotate(&self, mut key: KeyRecord) -> Result<Outcome<()>, Fault> {
        self.begin(ROTATE_KEY);
        let rotation = match key.on_demand_rotation.filter(|asked| *asked <= self.now) {
            Some(_) => RotationType::OnDemand,
            None => RotationType::Automatic,
        };
        match rotation {
            RotationType::OnDemand => key.on_demand_rotation = None,
            RotationType::Automatic => {
                let next = |rotation: Rotation| Rotation { next: self.now.plus_days(rotation.period_in_days), ..rotation };
                key.rotation = key.rotation.map(next);
            }
        }
        let before = key.materials.last().map(|material| material.id.clone()).unwrap_or_default();
        let material = make_material(self.engine, &key.id, self.now, Some(rotation), self.observer)?;
        let after = material.id.clone();
        key.materials.push(material);
        let version = self.version.saturating_add(1);
        let record = Record::seal(KeyRecord::record_id(&key.region, &key.id), version, &key, &self.engine.root_key).map_err(failed)?;
        self.observer.emit(|_| Kind::KeyRotated { key_arn: key.arn().to_string(), before, after });
        let changes = vec![Change::Put { record, expected_version: Some(self.version) }];
        self.end(ROTATE_KEY, &key, changes, json!({ "rotationType": rotation.name(), "keyId": key.id }))
    }

    fn begin(&self, name: &str) {
        self.observer.emit(|_| Kind::OperationStarted { operation: name.into(), input_len: None });
    }

    fn end(&self, name: &str, key: &KeyRecord, changes: Vec<Change>, details: Value) -> Result<Outcome<()>, Fault> {
        let audit = AuditRecord::of_service_event(self.engine, name, &key.arn(), self.now, details)?;
        Ok(Outcome { response: (), decision: None, changes, audit, observer: self.observer.clone(), is_recorded: true })
    }
}

const DELETE_KEY: &str = "DeleteKey";
const ROTATE_KEY: &str = "RotateKey";
