//! HMAC (RFC 2104) over SHA-2 (FIPS 180-4), as HMAC keys do it.

use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use waxseal_base::secret::Secret;

use super::Refused;
use crate::key_spec::MacAlgorithm;

/// Authenticates a message; the code has the hash's full length.
#[inline(never)] // the keyed hash state must lie below the frame that scrubs the stack
pub(crate) fn mac(algorithm: MacAlgorithm, key: &Secret, message: &[u8]) -> Result<Vec<u8>, Refused> {
    match algorithm {
        MacAlgorithm::HmacSha224 => hmac::<Sha224>(key, message),
        MacAlgorithm::HmacSha256 => hmac::<Sha256>(key, message),
        MacAlgorithm::HmacSha384 => hmac::<Sha384>(key, message),
        MacAlgorithm::HmacSha512 => hmac::<Sha512>(key, message),
    }
}

fn hmac<D: EagerHash>(key: &Secret, message: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(key.expose()).map_err(|_| Refused)?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().to_vec())
}
