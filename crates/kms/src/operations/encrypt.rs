//! Encrypt: up to 4096 bytes, directly under the KMS key.

use serde_json::{Value, json};
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{EncryptRequest, EncryptResponse, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::blob::MAX_PLAINTEXT_LEN;
use crate::key_spec::SYMMETRIC_DEFAULT;
use crate::pipeline::Scene;
use crate::validation;
use crate::wrapping::{ALGORITHMS, check_algorithm, check_context, wrap};

impl Operate for EncryptRequest {
    fn operation(&self) -> Operation {
        Operation::Encrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        check_context(&self.encryption_context)?;
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
        check_algorithm(scene.key()?, self.encryption_algorithm.as_deref())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let wrapped = wrap(scene, scene.key()?, &self.plaintext.0, &self.encryption_context)?;
        scene.observer.emit(|witness| Kind::DataKeyWrapped {
            data_key: witness.secret(&self.plaintext.0),
            encrypted_data_key: PublicBytes::copy_of(&wrapped.blob),
            material_id: Some(wrapped.material_id),
            encryption_context: self.encryption_context.as_map().clone(),
        });
        let key_id = scene.key()?.arn().to_string();
        Ok(EncryptResponse { ciphertext_blob: Blob(wrapped.blob), key_id, encryption_algorithm: Some(SYMMETRIC_DEFAULT.into()) }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "encryptionContext": self.encryption_context,
            "encryptionAlgorithm": self.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT),
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
        context.insert("kms:EncryptionAlgorithm", self.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT));
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.plaintext.0.len())
    }
}
