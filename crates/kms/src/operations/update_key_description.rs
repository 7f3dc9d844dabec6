//! UpdateKeyDescription: what people read about a key.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{Response, UpdateKeyDescriptionRequest, UpdateKeyDescriptionResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_record::KeyRecord;
use crate::scene::Scene;
use crate::validation;

impl Operate for UpdateKeyDescriptionRequest {
    fn operation(&self) -> Operation {
        Operation::UpdateKeyDescription
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).length("description", self.description.chars().count(), 0..=8192).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let record = KeyRecord { description: self.description.clone(), ..scene.key()?.clone() };
        scene.replace_key(&record)?;
        Ok(UpdateKeyDescriptionResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "description": self.description })
    }
}
