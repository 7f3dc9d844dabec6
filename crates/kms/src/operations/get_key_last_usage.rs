//! GetKeyLastUsage: when a key was used last, and for what.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::last_usage::UsageRecord;
use crate::scene::Scene;
use crate::validation;

impl Operate for GetKeyLastUsageRequest {
    fn operation(&self) -> Operation {
        Operation::GetKeyLastUsage
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let usage: Option<(UsageRecord, _)> = scene.read(&UsageRecord::record_id(&key.region, &key.id))?;
        let response = GetKeyLastUsageResponse {
            key_id: key.id.clone(),
            key_last_usage: usage.map_or_else(KeyLastUsageData::default, |(usage, _)| usage.data()),
            tracking_start_date: key.created.as_seconds(),
            key_creation_date: key.created.as_seconds(),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }
}
