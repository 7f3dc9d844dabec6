//! Sign: a signature over a message or its digest, with the private key of a key pair.

use serde_json::Value;
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{Response, SignRequest, SignResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target, members};
use crate::primitives::signature;
use crate::scene::Scene;
use crate::signing::Signing;
use crate::wrapping::current_secret;

impl Operate for SignRequest {
    fn operation(&self) -> Operation {
        Operation::Sign
    }

    fn validate(&self) -> Result<(), Fault> {
        signing(self).limits().finish()
    }

    fn target(&self) -> Target<'_> {
        Target::KeyOrAlias(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        signing(self).with(scene.key()?).map(|_| ())
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let what = signing(self).with(key)?;
        let signature = signature::sign(key.key_spec, &what, &current_secret(scene, key)?, &scene.engine.env)?;
        scene.observer.emit(|_| Kind::Signed {
            algorithm: what.algorithm.name().into(),
            message_type: what.message_type.name().into(),
            signature: PublicBytes::copy_of(&signature),
        });
        let key_id = key.arn().to_string();
        Ok(SignResponse { key_id, signature: Blob(signature), signing_algorithm: self.signing_algorithm.clone() }.into())
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

fn signing(request: &SignRequest) -> Signing<'_> {
    Signing {
        key_id: &request.key_id,
        message: &request.message.0,
        message_type: request.message_type.as_deref(),
        algorithm: &request.signing_algorithm,
        grant_tokens: &request.grant_tokens,
    }
}
