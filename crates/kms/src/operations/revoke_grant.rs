//! RevokeGrant: ends a grant, by somebody who administers the key.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{Response, RevokeGrantRequest, RevokeGrantResponse};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::scene::Scene;
use crate::validation;

impl Operate for RevokeGrantRequest {
    fn operation(&self) -> Operation {
        Operation::RevokeGrant
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).length("grantId", self.grant_id.chars().count(), 1..=128).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        match scene.key()?.living_grants().any(|grant| grant.id == self.grant_id) {
            true => Ok(()),
            false => Err(Fault::new(FaultCode::NotFoundException, format!("Grant ID {} not found", self.grant_id))),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let mut record = scene.key()?.clone();
        record.end_grant(&self.grant_id, scene.engine, scene.now);
        scene.replace_key(&record)?;
        scene.observer.emit(|_| Kind::GrantRevoked { key_arn: record.arn().to_string(), grant_id: self.grant_id.clone() });
        Ok(RevokeGrantResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "grantId": self.grant_id, "dryRun": self.dry_run })
    }

    members!(dry_run);

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:GrantIsForAWSResource", scene.call.via_service.is_some().to_string());
    }
}
