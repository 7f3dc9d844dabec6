//! VerifyMac: whether a message is the one that a code was made for. A wrong one is a fault, so that nobody forgets to look.

use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use waxseal_base::event::{Kind, Verified};
use waxseal_kms_api::calls::{Response, VerifyMacRequest, VerifyMacResponse};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;
use zeroize::Zeroizing;

use super::{Operate, Target, members};
use crate::blob::MAX_BLOB_LEN;
use crate::macs::{authenticate, limits};
use crate::scene::Scene;

impl Operate for VerifyMacRequest {
    fn operation(&self) -> Operation {
        Operation::VerifyMac
    }

    fn validate(&self) -> Result<(), Fault> {
        let validation = limits(&self.key_id, &self.message.0, &self.mac_algorithm, &self.grant_tokens);
        validation.length("mac", self.mac.0.len(), 1..=MAX_BLOB_LEN).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let expected = Zeroizing::new(authenticate(scene, &self.mac_algorithm, &self.message.0)?);
        match bool::from(expected.ct_eq(&self.mac.0)) {
            true => Ok(()),
            false => {
                scene.fail_verification(Verified::Mac);
                Err(Fault::silent(FaultCode::KMSInvalidMacException))
            }
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        scene.observer.emit(|_| Kind::MacVerified { algorithm: self.mac_algorithm.clone() });
        let key_id = scene.key()?.arn().to_string();
        Ok(VerifyMacResponse { key_id, mac_valid: true, mac_algorithm: self.mac_algorithm.clone() }.into())
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
