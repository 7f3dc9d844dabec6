//! What falls due by itself, with time and without a request: imported material expires, a key is rotated, brought up to date with its primary key,
//! or destroyed when its waiting period is over.

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
use crate::key_record::{DueEvent, KeyRecord, Material, Rotation, RotationType};
use crate::last_usage::UsageRecord;
use crate::material::make_material;
use crate::record::Record;
use crate::refusals::{failed, internal};
use crate::states::tell_change;
use crate::store::{Change, Store};

impl Engine {
    /// Does what falls due first, if that is by `time`, as of the moment at which it fell due. Nothing is written: the host commits the
    /// outcome's changes with the audit record, lets it [finish](Outcome::finish), and asks again until there is nothing left.
    pub fn next_due(&self, time: Timestamp, store: &dyn Store, observer: &Observer) -> Result<Option<Outcome<()>>, Fault> {
        let Some((now, id)) = store.next_due().map_err(failed)?.filter(|(due, _)| *due <= time) else { return Ok(None) };
        let stored = store.read(&id).map_err(failed)?.ok_or_else(|| internal(format!("the record `{id}` fell due and is not there")))?;
        let key: KeyRecord = stored.open(&self.root_key).map_err(failed)?;
        let due = Due { engine: self, store, observer: &observer.nested().acting_as(Actor::Kms), now, version: stored.version };
        let outcome = match key.next_event() {
            Some((_, DueEvent::Synchronization)) => due.synchronize(key),
            Some((_, DueEvent::Expiry)) => due.expire(key),
            Some((_, DueEvent::Rotation)) => due.rotate(key),
            Some((_, DueEvent::Destruction)) => due.destroy(&key),
            None => Err(internal(format!("nothing of the record `{id}` is due"))),
        };
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
    /// The key's record goes, and with it all its material; so do its aliases and the note of its last use.
    fn destroy(&self, key: &KeyRecord) -> Result<Outcome<()>, Fault> {
        self.begin(DELETE_KEY);
        let id = KeyRecord::record_id(&key.region, &key.id);
        self.engine.forget(&id);
        let mut changes = vec![Change::Delete { id, expected_version: self.version }];
        changes.extend(index::changes(Some(key), None));
        let usage = self.store.read(&UsageRecord::record_id(&key.region, &key.id)).map_err(failed)?;
        changes.extend(usage.map(|usage| Change::Delete { id: usage.id, expected_version: usage.version }));
        for name in &key.aliases {
            let alias = self.store.read(&AliasRecord::record_id(&key.account, &key.region, name)).map_err(failed)?;
            changes.extend(alias.map(|alias| Change::Delete { id: alias.id, expected_version: alias.version }));
            let alias_arn = || alias_arn(self.engine, &key.region, &key.account, name).to_string();
            self.observer.emit(|_| Kind::AliasDeleted { alias_arn: alias_arn() });
        }
        if let Some(family) = key.multi_region.as_ref().filter(|_| key.is_replica()) {
            let (mut primary, version) = self.key_in(&family.primary, &key.id)?;
            primary.forget_replica(&key.region, self.now);
            changes.push(self.put(&primary, version)?);
        }
        self.observer.emit(|_| Kind::KeyDestroyed { key_arn: key.arn().to_string() });
        self.end(DELETE_KEY, key, changes, json!({ "keyId": key.id }))
    }

    /// Imported material leaves the record; the next that expires at the same moment is an event of its own.
    fn expire(&self, mut key: KeyRecord) -> Result<Outcome<()>, Fault> {
        self.begin(DELETE_EXPIRED_KEY_MATERIAL);
        let (before, pending) = (key.state, key.pending());
        let expired = key.generations().find(|material| material.valid_to().is_some_and(|at| at <= self.now));
        let material_id = expired.map(|material| material.id.clone()).ok_or_else(|| internal("no key material has expired"))?;
        key.remove_material(&material_id);
        let details = json!({ "keyId": key.id, "keyMaterialId": key.shown(&material_id) });
        self.observer.emit(|_| Kind::KeyMaterialDeleted { key_arn: key.arn().to_string(), material_id });
        tell_change(self.observer, &key, before);
        key.share_pending(&pending, self.now);
        let changes = vec![self.put(&key, self.version)?];
        self.end(DELETE_EXPIRED_KEY_MATERIAL, &key, changes, details)
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
        let pending = key.pending();
        let before = key.materials.last().map(|material| material.id.clone()).unwrap_or_default();
        let material = match key.is_external() {
            true => key.pending_material.take().ok_or_else(|| internal("no key material waits for the rotation"))?,
            false => make_material(self.engine, &key.id, key.key_spec, self.now, Some(rotation), self.observer)?,
        };
        let material = Material { created: self.now, rotation: Some(rotation), ..material };
        let after = material.id.clone();
        key.materials.push(material);
        key.share_pending(&pending, self.now);
        key.outdate_replicas(self.now);
        let changes = vec![self.put(&key, self.version)?];
        self.observer.emit(|_| Kind::KeyRotated { key_arn: key.arn().to_string(), before, after });
        self.end(ROTATE_KEY, &key, changes, json!({ "rotationType": rotation.name(), "keyId": key.id }))
    }

    /// A replica takes over what it shares with its primary key, or the primary key learns what a replica has.
    fn synchronize(&self, mut key: KeyRecord) -> Result<Outcome<()>, Fault> {
        let outdated = key.first_outdated().map(|(_, region)| region.to_owned());
        let region = &outdated.ok_or_else(|| internal("no other key lacks anything"))?;
        self.begin(SYNCHRONIZE);
        let (mut other, version) = self.key_in(region, &key.id)?;
        let before = other.state;
        if key.is_replica() {
            other.learn_of(&key, self.now);
        } else {
            other.take_over(&key);
        }
        key.forget_outdated(region);
        let changes = vec![self.put(&key, self.version)?, self.put(&other, version)?];
        let (primary, replica) = if key.is_replica() { (&other, &key) } else { (&key, &other) };
        let replica_arn = replica.arn();
        self.observer.emit(|_| Kind::ReplicaSynchronized { key_arn: primary.arn().to_string(), replica_arn: replica_arn.to_string() });
        tell_change(self.observer, &other, before);
        self.end(SYNCHRONIZE, primary, changes, json!({ "keyId": primary.id, "replicaRegion": replica.region }))
    }

    /// The same key in another region, with the version of its record.
    fn key_in(&self, region: &str, key_id: &str) -> Result<(KeyRecord, u64), Fault> {
        let id = KeyRecord::record_id(region, key_id);
        let stored = self
            .store
            .read(&id)
            .map_err(failed)?
            .ok_or_else(|| internal(format!("the record `{id}` of a multi-Region key is not there")))?;
        Ok((stored.open(&self.engine.root_key).map_err(failed)?, stored.version))
    }

    fn put(&self, key: &KeyRecord, expected_version: u64) -> Result<Change, Fault> {
        let id = KeyRecord::record_id(&key.region, &key.id);
        let record = Record::seal(id, expected_version.saturating_add(1), key, &self.engine.root_key).map_err(failed)?;
        Ok(Change::Put { record, expected_version: Some(expected_version) })
    }

    fn begin(&self, name: &str) {
        self.observer.emit(|_| Kind::OperationStarted { operation: name.into(), input_len: None });
    }

    fn end(&self, name: &str, key: &KeyRecord, changes: Vec<Change>, details: Value) -> Result<Outcome<()>, Fault> {
        let audit = AuditRecord::of_service_event(self.engine, name, &key.arn(), self.now, details)?;
        Ok(Outcome { response: (), decision: None, changes, audit, observer: self.observer.clone(), is_recorded: true })
    }
}

const DELETE_EXPIRED_KEY_MATERIAL: &str = "DeleteExpiredKeyMaterial";
const DELETE_KEY: &str = "DeleteKey";
const ROTATE_KEY: &str = "RotateKey";
const SYNCHRONIZE: &str = "SynchronizeMultiRegionKey";
