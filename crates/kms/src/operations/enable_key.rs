//! EnableKey: lets a disabled key be used again.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{EnableKeyRequest, EnableKeyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::states::{KeyState, change_state};
use crate::validation;

impl Operate for EnableKeyRequest {
    fn operation(&self) -> Operation {
        Operation::EnableKey
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        change_state(scene, KeyState::Enabled)?;
        Ok(EnableKeyResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }
}
