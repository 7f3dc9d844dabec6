//! A key's record: all that an operation on the key needs to know.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{KeyMetadata, Tag};
use waxseal_policy::{Document, GrantIndex};

use crate::cache::Opened;
use crate::grants::GrantRecord;
use crate::key_policy::default_policy;
use crate::key_spec::{KeySpec, KeyUsage, Origin};
use crate::record::Body;
use crate::root_key::WrappedMaterial;
use crate::states::KeyState;

/// The body of `key/<region>/<id>`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyRecord {
    pub(crate) id: String,
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) created: Timestamp,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(crate) description: String,
    pub(crate) key_usage: KeyUsage,
    pub(crate) key_spec: KeySpec,
    pub(crate) origin: Origin,
    pub(crate) multi_region: bool,
    pub(crate) state: KeyState,
    /// When the key is destroyed; only while it is pending deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deletion_date: Option<Timestamp>,
    /// At rest the policy that a key has if its maker gave none is left out.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(crate) policy: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) tags: Vec<Tag>,
    /// Names of its aliases, `alias/…`, in the order in which it got them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) aliases: Vec<String>,
    /// The rotation that comes by itself; it waits while the key is not enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<Rotation>,
    /// Since when a rotation that was asked for is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand_rotation: Option<Timestamp>,
    /// Oldest first; the last one encrypts, the others only decrypt.
    pub(crate) materials: Vec<Material>,
    /// Oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) grants: Vec<GrantRecord>,
    /// The number of the next grant; numbers are not used twice, so that a list can be continued from one.
    pub(crate) next_grant: u64,
}

/// A key's record, with its policy read and its grants indexed once somebody asks.
#[derive(Debug)]
pub(crate) struct Key {
    record: KeyRecord,
    policy: OnceLock<Document>,
    grants: OnceLock<GrantIndex>,
}

impl Key {
    /// Its policy.
    pub(crate) fn policy(&self) -> &Document {
        self.policy.get_or_init(|| Document::key_policy(&self.record.policy))
    }

    /// Its grants.
    pub(crate) fn grants(&self) -> &GrantIndex {
        self.grants.get_or_init(|| GrantIndex::new(self.record.grants.iter().map(GrantRecord::to_policy).collect()))
    }
}

impl Opened for Key {
    type Body = KeyRecord;

    fn open(record: KeyRecord) -> Self {
        Self { record, policy: OnceLock::new(), grants: OnceLock::new() }
    }
}

impl Deref for Key {
    type Target = KeyRecord;

    fn deref(&self) -> &KeyRecord {
        &self.record
    }
}

/// One generation of a key's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Material {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    /// Which rotation made it; none made the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<RotationType>,
    pub(crate) wrapped: WrappedMaterial,
}

/// A rotation that comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rotation {
    pub(crate) period_in_days: u32,
    pub(crate) next: Timestamp,
}

/// Why a key was rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RotationType {
    #[serde(rename = "AUTOMATIC")]
    Automatic,
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

impl RotationType {
    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::OnDemand => "ON_DEMAND",
        }
    }
}

impl Body for KeyRecord {
    fn next_due(&self) -> Option<Timestamp> {
        match self.state {
            KeyState::Enabled => self.rotation.map(|rotation| rotation.next).into_iter().chain(self.on_demand_rotation).min(),
            _ => self.deletion_date,
        }
    }

    fn write(&self) -> serde_json::Result<String> {
        let mut short = self.clone();
        if short.policy == default_policy(&self.partition, &self.account) {
            short.policy.clear();
        }
        short.grants.iter_mut().filter(|grant| grant.issuing_account == self.account).for_each(|grant| grant.issuing_account.clear());
        serde_json::to_string(&short)
    }

    fn read(text: &str) -> serde_json::Result<Self> {
        let mut record: Self = serde_json::from_str(text)?;
        if record.policy.is_empty() {
            record.policy = default_policy(&record.partition, &record.account);
        }
        let without = record.grants.iter_mut().filter(|grant| grant.issuing_account.is_empty());
        without.for_each(|grant| grant.issuing_account.clone_from(&record.account));
        Ok(record)
    }
}

impl KeyRecord {
    pub(crate) fn arn(&self) -> Arn {
        Arn::kms_key(&self.partition, &self.region, &self.account, &self.id)
    }

    /// The record's id in a store.
    pub(crate) fn record_id(region: &str, key_id: &str) -> String {
        format!("{}{key_id}", Self::prefix(region))
    }

    /// What the ids of the records of a region's keys begin with.
    pub(crate) fn prefix(region: &str) -> String {
        format!("{KEY_PREFIX}{region}/")
    }

    /// A rotation that came due while the key could not be used is due now.
    pub(crate) fn resume_rotation(&mut self, now: Timestamp) {
        if let (KeyState::Enabled, Some(rotation)) = (self.state, &mut self.rotation) {
            rotation.next = rotation.next.max(now);
        }
    }

    /// The rotation that comes by itself; a key that is to be destroyed has none until that is cancelled.
    pub(crate) fn active_rotation(&self) -> Option<Rotation> {
        self.rotation.filter(|_| self.state != KeyState::PendingDeletion)
    }

    /// How often it was rotated because somebody asked.
    pub(crate) fn on_demand_rotations(&self) -> usize {
        self.materials.iter().filter(|material| material.rotation == Some(RotationType::OnDemand)).count()
    }

    /// Names of what it can do in that usage: nothing, unless it is the key's own.
    pub(crate) fn algorithms(&self, usage: KeyUsage) -> Vec<String> {
        let names = if self.key_usage == usage { self.key_spec.algorithms(usage) } else { &[] };
        names.iter().map(|&name| name.into()).collect()
    }

    pub(crate) fn metadata(&self) -> KeyMetadata {
        let algorithms = |usage| self.algorithms(usage);
        KeyMetadata {
            aws_account_id: self.account.clone(),
            key_id: self.id.clone(),
            arn: self.arn().to_string(),
            creation_date: self.created.as_seconds(),
            enabled: self.state == KeyState::Enabled,
            description: self.description.clone(),
            key_usage: self.key_usage.name().into(),
            key_state: self.state.name().into(),
            deletion_date: self.deletion_date.map(Timestamp::as_seconds),
            origin: self.origin.name().into(),
            key_manager: "CUSTOMER".into(),
            key_spec: self.key_spec.name().into(),
            customer_master_key_spec: self.key_spec.name().into(),
            encryption_algorithms: algorithms(KeyUsage::EncryptDecrypt),
            signing_algorithms: algorithms(KeyUsage::SignVerify),
            mac_algorithms: algorithms(KeyUsage::GenerateVerifyMac),
            key_agreement_algorithms: algorithms(KeyUsage::KeyAgreement),
            encapsulation_algorithms: algorithms(KeyUsage::EncapsulateDecapsulate),
            multi_region: self.multi_region,
            current_key_material_id: self.materials.last().map(|material| material.id.clone()),
        }
    }
}

/// What the ids of keys' records begin with.
pub(crate) const KEY_PREFIX: &str = "key/";
