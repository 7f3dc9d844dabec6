//! Making a generation of a key's material: drawn at random or generated as a key pair, wrapped under the root key, and wiped.

use base64ct::{Base64, Encoding};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::engine::Engine;
use crate::ids::make_id;
use crate::key_record::{Material, RotationType};
use crate::key_spec::KeySpec;
use crate::primitives::{IV_LEN, key_pair};
use crate::refusals::failed;

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
    wrap_material(engine, key_id, spec, now, rotation, &secret)
}

/// A generation of that secret, for the key of that id and spec. A key pair is checked, and its public key is kept beside it in the clear.
pub(crate) fn wrap_material(
    engine: &Engine,
    key_id: &str,
    spec: KeySpec,
    now: Timestamp,
    rotation: Option<RotationType>,
    secret: &Secret,
) -> Result<Material, Fault> {
    let public_key = if spec.is_key_pair() { Some(Base64::encode_string(&key_pair::public_key(spec, secret)?)) } else { None };
    let id = make_id(&engine.env).map_err(failed)?;
    let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
    let wrapped = engine.root_key.wrap(key_id, &id, iv, secret).map_err(failed)?;
    Ok(Material { id, created: now, rotation, wrapped, public_key })
}
