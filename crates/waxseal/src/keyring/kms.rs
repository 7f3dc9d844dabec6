//! A wrapping key that never leaves its KMS: the KMS makes the data keys and unwraps them, if its policies allow.

mod discovery;
mod unwrapping;

use std::fmt;
use std::sync::Arc;

use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::key_ref::{InvalidKeyRef, KeyRef};
use waxseal_kms_api::kms::Kms;
use waxseal_kms_api::operation::Operation;

pub use discovery::{DiscoveryFilter, KmsByRegion, KmsDiscoveryKeyring};
use unwrapping::{Candidate, PROVIDER_ID, Whom, kms_keys, unwrap_first};
pub(super) use unwrapping::{data_key_of, nonsense, tell_request};

use super::{KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// Wraps data keys under one KMS key.
#[derive(Clone)]
pub struct KmsKeyring {
    kms: Arc<dyn Kms>,
    key_id: String,
    key: KeyRef,
    mrk_aware: bool,
    grant_tokens: Vec<String>,
}

impl KmsKeyring {
    /// A keyring of a key ARN. An alias or a bare key id can encrypt, but not decrypt: messages name their keys by ARN.
    pub fn new(kms: Arc<dyn Kms>, key_id: &str) -> Result<Self, Error> {
        let key = key_id.parse().map_err(|error: InvalidKeyRef| Error::invalid_input(reason!("{error}")))?;
        Ok(Self { kms, key_id: key_id.into(), key, mrk_aware: false, grant_tokens: Vec::new() })
    }

    /// A keyring that also opens what was wrapped by the same multi-Region key in another region: it asks its own KMS, for its own key.
    pub fn mrk_aware(kms: Arc<dyn Kms>, key_id: &str) -> Result<Self, Error> {
        Ok(Self { mrk_aware: true, ..Self::new(kms, key_id)? })
    }

    /// The same keyring, which sends these grant tokens along.
    #[must_use]
    pub fn with_grant_tokens(self, grant_tokens: Vec<String>) -> Self {
        Self { grant_tokens, ..self }
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let len = request.suite.data_key_len();
        tell_request(Operation::GenerateDataKey, &self.key_id, &request.encryption_context, observer);
        let call = GenerateDataKeyRequest {
            key_id: self.key_id.clone(),
            number_of_bytes: u32::try_from(len).ok(),
            encryption_context: request.encryption_context.clone(),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        };
        let answer = self.kms.generate_data_key(call, observer).await?;
        let data_key = Secret::new(SecretName::DataKey, answer.plaintext.0, observer);
        self.check_wrapping_key(&answer.key_id, observer)?;
        if data_key.len() != len {
            return Err(nonsense(observer, format!("a data key of {} bytes where {len} were asked for", data_key.len())));
        }
        Ok(NewDataKey { data_key, encrypted_data_keys: vec![encrypted_data_key(answer.key_id, answer.ciphertext_blob)] })
    }

    async fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        tell_request(Operation::Encrypt, &self.key_id, &request.encryption_context, observer);
        let call = EncryptRequest {
            key_id: self.key_id.clone(),
            plaintext: SecretBlob(data_key.danger_copy()),
            encryption_context: request.encryption_context.clone(),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        };
        let answer = self.kms.encrypt(call, observer).await?;
        self.check_wrapping_key(&answer.key_id, observer)?;
        Ok(encrypted_data_key(answer.key_id, answer.ciphertext_blob))
    }

    /// The KMS must have used the key it was asked to use, and must name it by ARN: that ARN goes into the message.
    fn check_wrapping_key(&self, answered: &str, observer: &Observer) -> Result<(), Error> {
        match answered.parse::<Arn>() {
            Ok(arn) if arn.is_kms_key() => match &self.key {
                KeyRef::Arn(asked) if *asked != arn => Err(nonsense(observer, format!("with the key `{answered}`, not `{asked}`"))),
                KeyRef::Id(asked) if asked != arn.resource_id() => {
                    Err(nonsense(observer, format!("with the key `{answered}`, not `{asked}`")))
                }
                _ => Ok(()),
            },
            _ => Err(nonsense(observer, format!("with the key `{answered}`, which is not a key ARN"))),
        }
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        match self.select(keys) {
            Ok(mine) => unwrap_first(mine, &self.grant_tokens, request, observer).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// Those of `keys` that this keyring's key wrapped, or, if it is aware of multi-Region keys, one of its replicas did.
    fn select<'a>(&'a self, keys: &'a [EncryptedDataKey]) -> Result<Vec<Candidate<'a>>, Error> {
        let mut mine = Vec::new();
        for (encrypted, arn) in kms_keys(keys)? {
            let KeyRef::Arn(configured) = &self.key else { return Err(self.not_an_arn(&arn)) };
            if arn == *configured || (self.mrk_aware && configured.is_same_or_related_key(&arn)) {
                mine.push(Candidate { encrypted, whom: Whom::Kms(&self.kms), key_arn: self.key_id.clone() });
            }
        }
        Ok(mine)
    }

    fn not_an_arn(&self, carried: &Arn) -> Error {
        Error::invalid_input(reason!(
            "a keyring on `{}` encrypts but can not decrypt, because messages name their keys by ARN; for this message use `{carried}`",
            self.key_id
        ))
    }
}

impl Keyring for KmsKeyring {
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

    fn multi_region_keys(&self) -> Vec<KeyRef> {
        if self.mrk_aware && self.key.multi_region_id().is_some() { vec![self.key.clone()] } else { Vec::new() }
    }
}

impl fmt::Debug for KmsKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KmsKeyring").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

fn encrypted_data_key(key_arn: String, ciphertext: Blob) -> EncryptedDataKey {
    EncryptedDataKey { provider_id: PROVIDER_ID.into(), provider_info: key_arn.into_bytes(), ciphertext: ciphertext.0 }
}

#[cfg(test)]
mod tests;
