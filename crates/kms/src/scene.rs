//! What a request finds and leaves while it goes through the pipeline: its keys, the records that it reads, and those that are to be written.

use std::sync::Arc;

use waxseal_base::event::{Kind, NamedBy, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Decision;

use crate::alias_record::AliasRecord;
use crate::engine::{Engine, RequestContext};
use crate::index;
use crate::key_record::{Key, KeyRecord};
use crate::last_usage::Note;
use crate::record::{Body, Record};
use crate::refusals::{failed, internal};
use crate::store::{Change, Store, ids_from};

/// What an operation can see and do while it executes.
pub(crate) struct Scene<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) call: &'a RequestContext,
    pub(crate) store: &'a dyn Store,
    pub(crate) observer: &'a Observer,
    /// The region in which the request is made.
    pub(crate) region: &'a str,
    /// The time at which the request began; the same for all its parts.
    pub(crate) now: Timestamp,
    pub(crate) key: Option<LoadedKey>,
    pub(crate) other_key: Option<LoadedKey>,
    pub(crate) decision: Option<Decision>,
    pub(crate) changes: Vec<Change>,
    /// Where the use of the keys is to be noted.
    pub(crate) notes: Vec<Note>,
}

/// A key, as the request found it.
#[derive(Clone)]
pub(crate) struct LoadedKey {
    pub(crate) record: Arc<Key>,
    /// [`UNWRITTEN`] for a key that this request brings about.
    pub(crate) version: u64,
    pub(crate) named_by: NamedBy,
    /// The alias by which the request named it, `alias/…`.
    pub(crate) alias: Option<String>,
}

/// The version of a record that is not written yet.
pub(crate) const UNWRITTEN: u64 = 0;

impl<'a> Scene<'a> {
    /// Before anything is known.
    pub(crate) fn new(engine: &'a Engine, call: &'a RequestContext, store: &'a dyn Store, observer: &'a Observer) -> Self {
        Scene {
            engine,
            call,
            store,
            observer,
            region: engine.region_of(call),
            now: engine.env.now(),
            key: None,
            other_key: None,
            decision: None,
            changes: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl Scene<'_> {
    /// The keys that the request is about.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &LoadedKey> {
        self.key.iter().chain(&self.other_key)
    }

    /// The key that the request is about.
    pub(crate) fn key(&self) -> Result<&KeyRecord, Fault> {
        self.key.as_ref().map(|key| &**key.record).ok_or_else(|| internal("the operation has no key"))
    }

    /// The second key that the request is about.
    pub(crate) fn other_key(&self) -> Result<&KeyRecord, Fault> {
        self.other_key.as_ref().map(|key| &**key.record).ok_or_else(|| internal("the operation has no second key"))
    }

    /// Writes the key's record anew; once a request.
    pub(crate) fn replace_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let key = self.key.as_ref().ok_or_else(|| internal("the operation has no key"))?;
        let (before, version) = (Arc::clone(&key.record), key.version);
        self.write_key(Some((&before, version)), record).map(|_| ())
    }

    /// Writes the second key's record anew; it must not be the first key.
    pub(crate) fn replace_other_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let key = self.other_key.as_ref().ok_or_else(|| internal("the operation has no second key"))?;
        let (before, version) = (Arc::clone(&key.record), key.version);
        self.write_key(Some((&before, version)), record).map(|_| ())
    }

    /// Writes the record of a key that was not there.
    pub(crate) fn add_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        let record = self.write_key(None, &record)?;
        self.key = Some(LoadedKey { record, version: 1, named_by: NamedBy::Id, alias: None });
        Ok(())
    }

    /// Writes the record of a second key that was not there.
    pub(crate) fn add_other_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        let record = self.write_key(None, &record)?;
        self.other_key = Some(LoadedKey { record, version: 1, named_by: NamedBy::Id, alias: None });
        Ok(())
    }

    /// Writes a key's record and what it is listed under, in place of the record of that version.
    pub(crate) fn write_key(&mut self, before: Option<(&KeyRecord, u64)>, record: &KeyRecord) -> Result<Arc<Key>, Fault> {
        let expected_version = before.map(|(_, version)| version);
        let sealed = self.write(KeyRecord::record_id(&record.region, &record.id), record, expected_version)?;
        self.changes.extend(index::changes(before.map(|(record, _)| record), Some(record)));
        // Whoever comes next finds it by this stamp, if it is committed.
        Ok(self.engine.keep(&sealed, record.clone()))
    }

    /// The record of an alias, with its version.
    pub(crate) fn alias(&self, arn: &Arn) -> Result<Option<(AliasRecord, u64)>, Fault> {
        self.read(&AliasRecord::record_id(&arn.account, &arn.region, &arn.resource))
    }

    /// Writes the record of an alias; without a version it must not be there yet.
    pub(crate) fn write_alias(&mut self, arn: &Arn, alias: &AliasRecord, expected_version: Option<u64>) -> Result<(), Fault> {
        self.write(AliasRecord::record_id(&arn.account, &arn.region, &arn.resource), alias, expected_version).map(|_| ())
    }

    /// Removes the record of an alias.
    pub(crate) fn delete_alias(&mut self, arn: &Arn) -> Result<(), Fault> {
        let (_, expected_version) = self.alias(arn)?.ok_or_else(|| internal("the alias is gone"))?;
        let id = AliasRecord::record_id(&arn.account, &arn.region, &arn.resource);
        self.changes.push(Change::Delete { id, expected_version });
        Ok(())
    }

    fn write<B: Body>(&mut self, id: String, body: &B, expected_version: Option<u64>) -> Result<Record, Fault> {
        // A record that this request has written already is written once, as it is in the end.
        let earlier = self.changes.iter_mut().find_map(|change| match change {
            Change::Put { record, .. } if record.id == id => Some(record),
            _ => None,
        });
        let version = earlier.as_ref().map_or_else(|| expected_version.unwrap_or(0).saturating_add(1), |record| record.version);
        let record = Record::seal(id, version, body, &self.engine.root_key).map_err(failed)?;
        match earlier {
            Some(earlier) => *earlier = record.clone(),
            None => self.changes.push(Change::Put { record: record.clone(), expected_version }),
        }
        Ok(record)
    }

    /// Tells that the request stops here.
    pub(crate) fn fail_verification(&self, what: Verified) {
        self.observer.emit(|_| Kind::VerificationFailed { what });
    }

    /// The body of a record, with its version.
    pub(crate) fn read<B: Body>(&self, id: &str) -> Result<Option<(B, u64)>, Fault> {
        let Some(stored) = self.store.read(id).map_err(failed)? else { return Ok(None) };
        Ok(Some((stored.open(&self.engine.root_key).map_err(failed)?, stored.version)))
    }

    /// The bodies of the records whose ids begin with `prefix` and are not before `from`, in the order of their ids.
    pub(crate) fn list<'b, B: Body>(&'b self, prefix: &'b str, from: String) -> impl Iterator<Item = Result<B, Fault>> + 'b {
        ids_from(self.store, prefix, from).filter_map(|id| match id.map_err(failed).and_then(|id| self.read(&id)) {
            Ok(found) => found.map(|(body, _)| Ok(body)),
            Err(fault) => Some(Err(fault)),
        })
    }

    /// The keys that are listed under what those entries begin with, from the one of that id on, in the order of their ids.
    pub(crate) fn keys_under<'b>(&'b self, prefix: &'b str, from: &str) -> impl Iterator<Item = Result<KeyRecord, Fault>> + 'b {
        ids_from(self.store, prefix, format!("{prefix}{from}")).filter_map(move |entry| {
            let key = entry
                .map_err(failed)
                .and_then(|entry| self.read(&KeyRecord::record_id(self.region, entry.strip_prefix(prefix).unwrap_or_default())));
            key.map(|found| found.map(|(record, _)| record)).transpose()
        })
    }

    /// The key of that id.
    pub(crate) fn load(&self, key_id: &str, named_by: NamedBy) -> Result<Option<LoadedKey>, Fault> {
        self.load_in(self.region, key_id, named_by)
    }

    /// The key of that id in another region.
    pub(crate) fn load_in(&self, region: &str, key_id: &str, named_by: NamedBy) -> Result<Option<LoadedKey>, Fault> {
        let found = self.engine.opened(self.store, &KeyRecord::record_id(region, key_id)).map_err(failed)?;
        Ok(found.map(|(record, version)| LoadedKey { record, version, named_by, alias: None }))
    }
}
