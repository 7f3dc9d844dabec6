//! What a host may show of a key: everything in its record but the wrapped material.

use serde::Serialize;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{GrantListEntry, Tag};

use crate::engine::Engine;
use crate::key_record::{KEY_PREFIX, KeyRecord};
use crate::local::LocalKmsError;
use crate::states::KeyState;
use crate::store::{Store, ids_from};

/// A key, as a host may show it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its state.
    pub state: KeyState,
    /// When it will be destroyed, if that is scheduled.
    pub deletion_date: Option<Timestamp>,
    /// When it gets new material by itself, if it does.
    pub next_rotation: Option<Timestamp>,
    /// For people.
    pub description: String,
    /// Its policy, JSON text as it was put.
    pub policy: String,
    /// Its labels.
    pub tags: Vec<Tag>,
    /// The names of its aliases, `alias/…`.
    pub aliases: Vec<String>,
    /// The generations of its material, oldest first, and at the end the one that waits for its rotation.
    pub materials: Vec<MaterialView>,
    /// Its grants, oldest first.
    pub grants: Vec<GrantListEntry>,
}

/// A generation of a key's material, as a host may show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MaterialView {
    /// 64 hexadecimal digits.
    pub id: String,
    /// When it was made, or came into use.
    pub created: Timestamp,
    /// Whether it is the one that encrypts.
    pub current: bool,
    /// Whether it is there; its owner has to import it again if not.
    pub present: bool,
    /// When it expires, if it does.
    pub valid_to: Option<Timestamp>,
}

/// All keys, oldest first.
pub(crate) fn keys(engine: &Engine, store: &dyn Store) -> Result<Vec<KeyView>, LocalKmsError> {
    let mut keys = Vec::new();
    for id in ids_from(store, KEY_PREFIX, String::new()) {
        if let Some(stored) = store.read(&id?)? {
            keys.push(view(stored.open(&engine.root_key)?));
        }
    }
    keys.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    Ok(keys)
}

fn view(record: KeyRecord) -> KeyView {
    let arn = record.arn().to_string();
    let next_rotation = record.active_rotation().map(|rotation| rotation.next);
    let current = record.materials.last().map(|material| &material.id);
    let grants = record.living_grants().map(|grant| grant.entry(&record.partition, &arn)).collect();
    let materials = record.generations().map(|material| MaterialView {
        id: material.id.clone(),
        created: material.created,
        current: current == Some(&material.id),
        present: material.wrapped.is_some(),
        valid_to: material.valid_to(),
    });
    KeyView {
        materials: materials.collect(),
        grants,
        id: record.id,
        arn,
        created: record.created,
        state: record.state,
        deletion_date: record.deletion_date,
        next_rotation,
        description: record.description,
        policy: record.policy,
        tags: record.tags,
        aliases: record.aliases,
    }
}
