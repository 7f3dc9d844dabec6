//! Encapsulate: a new secret, in the clear and encapsulated so that only the key's own private half recovers it.

use serde_json::{Value, json};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{EncapsulateRequest, EncapsulateResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target, members};
use crate::key_spec::ML_KEM;
use crate::primitives::kem;
use crate::scene::Scene;
use crate::shared_secret::establish;
use crate::validation;

impl Operate for EncapsulateRequest {
    fn operation(&self) -> Operation {
        Operation::Encapsulate
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id)
            .one_of("encapsulationAlgorithm", Some(&self.encapsulation_algorithm), &[ML_KEM])
            .grant_tokens(&self.grant_tokens)
            .finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let (secret, ciphertext) = kem::encapsulate(key.key_spec, &key.public_key()?, &scene.engine.env)?;
        let secret = establish(scene, ML_KEM, secret, &ciphertext);
        let response = EncapsulateResponse {
            key_id: key.arn().to_string(),
            shared_secret: SecretBlob(secret.danger_copy()),
            shared_secret_ciphertext_blob: Blob(ciphertext),
            encapsulation_algorithm: ML_KEM.into(),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "encapsulationAlgorithm": self.encapsulation_algorithm, "dryRun": self.dry_run })
    }

    members!(dry_run, grant_tokens);
}
