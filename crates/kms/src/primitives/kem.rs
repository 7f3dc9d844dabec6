//! ML-KEM (FIPS 203): a secret, encapsulated under a public key and recovered with the private one.

use ml_kem::kem::Decapsulate;
use ml_kem::{B32, DecapsulationKey, EncapsulationKey, MlKem512, MlKem768, MlKem1024};
use pkcs8::DecodePublicKey;
use waxseal_base::env::Env;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KeyPairError::{self, NoRandomness, Refused};
use super::key_pair::read;
use crate::key_spec::KeySpec;

/// A secret, and the same encapsulated.
type Encapsulated = (Zeroizing<Vec<u8>>, Vec<u8>);

macro_rules! with_parameters {
    ($spec:ident, $parameters:ident => $act:expr) => {
        match $spec {
            KeySpec::MlKem512 => {
                type $parameters = MlKem512;
                $act
            }
            KeySpec::MlKem768 => {
                type $parameters = MlKem768;
                $act
            }
            KeySpec::MlKem1024 => {
                type $parameters = MlKem1024;
                $act
            }
            _ => Err(Refused),
        }
    };
}

/// A new secret of 32 bytes, and its encapsulation under a public key of that spec.
#[inline(never)] // what the secret follows from must lie below the frame that scrubs the stack
pub(crate) fn encapsulate(spec: KeySpec, public_key: &[u8], env: &Env) -> Result<Encapsulated, KeyPairError> {
    let mut from = Zeroizing::new(vec![0; 32]);
    env.fill(&mut from).map_err(|_| NoRandomness)?;
    encapsulate_from(spec, public_key, &from)
}

/// The secret of 32 bytes in a ciphertext of the right length. A ciphertext that was not made for the key gives a secret that nobody has.
#[inline(never)] // the private key that was read must lie below the frame that scrubs the stack
pub(crate) fn decapsulate(spec: KeySpec, private: &Secret, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    with_parameters!(spec, P => {
        let key: DecapsulationKey<P> = read(private.expose())?;
        let secret = Zeroizing::new(key.decapsulate_slice(ciphertext).map_err(|_| Refused)?);
        Ok(Zeroizing::new(secret.to_vec()))
    })
}

/// The secret that follows from these 32 random bytes.
fn encapsulate_from(spec: KeySpec, public_key: &[u8], from: &[u8]) -> Result<Encapsulated, KeyPairError> {
    let from = <&B32>::try_from(from).map_err(|_| Refused)?;
    with_parameters!(spec, P => {
        let key = EncapsulationKey::<P>::from_public_key_der(public_key).map_err(|_| Refused)?;
        let (ciphertext, secret) = key.encapsulate_deterministic(from);
        let secret = Zeroizing::new(secret);
        Ok((Zeroizing::new(secret.to_vec()), ciphertext.to_vec()))
    })
}

#[cfg(test)]
mod tests;
