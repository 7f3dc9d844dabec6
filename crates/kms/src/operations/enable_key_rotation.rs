//! EnableKeyRotation: the key gets new material every so often, from now on.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{EnableKeyRotationRequest, EnableKeyRotationResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::key_record::{KeyRecord, Rotation};
use crate::scene::Scene;
use crate::validation;

impl Operate for EnableKeyRotationRequest {
    fn operation(&self) -> Operation {
        Operation::EnableKeyRotation
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).value("rotationPeriodInDays", self.rotation_period_in_days, 90..=2560).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let period_in_days = period(self);
        let key = scene.key()?;
        key.check_no_replica()?;
        // Asking for what is so already does not put the next rotation off.
        if key.rotation.is_none_or(|rotation| rotation.period_in_days != period_in_days) {
            let rotation = Rotation { period_in_days, next: scene.now.plus_days(period_in_days) };
            let mut record = KeyRecord { rotation: Some(rotation), ..key.clone() };
            record.outdate_replicas(scene.now);
            scene.replace_key(&record)?;
        }
        Ok(EnableKeyRotationResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "rotationPeriodInDays": self.rotation_period_in_days })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:RotationPeriodInDays", period(self).to_string());
    }
}

fn period(request: &EnableKeyRotationRequest) -> u32 {
    request.rotation_period_in_days.unwrap_or(DEFAULT_PERIOD)
}

const DEFAULT_PERIOD: u32 = 365;
