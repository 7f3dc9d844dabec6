//! GenerateDataKeyPair: a random key pair for use outside of the KMS, its private key in the clear and wrapped under the KMS key.

use serde_json::{Value, json};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::data_key_pair::{self, DataKeyPair};
use crate::encryption::Encryption;
use crate::refusals::check_no_recipient;
use crate::scene::Scene;

impl Operate for GenerateDataKeyPairRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateDataKeyPair
    }

    fn validate(&self) -> Result<(), Fault> {
        data_key_pair::validate(&self.key_id, &self.key_pair_spec, encryption(self), &self.grant_tokens)?;
        check_no_recipient(self.recipient.as_ref())
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let DataKeyPair { spec, private_key, public_key, encrypted } = DataKeyPair::make(scene, &self.key_pair_spec, encryption(self))?;
        let response = GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: Blob(encrypted.ciphertext),
            private_key_plaintext: SecretBlob(private_key.danger_copy()),
            public_key: Blob(public_key),
            key_id: scene.key()?.arn().to_string(),
            key_pair_spec: spec.name().into(),
            key_material_id: encrypted.material_id,
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "keyPairSpec": self.key_pair_spec,
            "encryptionContext": self.encryption_context,
            "dryRun": self.dry_run,
        })
    }

    members!(dry_run, grant_tokens, encryption_context);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        data_key_pair::add_conditions(&self.key_pair_spec, context);
    }
}

/// Data key pairs are wrapped under symmetric keys only.
fn encryption(request: &GenerateDataKeyPairRequest) -> Encryption<'_> {
    Encryption::new(None, &request.encryption_context)
}
