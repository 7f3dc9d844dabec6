//! DisableKey: makes a key refuse every use.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{DisableKeyRequest, DisableKeyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::states::{KeyState, change_state};
use crate::validation;

impl Operate for DisableKeyRequest {
    fn operation(&self) -> Operation {
        Operation::DisableKey
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        change_state(scene, KeyState::Disabled)?;
        Ok(DisableKeyResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }
}
