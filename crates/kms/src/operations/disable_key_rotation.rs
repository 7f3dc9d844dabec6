//! DisableKeyRotation: the key gets no more new material by itself.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{DisableKeyRotationRequest, DisableKeyRotationResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_record::KeyRecord;
use crate::scene::Scene;
use crate::validation;

impl Operate for DisableKeyRotationRequest {
    fn operation(&self) -> Operation {
        Operation::DisableKeyRotation
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        key.check_no_replica()?;
        if key.rotation.is_some() {
            let mut record = KeyRecord { rotation: None, ..key.clone() };
            record.outdate_replicas(scene.now);
            scene.replace_key(&record)?;
        }
        Ok(DisableKeyRotationResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }
}
