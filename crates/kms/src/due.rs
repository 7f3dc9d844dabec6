//! What falls due by itself, with time and without a request: a key whose waiting period is over is destroyed.

use serde_json::json;
use waxseal_base::event::{Actor, Kind};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::alias_record::{AliasRecord, alias_arn};
use crate::audit::AuditRecord;
use crate::engine::{Engine, Outcome};
use crate::key_record::KeyRecord;
use crate::refusals::{failed, internal};
use crate::store::{Change, Store};

impl Engine {
    /// Does what falls due first, if that is by `time`, as of the moment at which it fell due. Nothing is written: the host commits the
    /// outcome's changes with the audit record, lets it [finish](Outcome::finish), and asks again until there is nothing left.
    pub fn next_due(&self, time: Timestamp, store: &dyn Store, observer: &Observer) -> Result<Option<Outcome<()>>, Fault> {
        match store.next_due().map_err(failed)? {
            Some((due, id)) if due <= time => self.fall_due(due, &id, store, observer).map(Some),
            _ => Ok(None),
        }
    }

    fn fall_due(&self, due: Timestamp, id: &str, store: &dyn Store, observer: &Observer) -> Result<Outcome<()>, Fault> {
        let stored = store.read(id).map_err(failed)?.ok_or_else(|| internal(format!("the record `{id}` fell due and is not there")))?;
        let key: KeyRecord = stored.open(&self.root_key).map_err(failed)?;
        let observer = observer.nested().acting_as(Actor::Kms);
        observer.emit(|_| Kind::OperationStarted { operation: DELETE_KEY.into(), input_len: None });
        let key_arn = key.arn();
        let mut changes = vec![Change::Delete { id: stored.id, expected_version: stored.version }];
        for name in &key.aliases {
            let alias = store.read(&AliasRecord::record_id(&key.account, &key.region, name)).map_err(failed)?;
            changes.extend(alias.map(|alias| Change::Delete { id: alias.id, expected_version: alias.version }));
            observer.emit(|_| Kind::AliasDeleted { alias_arn: alias_arn(self, &key.account, name).to_string() });
        }
        observer.emit(|_| Kind::KeyDestroyed { key_arn: key_arn.to_string() });
        let audit = AuditRecord::of_service_event(self, DELETE_KEY, &key_arn, due, json!({ "keyId": key.id }))?;
        Ok(Outcome { response: (), decision: None, changes, audit, observer, is_recorded: true })
    }
}

const DELETE_KEY: &str = "DeleteKey";
