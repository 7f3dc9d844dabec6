//! Which key a request means: by its name, or by the one that its ciphertext carries.

use waxseal_base::event::NamedBy;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::key_ref::KeyRef;

use crate::blob::CiphertextBlob;
use crate::ids::is_key_id;
use crate::key_record::KeyRecord;
use crate::pipeline::Scene;
use crate::refusals::{ciphertext_of_no_key, invalid_ciphertext, invalid_key_id, no_such_key};

type Found = (KeyRecord, u64, NamedBy);

/// The key of that id or ARN. A bare id is one of the caller's account.
pub(crate) fn by_name(scene: &Scene<'_>, name: &str) -> Result<Found, Fault> {
    let key_ref: KeyRef = name.parse().map_err(|_| invalid_key_id(name))?;
    let account = scene.call.caller.account().unwrap_or_default();
    let named_by = key_ref.named_by();
    let arn = match key_ref {
        KeyRef::Id(id) if is_key_id(&id) => Arn::kms_key(&scene.engine.partition, &scene.engine.region, account, &id),
        KeyRef::Id(id) => return Err(invalid_key_id(&id)),
        KeyRef::Arn(arn) => arn,
        KeyRef::AliasName(alias) => {
            return Err(no_such_alias(
                scene,
                &Arn { resource: alias, ..Arn::kms_key(&scene.engine.partition, &scene.engine.region, account, "") },
            ));
        }
        KeyRef::AliasArn(arn) => return Err(no_such_alias(scene, &arn)),
    };
    check_region(scene, &arn)?;
    let found = scene.load(arn.resource_id(), named_by)?.filter(|(record, ..)| record.arn() == arn);
    found.ok_or_else(|| no_such_key(&arn.to_string()))
}

/// The key that a ciphertext names, of whatever account: it is for the key's policy to decide who may use it.
pub(crate) fn by_ciphertext(scene: &Scene<'_>, blob: &[u8]) -> Result<Found, Fault> {
    let blob = CiphertextBlob::read(blob).map_err(|_| invalid_ciphertext())?;
    if !is_key_id(&blob.header.key_id) {
        return Err(invalid_ciphertext());
    }
    scene.load(&blob.header.key_id, NamedBy::Ciphertext)?.ok_or_else(ciphertext_of_no_key)
}

// This version has no aliases, so none is found.
fn no_such_alias(scene: &Scene<'_>, arn: &Arn) -> Fault {
    match check_region(scene, arn) {
        Ok(()) => Fault::new(FaultCode::NotFoundException, format!("Alias {arn} is not found.")),
        Err(fault) => fault,
    }
}

fn check_region(scene: &Scene<'_>, arn: &Arn) -> Result<(), Fault> {
    match arn.region == scene.engine.region {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::NotFoundException, format!("Invalid arn {}", arn.region))),
    }
}
