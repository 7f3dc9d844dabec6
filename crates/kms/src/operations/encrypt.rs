//! Encrypt: up to 4096 bytes, directly under the KMS key; an RSA key takes less.

use serde_json::{Value, json};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{EncryptRequest, EncryptResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::blob::MAX_PLAINTEXT_LEN;
use crate::encryption::{ALGORITHMS, Encryption};
use crate::scene::Scene;
use crate::validation;

impl Operate for EncryptRequest {
    fn operation(&self) -> Operation {
        Operation::Encrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        encryption(self).validate()?;
        validation::key_id(&self.key_id)
            .length("plaintext", self.plaintext.0.len(), 1..=MAX_PLAINTEXT_LEN)
            .one_of("encryptionAlgorithm", self.encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        encryption(self).check(scene.key()?, self.plaintext.0.len())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let encrypted = encryption(self).encrypt(scene, scene.key()?, &self.plaintext.0)?;
        let response = EncryptResponse {
            ciphertext_blob: Blob(encrypted.ciphertext),
            key_id: scene.key()?.arn().to_string(),
            encryption_algorithm: Some(encryption(self).algorithm().into()),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "encryptionContext": self.encryption_context,
            "encryptionAlgorithm": encryption(self).algorithm(),
            "dryRun": self.dry_run,
        })
    }

    members!(dry_run, grant_tokens, encryption_context);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:EncryptionAlgorithm", encryption(self).algorithm());
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.plaintext.0.len())
    }
}

fn encryption(request: &EncryptRequest) -> Encryption<'_> {
    Encryption::new(request.encryption_algorithm.as_deref(), &request.encryption_context)
}
