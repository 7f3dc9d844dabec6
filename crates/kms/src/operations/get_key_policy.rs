//! GetKeyPolicy: a key's policy, as it was put.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{GetKeyPolicyRequest, GetKeyPolicyResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::key_policy::POLICY_NAME;
use crate::scene::Scene;
use crate::validation;

impl Operate for GetKeyPolicyRequest {
    fn operation(&self) -> Operation {
        Operation::GetKeyPolicy
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).policy_name(self.policy_name.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        if self.policy_name.as_deref().is_some_and(|name| name != POLICY_NAME) {
            return Err(Fault::new(FaultCode::NotFoundException, "No such policy exists"));
        }
        Ok(GetKeyPolicyResponse { policy: scene.key()?.policy.clone(), policy_name: POLICY_NAME.into() }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "policyName": self.policy_name })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:PolicyName", self.policy_name.as_deref().unwrap_or(POLICY_NAME));
    }
}
