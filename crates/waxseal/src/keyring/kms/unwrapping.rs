//! How data keys are unwrapped by a KMS, whichever keyring asks: the answer is checked, failures are collected, and the next one is tried.

use std::sync::Arc;

use waxseal_base::event::{Kind, SecretName, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::{Kms, KmsError};
use waxseal_kms_api::operation::Operation;

use super::super::{Failures, KeyRequest};
use super::discovery::KmsByRegion;
use crate::error::Error;
use crate::message::EncryptedDataKey;

/// An encrypted data key, whom to ask about it, and which key is to unwrap it.
pub(super) struct Candidate<'a> {
    pub(super) encrypted: &'a EncryptedDataKey,
    pub(super) whom: Whom<'a>,
    pub(super) key_arn: String,
}

/// Whom to ask: a KMS, or that of a region, if it has one when its turn comes.
pub(super) enum Whom<'a> {
    Kms(&'a Arc<dyn Kms>),
    KmsOf { regions: &'a dyn KmsByRegion, region: String },
}

impl Whom<'_> {
    async fn kms(&self) -> Result<Option<Arc<dyn Kms>>, Error> {
        match self {
            Self::Kms(kms) => Ok(Some(Arc::clone(kms))),
            Self::KmsOf { regions, region } => regions.kms(region).await,
        }
    }
}

/// The encrypted data keys of KMS keys, with the ARNs of those keys. One that names no key ARN spoils them all: no official SDK writes it.
pub(super) fn kms_keys(keys: &[EncryptedDataKey]) -> Result<Vec<(&EncryptedDataKey, Arn)>, Error> {
    let named = |key: &EncryptedDataKey| std::str::from_utf8(&key.provider_info).ok()?.parse::<Arn>().ok().filter(Arn::is_kms_key);
    let mut all = Vec::new();
    for key in keys.iter().filter(|key| key.provider_id == PROVIDER_ID) {
        let no_arn = || Error::invalid_message("an encrypted data key of provider `aws-kms` does not name a key ARN");
        all.push((key, named(key).ok_or_else(no_arn)?));
    }
    Ok(all)
}

/// The first data key that unwraps.
pub(super) async fn unwrap_first(
    candidates: Vec<Candidate<'_>>,
    grant_tokens: &[String],
    request: &KeyRequest,
    observer: &Observer,
) -> Option<Result<Secret, Error>> {
    let mut failures = Failures::default();
    for candidate in candidates {
        match unwrap_one(candidate, grant_tokens, request, observer).await {
            Ok(Some(data_key)) => return Some(Ok(data_key)),
            Ok(None) => {}
            Err(error) => failures.push(error),
        }
        if failures.is_aborted() {
            break;
        }
    }
    failures.into_error().map(Err)
}

/// None if there is nobody to ask.
async fn unwrap_one(
    Candidate { encrypted, whom, key_arn }: Candidate<'_>,
    grant_tokens: &[String],
    request: &KeyRequest,
    observer: &Observer,
) -> Result<Option<Secret>, Error> {
    let Some(kms) = whom.kms().await? else { return Ok(None) };
    tell_request(Operation::Decrypt, &key_arn, &request.encryption_context, observer);
    let call = DecryptRequest {
        ciphertext_blob: Blob(encrypted.ciphertext.clone()),
        key_id: Some(key_arn.clone()),
        encryption_context: request.encryption_context.clone(),
        grant_tokens: grant_tokens.to_vec(),
        ..Default::default()
    };
    data_key_of(kms.decrypt(call, observer).await?, &key_arn, request, observer).map(Some)
}

/// The data key of an answer, if that key unwrapped it and it is as long as the message needs.
pub(in super::super) fn data_key_of(
    answer: DecryptResponse,
    key_id: &str,
    request: &KeyRequest,
    observer: &Observer,
) -> Result<Secret, Error> {
    let data_key = Secret::new(SecretName::DataKey, answer.plaintext.0, observer);
    if answer.key_id != key_id {
        return Err(nonsense(observer, format!("with the key `{}`, not `{key_id}`", answer.key_id)));
    }
    match request.suite.data_key_len() {
        len if len != data_key.len() => Err(nonsense(observer, format!("a data key of {} bytes; the message needs {len}", data_key.len()))),
        _ => Ok(data_key),
    }
}

pub(in super::super) fn tell_request(operation: Operation, key_id: &str, context: &EncryptionContext, observer: &Observer) {
    observer.emit(|_| Kind::KmsRequestSent {
        operation: operation.name().into(),
        key_id: Some(key_id.into()),
        encryption_context: context.to_map(),
    });
}

/// The KMS answered, but not as a KMS does: nothing of the answer is used.
pub(in super::super) fn nonsense(observer: &Observer, what: String) -> Error {
    observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptedDataKey });
    KmsError::Unavailable { reason: format!("it answered {what}") }.into()
}

pub(super) const PROVIDER_ID: &str = "aws-kms";
