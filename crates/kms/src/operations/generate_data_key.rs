//! GenerateDataKey: a random key, in the clear and wrapped under the KMS key. It is drawn, not derived from the KMS key.

use serde_json::{Value, json};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{GenerateDataKeyRequest, GenerateDataKeyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::data_key::DataKeyShape;
use crate::encryption::Encryption;
use crate::refusals::check_no_recipient;
use crate::scene::Scene;
use crate::validation;

impl Operate for GenerateDataKeyRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateDataKey
    }

    fn validate(&self) -> Result<(), Fault> {
        encryption(self).validate()?;
        shape(self).limits(validation::key_id(&self.key_id)).grant_tokens(&self.grant_tokens).finish()?;
        check_no_recipient(self.recipient.as_ref())?;
        shape(self).len().map(|_| ())
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let (data_key, encrypted) = shape(self).make(scene, encryption(self))?;
        let response = GenerateDataKeyResponse {
            ciphertext_blob: Blob(encrypted.ciphertext),
            plaintext: SecretBlob(data_key.danger_copy()),
            key_id: scene.key()?.arn().to_string(),
            key_material_id: encrypted.material_id,
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

    members!(dry_run, grant_tokens, encryption_context);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:EncryptionAlgorithm", encryption(self).algorithm());
    }
}

fn shape(request: &GenerateDataKeyRequest) -> DataKeyShape<'_> {
    DataKeyShape { key_spec: request.key_spec.as_deref(), number_of_bytes: request.number_of_bytes }
}

/// Data keys are wrapped under symmetric keys only.
fn encryption(request: &GenerateDataKeyRequest) -> Encryption<'_> {
    Encryption::new(None, &request.encryption_context)
}
