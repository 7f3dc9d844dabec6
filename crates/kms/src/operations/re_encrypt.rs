//! ReEncrypt: decrypts under one key and encrypts under another, each with its own permission, context and state. The plaintext stays inside.

use serde_json::{Value, json};
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::secret::Secret;
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{ReEncryptRequest, ReEncryptResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{On, Operate, Permission, Target};
use crate::dry_run::DryRun;
use crate::key_spec::SYMMETRIC_DEFAULT;
use crate::pipeline::Scene;
use crate::validation::Validation;
use crate::wrapping::{ALGORITHMS, check_algorithm, check_context, check_source_algorithm, unwrap, wrap};

impl Operate for ReEncryptRequest {
    fn operation(&self) -> Operation {
        Operation::ReEncrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        check_context(&self.source_encryption_context)?;
        check_context(&self.destination_encryption_context)?;
        dry_run(self)
            .limits(Validation::new(), &self.ciphertext_blob)
            .length("sourceKeyId", self.source_key_id.as_ref().map_or(1, |id| id.chars().count()), 1..=2048)
            .length("destinationKeyId", self.destination_key_id.chars().count(), 1..=2048)
            .one_of("sourceEncryptionAlgorithm", self.source_encryption_algorithm.as_deref(), ALGORITHMS)
            .one_of("destinationEncryptionAlgorithm", self.destination_encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        dry_run(self).check("SourceKeyId", self.source_key_id.is_some())
    }

    fn target(&self) -> Target<'_> {
        match &self.source_key_id {
            Some(key_id) => Target::KeyOrAlias(key_id),
            None => Target::Ciphertext(&self.ciphertext_blob.0),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let (plaintext, source_material) = open(self, scene)?;
        scene.observer.emit(|witness| Kind::DataKeyUnwrapped {
            encrypted_data_key: PublicBytes::copy_of(&self.ciphertext_blob.0),
            data_key: witness.secret(plaintext.expose()),
            material_id: Some(source_material.clone()),
        });
        let wrapped = wrap(scene, scene.other_key()?, plaintext.expose(), &self.destination_encryption_context)?;
        scene.observer.emit(|witness| Kind::DataKeyWrapped {
            data_key: witness.secret(plaintext.expose()),
            encrypted_data_key: PublicBytes::copy_of(&wrapped.blob),
            material_id: Some(wrapped.material_id.clone()),
            encryption_context: self.destination_encryption_context.as_map().clone(),
        });
        let response = ReEncryptResponse {
            ciphertext_blob: Blob(wrapped.blob),
            source_key_id: scene.key()?.arn().to_string(),
            key_id: scene.other_key()?.arn().to_string(),
            source_encryption_algorithm: Some(SYMMETRIC_DEFAULT.into()),
            destination_encryption_algorithm: Some(SYMMETRIC_DEFAULT.into()),
            source_key_material_id: Some(source_material),
            destination_key_material_id: Some(wrapped.material_id),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "sourceKeyId": self.source_key_id,
            "sourceEncryptionContext": self.source_encryption_context,
            "sourceEncryptionAlgorithm": self.source_encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT),
            "destinationKeyId": self.destination_key_id,
            "destinationEncryptionContext": self.destination_encryption_context,
            "destinationEncryptionAlgorithm": self.destination_encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT),
            "dryRun": self.dry_run,
            "dryRunModifiers": self.dry_run_modifiers,
        })
    }

    fn other_target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.destination_key_id)
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        let permission = |action, on, context| Permission {
            encryption_context: Some(context),
            condition_context: Some(context),
            ..Permission::new(action, on)
        };
        vec![
            permission("kms:ReEncryptFrom", On::Key, &self.source_encryption_context),
            permission("kms:ReEncryptTo", On::OtherKey, &self.destination_encryption_context),
        ]
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        match dry_run(self).ignores_ciphertext() {
            true => check_algorithms(self, scene),
            false => open(self, scene).map(|_| ()),
        }
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true)
    }

    fn grant_tokens(&self) -> &[String] {
        &self.grant_tokens
    }

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        let is_same = scene.key().is_ok_and(|from| scene.other_key().is_ok_and(|to| from.id == to.id));
        context.insert("kms:ReEncryptOnSameKey", is_same.to_string());
        context.insert("kms:EncryptionAlgorithm", SYMMETRIC_DEFAULT);
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.ciphertext_blob.0.len())
    }
}

fn dry_run(request: &ReEncryptRequest) -> DryRun<'_> {
    DryRun { is_asked_for: request.dry_run == Some(true), modifiers: &request.dry_run_modifiers }
}

fn check_algorithms(request: &ReEncryptRequest, scene: &Scene<'_>) -> Result<(), Fault> {
    check_source_algorithm(scene.key()?, request.source_encryption_algorithm.as_deref())?;
    check_algorithm(scene.other_key()?, request.destination_encryption_algorithm.as_deref())
}

fn open(request: &ReEncryptRequest, scene: &Scene<'_>) -> Result<(Secret, String), Fault> {
    check_algorithms(request, scene)?;
    unwrap(scene, scene.key()?, &request.ciphertext_blob.0, &request.source_encryption_context)
}
