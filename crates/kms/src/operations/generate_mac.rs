//! GenerateMac: a code by which whoever may verify with the same key knows that a message is unaltered.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{GenerateMacRequest, GenerateMacResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::macs::{authenticate, check_algorithm, limits};
use crate::scene::Scene;

impl Operate for GenerateMacRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateMac
    }

    fn validate(&self) -> Result<(), Fault> {
        limits(&self.key_id, &self.message.0, &self.mac_algorithm, &self.grant_tokens).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        check_algorithm(scene.key()?, &self.mac_algorithm).map(|_| ())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mac = authenticate(scene, &self.mac_algorithm, &self.message.0)?;
        scene.observer.emit(|_| Kind::MacGenerated { algorithm: self.mac_algorithm.clone(), len: mac.len() });
        let key_id = scene.key()?.arn().to_string();
        Ok(GenerateMacResponse { mac: Blob(mac), mac_algorithm: self.mac_algorithm.clone(), key_id }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "macAlgorithm": self.mac_algorithm, "dryRun": self.dry_run })
    }

    members!(dry_run, grant_tokens);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:MacAlgorithm", &self.mac_algorithm);
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.message.0.len())
    }
}
