//! Unwrapping key material that its owner brings: RSAES-OAEP and RSAES-PKCS1-v1_5 (RFC 8017), and AES Key Wrap with Padding (RFC 5649) under an
//! AES key that came by RSAES-OAEP.

use aes_kw::{KeyInit, KwpAes256};
use rsa::PrivateKey;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::Sha256;
use sha2::digest::{Digest, FixedOutputReset};
use waxseal_base::env::Env;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KEY_LEN;
use super::KeyPairError::{self, NoRandomness, Refused};
use super::key_pair::{EnvRandom, read_rsa};
use crate::key_spec::KeySpec;
use crate::wrapping_algorithm::WrappingAlgorithm;

/// The material in the clear. Whatever is wrong with it is one refusal.
#[inline(never)] // what the ciphers leave on the stack must lie below the frame that scrubs it
pub(crate) fn unwrap(
    algorithm: WrappingAlgorithm,
    wrapping_spec: KeySpec,
    private: &Secret,
    wrapped: &[u8],
    env: &Env,
) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let private = read_rsa(wrapping_spec, private.expose())?;
    match algorithm {
        WrappingAlgorithm::OaepSha1 => unwrap_oaep::<Sha1>(&private, wrapped, env),
        WrappingAlgorithm::OaepSha256 => unwrap_oaep::<Sha256>(&private, wrapped, env),
        WrappingAlgorithm::AesKeyWrapSha1 => unwrap_two_steps::<Sha1>(&private, wrapped, env),
        WrappingAlgorithm::AesKeyWrapSha256 => unwrap_two_steps::<Sha256>(&private, wrapped, env),
        WrappingAlgorithm::Pkcs1 => unwrap_pkcs1(&private, wrapped, env),
        WrappingAlgorithm::Sm2 => Err(Refused),
    }
}

fn unwrap_oaep<D: Digest + FixedOutputReset>(private: &PrivateKey, wrapped: &[u8], env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    private.oaep_decrypt_with_rng::<D, _>(&mut EnvRandom(env), wrapped).map(Zeroizing::new).map_err(refusal)
}

/// An AES-256 key by RSAES-OAEP, as long as the modulus, then the material under that key.
fn unwrap_two_steps<D: Digest + FixedOutputReset>(
    private: &PrivateKey,
    wrapped: &[u8],
    env: &Env,
) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let (aes_key, material) = wrapped.split_at_checked(private.size()).ok_or(Refused)?;
    let aes_key = unwrap_oaep::<D>(private, aes_key, env)?;
    open_padded(&aes_key, material)
}

fn open_padded(aes_key: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let aes = KwpAes256::new_from_slice(aes_key).map_err(|_| Refused)?;
    let mut buffer = Zeroizing::new(vec![0; wrapped.len()]);
    let len = aes.unwrap_key(wrapped, &mut buffer).map_err(|_| Refused)?.len();
    buffer.truncate(len);
    if buffer.is_empty() { Err(Refused) } else { Ok(buffer) }
}

/// What has no valid padding opens too, as bytes that follow from it and the private key: so nobody can ask whether a padding is valid. What is
/// not as long as the only material that is wrapped so is refused, and that can be either.
fn unwrap_pkcs1(private: &PrivateKey, wrapped: &[u8], env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let opened = private.pkcs1v15_decrypt_with_rng(&mut EnvRandom(env), wrapped);
    let opened = opened.map(Zeroizing::new).map_err(refusal)?;
    if opened.len() == KEY_LEN { Ok(opened) } else { Err(Refused) }
}

fn refusal(error: rsa::Error) -> KeyPairError {
    if matches!(error, rsa::Error::Rng) { NoRandomness } else { Refused }
}

#[cfg(test)]
mod tests;
