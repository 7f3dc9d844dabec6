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
use crate::refusals::{failed, internal};

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
    match spec.secret_len() {
        Some(len) => {
            let secret = Secret::make_random(name, "key material", len, &engine.env, observer).map_err(failed)?;
            wrap_material(engine, key_id, now, rotation, &secret, None)
        }
        None => {
            let KeyPair { private, public } = make_key_pair(engine, spec, name, observer)?;
            wrap_material(engine, key_id, now, rotation, &private, Some(&public))
        }
    }
}

/// A generation of that secret, for the key of that id; the public key of a key pair is kept beside it in the clear.
pub(crate) fn wrap_material(
    engine: &Engine,
    key_id: &str,
    now: Timestamp,
    rotation: Option<RotationType>,
    secret: &Secret,
    public_key: Option<&[u8]>,
) -> Result<Material, Fault> {
    let id = make_id(&engine.env).map_err(failed)?;
    let iv: [u8; IV_LEN] = engine.env.random_array().map_err(failed)?;
    let wrapped = engine.root_key.wrap(key_id, &id, iv, secret).map_err(failed)?;
    Ok(Material { id, created: now, rotation, wrapped, public_key: public_key.map(Base64::encode_string) })
}

/// A private key (PKCS#8) and its public key (SubjectPublicKeyInfo).
pub(crate) struct KeyPair {
    pub(crate) private: Secret,
    pub(crate) public: Vec<u8>,
}

/// A new key pair of that spec. An RSA key is the host's, if it makes them.
pub(crate) fn make_key_pair(engine: &Engine, spec: KeySpec, name: SecretName, observer: &Observer) -> Result<KeyPair, Fault> {
    match (&engine.make_rsa_key, spec.rsa_bits()) {
        (Some(host), Some(bits)) => {
            let private = Secret::new(name, host.make(bits).map_err(|error| internal(error.to_string()))?, observer);
            let foreign = |_| internal(format!("the host's RSA key is not a PKCS#8 private key of {bits} bits"));
            let public = key_pair::public_key(spec, &private).map_err(foreign)?;
            Ok(KeyPair { private, public })
        }
        _ => {
            let private = Secret::new(name, key_pair::make(spec, &engine.env)?, observer);
            let public = key_pair::public_key(spec, &private)?;
            Ok(KeyPair { private, public })
        }
    }
}
