//! RotateKeyOnDemand: the key gets new material now. As at AWS the call only asks for it; it is done, and recorded as an event of its own, right after.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{Response, RotateKeyOnDemandRequest, RotateKeyOnDemandResponse};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_record::KeyRecord;
use crate::scene::Scene;
use crate::validation;

impl Operate for RotateKeyOnDemandRequest {
    fn operation(&self) -> Operation {
        Operation::RotateKeyOnDemand
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        key.check_no_replica()?;
        let arn = key.arn();
        if key.on_demand_rotations() >= MAX_ROTATIONS {
            let text = format!(
                "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: {arn}"
            );
            return Err(Fault::new(FaultCode::LimitExceededException, text));
        }
        let is_near = key.rotation.is_some_and(|rotation| rotation.next < scene.now.plus_millis(TWENTY_MINUTES));
        if is_near || key.on_demand_rotation.is_some() {
            let text = "A rotation of this key is in progress or scheduled to begin within the next 20 minutes.";
            return Err(Fault::new(FaultCode::ConflictException, text));
        }
        if key.is_external() && key.pending_material.is_none() {
            let text = format!("No available key material pending rotation for the key: {arn}.");
            return Err(Fault::new(FaultCode::KMSInvalidStateException, text));
        }
        let lacking = key.regions_without_pending();
        if !lacking.is_empty() {
            let text = format!(
                "The key material pending rotation for the key {arn} has to be imported into its keys in {} first.",
                lacking.join(", ")
            );
            return Err(Fault::new(FaultCode::KMSInvalidStateException, text));
        }
        let record = KeyRecord { on_demand_rotation: Some(scene.now), ..key.clone() };
        scene.replace_key(&record)?;
        Ok(RotateKeyOnDemandResponse { key_id: arn.to_string() }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::RotateKeyOnDemand(response) => json!({ "keyId": response.key_id }),
            _ => Value::Null,
        }
    }
}

const MAX_ROTATIONS: usize = 25;
const TWENTY_MINUTES: i64 = 20 * 60 * 1000;
