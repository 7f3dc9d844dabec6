//! GetPublicKey: the public half of a key pair, for use outside of the KMS. AWS gives it of disabled keys too, whatever its guide says.

use serde_json::{Value, json};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{GetPublicKeyRequest, GetPublicKeyResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target, members};
use crate::key_spec::KeyUsage;
use crate::scene::Scene;
use crate::validation;

impl Operate for GetPublicKeyRequest {
    fn operation(&self) -> Operation {
        Operation::GetPublicKey
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).grant_tokens(&self.grant_tokens).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let response = GetPublicKeyResponse {
            key_id: key.arn().to_string(),
            public_key: Blob(key.public_key()?),
            key_spec: key.key_spec.name().into(),
            customer_master_key_spec: key.key_spec.name().into(),
            key_usage: key.key_usage.name().into(),
            encryption_algorithms: key.algorithms(KeyUsage::EncryptDecrypt),
            signing_algorithms: key.algorithms(KeyUsage::SignVerify),
            key_agreement_algorithms: key.algorithms(KeyUsage::KeyAgreement),
            encapsulation_algorithms: key.algorithms(KeyUsage::EncapsulateDecapsulate),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id })
    }

    members!(grant_tokens);
}
