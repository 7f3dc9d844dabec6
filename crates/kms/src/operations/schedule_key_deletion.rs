//! ScheduleKeyDeletion: begins the waiting period after which a key is destroyed. Meanwhile it refuses every use, so that who still needs it finds out.
//! For a primary key with replicas the period begins when the last of them is gone.

use serde_json::{Value, json};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{Response, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::key_record::KeyRecord;
use crate::scene::Scene;
use crate::states::{KeyState, put_key};
use crate::validation;

impl Operate for ScheduleKeyDeletionRequest {
    fn operation(&self) -> Operation {
        Operation::ScheduleKeyDeletion
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).value("pendingWindowInDays", self.pending_window_in_days, 7..=30).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let pending_window_in_days = window(self);
        let key = scene.key()?.clone();
        let record = if key.has_replicas() {
            KeyRecord { state: KeyState::PendingReplicaDeletion, pending_window_in_days: Some(pending_window_in_days), ..key }
        } else {
            let deletion_date = Some(scene.now.plus_days(pending_window_in_days));
            KeyRecord { state: KeyState::PendingDeletion, deletion_date, ..key }
        };
        let response = ScheduleKeyDeletionResponse {
            key_id: record.arn().to_string(),
            deletion_date: record.deletion_date.map(Timestamp::as_seconds),
            key_state: record.state.name().into(),
            pending_window_in_days,
        };
        put_key(scene, record)?;
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "pendingWindowInDays": self.pending_window_in_days })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::ScheduleKeyDeletion(response) => json!({
                "keyId": response.key_id,
                "deletionDate": response.deletion_date,
                "keyState": response.key_state,
                "pendingWindowInDays": response.pending_window_in_days,
            }),
            _ => Value::Null,
        }
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:ScheduleKeyDeletionPendingWindowInDays", window(self).to_string());
    }
}

fn window(request: &ScheduleKeyDeletionRequest) -> u32 {
    request.pending_window_in_days.unwrap_or(DEFAULT_WINDOW)
}

const DEFAULT_WINDOW: u32 = 30;
