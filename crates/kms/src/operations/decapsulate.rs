//! Decapsulate: recovers a secret that was encapsulated for the key. A ciphertext that was not, or was altered, gives another secret and no
//! refusal: FIPS 203's implicit rejection.

use serde_json::{Value, json};
use waxseal_base::event::Verified;
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{DecapsulateRequest, DecapsulateResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target, members};
use crate::blob::MAX_BLOB_LEN;
use crate::key_spec::{KeySpec, ML_KEM};
use crate::primitives::kem;
use crate::refusals::invalid_ciphertext;
use crate::scene::Scene;
use crate::shared_secret::establish;
use crate::validation;
use crate::wrapping::current_secret;

impl Operate for DecapsulateRequest {
    fn operation(&self) -> Operation {
        Operation::Decapsulate
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id)
            .length("sharedSecretCiphertextBlob", self.shared_secret_ciphertext_blob.0.len(), 1..=MAX_BLOB_LEN)
            .one_of("encapsulationAlgorithm", Some(&self.encapsulation_algorithm), &[ML_KEM])
            .grant_tokens(&self.grant_tokens)
            .finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let key = scene.key()?;
        if self.shared_secret_ciphertext_blob.0.len() != ciphertext_len(key.key_spec) {
            scene.fail_verification(Verified::EncryptedDataKey);
            return Err(invalid_ciphertext());
        }
        Ok(())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let key = scene.key()?;
        let ciphertext = &self.shared_secret_ciphertext_blob.0;
        let own = current_secret(scene, key)?;
        let secret = kem::decapsulate(key.key_spec, &own, ciphertext)?;
        drop(own);
        let secret = establish(scene, ML_KEM, secret, ciphertext);
        let response = DecapsulateResponse {
            key_id: key.arn().to_string(),
            shared_secret: SecretBlob(secret.danger_copy()),
            encapsulation_algorithm: ML_KEM.into(),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "encapsulationAlgorithm": self.encapsulation_algorithm, "dryRun": self.dry_run })
    }

    members!(dry_run, grant_tokens);

    fn input_len(&self) -> Option<usize> {
        Some(self.shared_secret_ciphertext_blob.0.len())
    }
}

/// Bytes that an encapsulated secret has, FIPS 203; 0 for a key of another kind.
fn ciphertext_len(spec: KeySpec) -> usize {
    match spec {
        KeySpec::MlKem512 => 768,
        KeySpec::MlKem768 => 1088,
        KeySpec::MlKem1024 => 1568,
        _ => 0,
    }
}
