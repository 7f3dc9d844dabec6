//! DeleteImportedKeyMaterial: imported material leaves the record. The key can not be used until the same is imported again.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_record::KeyRecord;
use crate::key_spec::KeySpec;
use crate::refusals::unsupported;
use crate::scene::Scene;
use crate::states::put_key;
use crate::validation;

impl Operate for DeleteImportedKeyMaterialRequest {
    fn operation(&self) -> Operation {
        Operation::DeleteImportedKeyMaterial
    }

    fn validate(&self) -> Result<(), Fault> {
        validation::key_id(&self.key_id).key_material_id(self.key_material_id.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut key = scene.key()?.clone();
        let key_arn = key.arn().to_string();
        let material_id = which(self, &key)?;
        let key_material_id = material_id.as_deref().and_then(|id| key.shown(id));
        if let Some(material_id) = material_id
            && key.remove_material(&material_id)
        {
            scene.observer.emit(|_| Kind::KeyMaterialDeleted { key_arn: key_arn.clone(), material_id });
            put_key(scene, key)?;
        }
        Ok(DeleteImportedKeyMaterialResponse { key_id: key_arn, key_material_id }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "keyMaterialId": self.key_material_id })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::DeleteImportedKeyMaterial(response) => json!({ "keyId": response.key_id, "keyMaterialId": response.key_material_id }),
            _ => Value::Null,
        }
    }
}

/// The generation that is meant: none only of a key that never had any.
fn which(request: &DeleteImportedKeyMaterialRequest, key: &KeyRecord) -> Result<Option<String>, Fault> {
    let Some(named) = &request.key_material_id else {
        return Ok(key.materials.last().map(|material| material.id.clone()));
    };
    if key.key_spec != KeySpec::SymmetricDefault {
        return Err(unsupported(format!("KeyMaterialId is for symmetric encryption keys only, not for the key spec {}.", key.key_spec)));
    }
    match key.generations().any(|material| material.id == *named) {
        true => Ok(Some(named.clone())),
        false => Err(Fault::new(FaultCode::NotFoundException, format!("Key material {named} is not associated with {}", key.arn()))),
    }
}
