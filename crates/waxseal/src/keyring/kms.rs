//! A wrapping key that never leaves its KMS: the KMS makes the data keys and unwraps them, if its policies allow.

use std::fmt;
use std::sync::Arc;

use waxseal_base::event::{Kind, SecretName, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::key_ref::KeyRef;
use waxseal_kms_api::kms::{Kms, KmsError};
use waxseal_kms_api::operation::Operation;

use super::{Failures, KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// Wraps data keys under one KMS key.
#[derive(Clone)]
pub struct KmsKeyring {
    kms: Arc<dyn Kms>,
    key_id: String,
    key: KeyRef,
    grant_tokens: Vec<String>,
}

impl KmsKeyring {
    /// A keyring of a key ARN. An alias or a bare key id can encrypt, but not decrypt: messages name their keys by ARN.
    pub fn new(kms: Arc<dyn Kms>, key_id: &str) -> Result<Self, Error> {
        let key = key_id.parse().map_err(|error: waxseal_kms_api::key_ref::InvalidKeyRef| Error::invalid_input(error.to_string()))?;
        Ok(Self { kms, key_id: key_id.into(), key, grant_tokens: Vec::new() })
    }

    /// The same keyring, which sends these grant tokens along.
    #[must_use]
    pub fn with_grant_tokens(self, grant_tokens: Vec<String>) -> Self {
        Self { grant_tokens, ..self }
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let len = request.suite.data_key_len();
        self.tell_request(Operation::GenerateDataKey, request, observer);
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
        self.tell_request(Operation::Encrypt, request, observer);
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
        let mine = match self.select(keys) {
            Ok(mine) => mine,
            Err(error) => return Some(Err(error)),
        };
        let mut failures = Failures::default();
        for key in mine {
            match self.unwrap_one(key, request, observer).await {
                Ok(data_key) => return Some(Ok(data_key)),
                Err(error) => failures.push(error),
            }
            if failures.is_aborted() {
                break;
            }
        }
        failures.into_error().map(Err)
    }

    /// Those of `keys` that this keyring's key wrapped.
    fn select<'a>(&self, keys: &'a [EncryptedDataKey]) -> Result<Vec<&'a EncryptedDataKey>, Error> {
        let mut mine = Vec::new();
        for key in keys.iter().filter(|key| key.provider_id == PROVIDER_ID) {
            let arn = std::str::from_utf8(&key.provider_info).ok().and_then(|info| info.parse::<Arn>().ok()).filter(Arn::is_kms_key);
            match (arn, &self.key) {
                (None, _) => return Err(Error::invalid_message("an encrypted data key of provider `aws-kms` does not name a key ARN")),
                (Some(arn), KeyRef::Arn(configured)) if arn == *configured => mine.push(key),
                (Some(_), KeyRef::Arn(_)) => {}
                (Some(arn), _) => return Err(self.not_an_arn(&arn)),
            }
        }
        Ok(mine)
    }

    fn not_an_arn(&self, carried: &Arn) -> Error {
        Error::invalid_input(format!(
            "a keyring on `{}` encrypts but can not decrypt, because messages name their keys by ARN; for this message use `{carried}`",
            self.key_id
        ))
    }

    async fn unwrap_one(&self, key: &EncryptedDataKey, request: &KeyRequest, observer: &Observer) -> Result<Secret, Error> {
        self.tell_request(Operation::Decrypt, request, observer);
        let call = DecryptRequest {
            ciphertext_blob: Blob(key.ciphertext.clone()),
            key_id: Some(self.key_id.clone()),
            encryption_context: request.encryption_context.clone(),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        };
        let answer = self.kms.decrypt(call, observer).await?;
        let data_key = Secret::new(SecretName::DataKey, answer.plaintext.0, observer);
        if answer.key_id != self.key_id {
            return Err(nonsense(observer, format!("with the key `{}`, not `{}`", answer.key_id, self.key_id)));
        }
        match request.suite.data_key_len() {
            len if len != data_key.len() => {
                Err(nonsense(observer, format!("a data key of {} bytes; the message needs {len}", data_key.len())))
            }
            _ => Ok(data_key),
        }
    }

    fn tell_request(&self, operation: Operation, request: &KeyRequest, observer: &Observer) {
        observer.emit(|_| Kind::KmsRequestSent {
            operation: operation.name().into(),
            key_id: Some(self.key_id.clone()),
            encryption_context: request.encryption_context.as_map().clone(),
        });
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
}

impl fmt::Debug for KmsKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KmsKeyring").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

fn encrypted_data_key(key_arn: String, ciphertext: Blob) -> EncryptedDataKey {
    EncryptedDataKey { provider_id: PROVIDER_ID.into(), provider_info: key_arn.into_bytes(), ciphertext: ciphertext.0 }
}

/// The KMS answered, but not as a KMS does: nothing of the answer is used.
fn nonsense(observer: &Observer, what: String) -> Error {
    observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptedDataKey });
    KmsError::Unavailable { reason: format!("it answered {what}") }.into()
}

const PROVIDER_ID: &str = "aws-kms";
