//! GetParametersForImport: an RSA public key to wrap key material under, and the token by which ImportKeyMaterial knows the private one.

use serde_json::{Value, json};
use waxseal_base::event::SecretName;
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{GetParametersForImportRequest, GetParametersForImportResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::import_token::ImportToken;
use crate::key_spec::KeySpec;
use crate::material::{KeyPair, make_key_pair};
use crate::refusals::internal;
use crate::scene::Scene;
use crate::validation;
use crate::wrapping_algorithm::{WRAPPING_SPECS, WrappingAlgorithm};

impl Operate for GetParametersForImportRequest {
    fn operation(&self) -> Operation {
        Operation::GetParametersForImport
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id)
            .one_of("wrappingAlgorithm", Some(&self.wrapping_algorithm), WrappingAlgorithm::NAMES)
            .one_of("wrappingKeySpec", Some(&self.wrapping_key_spec), WRAPPING_SPECS)
            .finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let unread = || internal("a name was not checked");
        let algorithm = WrappingAlgorithm::from_name(&self.wrapping_algorithm).ok_or_else(unread)?;
        let wrapping_spec = KeySpec::from_name(&self.wrapping_key_spec).ok_or_else(unread)?;
        algorithm.check(wrapping_spec, key.key_spec)?;
        let KeyPair { private, public } = make_key_pair(scene.engine, wrapping_spec, SecretName::WrappingKey, scene.observer)?;
        let valid_to = scene.now.plus_days(1);
        let token = ImportToken { key_id: key.id.clone(), region: key.region.clone(), algorithm, wrapping_spec, valid_to };
        let response = GetParametersForImportResponse {
            key_id: key.arn().to_string(),
            import_token: Blob(token.seal(scene.engine, &private)?),
            public_key: Blob(public),
            parameters_valid_to: valid_to.as_seconds(),
        };
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "wrappingAlgorithm": self.wrapping_algorithm, "wrappingKeySpec": self.wrapping_key_spec })
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:WrappingAlgorithm", &self.wrapping_algorithm);
        context.insert("kms:WrappingKeySpec", &self.wrapping_key_spec);
    }
}
