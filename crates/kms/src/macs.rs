//! What GenerateMac and VerifyMac have in common.

use waxseal_kms_api::fault::Fault;

use crate::key_record::KeyRecord;
use crate::key_spec::MacAlgorithm;
use crate::primitives::mac::mac;
use crate::refusals::{failed, incompatible_algorithm, internal};
use crate::scene::Scene;
use crate::signing::MAX_MESSAGE_LEN;
use crate::validation::{self, Validation};
use crate::wrapping::current_secret;

/// The limits of the members that both have.
pub(crate) fn limits(key_id: &str, message: &[u8], algorithm: &str, grant_tokens: &[String]) -> Validation {
    validation::key_id(key_id)
        .length("message", message.len(), 1..=MAX_MESSAGE_LEN)
        .one_of("macAlgorithm", Some(algorithm), MacAlgorithm::NAMES)
        .grant_tokens(grant_tokens)
}

/// The algorithm of that name, if the key can do it.
pub(crate) fn check_algorithm(key: &KeyRecord, name: &str) -> Result<MacAlgorithm, Fault> {
    match key.key_spec.algorithms(key.key_usage).contains(&name) {
        true => MacAlgorithm::from_name(name).ok_or_else(|| internal("the algorithm was not checked")),
        false => Err(incompatible_algorithm(name, key.key_spec)),
    }
}

/// The code of a message under the scene's key.
pub(crate) fn authenticate(scene: &Scene<'_>, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
    let key = scene.key()?;
    let algorithm = check_algorithm(key, algorithm)?;
    mac(algorithm, &current_secret(scene, key)?, message).map_err(failed)
}
