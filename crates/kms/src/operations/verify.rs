//! Verify: whether a signature is right, with the public key of a key pair. A wrong one is a fault, so that nobody forgets to look.

use serde_json::Value;
use waxseal_base::event::{Kind, Verified};
use waxseal_kms_api::calls::{Response, VerifyRequest, VerifyResponse};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::blob::MAX_BLOB_LEN;
use crate::primitives::{KeyPairError, signature};
use crate::scene::Scene;
use crate::signing::Signing;

impl Operate for VerifyRequest {
    fn operation(&self) -> Operation {
        Operation::Verify
    }

    fn validate(&self) -> Result<(), Fault> {
        signing(self).limits().length("signature", self.signature.0.len(), 1..=MAX_BLOB_LEN).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let key = scene.key()?;
        let what = signing(self).with(key)?;
        match signature::verify(key.key_spec, &what, &self.signature.0, &key.public_key()?) {
            Err(KeyPairError::Refused) => {
                scene.fail_verification(Verified::Signature);
                Err(Fault::silent(FaultCode::KMSInvalidSignatureException))
            }
            verified => Ok(verified?),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        scene.observer.emit(|_| Kind::SignatureVerified {
            algorithm: self.signing_algorithm.clone(),
            message_type: signing(self).message_type().into(),
        });
        let key_id = scene.key()?.arn().to_string();
        Ok(VerifyResponse { key_id, signature_valid: true, signing_algorithm: self.signing_algorithm.clone() }.into())
    }

    fn audit_parameters(&self) -> Value {
        signing(self).audited(self.dry_run)
    }

    members!(dry_run, grant_tokens);

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        signing(self).add_conditions(context);
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.message.0.len())
    }
}

fn signing(request: &VerifyRequest) -> Signing<'_> {
    Signing {
        key_id: &request.key_id,
        message: &request.message.0,
        message_type: request.message_type.as_deref(),
        algorithm: &request.signing_algorithm,
        grant_tokens: &request.grant_tokens,
    }
}
