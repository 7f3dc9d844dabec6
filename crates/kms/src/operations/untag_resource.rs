//! UntagResource: takes labels off a key. One that is not there is no error.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{Response, UntagResourceRequest, UntagResourceResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::tags;
use crate::validation;

impl Operate for UntagResourceRequest {
    fn operation(&self) -> Operation {
        Operation::UntagResource
    }

    fn validate(&self) -> Result<(), Fault> {
        self.tag_keys.iter().fold(validation::key_id(&self.key_id), |validation, key| tags::key_limits(validation, key)).finish()?;
        self.tag_keys.iter().try_for_each(|key| tags::check_key(key))
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut record = scene.key()?.clone();
        record.tags.retain(|tag| !self.tag_keys.contains(&tag.tag_key));
        scene.replace_key(&record)?;
        Ok(UntagResourceResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "tagKeys": self.tag_keys })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert_all("aws:TagKeys", &self.tag_keys);
    }
}
