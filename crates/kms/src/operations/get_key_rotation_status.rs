//! GetKeyRotationStatus: whether and when a key gets new material.

use serde_json::{Value, json};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{GetKeyRotationStatusRequest, GetKeyRotationStatusResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::validation;

impl Operate for GetKeyRotationStatusRequest {
    fn operation(&self) -> Operation {
        Operation::GetKeyRotationStatus
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let rotation = key.active_rotation();
        let response = GetKeyRotationStatusResponse {
            key_rotation_enabled: rotation.is_some(),
            key_id: key.arn().to_string(),
            rotation_period_in_days: rotation.map(|rotation| rotation.period_in_days),
            next_rotation_date: rotation.map(|rotation| rotation.next.as_seconds()),
            on_demand_rotation_start_date: key.on_demand_rotation.map(Timestamp::as_seconds),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }
}
