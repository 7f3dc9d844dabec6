//! Decrypt: what Encrypt and GenerateDataKey made. The ciphertext names its key, and a KeyId makes another key an error; a ciphertext of an RSA key
//! names nothing, so the request has to.

use serde_json::{Value, json};
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::blob::MAX_BLOB_LEN;
use crate::encryption::{ALGORITHMS, Decrypted, Encryption};
use crate::pipeline::Scene;
use crate::refusals::unsupported;
use crate::validation::Validation;

impl Operate for DecryptRequest {
    fn operation(&self) -> Operation {
        Operation::Decrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        encryption(self).validate()?;
        Validation::new()
            .length("ciphertextBlob", self.ciphertext_blob.0.len(), 1..=MAX_BLOB_LEN)
            .length("keyId", self.key_id.as_ref().map_or(1, |id| id.chars().count()), 1..=2048)
            .one_of("encryptionAlgorithm", self.encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        encryption(self).check_named("KeyId", self.key_id.as_deref())?;
        if self.recipient.is_some() {
            return Err(unsupported("this KMS does not know Nitro enclaves: leave out `Recipient`"));
        }
        match self.dry_run_modifiers.is_empty() {
            true => Ok(()),
            false => Err(unsupported("this KMS checks a dry run as the real one: leave out `DryRunModifiers`")),
        }
    }

    fn target(&self) -> Target<'_> {
        match &self.key_id {
            Some(key_id) => Target::KeyOrAlias(key_id),
            None => Target::Ciphertext(&self.ciphertext_blob.0),
        }
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        open(self, scene).map(|_| ())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let decrypted = open(self, scene)?;
        let response = DecryptResponse {
            plaintext: SecretBlob(decrypted.plaintext.danger_copy()),
            key_id: scene.key()?.arn().to_string(),
            key_material_id: decrypted.material_id,
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

    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true)
    }

    fn grant_tokens(&self) -> &[String] {
        &self.grant_tokens
    }

    fn encryption_context(&self) -> Option<&EncryptionContext> {
        Some(&self.encryption_context)
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:EncryptionAlgorithm", encryption(self).algorithm());
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.ciphertext_blob.0.len())
    }
}

fn open(request: &DecryptRequest, scene: &Scene<'_>) -> Result<Decrypted, Fault> {
    encryption(request).decrypt(scene, scene.key()?, request.operation(), &request.ciphertext_blob.0)
}

fn encryption(request: &DecryptRequest) -> Encryption<'_> {
    Encryption::new(request.encryption_algorithm.as_deref(), &request.encryption_context)
}
