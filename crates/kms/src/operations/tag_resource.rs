//! TagResource: puts labels on a key. Policies can ask for them, so labels are permissions too.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{Response, TagResourceRequest, TagResourceResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::tags;
use crate::validation;

impl Operate for TagResourceRequest {
    fn operation(&self) -> Operation {
        Operation::TagResource
    }

    fn validate(&self) -> Result<(), Fault> {
        tags::limits(validation::key_id(&self.key_id), &self.tags).finish()?;
        tags::check(&self.tags)
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut record = scene.key()?.clone();
        for tag in &self.tags {
            match record.tags.iter_mut().find(|own| own.tag_key == tag.tag_key) {
                Some(own) => own.tag_value.clone_from(&tag.tag_value),
                None => record.tags.push(tag.clone()),
            }
        }
        tags::check_number(record.tags.len())?;
        scene.replace_key(&record)?;
        Ok(TagResourceResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "tags": tags::audited(&self.tags) })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        tags::add_conditions(context, &self.tags);
    }
}
