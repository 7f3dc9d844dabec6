//! RSAES-OAEP (RFC 8017), with SHA-1 or SHA-256 for the label and for MGF1 and an empty label, as AWS has it.

use rsa::pkcs8::DecodePublicKey;
use rsa::{Error, Oaep, PublicKey};
use sha1::Sha1;
use sha2::Sha256;
use waxseal_base::env::Env;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KeyPairError::{self, NoRandomness, Refused};
use super::key_pair::{EnvRandom, read_rsa};
use crate::key_spec::KeySpec;

/// Encrypts under a public key.
#[inline(never)] // the padded plaintext must lie below the frame that scrubs the stack
pub(crate) fn encrypt(algorithm: &str, public_key: &[u8], plaintext: &[u8], env: &Env) -> Result<Vec<u8>, KeyPairError> {
    let key = PublicKey::from_public_key_der(public_key).map_err(|_| Refused)?;
    let random = &mut EnvRandom(env);
    let encrypted = match algorithm {
        OAEP_SHA_1 => key.encrypt(random, Oaep::<Sha1>::new(), plaintext),
        OAEP_SHA_256 => key.encrypt(random, Oaep::<Sha256>::new(), plaintext),
        _ => return Err(Refused),
    };
    encrypted.map_err(cause)
}

/// Decrypts, blinded by fresh randomness. Whatever is wrong with the ciphertext, the refusal is the same. As the CFRG's guidance for
/// implementers has it, the first octet of the padding, which RFC 8017 wants to be zero, is not looked at: a check of it is Manger's oracle.
#[inline(never)] // the private key that was read must lie below the frame that scrubs the stack
pub(crate) fn decrypt(
    spec: KeySpec,
    algorithm: &str,
    private: &Secret,
    ciphertext: &[u8],
    env: &Env,
) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let key = read_rsa(spec, private.expose())?;
    let random = &mut EnvRandom(env);
    let decrypted = match algorithm {
        OAEP_SHA_1 => key.decrypt_blinded(random, Oaep::<Sha1>::new(), ciphertext),
        OAEP_SHA_256 => key.decrypt_blinded(random, Oaep::<Sha256>::new(), ciphertext),
        _ => return Err(Refused),
    };
    decrypted.map(Zeroizing::new).map_err(cause)
}

fn cause(error: Error) -> KeyPairError {
    match error {
        Error::Rng => NoRandomness,
        _ => Refused,
    }
}

const OAEP_SHA_1: &str = "RSAES_OAEP_SHA_1";
const OAEP_SHA_256: &str = "RSAES_OAEP_SHA_256";

#[cfg(test)]
mod tests;
