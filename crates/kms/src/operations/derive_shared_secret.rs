//! DeriveSharedSecret: the raw secret that a key shares with a peer's key, by Diffie-Hellman on their curve.

use serde_json::{Value, json};
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{DeriveSharedSecretRequest, DeriveSharedSecretResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::key_spec::ECDH;
use crate::primitives::{KeyPairError, key_agreement};
use crate::refusals::check_no_recipient;
use crate::scene::Scene;
use crate::shared_secret::establish;
use crate::validation::{self, invalid};
use crate::wrapping::current_secret;

impl Operate for DeriveSharedSecretRequest {
    fn operation(&self) -> Operation {
        Operation::DeriveSharedSecret
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id)
            .one_of("keyAgreementAlgorithm", Some(&self.key_agreement_algorithm), &[ECDH])
            .length("publicKey", self.public_key.0.len(), 1..=MAX_PUBLIC_KEY_LEN)
            .grant_tokens(&self.grant_tokens)
            .finish()?;
        check_no_recipient(self.recipient.as_ref())
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let key = scene.key()?;
        match key_agreement::check_peer(key.key_spec, &self.public_key.0) {
            Err(KeyPairError::Refused) => {
                let spec = key.key_spec;
                Err(invalid(format!("The public key is not the DER-encoded SubjectPublicKeyInfo of a key on the curve of {spec}.")))
            }
            checked => Ok(checked?),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let key = scene.key()?;
        let own = current_secret(scene, key)?;
        let secret = key_agreement::derive(key.key_spec, &own, &self.public_key.0)?;
        drop(own);
        let secret = establish(scene, ECDH, secret, &self.public_key.0);
        let response = DeriveSharedSecretResponse {
            key_id: key.arn().to_string(),
            shared_secret: SecretBlob(secret.danger_copy()),
            key_agreement_algorithm: ECDH.into(),
            key_origin: key.origin.name().into(),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "keyAgreementAlgorithm": self.key_agreement_algorithm, "dryRun": self.dry_run })
    }

    members!(dry_run, grant_tokens);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:KeyAgreementAlgorithm", &self.key_agreement_algorithm);
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.public_key.0.len())
    }
}

const MAX_PUBLIC_KEY_LEN: usize = 8192;
