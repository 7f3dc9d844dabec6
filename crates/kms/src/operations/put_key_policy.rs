//! PutKeyPolicy: replaces a key's policy, unless the caller would lock itself out.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{PutKeyPolicyRequest, PutKeyPolicyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::key_policy::{self, POLICY_NAME};
use crate::key_record::KeyRecord;
use crate::refusals::unsupported;
use crate::scene::Scene;
use crate::validation;

impl Operate for PutKeyPolicyRequest {
    fn operation(&self) -> Operation {
        Operation::PutKeyPolicy
    }

    fn validate(&self) -> Result<(), Fault> {
        let validation = validation::key_id(&self.key_id).policy_name(self.policy_name.as_deref());
        key_policy::limits(validation, &self.policy).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        if self.policy_name.as_deref().is_some_and(|name| name != POLICY_NAME) {
            return Err(unsupported("a key has one policy, and its name is `default`"));
        }
        let arn = scene.key()?.arn();
        let bypass = self.bypass_policy_lockout_safety_check == Some(true);
        key_policy::check(scene, self, &arn, &self.policy, bypass)?;
        let record = KeyRecord { policy: self.policy.clone(), ..scene.key()?.clone() };
        scene.replace_key(&record)?;
        scene.observer.emit(|_| Kind::PolicyReplaced { key_arn: arn.to_string() });
        Ok(PutKeyPolicyResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "policyName": self.policy_name,
            "policy": self.policy,
            "bypassPolicyLockoutSafetyCheck": self.bypass_policy_lockout_safety_check,
        })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:PolicyName", self.policy_name.as_deref().unwrap_or(POLICY_NAME));
        context.insert_all("kms:BypassPolicyLockoutSafetyCheck", self.bypass_policy_lockout_safety_check.map(|bypass| bypass.to_string()));
    }
}
