//! Making a data key pair: which kinds there are, drawing one, and wrapping its private key under a KMS key.

use waxseal_base::event::{Kind, SecretName};
use waxseal_base::secret::Secret;
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Context;

use crate::encryption::{Encrypted, Encryption};
use crate::key_spec::{KeySpec, SYMMETRIC_DEFAULT};
use crate::material::{KeyPair, make_key_pair};
use crate::refusals::{internal, unsupported};
use crate::scene::Scene;
use crate::validation;

/// A new key pair for use outside of the KMS.
pub(crate) struct DataKeyPair {
    pub(crate) spec: KeySpec,
    /// PKCS #8, in DER.
    pub(crate) private_key: Secret,
    /// SubjectPublicKeyInfo, in DER.
    pub(crate) public_key: Vec<u8>,
    /// The private key under the scene's key.
    pub(crate) encrypted: Encrypted,
}

impl DataKeyPair {
    /// A new pair of that spec, which [`validate`] accepted.
    pub(crate) fn make(scene: &Scene<'_>, spec: &str, encryption: Encryption<'_>) -> Result<Self, Fault> {
        let spec = KeySpec::from_name(spec).ok_or_else(|| internal("the request names no key pair"))?;
        let KeyPair { private: private_key, public: public_key } = make_key_pair(scene.engine, spec, SecretName::DataKey, scene.observer)?;
        scene.observer.emit(|witness| Kind::DataKeyGenerated { spec: spec.name().into(), data_key: witness.secret(private_key.expose()) });
        let encrypted = encryption.encrypt(scene, scene.key()?, private_key.expose())?;
        Ok(Self { spec, private_key, public_key, encrypted })
    }
}

/// The limits of a request for a key pair.
pub(crate) fn validate(key_id: &str, spec: &str, encryption: Encryption<'_>, grant_tokens: &[String]) -> Result<(), Fault> {
    encryption.validate()?;
    validation::key_id(key_id).one_of("keyPairSpec", Some(spec), SPECS).grant_tokens(grant_tokens).finish()?;
    match KeySpec::from_name(spec) {
        Some(KeySpec::Sm2) => {
            Err(unsupported("this KMS makes no SM2 key pairs, which AWS has in China only: choose another `KeyPairSpec`"))
        }
        _ => Ok(()),
    }
}

/// The condition keys of a request for a key pair.
pub(crate) fn add_conditions(spec: &str, context: &mut Context) {
    context.insert("kms:EncryptionAlgorithm", SYMMETRIC_DEFAULT);
    context.insert("kms:DataKeyPairSpec", spec);
}

/// The key pairs that there are, in the order in which AWS lists them.
const SPECS: &[&str] = &[
    KeySpec::Rsa2048.name(),
    KeySpec::Rsa3072.name(),
    KeySpec::Rsa4096.name(),
    KeySpec::EccNistP256.name(),
    KeySpec::EccNistP384.name(),
    KeySpec::EccNistP521.name(),
    KeySpec::EccSecgP256k1.name(),
    KeySpec::Sm2.name(),
    KeySpec::EccNistEdwards25519.name(),
    KeySpec::MlKem512.name(),
    KeySpec::MlKem768.name(),
    KeySpec::MlKem1024.name(),
];
