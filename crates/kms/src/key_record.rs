//! A key's record: all that an operation on the key needs to know.

use std::ops::Deref;
use std::sync::OnceLock;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{KeyMetadata, Tag};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::{Document, GrantIndex};

use crate::cache::Opened;
use crate::grants::GrantRecord;
use crate::imported::Imported;
use crate::key_policy::default_policy;
use crate::key_spec::{KeySpec, KeyUsage, Origin};
use crate::multi_region::MultiRegion;
use crate::record::Body;
use crate::refusals::internal;
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
    /// The service whose AWS managed key it is, such as `s3`; none for a customer's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// Where its other keys are; none for a key of one region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) multi_region: Option<MultiRegion>,
    pub(crate) state: KeyState,
    /// When the key is destroyed; only while it is pending deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deletion_date: Option<Timestamp>,
    /// How long it will wait then; only while it is pending the deletion of its replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_window_in_days: Option<u32>,
    /// At rest the policy that a key has if its maker gave none is left out.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(crate) policy: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) tags: Vec<Tag>,
    /// Names of its aliases, `alias/…`, in the order in which it got them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) aliases: Vec<String>,
    /// The rotation that comes by itself; it waits while the key is not enabled. A replica is rotated with its primary key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<Rotation>,
    /// Since when a rotation that was asked for is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand_rotation: Option<Timestamp>,
    /// Oldest first; the last one encrypts, the others only decrypt.
    pub(crate) materials: Vec<Material>,
    /// Imported material that the next rotation makes the one that encrypts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_material: Option<Material>,
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
    /// When it was made, or came into use.
    pub(crate) created: Timestamp,
    /// Which rotation made it; none made the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<RotationType>,
    /// None while it is to be imported again.
    pub(crate) wrapped: Option<WrappedMaterial>,
    /// Of a key pair, SubjectPublicKeyInfo, base64: what needs only the public key leaves the private one wrapped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) public_key: Option<String>,
    /// What its owner said of it; none of material that the KMS made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) imported: Option<Imported>,
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

/// What happens to a key by itself; of two at one moment the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DueEvent {
    /// A replica takes over what its primary key has.
    Synchronization,
    /// Imported material expires.
    Expiry,
    /// It gets new material.
    Rotation,
    /// Its waiting period is over.
    Destruction,
}

impl Body for KeyRecord {
    fn next_due(&self) -> Option<Timestamp> {
        self.next_event().map(|(at, _)| at)
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

    /// What happens to it first by itself, and when.
    pub(crate) fn next_event(&self) -> Option<(Timestamp, DueEvent)> {
        let expiry = self.generations().filter_map(Material::valid_to).min();
        let rotation = self.rotation.map(|rotation| rotation.next).into_iter().chain(self.on_demand_rotation).min();
        let events = [
            (self.first_outdated().map(|(since, _)| since), DueEvent::Synchronization),
            (expiry, DueEvent::Expiry),
            (rotation.filter(|_| self.state == KeyState::Enabled && !self.is_replica()), DueEvent::Rotation),
            (self.deletion_date, DueEvent::Destruction),
        ];
        events.into_iter().filter_map(|(at, event)| Some((at?, event))).min()
    }

    /// All generations of its material, and at the end the one that waits for its rotation.
    pub(crate) fn generations(&self) -> impl Iterator<Item = &Material> {
        self.materials.iter().chain(&self.pending_material)
    }

    /// AWS's name of what a generation of its material does.
    pub(crate) fn material_state(&self, material: &Material) -> &'static str {
        let is_one = |other: Option<&Material>| other.is_some_and(|other| other.id == material.id);
        if is_one(self.materials.last()) {
            "CURRENT"
        } else if is_one(self.pending_material.as_ref()) {
            if self.regions_without_pending().is_empty() { "PENDING_ROTATION" } else { "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" }
        } else {
            "NON_CURRENT"
        }
    }

    /// A rotation that came due while the key could not be used is due now.
    pub(crate) fn resume_rotation(&mut self, now: Timestamp) {
        if let (KeyState::Enabled, false, Some(rotation)) = (self.state, self.is_replica(), &mut self.rotation) {
            rotation.next = rotation.next.max(now);
        }
    }

    /// The rotation that comes by itself; a key that is to be destroyed has none until that is cancelled.
    pub(crate) fn active_rotation(&self) -> Option<Rotation> {
        self.rotation.filter(|_| !matches!(self.state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
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

    /// The generation that encrypts, signs and authenticates.
    pub(crate) fn current_material(&self) -> Result<&Material, Fault> {
        self.materials.last().ok_or_else(|| internal("the key has no material"))
    }

    /// The public key of a key pair, SubjectPublicKeyInfo.
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, Fault> {
        let public_key = self.current_material()?.public_key.as_ref();
        public_key.and_then(|text| Base64::decode_vec(text).ok()).ok_or_else(|| internal("the key has no public key"))
    }

    /// The id of the material that encrypts; only a key that can be rotated shows it.
    pub(crate) fn current_material_id(&self) -> Option<String> {
        self.materials.last().and_then(|material| self.shown(&material.id))
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
            valid_to: self.valid_to().map(Timestamp::as_seconds),
            origin: self.origin.name().into(),
            expiration_model: self.expiration_model().map(Into::into),
            key_manager: if self.service.is_some() { "AWS" } else { "CUSTOMER" }.into(),
            key_spec: self.key_spec.name().into(),
            customer_master_key_spec: self.key_spec.name().into(),
            encryption_algorithms: algorithms(KeyUsage::EncryptDecrypt),
            signing_algorithms: algorithms(KeyUsage::SignVerify),
            mac_algorithms: algorithms(KeyUsage::GenerateVerifyMac),
            key_agreement_algorithms: algorithms(KeyUsage::KeyAgreement),
            encapsulation_algorithms: algorithms(KeyUsage::EncapsulateDecapsulate),
            multi_region: self.multi_region.is_some(),
            multi_region_configuration: self.multi_region_configuration(),
            pending_deletion_window_in_days: self.pending_window_in_days,
            current_key_material_id: self.current_material_id(),
        }
    }
}

/// What the ids of keys' records begin with.
pub(crate) const KEY_PREFIX: &str = "key/";
