//! Encrypting and decrypting under a KMS key of any kind: symmetric ones, whose ciphertexts name their key and are bound to a context, and RSA
//! ones, whose ciphertexts are the standard's and name nothing.

use waxseal_base::event::{Kind, PublicBytes, SecretName, Verified};
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use crate::key_record::KeyRecord;
use crate::key_spec::{KeySpec, KeyUsage, SYMMETRIC_DEFAULT};
use crate::primitives::{KeyPairError, rsa_encryption};
use crate::refusals::{incompatible_algorithm, incorrect_key, invalid_ciphertext};
use crate::scene::Scene;
use crate::usage;
use crate::validation::invalid;
use crate::wrapping::{check_context, current_secret, unwrap, wrap};

/// One side of an encryption: the algorithm and what else it takes.
#[derive(Clone, Copy)]
pub(crate) struct Encryption<'a> {
    algorithm: &'a str,
    context: &'a EncryptionContext,
}

/// What came of encrypting.
pub(crate) struct Encrypted {
    pub(crate) ciphertext: Vec<u8>,
    /// The generation of a symmetric key; an RSA key has but one.
    pub(crate) material_id: Option<String>,
}

/// What came of decrypting.
pub(crate) struct Decrypted {
    pub(crate) plaintext: Secret,
    /// The generation of a symmetric key; an RSA key has but one.
    pub(crate) material_id: Option<String>,
}

impl<'a> Encryption<'a> {
    /// By the algorithm that a request names, or by the symmetric one.
    pub(crate) fn new(algorithm: Option<&'a str>, context: &'a EncryptionContext) -> Self {
        Self { algorithm: algorithm.unwrap_or(SYMMETRIC_DEFAULT), context }
    }

    pub(crate) fn algorithm(self) -> &'a str {
        self.algorithm
    }

    pub(crate) fn context(self) -> &'a EncryptionContext {
        self.context
    }

    /// Refuses what no key can do.
    pub(crate) fn validate(self) -> Result<(), Fault> {
        check_context(self.context)?;
        match self.is_symmetric() || self.context.is_empty() {
            true => Ok(()),
            false => Err(invalid("EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.")),
        }
    }

    /// Refuses to decrypt without a key's name what does not name its key.
    pub(crate) fn check_named(self, member: &str, key_id: Option<&str>) -> Result<(), Fault> {
        match self.is_symmetric() || key_id.is_some() {
            true => Ok(()),
            false => Err(invalid(format!("{member} must not be null"))),
        }
    }

    /// Refuses a key that does not know the algorithm, and a plaintext that is too long for both.
    pub(crate) fn check(self, key: &KeyRecord, plaintext_len: usize) -> Result<(), Fault> {
        self.check_algorithm(key)?;
        match max_plaintext_len(key.key_spec, self.algorithm) {
            Some(limit) if plaintext_len > limit => {
                let (algorithm, spec) = (self.algorithm, key.key_spec);
                Err(invalid(format!("Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {limit} bytes.")))
            }
            _ => Ok(()),
        }
    }

    /// Encrypts under a key that passed the check.
    pub(crate) fn encrypt(self, scene: &Scene<'_>, key: &KeyRecord, plaintext: &[u8]) -> Result<Encrypted, Fault> {
        let (ciphertext, material_id) = if self.is_symmetric() {
            let wrapped = wrap(scene, key, plaintext, self.context)?;
            (wrapped.blob, Some(wrapped.material_id))
        } else {
            (rsa_encryption::encrypt(self.algorithm, &key.public_key()?, plaintext, &scene.engine.env)?, None)
        };
        scene.observer.emit(|witness| Kind::DataKeyWrapped {
            data_key: witness.secret(plaintext),
            encrypted_data_key: PublicBytes::copy_of(&ciphertext),
            material_id: material_id.clone(),
            encryption_context: self.context.to_map(),
        });
        Ok(Encrypted { ciphertext, material_id })
    }

    /// Decrypts under a key. Nobody learns more from a failure than that it failed.
    pub(crate) fn decrypt(self, scene: &Scene<'_>, key: &KeyRecord, operation: Operation, ciphertext: &[u8]) -> Result<Decrypted, Fault> {
        let (plaintext, material_id) = if self.is_symmetric() {
            // Such a ciphertext names its key: if this one is an RSA key, it was made under another, or not here.
            let (plaintext, material_id) = unwrap(scene, key, ciphertext, self.context)?;
            (plaintext, Some(material_id))
        } else {
            usage::check_usage(operation, KeyUsage::EncryptDecrypt, key)?;
            self.check_algorithm(key)?;
            (self.decrypt_rsa(scene, key, ciphertext)?, None)
        };
        scene.observer.emit(|witness| Kind::DataKeyUnwrapped {
            encrypted_data_key: PublicBytes::copy_of(ciphertext),
            data_key: witness.secret(plaintext.expose()),
            material_id: material_id.clone(),
        });
        Ok(Decrypted { plaintext, material_id })
    }

    /// Refuses a key that made no such ciphertext, where the ciphertext itself is not looked at.
    pub(crate) fn check_source(self, key: &KeyRecord, operation: Operation) -> Result<(), Fault> {
        match self.is_symmetric() {
            true if key.key_spec == KeySpec::SymmetricDefault => Ok(()),
            true => Err(incorrect_key()),
            false => usage::check_usage(operation, KeyUsage::EncryptDecrypt, key).and_then(|()| self.check_algorithm(key)),
        }
    }

    fn decrypt_rsa(self, scene: &Scene<'_>, key: &KeyRecord, ciphertext: &[u8]) -> Result<Secret, Fault> {
        let private_key = current_secret(scene, key)?;
        match rsa_encryption::decrypt(key.key_spec, self.algorithm, &private_key, ciphertext, &scene.engine.env) {
            // Nothing, encrypted elsewhere, is no plaintext of the API: a symmetric ciphertext could not hold it.
            Ok(plaintext) if !plaintext.is_empty() => Ok(Secret::new(SecretName::DataKey, plaintext, scene.observer)),
            Ok(_) | Err(KeyPairError::Refused) => {
                scene.fail_verification(Verified::EncryptedDataKey);
                Err(invalid_ciphertext())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn check_algorithm(self, key: &KeyRecord) -> Result<(), Fault> {
        match key.key_spec.algorithms(key.key_usage).contains(&self.algorithm) {
            true => Ok(()),
            false => Err(incompatible_algorithm(self.algorithm, key.key_spec)),
        }
    }

    fn is_symmetric(self) -> bool {
        self.algorithm == SYMMETRIC_DEFAULT
    }
}

/// Bytes that OAEP leaves of an RSA modulus; for a symmetric key the API's own limit is the only one.
fn max_plaintext_len(spec: KeySpec, algorithm: &str) -> Option<usize> {
    let hash_len = match algorithm {
        "RSAES_OAEP_SHA_1" => 20,
        "RSAES_OAEP_SHA_256" => 32,
        _ => return None,
    };
    let modulus_len: usize = match spec {
        KeySpec::Rsa2048 => 256,
        KeySpec::Rsa3072 => 384,
        KeySpec::Rsa4096 => 512,
        _ => return None,
    };
    modulus_len.checked_sub(2 * hash_len + 2)
}

/// What a request may name as algorithm.
pub(crate) const ALGORITHMS: &[&str] = &[SYMMETRIC_DEFAULT, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rsa_key_encrypts_as_much_as_aws_says() {
        let limits = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096]
            .map(|spec| ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", SYMMETRIC_DEFAULT].map(|name| max_plaintext_len(spec, name)));
        assert_eq!(limits, [[Some(214), Some(190), None], [Some(342), Some(318), None], [Some(470), Some(446), None]]);
        assert_eq!(max_plaintext_len(KeySpec::SymmetricDefault, "RSAES_OAEP_SHA_1"), None);
    }
}
