//! Key pairs of every spec: private keys are PKCS#8 (RFC 5958; ML-DSA and ML-KEM in seed form), public keys SubjectPublicKeyInfo (RFC 5280).

use ml_dsa::{Keypair, MlDsa44, MlDsa65, MlDsa87};
use ml_kem::{MlKem512, MlKem768, MlKem1024};
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, Generate, SecretKey};
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::spki::{AlgorithmIdentifier, AssociatedAlgorithmIdentifier};
use pkcs8::{AssociatedOid, DecodePrivateKey, EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef, SecretDocument};
use rsa::traits::PublicKeyParts;

use waxseal_base::env::Env;
pub(super) use waxseal_base::env::EnvRandom;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KeyPairError::{self, NoRandomness, Refused};
use crate::key_spec::KeySpec;

/// A new private key of that spec, PKCS#8.
#[inline(never)] // what the generator leaves on the stack must lie below the frame that scrubs it
pub(crate) fn make(spec: KeySpec, env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => make_rsa(spec, env),
        KeySpec::EccNistP256 => make_elliptic::<p256::NistP256>(env),
        KeySpec::EccNistP384 => make_elliptic::<p384::NistP384>(env),
        KeySpec::EccNistP521 => make_elliptic::<p521::NistP521>(env),
        KeySpec::EccSecgP256k1 => make_elliptic::<k256::Secp256k1>(env),
        KeySpec::EccNistEdwards25519 => make_edwards(env),
        KeySpec::MlDsa44 => make_seed::<32>(MlDsa44::ALGORITHM_IDENTIFIER, env),
        KeySpec::MlDsa65 => make_seed::<32>(MlDsa65::ALGORITHM_IDENTIFIER, env),
        KeySpec::MlDsa87 => make_seed::<32>(MlDsa87::ALGORITHM_IDENTIFIER, env),
        KeySpec::MlKem512 => make_seed::<64>(MlKem512::ALGORITHM_IDENTIFIER, env),
        KeySpec::MlKem768 => make_seed::<64>(MlKem768::ALGORITHM_IDENTIFIER, env),
        KeySpec::MlKem1024 => make_seed::<64>(MlKem1024::ALGORITHM_IDENTIFIER, env),
        _ => Err(Refused),
    }
}

/// The public key of a private key of that spec, SubjectPublicKeyInfo.
#[inline(never)] // the private key that was read must lie below the frame that scrubs the stack
pub(crate) fn public_key(spec: KeySpec, private: &Secret) -> Result<Vec<u8>, KeyPairError> {
    let private = private.expose();
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => spki(read_rsa(spec, private)?.as_public_key()),
        KeySpec::EccNistP256 => spki(&read::<p256::SecretKey>(private)?.public_key()),
        KeySpec::EccNistP384 => spki(&read::<p384::SecretKey>(private)?.public_key()),
        KeySpec::EccNistP521 => spki(&read::<p521::SecretKey>(private)?.public_key()),
        KeySpec::EccSecgP256k1 => spki(&read::<k256::SecretKey>(private)?.public_key()),
        KeySpec::EccNistEdwards25519 => spki(&read::<ed25519_dalek::SigningKey>(private)?.verifying_key()),
        KeySpec::MlDsa44 => spki(&read::<ml_dsa::SigningKey<MlDsa44>>(private)?.verifying_key()),
        KeySpec::MlDsa65 => spki(&read::<ml_dsa::SigningKey<MlDsa65>>(private)?.verifying_key()),
        KeySpec::MlDsa87 => spki(&read::<ml_dsa::SigningKey<MlDsa87>>(private)?.verifying_key()),
        KeySpec::MlKem512 => spki(read::<ml_kem::DecapsulationKey<MlKem512>>(private)?.encapsulation_key()),
        KeySpec::MlKem768 => spki(read::<ml_kem::DecapsulationKey<MlKem768>>(private)?.encapsulation_key()),
        KeySpec::MlKem1024 => spki(read::<ml_kem::DecapsulationKey<MlKem1024>>(private)?.encapsulation_key()),
        _ => Err(Refused),
    }
}

/// Reads a private key of whatever origin.
pub(super) fn read<K: DecodePrivateKey>(private: &[u8]) -> Result<K, KeyPairError> {
    K::from_pkcs8_der(within_limit(private)?).map_err(|_| Refused)
}

/// Reads an RSA private key of whatever origin: two primes, a sound exponent, and a modulus of exactly the spec's size.
pub(super) fn read_rsa(spec: KeySpec, private: &[u8]) -> Result<rsa::PrivateKey, KeyPairError> {
    let key: rsa::PrivateKey = read(private)?;
    match spec.rsa_bits() == Some(key.n().bit_width()) {
        true => Ok(key),
        false => Err(Refused),
    }
}

fn make_rsa(spec: KeySpec, env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let bits = spec.rsa_bits().and_then(|bits| usize::try_from(bits).ok()).ok_or(Refused)?;
    let made = rsa::PrivateKey::new(&mut EnvRandom(env), bits);
    write(&made.map_err(|error| if matches!(error, rsa::Error::Rng) { NoRandomness } else { Refused })?)
}

fn make_elliptic<C>(env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError>
where
    C: AssociatedOid + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    write(&SecretKey::<C>::try_generate_from_rng(&mut EnvRandom(env)).map_err(|_| NoRandomness)?)
}

/// Without the public key beside it, which older readers of PKCS#8 do not know.
fn make_edwards(env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let secret_key = env.random_array().map_err(|_| NoRandomness)?;
    write(&ed25519_dalek::pkcs8::KeypairBytes { secret_key, public_key: None })
}

/// The seed that the key follows from, RFC 9881 and RFC 9935: `[0] IMPLICIT OCTET STRING`.
fn make_seed<const LEN: usize>(algorithm: AlgorithmIdentifier<AnyRef<'static>>, env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let mut seed = Zeroizing::new(vec![0; LEN]);
    env.fill(&mut seed).map_err(|_| NoRandomness)?;
    let len = u8::try_from(LEN).map_err(|_| Refused)?;
    let tagged = Zeroizing::new([&[0x80, len], &seed[..]].concat());
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&tagged).map_err(|_| Refused)?);
    SecretDocument::encode_msg(&info).map(|document| document.to_bytes()).map_err(|_| Refused)
}

fn write(key: &impl EncodePrivateKey) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    key.to_pkcs8_der().map(|document| document.to_bytes()).map_err(|_| Refused)
}

fn spki(key: &impl EncodePublicKey) -> Result<Vec<u8>, KeyPairError> {
    key.to_public_key_der().map(|document| document.into_vec()).map_err(|_| Refused)
}

/// Nothing reads more than a private key can have: numbers of any size would take any time.
fn within_limit(private: &[u8]) -> Result<&[u8], KeyPairError> {
    if private.len() <= MAX_PKCS8_LEN { Ok(private) } else { Err(Refused) }
}

/// An RSA key of 4096 bits has less than 2400 bytes.
const MAX_PKCS8_LEN: usize = 4096;

#[cfg(test)]
mod tests {
    use waxseal_base::event::SecretName;
    use waxseal_base::observer::Observer;
    use waxseal_base::time::Timestamp;

    use super::*;

    fn secret(bytes: &[u8]) -> Secret {
        Secret::new(SecretName::KeyMaterial, Zeroizing::new(bytes.to_vec()), &Observer::none())
    }

    #[test]
    fn a_private_key_is_of_its_spec_only() {
        let env = Env::danger_deterministic(Timestamp::default(), 7);
        let specs = || KeySpec::NAMES.iter().filter_map(|name| KeySpec::from_name(name)).filter(|spec| spec.is_key_pair());
        for spec in specs().filter(|spec| ![KeySpec::Rsa3072, KeySpec::Rsa4096, KeySpec::Sm2].contains(spec)) {
            let private = make(spec, &env).unwrap();
            let public = public_key(spec, &secret(&private)).unwrap();
            assert_ne!(make(spec, &env).unwrap(), private, "{spec}");
            for other in specs().filter(|other| *other != spec) {
                assert_eq!(public_key(other, &secret(&private)), Err(Refused), "{spec} as {other}");
            }
            let cut = &private[..private.len() - 1];
            let long = [&private[..], &[0]].concat();
            for wrong in [&[][..], cut, &long, &public, &[0x30; 5000]] {
                assert_eq!(public_key(spec, &secret(wrong)), Err(Refused), "{spec}");
            }
        }
        assert_eq!(make(KeySpec::Sm2, &env), Err(Refused));
        assert_eq!(make(KeySpec::SymmetricDefault, &env), Err(Refused));
    }
}
