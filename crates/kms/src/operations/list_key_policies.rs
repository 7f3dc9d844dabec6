//! ListKeyPolicies: the names of a key's policies. There is one, and its name is `default`.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{ListKeyPoliciesRequest, ListKeyPoliciesResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_policy::POLICY_NAME;
use crate::paging::{limits, read_marker};
use crate::scene::Scene;
use crate::validation;

impl Operate for ListKeyPoliciesRequest {
    fn operation(&self) -> Operation {
        Operation::ListKeyPolicies
    }

    fn validate(&self) -> Result<(), Fault> {
        limits(validation::key_id(&self.key_id), self.limit, 1000, self.marker.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        scene.key()?;
        // One name is never more than a page, so no marker was ever returned.
        read_marker(self.marker.as_deref(), Operation::ListKeyPolicies, |_| None::<()>)?;
        Ok(ListKeyPoliciesResponse { policy_names: vec![POLICY_NAME.into()], truncated: false, next_marker: None }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "limit": self.limit, "marker": self.marker })
    }
}
