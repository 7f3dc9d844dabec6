//! CancelKeyDeletion: a key that was to be destroyed stays. It is disabled, so that nobody uses it again by accident, or still waits for its material.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::scene::Scene;
use crate::states::{KeyState, change_state};
use crate::validation;

impl Operate for CancelKeyDeletionRequest {
    fn operation(&self) -> Operation {
        Operation::CancelKeyDeletion
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let state = if scene.key()?.is_complete() { KeyState::Disabled } else { KeyState::PendingImport };
        change_state(scene, state)?;
        Ok(CancelKeyDeletionResponse { key_id: scene.key()?.arn().to_string() }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::CancelKeyDeletion(response) => json!({ "keyId": response.key_id }),
            _ => Value::Null,
        }
    }
}
