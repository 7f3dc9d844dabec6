//! GenerateDataKeyWithoutPlaintext: a random key, wrapped only. Who asks for it can not use it without a Decrypt.

use serde_json::{Value, json};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::data_key::DataKeyShape;
use crate::encryption::Encryption;
use crate::scene::Scene;
use crate::validation;

impl Operate for GenerateDataKeyWithoutPlaintextRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateDataKeyWithoutPlaintext
    }

    fn validate(&self) -> Result<(), Fault> {
        encryption(self).validate()?;
        shape(self).limits(validation::key_id(&self.key_id)).grant_tokens(&self.grant_tokens).finish()?;
        shape(self).len().map(|_| ())
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let (_, encrypted) = shape(self).make(scene, encryption(self))?;
        let response = GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Blob(encrypted.ciphertext),
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

fn shape(request: &GenerateDataKeyWithoutPlaintextRequest) -> DataKeyShape<'_> {
    DataKeyShape { key_spec: request.key_spec.as_deref(), number_of_bytes: request.number_of_bytes }
}

/// Data keys are wrapped under symmetric keys only.
fn encryption(request: &GenerateDataKeyWithoutPlaintextRequest) -> Encryption<'_> {
    Encryption::new(None, &request.encryption_context)
}
