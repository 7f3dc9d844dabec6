//! GenerateDataKey: a random key, in the clear and wrapped under the KMS key. It is drawn, not derived from the KMS key.

use serde_json::{Value, json};
use waxseal_base::event::{Kind, PublicBytes, SecretName};
use waxseal_base::secret::Secret;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{GenerateDataKeyRequest, GenerateDataKeyResponse, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::key_record::SYMMETRIC_DEFAULT;
use crate::pipeline::Scene;
use crate::refusals::{failed, unsupported};
use crate::validation::{self, invalid};
use crate::wrapping::{check_context, wrap};

impl Operate for GenerateDataKeyRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateDataKey
    }

    fn validate(&self) -> Result<(), Fault> {
        check_context(&self.encryption_context)?;
        validation::key_id(&self.key_id)
            .value("numberOfBytes", self.number_of_bytes, 1..=1024)
            .one_of("keySpec", self.key_spec.as_deref(), &["AES_256", "AES_128"])
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        if self.recipient.is_some() {
            return Err(unsupported("this KMS does not know Nitro enclaves: leave out `Recipient`"));
        }
        data_key_len(self).map(|_| ())
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let len = data_key_len(self)?;
        let data_key = Secret::make_random(SecretName::DataKey, "data key", len, &scene.engine.env, scene.observer).map_err(failed)?;
        let spec = || self.key_spec.clone().unwrap_or_else(|| format!("{len} bytes"));
        scene.observer.emit(|witness| Kind::DataKeyGenerated { spec: spec(), data_key: witness.secret(data_key.expose()) });
        let wrapped = wrap(scene, data_key.expose(), &self.encryption_context)?;
        scene.observer.emit(|witness| Kind::DataKeyWrapped {
            data_key: witness.secret(data_key.expose()),
            encrypted_data_key: PublicBytes::copy_of(&wrapped.blob),
            material_id: Some(wrapped.material_id.clone()),
            encryption_context: self.encryption_context.as_map().clone(),
        });
        let response = GenerateDataKeyResponse {
            ciphertext_blob: Blob(wrapped.blob),
            plaintext: SecretBlob(data_key.danger_copy()),
            key_id: scene.key()?.arn().to_string(),
            key_material_id: Some(wrapped.material_id),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "keySpec": self.key_spec,
            "numberOfBytes": self.number_of_bytes,
            "encryptionContext": self.encryption_context,
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
        context.insert("kms:EncryptionAlgorithm", SYMMETRIC_DEFAULT);
    }
}

/// Bytes of the data key: by its spec or by number, not both.
fn data_key_len(request: &GenerateDataKeyRequest) -> Result<usize, Fault> {
    let unclear = || invalid("Please specify either number of bytes or key spec.");
    match (request.key_spec.as_deref(), request.number_of_bytes) {
        (Some("AES_256"), None) => Ok(32),
        (Some("AES_128"), None) => Ok(16),
        (None, Some(len)) => usize::try_from(len).map_err(|_| unclear()),
        _ => Err(unclear()),
    }
}
