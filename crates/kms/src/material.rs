//! Making a generation of a key's material: drawn at random, wrapped under the root key, and wiped.

use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::Fault;

use crate::engine::Engine;
use crate::ids::make_id;
use crate::key_record::{Material, RotationType};
use crate::primitives::{IV_LEN, KEY_LEN};
use crate::refusals::failed;

/// A new generation for the key of that id.
pub(crate) fn make_material(
    engine: &Engine,
    key_id: &str,
    now: Timestamp,
    rotation: Option<RotationType>,
    observer: &Observer,
) -> Result<Material, Fault> {
    let secret = Secret::make_random(SecretName::KeyMaterial, "key material", KEY_LEN, &engine.env, observer).map_err(failed)?;
    let id = make_id(&engine.env).map_err(failed)?;
    let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
    let wrapped = engine.root_key.wrap(key_id, &id, iv, &secret).map_err(failed)?;
    Ok(Material { id, created: now, rotation, wrapped })
}
