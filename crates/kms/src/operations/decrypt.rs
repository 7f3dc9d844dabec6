//! Decrypt: what Encrypt and GenerateDataKey made. The ciphertext names its key, and a KeyId makes another key an error; a ciphertext of an RSA key
//! names nothing, so the request has to.

use serde_json::{Value, json};
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::dry_run::DryRun;
use crate::encryption::{ALGORITHMS, Decrypted, Encryption};
use crate::refusals::check_no_recipient;
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for DecryptRequest {
    fn operation(&self) -> Operation {
        Operation::Decrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        encryption(self).validate()?;
        dry_run(self)
            .limits(Validation::new(), &self.ciphertext_blob)
            .length("keyId", self.key_id.as_ref().map_or(1, |id| id.chars().count()), 1..=2048)
            .one_of("encryptionAlgorithm", self.encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        check_no_recipient(self.recipient.as_ref())?;
        dry_run(self).check("KeyId", self.key_id.is_some())?;
        encryption(self).check_named("KeyId", self.key_id.as_deref())
    }

    fn target(&self) -> Target<'_> {
        match &self.key_id {
            Some(key_id) => Target::KeyOrAlias(key_id),
            None => Target::Ciphertext(&self.ciphertext_blob.0),
        }
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        match dry_run(self).ignores_ciphertext() {
            true => encryption(self).check_source(scene.key()?, self.operation()),
            false => open(self, scene).map(|_| ()),
        }
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
            "dryRunModifiers": self.dry_run_modifiers,
        })
    }

    members!(dry_run, grant_tokens, encryption_context);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:EncryptionAlgorithm", encryption(self).algorithm());
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.ciphertext_blob.0.len())
    }
}

fn dry_run(request: &DecryptRequest) -> DryRun<'_> {
    DryRun { is_asked_for: request.dry_run == Some(true), modifiers: &request.dry_run_modifiers }
}

fn open(request: &DecryptRequest, scene: &Scene<'_>) -> Result<Decrypted, Fault> {
    encryption(request).decrypt(scene, scene.key()?, request.operation(), &request.ciphertext_blob.0)
}

fn encryption(request: &DecryptRequest) -> Encryption<'_> {
    Encryption::new(request.encryption_algorithm.as_deref(), &request.encryption_context)
}
