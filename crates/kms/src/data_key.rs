//! Making a data key: how long it is, drawing it, and wrapping it under a KMS key.

use waxseal_base::event::{Kind, SecretName};
use waxseal_base::secret::Secret;
use waxseal_kms_api::fault::Fault;

use crate::encryption::{Encrypted, Encryption};
use crate::refusals::failed;
use crate::scene::Scene;
use crate::validation::{Validation, invalid};

/// How a request says which data key it wants: by a spec or by a number of bytes, not both.
pub(crate) struct DataKeyShape<'a> {
    pub(crate) key_spec: Option<&'a str>,
    pub(crate) number_of_bytes: Option<u32>,
}

impl DataKeyShape<'_> {
    /// The limits of both.
    pub(crate) fn limits(&self, validation: Validation) -> Validation {
        validation.value("numberOfBytes", self.number_of_bytes, 1..=1024).one_of("keySpec", self.key_spec, &["AES_256", "AES_128"])
    }

    /// Bytes of the data key.
    pub(crate) fn len(&self) -> Result<usize, Fault> {
        let unclear = || invalid("Please specify either number of bytes or key spec.");
        match (self.key_spec, self.number_of_bytes) {
            (Some("AES_256"), None) => Ok(32),
            (Some("AES_128"), None) => Ok(16),
            (None, Some(len)) => usize::try_from(len).map_err(|_| unclear()),
            _ => Err(unclear()),
        }
    }

    /// A new data key, and the same wrapped under the scene's key.
    pub(crate) fn make(&self, scene: &Scene<'_>, encryption: Encryption<'_>) -> Result<(Secret, Encrypted), Fault> {
        let len = self.len()?;
        let data_key = Secret::make_random(SecretName::DataKey, "data key", len, &scene.engine.env, scene.observer).map_err(failed)?;
        let spec = || self.key_spec.map_or_else(|| format!("{len} bytes"), str::to_owned);
        scene.observer.emit(|witness| Kind::DataKeyGenerated { spec: spec(), data_key: witness.secret(data_key.expose()) });
        let encrypted = encryption.encrypt(scene, scene.key()?, data_key.expose())?;
        Ok((data_key, encrypted))
    }
}
