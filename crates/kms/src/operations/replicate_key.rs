//! ReplicateKey: the same key in another region, with a policy, labels and grants of its own. It is made here, and gets its material right after.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{ReplicateKeyRequest, ReplicateKeyResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::create_key::audited_metadata;
use super::{On, Operate, Permission, Target};
use crate::ids::partition_of;
use crate::key_policy::{self, default_policy};
use crate::key_record::KeyRecord;
use crate::multi_region::MultiRegion;
use crate::refusals::unsupported;
use crate::scene::Scene;
use crate::states::KeyState;
use crate::tags;
use crate::validation::{self, Validation, region};

impl Operate for ReplicateKeyRequest {
    fn operation(&self) -> Operation {
        Operation::ReplicateKey
    }

    fn validate(&self) -> Result<(), Fault> {
        let description = self.description.as_ref().map_or(0, |text| text.chars().count());
        let validation = region(validation::key_id(&self.key_id), "replicaRegion", &self.replica_region);
        let validation = validation.length("description", description, 0..=8192);
        let validation = self.policy.iter().fold(validation, |validation: Validation, policy| key_policy::limits(validation, policy));
        tags::limits(validation, &self.tags).finish()?;
        tags::check(&self.tags)
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        check_region(self, scene)?;
        let mut primary = scene.key()?.clone();
        if let Some(family) = &mut primary.multi_region {
            family.replicas.push(self.replica_region.clone());
            family.lacking.extend(primary.pending_material.is_some().then(|| self.replica_region.clone()));
        }
        primary.outdate_replicas(scene.now);
        let replica = make_record(self, &primary, scene);
        let arn = replica.arn();
        key_policy::check(scene, self, &arn, &replica.policy, self.bypass_policy_lockout_safety_check == Some(true))?;
        let response = ReplicateKeyResponse {
            replica_key_metadata: replica.metadata(),
            replica_policy: replica.policy.clone(),
            replica_tags: replica.tags.clone(),
        };
        scene.replace_key(&primary)?;
        scene.add_other_key(replica)?;
        scene.observer.emit(|_| Kind::KeyStateChanged { key_arn: arn.to_string(), before: None, after: KeyState::Creating.name().into() });
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "replicaRegion": self.replica_region,
            "policy": self.policy,
            "bypassPolicyLockoutSafetyCheck": self.bypass_policy_lockout_safety_check,
            "description": self.description,
            "tags": tags::audited(&self.tags),
        })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::ReplicateKey(response) => json!({
                "replicaKeyMetadata": audited_metadata(&response.replica_key_metadata),
                "replicaPolicy": response.replica_policy,
                "replicaTags": tags::audited(&response.replica_tags),
            }),
            _ => Value::Null,
        }
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        let tagging = if self.tags.is_empty() { None } else { Some("kms:TagResource") };
        let in_replica_region = std::iter::once("kms:CreateKey").chain(tagging);
        std::iter::once(Permission::new("kms:ReplicateKey", On::Key))
            .chain(in_replica_region.map(|action| Permission::new(action, On::NewReplica(&self.replica_region))))
            .collect()
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:ReplicaRegion", &self.replica_region);
        context.insert_all("kms:BypassPolicyLockoutSafetyCheck", self.bypass_policy_lockout_safety_check.map(|bypass| bypass.to_string()));
        tags::add_conditions(context, &self.tags);
    }
}

/// Refuses a region in which the key is already, or can not be.
fn check_region(request: &ReplicateKeyRequest, scene: &Scene<'_>) -> Result<(), Fault> {
    let key = scene.key()?;
    key.check_primary()?;
    let region = &request.replica_region;
    if partition_of(region) != scene.engine.partition {
        return Err(unsupported(format!("{region} is not a region of the partition {}: name one that is", scene.engine.partition)));
    }
    let is_there = |arn: Arn| Err(Fault::new(FaultCode::AlreadyExistsException, format!("Key {arn} already exists.")));
    let replicas = key.multi_region.iter().flat_map(|family| &family.replicas);
    if replicas.chain([&key.region]).any(|own| own == region) { is_there(key.arn_in(region)) } else { Ok(()) }
}

/// A replica without material and rotation; it takes them over from the primary key.
fn make_record(request: &ReplicateKeyRequest, primary: &KeyRecord, scene: &Scene<'_>) -> KeyRecord {
    let policy = request.policy.clone().unwrap_or_else(|| default_policy(&primary.partition, &primary.account));
    let multi_region = primary.multi_region.clone().map(|family| MultiRegion { outdated: None, ..family });
    KeyRecord {
        region: request.replica_region.clone(),
        created: scene.now,
        description: request.description.clone().unwrap_or_default(),
        multi_region,
        state: KeyState::Creating,
        rotation: None,
        on_demand_rotation: None,
        policy,
        tags: request.tags.clone(),
        aliases: Vec::new(),
        materials: Vec::new(),
        pending_material: None,
        grants: Vec::new(),
        next_grant: 0,
        ..primary.clone()
    }
}
