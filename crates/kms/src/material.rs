//! A generation of a key's material, drawn at random, generated as a key pair or brought by its owner: wrapped under the root key, and wiped.

use base64ct::{Base64, Encoding};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::engine::Engine;
use crate::ids::make_id;
use crate::imported::{Imported, incorrect};
use crate::key_record::{KeyRecord, Material, RotationType};
use crate::key_spec::KeySpec;
use crate::primitives::{IV_LEN, KeyPairError, key_pair};
use crate::refusals::failed;
use crate::root_key::WrappedMaterial;

/// A new generation for the key of that id and spec.
pub(crate) fn make_material(
    engine: &Engine,
    key_id: &str,
    spec: KeySpec,
    now: Timestamp,
    rotation: Option<RotationType>,
    observer: &Observer,
) -> Result<Material, Fault> {
    let secret = match spec.secret_len() {
        Some(len) => Secret::make_random(SecretName::KeyMaterial, "key material", len, &engine.env, observer).map_err(failed)?,
        None => Secret::new(SecretName::KeyMaterial, key_pair::make(spec, &engine.env)?, observer),
    };
    let public_key = public_key(spec, &secret)?;
    let id = make_id(&engine.env).map_err(failed)?;
    let wrapped = Some(wrap(engine, key_id, &id, &secret)?);
    Ok(Material { id, created: now, rotation, wrapped, public_key, imported: None })
}

/// The generation that this secret is for the key. The same secret always has the same id; a key pair is known by its public key, however the
/// private one is written down.
pub(crate) fn import_material(
    engine: &Engine,
    key: &KeyRecord,
    now: Timestamp,
    imported: Imported,
    secret: &Secret,
) -> Result<Material, Fault> {
    let spec = key.key_spec;
    if spec.secret_len().is_some_and(|len| len != secret.len()) {
        return Err(incorrect(format!("The key material is not as long as the key spec {spec} requires.")));
    }
    let public_key = public_key(spec, secret).map_err(|error| match error {
        KeyPairError::Refused => incorrect(format!("The key material is not a PKCS#8 private key of the key spec {spec}.")),
        other => other.into(),
    })?;
    let known_by = public_key.as_ref().map_or(secret.expose(), String::as_bytes);
    let id = hex::encode(engine.root_key.name_material(&key.id, known_by).map_err(failed)?);
    let wrapped = Some(wrap(engine, &key.id, &id, secret)?);
    Ok(Material { id, created: now, rotation: None, wrapped, public_key, imported: Some(imported) })
}

/// The public key of a key pair, base64; none of other material.
fn public_key(spec: KeySpec, secret: &Secret) -> Result<Option<String>, KeyPairError> {
    if spec.is_key_pair() {
        key_pair::public_key(spec, secret).map(|public_key| Some(Base64::encode_string(&public_key)))
    } else {
        Ok(None)
    }
}

fn wrap(engine: &Engine, key_id: &str, material_id: &str, secret: &Secret) -> Result<WrappedMaterial, Fault> {
    let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
    engine.root_key.wrap(key_id, material_id, iv, secret).map_err(failed)
}
