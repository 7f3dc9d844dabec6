//! DescribeKey: what may be known about a key.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{DescribeKeyRequest, DescribeKeyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target, members};
use crate::scene::Scene;
use crate::validation;

impl Operate for DescribeKeyRequest {
    fn operation(&self) -> Operation {
        Operation::DescribeKey
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).grant_tokens(&self.grant_tokens).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        Ok(DescribeKeyResponse { key_metadata: scene.key()?.metadata() }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }

    members!(grant_tokens);
}
