//! A key's record: all that an operation on the key needs to know.

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{KeyMetadata, Tag};

use crate::grants::GrantRecord;
use crate::record::Body;
use crate::root_key::WrappedMaterial;
use crate::states::KeyState;

/// The body of `key/<id>`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyRecord {
    pub(crate) id: String,
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) key_usage: String,
    pub(crate) key_spec: String,
    pub(crate) origin: String,
    pub(crate) multi_region: bool,
    pub(crate) state: KeyState,
    /// When the key is destroyed; only while it is pending deletion.
    pub(crate) deletion_date: Option<Timestamp>,
    pub(crate) policy: String,
    pub(crate) tags: Vec<Tag>,
    /// Names of its aliases, `alias/…`, in the order in which it got them.
    pub(crate) aliases: Vec<String>,
    /// Oldest first; the last one encrypts, the others only decrypt.
    pub(crate) materials: Vec<Material>,
    /// Oldest first.
    pub(crate) grants: Vec<GrantRecord>,
    /// The number of the next grant; numbers are not used twice, so that a list can be continued from one.
    pub(crate) next_grant: u64,
}

/// One generation of a key's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Material {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) wrapped: WrappedMaterial,
}

impl Body for KeyRecord {
    fn next_due(&self) -> Option<Timestamp> {
        self.deletion_date
    }
}

impl KeyRecord {
    pub(crate) fn arn(&self) -> Arn {
        Arn::kms_key(&self.partition, &self.region, &self.account, &self.id)
    }

    /// The record's id in a store.
    pub(crate) fn record_id(key_id: &str) -> String {
        format!("{KEY_PREFIX}{key_id}")
    }

    pub(crate) fn metadata(&self) -> KeyMetadata {
        KeyMetadata {
            aws_account_id: self.account.clone(),
            key_id: self.id.clone(),
            arn: self.arn().to_string(),
            creation_date: self.created.as_seconds(),
            enabled: self.state == KeyState::Enabled,
            description: self.description.clone(),
            key_usage: self.key_usage.clone(),
            key_state: self.state.name().into(),
            deletion_date: self.deletion_date.map(Timestamp::as_seconds),
            origin: self.origin.clone(),
            key_manager: "CUSTOMER".into(),
            key_spec: self.key_spec.clone(),
            customer_master_key_spec: self.key_spec.clone(),
            encryption_algorithms: vec![SYMMETRIC_DEFAULT.into()],
            multi_region: self.multi_region,
            current_key_material_id: self.materials.last().map(|material| material.id.clone()),
        }
    }
}

/// What the ids of keys' records begin with.
pub(crate) const KEY_PREFIX: &str = "key/";
/// The one key spec and encryption algorithm.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";
/// The one key usage.
pub(crate) const ENCRYPT_DECRYPT: &str = "ENCRYPT_DECRYPT";
/// The one origin.
pub(crate) const AWS_KMS: &str = "AWS_KMS";
