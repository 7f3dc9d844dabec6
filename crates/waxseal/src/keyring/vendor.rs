//! A wrapping key of a KMS that is not AWS's: it has no ARN, and messages name it under a provider id of its own.

use std::fmt;
use std::sync::Arc;

use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::kms::Kms;
use waxseal_kms_api::operation::Operation;
use waxseal_kms_api::vendor_key::VendorKey;

use super::kms::{data_key_of, nonsense, tell_request};
use super::{Failures, KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// Wraps data keys under one key of a KMS that is not AWS's. Official AWS Encryption SDKs read its messages and pass over its encrypted data keys.
#[derive(Clone)]
pub struct VendorKeyring {
    kms: Arc<dyn Kms>,
    key: VendorKey,
}

impl VendorKeyring {
    /// A keyring of that key, which is one of that KMS, or of one behind it.
    pub fn new(kms: Arc<dyn Kms>, key: VendorKey) -> Self {
        Self { kms, key }
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let len = request.suite.data_key_len();
        tell_request(Operation::GenerateDataKey, &self.key.key_id, &request.encryption_context, observer);
        let call = GenerateDataKeyRequest {
            key_id: self.key.key_id.clone(),
            number_of_bytes: u32::try_from(len).ok(),
            encryption_context: request.encryption_context.clone(),
            ..Default::default()
        };
        let answer = self.kms.generate_data_key(call, observer).await?;
        let data_key = Secret::new(SecretName::DataKey, answer.plaintext.0, observer);
        let encrypted = self.encrypted_data_key(answer.key_id, answer.ciphertext_blob, observer)?;
        match data_key.len() {
            given if given == len => Ok(NewDataKey { data_key, encrypted_data_keys: vec![encrypted] }),
            given => Err(nonsense(observer, format!("a data key of {given} bytes where {len} were asked for"))),
        }
    }

    async fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        tell_request(Operation::Encrypt, &self.key.key_id, &request.encryption_context, observer);
        let call = EncryptRequest {
            key_id: self.key.key_id.clone(),
            plaintext: SecretBlob(data_key.danger_copy()),
            encryption_context: request.encryption_context.clone(),
            ..Default::default()
        };
        let answer = self.kms.encrypt(call, observer).await?;
        self.encrypted_data_key(answer.key_id, answer.ciphertext_blob, observer)
    }

    /// A message that names another key would not open again.
    fn encrypted_data_key(&self, key_id: String, ciphertext: Blob, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        if !self.key.named.is(&key_id) {
            return Err(nonsense(observer, format!("with the key `{key_id}`, not `{}`", self.key.key_id)));
        }
        let provider_id = self.key.provider_id.clone();
        Ok(EncryptedDataKey { provider_id, provider_info: key_id.into_bytes(), ciphertext: ciphertext.0 })
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        let mut failures = Failures::default();
        for encrypted in keys.iter().filter(|key| key.provider_id == self.key.provider_id) {
            let named = std::str::from_utf8(&encrypted.provider_info).ok().filter(|name| self.key.named.is(name));
            let Some(key_id) = named else { continue };
            match self.unwrap_one(encrypted, key_id, request, observer).await {
                Ok(data_key) => return Some(Ok(data_key)),
                Err(error) => failures.push(error),
            }
            if failures.is_aborted() {
                break;
            }
        }
        failures.into_error().map(Err)
    }

    async fn unwrap_one(
        &self,
        encrypted: &EncryptedDataKey,
        key_id: &str,
        request: &KeyRequest,
        observer: &Observer,
    ) -> Result<Secret, Error> {
        tell_request(Operation::Decrypt, key_id, &request.encryption_context, observer);
        let call = DecryptRequest {
            ciphertext_blob: Blob(encrypted.ciphertext.clone()),
            key_id: Some(key_id.into()),
            encryption_context: request.encryption_context.clone(),
            ..Default::default()
        };
        data_key_of(self.kms.decrypt(call, observer).await?, key_id, request, observer)
    }
}

impl Keyring for VendorKeyring {
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(self.make(request, observer))
    }

    fn wrap_data_key<'a>(
        &'a self,
        data_key: &'a Secret,
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(async move { self.wrap(data_key, request, observer).await.map(|key| vec![key]) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(self.unwrap(keys, request, observer))
    }
}

impl fmt::Debug for VendorKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorKeyring").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
