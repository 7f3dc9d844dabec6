//! Signatures: RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017), ECDSA (FIPS 186-5), Ed25519 and Ed25519ph (RFC 8032), ML-DSA (FIPS 204).

use ed25519_dalek::Signer;
use ml_dsa::{EncodedSignature, ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams};
use p256::ecdsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256, Sha384, Sha512};
use waxseal_base::env::Env;
use waxseal_base::secret::Secret;

use super::KeyPairError::{self, Refused};
use super::key_pair::{EnvRandom, read, read_rsa};
use crate::key_spec::{KeySpec, MessageType, SigningAlgorithm};

/// What is signed, and how.
pub(crate) struct Signable<'a> {
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) message_type: MessageType,
    pub(crate) message: &'a [u8],
}

/// RFC 6979 with fresh randomness mixed in (3.6), so that a fault of the machine does not tell the key. Signatures are DER.
macro_rules! sign_ecdsa {
    ($curve:ident, $private:expr, $what:expr, $env:expr) => {{
        let key = $curve::ecdsa::SigningKey::from(read::<$curve::SecretKey>($private)?);
        let signed = key.sign_prehash_with_rng(&mut EnvRandom($env), &$what.digest()?);
        signed.map(|signature: $curve::ecdsa::DerSignature| signature.as_bytes().to_vec()).map_err(|_| Refused)
    }};
}

/// Either of the two values of s is right; the cipher for secp256k1 takes only the lower one.
macro_rules! verify_ecdsa {
    ($curve:ident, $public:expr, $what:expr, $signature:expr) => {{
        let key: $curve::ecdsa::VerifyingKey = read_public($public)?;
        let signature = $curve::ecdsa::Signature::from_der($signature).map_err(|_| Refused)?;
        key.verify_prehash(&$what.digest()?, &signature.normalize_s()).map_err(|_| Refused)
    }};
}

/// Signs with a private key of that spec (PKCS#8).
#[inline(never)] // the private key that was read must lie below the frame that scrubs the stack
pub(crate) fn sign(spec: KeySpec, what: &Signable<'_>, private: &Secret, env: &Env) -> Result<Vec<u8>, KeyPairError> {
    let private = private.expose();
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => sign_rsa(&read_rsa(spec, private)?, what, env),
        KeySpec::EccNistP256 => sign_ecdsa!(p256, private, what, env),
        KeySpec::EccNistP384 => sign_ecdsa!(p384, private, what, env),
        KeySpec::EccNistP521 => sign_ecdsa!(p521, private, what, env),
        KeySpec::EccSecgP256k1 => sign_ecdsa!(k256, private, what, env),
        KeySpec::EccNistEdwards25519 => sign_edwards(&read(private)?, what),
        KeySpec::MlDsa44 => sign_ml_dsa(read::<ml_dsa::SigningKey<MlDsa44>>(private)?.expanded_key(), what, env),
        KeySpec::MlDsa65 => sign_ml_dsa(read::<ml_dsa::SigningKey<MlDsa65>>(private)?.expanded_key(), what, env),
        KeySpec::MlDsa87 => sign_ml_dsa(read::<ml_dsa::SigningKey<MlDsa87>>(private)?.expanded_key(), what, env),
        _ => Err(Refused),
    }
}

/// Checks a signature with a public key of that spec (SubjectPublicKeyInfo); refused, unless it is right.
pub(crate) fn verify(spec: KeySpec, what: &Signable<'_>, signature: &[u8], public: &[u8]) -> Result<(), KeyPairError> {
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => verify_rsa(&read_public(public)?, what, signature),
        KeySpec::EccNistP256 => verify_ecdsa!(p256, public, what, signature),
        KeySpec::EccNistP384 => verify_ecdsa!(p384, public, what, signature),
        KeySpec::EccNistP521 => verify_ecdsa!(p521, public, what, signature),
        KeySpec::EccSecgP256k1 => verify_ecdsa!(k256, public, what, signature),
        KeySpec::EccNistEdwards25519 => verify_edwards(&read_public(public)?, what, signature),
        KeySpec::MlDsa44 => verify_ml_dsa::<MlDsa44>(&read_public(public)?, what, signature),
        KeySpec::MlDsa65 => verify_ml_dsa::<MlDsa65>(&read_public(public)?, what, signature),
        KeySpec::MlDsa87 => verify_ml_dsa::<MlDsa87>(&read_public(public)?, what, signature),
        _ => Err(Refused),
    }
}

impl Signable<'_> {
    /// The digest of the message, which may have been made by the caller.
    fn digest(&self) -> Result<Vec<u8>, KeyPairError> {
        let digest = match (self.message_type, self.algorithm.digest_len()) {
            (MessageType::Digest, Some(len)) if len == self.message.len() => self.message.to_vec(),
            (MessageType::Raw, Some(32)) => Sha256::digest(self.message).to_vec(),
            (MessageType::Raw, Some(48)) => Sha384::digest(self.message).to_vec(),
            (MessageType::Raw, Some(64)) => Sha512::digest(self.message).to_vec(),
            _ => return Err(Refused),
        };
        Ok(digest)
    }
}

fn sign_rsa(key: &rsa::PrivateKey, what: &Signable<'_>, env: &Env) -> Result<Vec<u8>, KeyPairError> {
    let random = &mut EnvRandom(env);
    let digest = what.digest()?;
    let signed = match what.algorithm {
        SigningAlgorithm::RsassaPssSha256 => key.pss_sign_prehash_with_rng::<Sha256, _>(random, &digest),
        SigningAlgorithm::RsassaPssSha384 => key.pss_sign_prehash_with_rng::<Sha384, _>(random, &digest),
        SigningAlgorithm::RsassaPssSha512 => key.pss_sign_prehash_with_rng::<Sha512, _>(random, &digest),
        SigningAlgorithm::RsassaPkcs1Sha256 => key.pkcs1v15_sign_prehash_with_rng::<Sha256, _>(random, &digest),
        SigningAlgorithm::RsassaPkcs1Sha384 => key.pkcs1v15_sign_prehash_with_rng::<Sha384, _>(random, &digest),
        SigningAlgorithm::RsassaPkcs1Sha512 => key.pkcs1v15_sign_prehash_with_rng::<Sha512, _>(random, &digest),
        _ => return Err(Refused),
    };
    signed.map_err(|_| Refused)
}

fn verify_rsa(key: &rsa::PublicKey, what: &Signable<'_>, signature: &[u8]) -> Result<(), KeyPairError> {
    let digest = what.digest()?;
    let verified = match what.algorithm {
        SigningAlgorithm::RsassaPssSha256 => key.pss_verify_prehash::<Sha256>(&digest, signature),
        SigningAlgorithm::RsassaPssSha384 => key.pss_verify_prehash::<Sha384>(&digest, signature),
        SigningAlgorithm::RsassaPssSha512 => key.pss_verify_prehash::<Sha512>(&digest, signature),
        SigningAlgorithm::RsassaPkcs1Sha256 => key.pkcs1v15_verify_prehash::<Sha256>(&digest, signature),
        SigningAlgorithm::RsassaPkcs1Sha384 => key.pkcs1v15_verify_prehash::<Sha384>(&digest, signature),
        SigningAlgorithm::RsassaPkcs1Sha512 => key.pkcs1v15_verify_prehash::<Sha512>(&digest, signature),
        _ => return Err(Refused),
    };
    verified.map_err(|_| Refused)
}

/// Ed25519ph hashes what it is given, as AWS has it: a digest is hashed once more.
fn sign_edwards(key: &ed25519_dalek::SigningKey, what: &Signable<'_>) -> Result<Vec<u8>, KeyPairError> {
    let signature = match (what.algorithm, what.message_type) {
        (SigningAlgorithm::Ed25519Sha512, MessageType::Raw) => key.try_sign(what.message),
        (SigningAlgorithm::Ed25519PhSha512, MessageType::Digest) => key.sign_prehashed(Sha512::new_with_prefix(what.digest()?), None),
        _ => return Err(Refused),
    };
    signature.map(|signature| signature.to_vec()).map_err(|_| Refused)
}

fn verify_edwards(key: &ed25519_dalek::VerifyingKey, what: &Signable<'_>, signature: &[u8]) -> Result<(), KeyPairError> {
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| Refused)?;
    let verified = match (what.algorithm, what.message_type) {
        (SigningAlgorithm::Ed25519Sha512, MessageType::Raw) => key.verify_strict(what.message, &signature),
        (SigningAlgorithm::Ed25519PhSha512, MessageType::Digest) => {
            key.verify_prehashed_strict(Sha512::new_with_prefix(what.digest()?), None, &signature)
        }
        _ => return Err(Refused),
    };
    verified.map_err(|_| Refused)
}

/// The hedged variant, with the empty context.
fn sign_ml_dsa<P: MlDsaParams>(key: &ExpandedSigningKey<P>, what: &Signable<'_>, env: &Env) -> Result<Vec<u8>, KeyPairError> {
    let random = &mut EnvRandom(env);
    let signature = match (what.algorithm, what.message_type) {
        (SigningAlgorithm::MlDsaShake256, MessageType::Raw) => key.sign_randomized(what.message, &[], random),
        (SigningAlgorithm::MlDsaShake256, MessageType::ExternalMu) => {
            key.sign_mu_randomized(what.message.try_into().map_err(|_| Refused)?, random)
        }
        _ => return Err(Refused),
    };
    signature.map(|signature| signature.encode().to_vec()).map_err(|_| Refused)
}

fn verify_ml_dsa<P: MlDsaParams>(key: &ml_dsa::VerifyingKey<P>, what: &Signable<'_>, signature: &[u8]) -> Result<(), KeyPairError> {
    let encoded = EncodedSignature::<P>::try_from(signature).map_err(|_| Refused)?;
    let signature = ml_dsa::Signature::decode(&encoded).ok_or(Refused)?;
    let verified = match (what.algorithm, what.message_type) {
        (SigningAlgorithm::MlDsaShake256, MessageType::Raw) => key.verify_with_context(what.message, &[], &signature),
        (SigningAlgorithm::MlDsaShake256, MessageType::ExternalMu) => {
            key.verify_mu(what.message.try_into().map_err(|_| Refused)?, &signature)
        }
        _ => false,
    };
    if verified { Ok(()) } else { Err(Refused) }
}

fn read_public<K: DecodePublicKey>(public: &[u8]) -> Result<K, KeyPairError> {
    K::from_public_key_der(public).map_err(|_| Refused)
}
