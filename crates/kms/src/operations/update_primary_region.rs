//! UpdatePrimaryRegion: a replica becomes the primary key, and the primary key a replica, at once.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{Response, UpdatePrimaryRegionRequest, UpdatePrimaryRegionResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{On, Operate, Permission, Target};
use crate::key_record::KeyRecord;
use crate::multi_region::{MultiRegion, Outdated};
use crate::refusals::{no_such_key, unsupported};
use crate::scene::Scene;
use crate::validation::{self, region};

impl Operate for UpdatePrimaryRegionRequest {
    fn operation(&self) -> Operation {
        Operation::UpdatePrimaryRegion
    }

    fn validate(&self) -> Result<(), Fault> {
        region(validation::key_id(&self.key_id), "primaryRegion", &self.primary_region).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn other_target(&self) -> Target<'_> {
        Target::Replica(&self.primary_region)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        key.check_primary()?;
        if key.region == self.primary_region {
            return Err(unsupported(format!("{} is the primary key already: name the region of a replica", key.arn())));
        }
        let Ok(replica) = scene.other_key() else { return Err(no_such_key(&key.arn_in(&self.primary_region).to_string())) };
        let family = swapped(key, replica);
        let old = KeyRecord { multi_region: Some(family.clone()), ..key.clone() };
        let others: Vec<String> = family.replicas.iter().filter(|region| **region != key.region).cloned().collect();
        let outdated = Some(Outdated { since: scene.now, regions: others }).filter(|outdated| !outdated.regions.is_empty());
        let mut new = KeyRecord { multi_region: Some(MultiRegion { outdated, ..family }), ..replica.clone() };
        new.resume_rotation(scene.now);
        scene.replace_key(&old)?;
        scene.replace_other_key(&new)?;
        scene.observer.emit(|_| Kind::PrimaryKeyChanged { before: old.arn().to_string(), after: new.arn().to_string() });
        Ok(UpdatePrimaryRegionResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "primaryRegion": self.primary_region })
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        [On::Key, On::OtherKey].map(|on| Permission::new(self.operation().action(), on)).into()
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:PrimaryRegion", &self.primary_region);
    }
}

/// Where the keys are once the replica is the primary key.
fn swapped(key: &KeyRecord, replica: &KeyRecord) -> MultiRegion {
    let replicas = key.multi_region.iter().flat_map(|family| &family.replicas);
    let replicas = replicas.map(|region| if *region == replica.region { key.region.clone() } else { region.clone() });
    let lacking = key.regions_without_pending().into_iter().filter(|region| *region != replica.region);
    MultiRegion { primary: replica.region.clone(), replicas: replicas.collect(), outdated: None, lacking: lacking.collect() }
}
