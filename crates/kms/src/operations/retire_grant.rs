//! RetireGrant: ends a grant, by somebody whom the grant itself entitles to it: no longer needed, not taken away.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{Response, RetireGrantRequest, RetireGrantResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::GrantChange;

use super::{Operate, Target, members};
use crate::grants::grant_id_of;
use crate::refusals::internal;
use crate::scene::Scene;
use crate::validation::{Validation, invalid};

impl Operate for RetireGrantRequest {
    fn operation(&self) -> Operation {
        Operation::RetireGrant
    }

    fn validate(&self) -> Result<(), Fault> {
        let len = |text: &Option<String>| text.as_ref().map_or(1, |text| text.chars().count());
        Validation::new()
            .length("grantToken", len(&self.grant_token), 1..=8192)
            .length("keyId", len(&self.key_id), 1..=2048)
            .length("grantId", len(&self.grant_id), 1..=128)
            .finish()?;
        match (&self.grant_token, &self.key_id, &self.grant_id) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(()),
            _ => Err(invalid("name the grant by `GrantToken`, or by `KeyId` and `GrantId`")),
        }
    }

    fn target(&self) -> Target<'_> {
        match (&self.grant_token, &self.key_id, &self.grant_id) {
            (Some(token), ..) => Target::Token(token),
            (None, Some(key_id), Some(grant_id)) => Target::Grant { key_id, grant_id },
            _ => Target::NoKey,
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let grant_id = grant_id(self).ok_or_else(|| internal("the request names no grant"))?;
        let mut record = scene.key()?.clone();
        record.end_grant(grant_id, scene.engine, scene.now);
        scene.replace_key(&record)?;
        scene.observer.emit(|_| Kind::GrantRetired { key_arn: record.arn().to_string(), grant_id: grant_id.into() });
        Ok(RetireGrantResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "grantId": self.grant_id, "dryRun": self.dry_run })
    }

    members!(dry_run);

    fn grant_change(&self) -> Option<GrantChange<'_>> {
        grant_id(self).map(|grant_id| GrantChange::Retires { grant_id })
    }
}

/// Which grant. That a token is genuine was found out when its key was.
fn grant_id(request: &RetireGrantRequest) -> Option<&str> {
    request.grant_token.as_deref().map_or(request.grant_id.as_deref(), grant_id_of)
}
