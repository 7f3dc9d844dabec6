//! ReEncrypt: decrypts under one key and encrypts under another, each with its own permission, context and state. The plaintext stays inside.

use serde_json::{Value, json};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{ReEncryptRequest, ReEncryptResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{On, Operate, Permission, Target, members};
use crate::dry_run::DryRun;
use crate::encryption::{ALGORITHMS, Decrypted, Encryption};
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for ReEncryptRequest {
    fn operation(&self) -> Operation {
        Operation::ReEncrypt
    }

    fn validate(&self) -> Result<(), Fault> {
        source(self).validate()?;
        destination(self).validate()?;
        dry_run(self)
            .limits(Validation::new(), &self.ciphertext_blob)
            .length("sourceKeyId", self.source_key_id.as_ref().map_or(1, |id| id.chars().count()), 1..=2048)
            .length("destinationKeyId", self.destination_key_id.chars().count(), 1..=2048)
            .one_of("sourceEncryptionAlgorithm", self.source_encryption_algorithm.as_deref(), ALGORITHMS)
            .one_of("destinationEncryptionAlgorithm", self.destination_encryption_algorithm.as_deref(), ALGORITHMS)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        dry_run(self).check("SourceKeyId", self.source_key_id.is_some())?;
        source(self).check_named("SourceKeyId", self.source_key_id.as_deref())
    }

    fn target(&self) -> Target<'_> {
        match &self.source_key_id {
            Some(key_id) => Target::KeyOrAlias(key_id),
            None => Target::Ciphertext(&self.ciphertext_blob.0),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let decrypted = open(self, scene)?;
        let encrypted = destination(self).encrypt(scene, scene.other_key()?, decrypted.plaintext.expose())?;
        let response = ReEncryptResponse {
            source_key_id: scene.key()?.arn().to_string(),
            key_id: scene.other_key()?.arn().to_string(),
            source_encryption_algorithm: Some(source(self).algorithm().into()),
            destination_encryption_algorithm: Some(destination(self).algorithm().into()),
            source_key_material_id: decrypted.material_id,
            destination_key_material_id: encrypted.material_id,
            ciphertext_blob: Blob(encrypted.ciphertext),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "sourceKeyId": self.source_key_id,
            "sourceEncryptionContext": self.source_encryption_context,
            "sourceEncryptionAlgorithm": source(self).algorithm(),
            "destinationKeyId": self.destination_key_id,
            "destinationEncryptionContext": self.destination_encryption_context,
            "destinationEncryptionAlgorithm": destination(self).algorithm(),
            "dryRun": self.dry_run,
            "dryRunModifiers": self.dry_run_modifiers,
        })
    }

    fn other_target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.destination_key_id)
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        vec![permission("kms:ReEncryptFrom", On::Key, source(self)), permission("kms:ReEncryptTo", On::OtherKey, destination(self))]
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        match dry_run(self).ignores_ciphertext() {
            true => source(self).check_source(scene.key()?, self.operation()).and_then(|()| destination(self).check(scene.other_key()?, 0)),
            false => open(self, scene).map(|_| ()),
        }
    }

    members!(dry_run, grant_tokens);

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        let is_same = scene.key().is_ok_and(|from| scene.other_key().is_ok_and(|to| from.id == to.id));
        context.insert("kms:ReEncryptOnSameKey", is_same.to_string());
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.ciphertext_blob.0.len())
    }
}

fn dry_run(request: &ReEncryptRequest) -> DryRun<'_> {
    DryRun { is_asked_for: request.dry_run == Some(true), modifiers: &request.dry_run_modifiers }
}

fn permission<'a>(action: &'static str, on: On<'a>, encryption: Encryption<'a>) -> Permission<'a> {
    Permission {
        encryption_context: Some(encryption.context()),
        condition_context: Some(encryption.context()),
        encryption_algorithm: Some(encryption.algorithm()),
        ..Permission::new(action, on)
    }
}

/// Decrypts, if the destination's key can encrypt what comes out.
fn open(request: &ReEncryptRequest, scene: &Scene<'_>) -> Result<Decrypted, Fault> {
    let other_key = scene.other_key()?;
    destination(request).check(other_key, 0)?;
    let decrypted = source(request).decrypt(scene, scene.key()?, request.operation(), &request.ciphertext_blob.0)?;
    destination(request).check(other_key, decrypted.plaintext.len())?;
    Ok(decrypted)
}

fn source(request: &ReEncryptRequest) -> Encryption<'_> {
    Encryption::new(request.source_encryption_algorithm.as_deref(), &request.source_encryption_context)
}

fn destination(request: &ReEncryptRequest) -> Encryption<'_> {
    Encryption::new(request.destination_encryption_algorithm.as_deref(), &request.destination_encryption_context)
}
