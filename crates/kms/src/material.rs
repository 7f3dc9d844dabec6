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
use crate::refusals::{failed, internal};
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
    let name = SecretName::KeyMaterial;
    let (secret, public_key) = match spec.secret_len() {
        Some(len) => (Secret::make_random(name, "key material", len, &engine.env, observer).map_err(failed)?, None),
        None => {
            let KeyPair { private, public } = make_key_pair(engine, spec, name, observer)?;
            (private, Some(Base64::encode_string(&public)))
        }
    };
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
    let public_key = public_key(key.key_spec, secret)?;
    let known_by = public_key.as_deref().unwrap_or(secret.expose());
    let id = hex::encode(engine.root_key.name_material(&key.id, known_by).map_err(failed)?);
    let wrapped = Some(wrap(engine, &key.id, &id, secret)?);
    let public_key = public_key.as_deref().map(Base64::encode_string);
    Ok(Material { id, created: now, rotation: None, wrapped, public_key, imported: Some(imported) })
}

/// Refuses a secret that is not of that spec. The public key of a key pair; none of other material.
fn public_key(spec: KeySpec, secret: &Secret) -> Result<Option<Vec<u8>>, Fault> {
    match spec.secret_len() {
        Some(len) if len == secret.len() => Ok(None),
        Some(_) => Err(incorrect(format!("The key material is not as long as the key spec {spec} requires."))),
        None => match key_pair::public_key(spec, secret) {
            Ok(public_key) => Ok(Some(public_key)),
            Err(KeyPairError::Refused) => Err(incorrect(format!("The key material is not a PKCS#8 private key of the key spec {spec}."))),
            Err(other) => Err(other.into()),
        },
    }
}

fn wrap(engine: &Engine, key_id: &str, material_id: &str, secret: &Secret) -> Result<WrappedMaterial, Fault> {
    let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
    engine.root_key.wrap(key_id, material_id, iv, secret).map_err(failed)
}

/// A private key (PKCS#8) and its public key (SubjectPublicKeyInfo).
pub(crate) struct KeyPair {
    pub(crate) private: Secret,
    pub(crate) public: Vec<u8>,
}

/// A new key pair of that spec. An RSA key is the host's, if it has one.
pub(crate) fn make_key_pair(engine: &Engine, spec: KeySpec, name: SecretName, observer: &Observer) -> Result<KeyPair, Fault> {
    if let (Some(host), Some(bits)) = (&engine.make_rsa_key, spec.rsa_bits())
        && let Some(made) = host.make(bits).map_err(|error| internal(error.to_string()))?
    {
        let private = Secret::new(name, made, observer);
        let foreign = |_| internal(format!("the host's RSA key is not a PKCS#8 private key of {bits} bits"));
        let public = key_pair::public_key(spec, &private).map_err(foreign)?;
        return Ok(KeyPair { private, public });
    }
    let private = Secret::new(name, key_pair::make(spec, &engine.env)?, observer);
    let public = key_pair::public_key(spec, &private)?;
    Ok(KeyPair { private, public })
}
