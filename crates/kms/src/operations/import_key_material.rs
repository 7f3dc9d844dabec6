//! ImportKeyMaterial: a key gets material that its owner brings: its first, the same once more, or a new generation that waits for its rotation.

use serde_json::{Value, json};
use waxseal_base::event::{Kind, SecretName};
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{ImportKeyMaterialRequest, ImportKeyMaterialResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::blob::MAX_BLOB_LEN;
use crate::import_token::ImportToken;
use crate::imported::{DOES_NOT_EXPIRE, EXPIRES, Imported, incorrect};
use crate::key_record::KeyRecord;
use crate::key_spec::KeySpec;
use crate::material::import_material;
use crate::primitives::{KeyPairError, import_wrapping};
use crate::refusals::{invalid_ciphertext, unsupported};
use crate::scene::Scene;
use crate::states::put_key;
use crate::validation::{self, Validation, invalid};

impl Operate for ImportKeyMaterialRequest {
    fn operation(&self) -> Operation {
        Operation::ImportKeyMaterial
    }

    fn validate(&self) -> Result<(), Fault> {
        let validation = validation::key_id(&self.key_id)
            .length("importToken", self.import_token.0.len(), 1..=MAX_BLOB_LEN)
            .length("encryptedKeyMaterial", self.encrypted_key_material.0.len(), 1..=MAX_BLOB_LEN)
            .one_of("expirationModel", self.expiration_model.as_deref(), &[EXPIRES, DOES_NOT_EXPIRE])
            .one_of("importType", self.import_type.as_deref(), &[NEW_KEY_MATERIAL, "EXISTING_KEY_MATERIAL"])
            .key_material_id(self.key_material_id.as_deref());
        description_limits(validation, self.key_material_description.as_deref()).finish()?;
        match (expiration_model(self), self.valid_to) {
            (EXPIRES, None) => Err(invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")),
            (DOES_NOT_EXPIRE, Some(_)) => {
                Err(invalid("A validTo date can not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"))
            }
            _ if self.import_type.as_deref() == Some(NEW_KEY_MATERIAL) && self.key_material_id.is_some() => {
                Err(invalid("A KeyMaterialId can not be set if the ImportType is NEW_KEY_MATERIAL"))
            }
            _ => Ok(()),
        }
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut key = scene.key()?.clone();
        let imported = Imported { description: self.key_material_description.clone(), valid_to: valid_to(self, scene.now)? };
        check_options(self, key.key_spec)?;
        let secret = unwrap(self, scene, &key)?;
        let material = import_material(scene.engine, &key, scene.now, imported, &secret)?;
        let material_id = material.id.clone();
        if self.key_material_id.as_ref().is_some_and(|named| *named != material_id) {
            return Err(incorrect("The key material is not the one that KeyMaterialId names."));
        }
        let is_new = match self.import_type.as_deref() {
            Some(import_type) => import_type == NEW_KEY_MATERIAL,
            None => key.materials.is_empty(),
        };
        key.import(material, is_new)?;
        let response = ImportKeyMaterialResponse { key_id: key.arn().to_string(), key_material_id: key.shown(&material_id) };
        scene.observer.emit(|_| Kind::KeyMaterialImported { key_arn: key.arn().to_string(), material_id });
        put_key(scene, key)?;
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "validTo": self.valid_to.map(|seconds| Timestamp::from_seconds(seconds).to_string()),
            "expirationModel": expiration_model(self),
            "importType": self.import_type,
            "keyMaterialDescription": self.key_material_description,
            "keyMaterialId": self.key_material_id,
        })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::ImportKeyMaterial(response) => json!({ "keyId": response.key_id, "keyMaterialId": response.key_material_id }),
            _ => Value::Null,
        }
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:ExpirationModel", expiration_model(self));
        context.insert_all("kms:ValidTo", self.valid_to.map(|seconds| Timestamp::from_seconds(seconds).to_string()));
    }

    fn input_len(&self) -> Option<usize> {
        Some(self.encrypted_key_material.0.len())
    }
}

fn expiration_model(request: &ImportKeyMaterialRequest) -> &str {
    request.expiration_model.as_deref().unwrap_or(EXPIRES)
}

fn description_limits(validation: Validation, description: Option<&str>) -> Validation {
    let Some(description) = description else { return validation };
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, ':' | '/' | '_' | '.' | '-') || char.is_ascii_whitespace();
    let matches = !description.is_empty() && description.chars().all(is_plain);
    validation.length("keyMaterialDescription", description.chars().count(), 0..=256).pattern(
        "keyMaterialDescription",
        matches,
        r"^[a-zA-Z0-9:/_\s.-]+$",
    )
}

/// When the material expires.
fn valid_to(request: &ImportKeyMaterialRequest, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let Some(valid_to) = request.valid_to.map(Timestamp::from_seconds) else { return Ok(None) };
    match valid_to > now && valid_to <= now.plus_days(MAX_DAYS) {
        true => Ok(Some(valid_to)),
        false => Err(invalid(format!("The validTo date must be in the future and at most {MAX_DAYS} days from now"))),
    }
}

/// Only a symmetric encryption key has generations that could be told apart.
fn check_options(request: &ImportKeyMaterialRequest, spec: KeySpec) -> Result<(), Fault> {
    let options = [
        ("ImportType", request.import_type.is_some()),
        ("KeyMaterialDescription", request.key_material_description.is_some()),
        ("KeyMaterialId", request.key_material_id.is_some()),
    ];
    match options.iter().find(|(_, is_there)| *is_there && spec != KeySpec::SymmetricDefault) {
        Some((name, _)) => Err(unsupported(format!("{name} is for symmetric encryption keys only, not for the key spec {spec}."))),
        None => Ok(()),
    }
}

/// The material in the clear, if the token is this key's and the wrapping is what the token says.
fn unwrap(request: &ImportKeyMaterialRequest, scene: &Scene<'_>, key: &KeyRecord) -> Result<Secret, Fault> {
    let opened = ImportToken::open(&scene.engine.root_key, &request.import_token.0, scene.observer);
    let (token, private) = opened.filter(|(token, _)| token.key_id == key.id && token.region == key.region).ok_or_else(|| {
        let text = "The import token is not one that was made for this KMS key.";
        Fault::new(FaultCode::InvalidImportTokenException, text)
    })?;
    if token.valid_to <= scene.now {
        let text = "The import token has expired: get a new one, with a new public key, by GetParametersForImport.";
        return Err(Fault::new(FaultCode::ExpiredImportTokenException, text));
    }
    let wrapped = &request.encrypted_key_material.0;
    let material = import_wrapping::unwrap(token.algorithm, token.wrapping_spec, &private, wrapped, &scene.engine.env);
    match material {
        Ok(material) => Ok(Secret::new(SecretName::KeyMaterial, material, scene.observer)),
        Err(KeyPairError::Refused) => Err(invalid_ciphertext()),
        Err(other) => Err(other.into()),
    }
}

const NEW_KEY_MATERIAL: &str = "NEW_KEY_MATERIAL";
const MAX_DAYS: u32 = 365;
