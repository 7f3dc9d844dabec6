//! Multi-Region keys: one key in several regions, with the same id, material, kind and rotation. Each is a record of its own. One is the primary;
//! what they share is changed there, and copied from there to the replicas.

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{MultiRegionConfiguration, MultiRegionKey};
use waxseal_kms_api::fault::Fault;

use crate::key_record::{KeyRecord, Material};
use crate::refusals::unsupported;
use crate::states::KeyState;

/// Where the keys of a multi-Region key are. Each of them has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MultiRegion {
    /// The region of the primary key.
    pub(crate) primary: String,
    /// The regions of the replicas, in the order in which they became some.
    pub(crate) replicas: Vec<String>,
    /// Which other keys lack a change of this one, and since when: at the primary key its replicas; at a replica the primary key, which has to
    /// know whether the material that waits for its rotation was imported there.
    pub(crate) outdated: Option<Outdated>,
    /// Regions of replicas into which the material that waits for its rotation has yet to be imported.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) lacking: Vec<String>,
}

/// Keys that lack a change of what a primary key shares with its replicas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outdated {
    pub(crate) since: Timestamp,
    /// Their regions; at least one.
    pub(crate) regions: Vec<String>,
}

/// Which material waits for its rotation, and whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    id: String,
    is_there: bool,
}

impl MultiRegion {
    /// That of a new primary key.
    pub(crate) fn primary_in(region: &str) -> Self {
        Self { primary: region.into(), replicas: Vec::new(), outdated: None, lacking: Vec::new() }
    }
}

/// What a key is as one of several.
impl KeyRecord {
    /// Whether it can have replicas.
    pub(crate) fn is_primary(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|family| family.primary == self.region)
    }

    /// Whether it is a replica.
    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region.is_some() && !self.is_primary()
    }

    /// Whether it has replicas, of whatever state.
    pub(crate) fn has_replicas(&self) -> bool {
        self.is_primary() && self.multi_region.as_ref().is_some_and(|family| !family.replicas.is_empty())
    }

    /// AWS's name of what it is; none for a key of one region.
    pub(crate) fn multi_region_key_type(&self) -> Option<&'static str> {
        self.multi_region.as_ref().map(|_| if self.is_primary() { PRIMARY } else { REPLICA })
    }

    /// The ARN of the same key in another region.
    pub(crate) fn arn_in(&self, region: &str) -> Arn {
        Arn { region: region.into(), ..self.arn() }
    }

    /// Where the keys are, as DescribeKey shows it.
    pub(crate) fn multi_region_configuration(&self) -> Option<MultiRegionConfiguration> {
        let family = self.multi_region.as_ref()?;
        let key = |region: &String| MultiRegionKey { arn: self.arn_in(region).to_string(), region: region.clone() };
        Some(MultiRegionConfiguration {
            multi_region_key_type: self.multi_region_key_type()?.into(),
            primary_key: key(&family.primary),
            replica_keys: family.replicas.iter().map(key).collect(),
        })
    }

    /// Refuses a key that can not be replicated.
    pub(crate) fn check_primary(&self) -> Result<(), Fault> {
        if self.is_primary() { Ok(()) } else { Err(not_primary(self)) }
    }

    /// Refuses a replica, for what its primary key decides.
    pub(crate) fn check_no_replica(&self) -> Result<(), Fault> {
        if self.is_replica() { Err(not_primary(self)) } else { Ok(()) }
    }

    /// All replicas lack a change of now.
    pub(crate) fn outdate_replicas(&mut self, now: Timestamp) {
        let is_primary = self.is_primary();
        if let Some(family) = self.multi_region.as_mut().filter(|family| is_primary && !family.replicas.is_empty()) {
            family.outdated = Some(Outdated { since: now, regions: family.replicas.clone() });
        }
    }

    /// What became of the material that waits for its rotation concerns the other keys: the primary key says which it is, and each replica has to
    /// have it.
    pub(crate) fn share_pending(&mut self, before: &Option<Pending>, now: Timestamp) {
        let after = self.pending();
        if after == *before {
            return;
        }
        if self.is_replica() {
            if let Some(family) = &mut self.multi_region {
                family.outdated = Some(Outdated { since: now, regions: vec![family.primary.clone()] });
            }
        } else if after.as_ref().map(|pending| &pending.id) != before.as_ref().map(|pending| &pending.id) {
            if let Some(family) = &mut self.multi_region {
                family.lacking = if after.is_some() { family.replicas.clone() } else { Vec::new() };
            }
            self.outdate_replicas(now);
        }
    }

    /// The material that waits for its rotation.
    pub(crate) fn pending(&self) -> Option<Pending> {
        self.pending_material.as_ref().map(|material| Pending { id: material.id.clone(), is_there: material.wrapped.is_some() })
    }

    /// The regions into which the material that waits for its rotation has yet to be imported.
    pub(crate) fn regions_without_pending(&self) -> Vec<String> {
        let own = self.pending().is_some_and(|pending| !pending.is_there).then_some(&self.region);
        let lacking = self.multi_region.iter().flat_map(|family| &family.lacking).filter(|region| **region != self.region);
        own.into_iter().chain(lacking).cloned().collect()
    }

    /// The primary key learns whether that replica has the material that waits for its rotation.
    pub(crate) fn learn_of(&mut self, replica: &Self, now: Timestamp) {
        let there = replica.pending().filter(|pending| pending.is_there).map(|pending| pending.id);
        let lacks = self.pending().is_some_and(|pending| Some(pending.id) != there);
        if let Some(family) = &mut self.multi_region {
            family.lacking.retain(|region| *region != replica.region);
            family.lacking.extend(lacks.then(|| replica.region.clone()));
        }
        self.outdate_replicas(now);
    }

    /// When and in which region another key is to be brought up to date.
    pub(crate) fn first_outdated(&self) -> Option<(Timestamp, &str)> {
        let outdated = self.multi_region.as_ref()?.outdated.as_ref()?;
        outdated.regions.first().map(|region| (outdated.since, region.as_str()))
    }

    /// The key in that region lacks nothing any more.
    pub(crate) fn forget_outdated(&mut self, region: &str) {
        if let Some(outdated) = self.multi_region.as_mut().and_then(|family| family.outdated.as_mut()) {
            outdated.regions.retain(|own| own != region);
        }
        if let Some(family) = self.multi_region.as_mut().filter(|family| family.outdated.as_ref().is_some_and(|all| all.regions.is_empty()))
        {
            family.outdated = None;
        }
    }

    /// The replica takes over from its primary key what they share. Of imported material that is which it is: it has to be imported into each.
    pub(crate) fn take_over(&mut self, primary: &Self) {
        let outdated = self.multi_region.take().and_then(|family| family.outdated);
        self.multi_region = primary.multi_region.clone().map(|family| MultiRegion { outdated, ..family });
        self.rotation = primary.rotation;
        self.on_demand_rotation = primary.on_demand_rotation;
        let own: Vec<Material> = self.generations().cloned().collect();
        let shared = |material: &Material| if primary.is_external() { material.as_of(&own) } else { material.clone() };
        self.materials = primary.materials.iter().map(shared).collect();
        self.pending_material = primary.pending_material.as_ref().map(shared);
        match (self.state, self.is_complete()) {
            (KeyState::Creating, true) => self.state = KeyState::Enabled,
            (KeyState::Creating | KeyState::Enabled | KeyState::Disabled, false) => self.state = KeyState::PendingImport,
            _ => {}
        }
    }

    /// The replica in that region is no more. A primary key that waited for its last replica begins its own waiting period.
    pub(crate) fn forget_replica(&mut self, region: &str, now: Timestamp) {
        if let Some(family) = &mut self.multi_region {
            family.replicas.retain(|own| own != region);
            family.lacking.retain(|own| own != region);
            family.outdated = None;
        }
        self.outdate_replicas(now);
        if let (KeyState::PendingReplicaDeletion, false, Some(days)) = (self.state, self.has_replicas(), self.pending_window_in_days) {
            self.state = KeyState::PendingDeletion;
            self.deletion_date = Some(now.plus_days(days));
            self.pending_window_in_days = None;
        }
    }
}

pub(crate) const PRIMARY: &str = "PRIMARY";
pub(crate) const REPLICA: &str = "REPLICA";

fn not_primary(key: &KeyRecord) -> Fault {
    unsupported(format!("{} is not a multi-region primary key.", key.arn()))
}
