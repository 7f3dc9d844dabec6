//! GenerateRandom: random bytes, of no key.

use serde_json::{Value, json};
use waxseal_base::event::SecretName;
use waxseal_base::secret::Secret;
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{GenerateRandomRequest, GenerateRandomResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::refusals::{check_no_recipient, failed, unsupported};
use crate::scene::Scene;
use crate::validation::{Validation, invalid};

impl Operate for GenerateRandomRequest {
    fn operation(&self) -> Operation {
        Operation::GenerateRandom
    }

    fn validate(&self) -> Result<(), Fault> {
        Validation::new().value("numberOfBytes", self.number_of_bytes, 1..=1024).finish()?;
        check_no_recipient(self.recipient.as_ref())?;
        match () {
            () if self.custom_key_store_id.is_some() => Err(unsupported("this KMS has no custom key stores: leave out `CustomKeyStoreId`")),
            () => len(self).map(|_| ()),
        }
    }

    fn target(&self) -> Target<'_> {
        Target::NoKey
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let bytes =
            Secret::make_random(SecretName::Plaintext, "random bytes", len(self)?, &scene.engine.env, scene.observer).map_err(failed)?;
        Ok(GenerateRandomResponse { plaintext: SecretBlob(bytes.danger_copy()) }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "numberOfBytes": self.number_of_bytes })
    }
}

fn len(request: &GenerateRandomRequest) -> Result<usize, Fault> {
    let len = request.number_of_bytes.and_then(|len| usize::try_from(len).ok());
    len.ok_or_else(|| invalid("say how many bytes: `NumberOfBytes`, 1 to 1024"))
}
