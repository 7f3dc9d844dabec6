//! Decrypt: what Encrypt and GenerateDataKey made. The ciphertext names its key; a KeyId makes another key an error.

use serde_json::{Value, json};
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::secret::Secret;
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::dry_run::DryRun;
use crate::key_spec::SYMMETRIC_DEFAULT;
use crate::pipeline::Scene;
use crate::refusals::check_no_recipient;
use crate::validation::Validation;
use crate::wrapping::{ALGORITHMS, check_context, check_source_algorithm, unwrap};

impl Operate for DecryptRequest {
    fn operation(&self) -> Operation {
        Operation::Decrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        check_context(&self.encryption_context)?;
        dry_run(self)
            .limits(Validation::new(), &self.ciphertext_blob)
            .length("keyId", self.key_id.as_ref().map_or(1, |id| id.chars().count()), 1..=2048)
            .one_of("encryptionAlgorithm", self.encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        check_no_recipient(self.recipient.as_ref())?;
        dry_run(self).check("KeyId", self.key_id.is_some())
    }

    fn target(&self) -> Target<'_> {
        match &self.key_id {
            Some(key_id) => Target::KeyOrAlias(key_id),
            None => Target::Ciphertext(&self.ciphertext_blob.0),
        }
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        match dry_run(self).ignores_ciphertext() {
            true => check_source_algorithm(scene.key()?, self.encryption_algorithm.as_deref()),
            false => open(self, scene).map(|_| ()),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let (plaintext, material_id) = open(self, scene)?;
        scene.observer.emit(|witness| Kind::DataKeyUnwrapped {
            encrypted_data_key: PublicBytes::copy_of(&self.ciphertext_blob.0),
            data_key: witness.secret(plaintext.expose()),
            material_id: Some(material_id.clone()),
        });
        let response = DecryptResponse {
            plaintext: SecretBlob(plaintext.danger_copy()),
            key_id: scene.key()?.arn().to_string(),
            key_material_id: Some(material_id),
            encryption_algorithm: Some(SYMMETRIC_DEFAULT.into()),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "encryptionContext": self.encryption_context,
            "encryptionAlgorithm": self.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT),
            "dryRun": self.dry_run,
            "dryRunModifiers": self.dry_run_modifiers,
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
        context.insert("kms:EncryptionAlgorithm", self.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT));
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.ciphertext_blob.0.len())
    }
}

fn dry_run(request: &DecryptRequest) -> DryRun<'_> {
    DryRun { is_asked_for: request.dry_run == Some(true), modifiers: &request.dry_run_modifiers }
}

fn open(request: &DecryptRequest, scene: &Scene<'_>) -> Result<(Secret, String), Fault> {
    let key = scene.key()?;
    check_source_algorithm(key, request.encryption_algorithm.as_deref())?;
    unwrap(scene, key, &request.ciphertext_blob.0, &request.encryption_context)
}
