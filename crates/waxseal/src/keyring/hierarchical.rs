//! Wrapping under branch keys, whose format is AWS's "hierarchical keyring":
//!
//! ```text
//! provider id   = "aws-kms-hierarchy"
//! provider info = branch key id
//! ciphertext    = salt (16) || nonce (12) || version of the branch key (16) || encrypted data key || tag (16)
//! wrapping key  = KBKDF in counter mode (SP 800-108) with HMAC-SHA-256 (branch key; label = provider id, context = salt), 32 bytes
//! AAD           = provider id || branch key id || version || canonical encryption context
//! ```

use std::fmt;
use std::sync::Arc;

use waxseal_base::codec::{ReadError, Reader, Writer};
use waxseal_base::event::{Kind, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::branch_keys::{BranchKey, BranchKeyVersion, BranchKeys};
use super::raw::{tell_wrapped, unwrapped};
use super::{Failures, KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;
use crate::primitives::{GcmKey, Iv, TAG_LEN, Tag, kbkdf};

/// Wraps data keys under branch keys, each under a key derived for it alone.
#[derive(Clone)]
pub struct HierarchicalKeyring {
    keys: Arc<dyn BranchKeys>,
    choice: Arc<dyn BranchKeyChoice>,
}

/// Says which branch key a message is for, such as the tenant's that its encryption context names. Any closure
/// `Fn(&EncryptionContext) -> Result<String, Error>` does.
pub trait BranchKeyChoice: MaybeSend + MaybeSync {
    /// The branch key's id.
    fn branch_key_id<'a>(&'a self, context: &'a EncryptionContext) -> BoxFuture<'a, Result<String, Error>>;
}

impl<F: Fn(&EncryptionContext) -> Result<String, Error> + MaybeSend + MaybeSync> BranchKeyChoice for F {
    fn branch_key_id<'a>(&'a self, context: &'a EncryptionContext) -> BoxFuture<'a, Result<String, Error>> {
        let id = self(context);
        Box::pin(async { id })
    }
}

impl HierarchicalKeyring {
    /// A keyring of one branch key.
    pub fn new(keys: Arc<dyn BranchKeys>, branch_key_id: impl Into<String>) -> Result<Self, Error> {
        let id = branch_key_id.into();
        check_id(&id)?;
        Ok(Self::by_context(keys, Arc::new(move |_: &EncryptionContext| Ok(id.clone()))))
    }

    /// A keyring that chooses the branch key of each message by its encryption context.
    pub fn by_context(keys: Arc<dyn BranchKeys>, choice: Arc<dyn BranchKeyChoice>) -> Self {
        Self { keys, choice }
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let data_key = request.make_data_key(observer)?;
        let encrypted = self.wrap(&data_key, request, observer).await?;
        Ok(NewDataKey { data_key, encrypted_data_keys: vec![encrypted] })
    }

    async fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        let id = self.branch_key_id(request).await?;
        let branch_key = self.keys.active(&id, observer).await?;
        let encrypted = seal(&branch_key, id, data_key, request, observer)?;
        tell_wrapped(data_key, &encrypted, request, observer);
        Ok(encrypted)
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        let id = match self.branch_key_id(request).await {
            Ok(id) => id,
            Err(error) => return Some(Err(error)),
        };
        let mut failures = Failures::default();
        for key in keys.iter().filter(|key| key.provider_id == PROVIDER_ID && key.provider_info == id.as_bytes()) {
            match self.unwrap_one(&id, key, request, observer).await {
                Ok(data_key) => return Some(Ok(unwrapped(data_key, key, observer))),
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
        id: &str,
        key: &EncryptedDataKey,
        request: &KeyRequest,
        observer: &Observer,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let wrapped = Wrapped::read(&key.ciphertext).map_err(|_| Error::DecryptionFailed)?;
        let branch_key = self.keys.version(id, wrapped.version, observer).await?;
        if branch_key.version() != wrapped.version {
            let text = reason!("version {} of branch key `{id}` was given, not {}", branch_key.version(), wrapped.version);
            return Err(Error::internal(text));
        }
        open(&branch_key, id, wrapped, request, observer)
    }

    async fn branch_key_id(&self, request: &KeyRequest) -> Result<String, Error> {
        let id = self.choice.branch_key_id(&request.encryption_context).await?;
        check_id(&id)?;
        Ok(id)
    }
}

/// A wrapped data key, taken apart.
struct Wrapped<'a> {
    salt: [u8; SALT_LEN],
    iv: Iv,
    version: BranchKeyVersion,
    ciphertext: &'a [u8],
    tag: Tag,
}

impl<'a> Wrapped<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new("wrapped data key", bytes);
        let (salt, iv, version) = (reader.array()?, reader.array()?, BranchKeyVersion(reader.array()?));
        let rest = reader.take(reader.remaining())?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or_else(|| reader.invalid("it has no tag"))?;
        Ok(Self { salt, iv, version, ciphertext, tag: *tag })
    }
}

fn seal(
    branch_key: &BranchKey,
    id: String,
    data_key: &Secret,
    request: &KeyRequest,
    observer: &Observer,
) -> Result<EncryptedDataKey, Error> {
    let (salt, iv): ([u8; SALT_LEN], Iv) = (request.env.random_array()?, request.env.random_array()?);
    for (purpose, len) in [("wrapping salt", SALT_LEN), ("wrapping nonce", iv.len())] {
        observer.emit(|_| Kind::RandomDrawn { purpose: purpose.into(), len });
    }
    let version = branch_key.version();
    let aad = additional_data(&id, version, &request.encryption_context)?;
    // Encrypted in place, in a buffer that never grows: no copy of the data key stays behind.
    let head = [&salt[..], &iv, &version.0].concat();
    let mut buffer = Zeroizing::new(Vec::with_capacity(head.len().saturating_add(data_key.len()).saturating_add(TAG_LEN)));
    buffer.extend_from_slice(&head);
    buffer.extend_from_slice(data_key.expose());
    let tag = with_cipher(branch_key, &salt, observer, |cipher| cipher.seal(&iv, &aad, buffer.get_mut(head.len()..)?).ok());
    buffer.extend_from_slice(&tag.ok_or_else(|| Error::internal("the data key could not be wrapped"))?);
    let ciphertext = std::mem::take(&mut *buffer);
    Ok(EncryptedDataKey { provider_id: PROVIDER_ID.into(), provider_info: id.into_bytes(), ciphertext })
}

/// The data key. Why there is none, nobody is told.
fn open(
    branch_key: &BranchKey,
    id: &str,
    wrapped: Wrapped<'_>,
    request: &KeyRequest,
    observer: &Observer,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let aad = additional_data(id, wrapped.version, &request.encryption_context)?;
    let mut buffer = Zeroizing::new(wrapped.ciphertext.to_vec());
    let opened = with_cipher(branch_key, &wrapped.salt, observer, |cipher| cipher.open(&wrapped.iv, &aad, &mut buffer, &wrapped.tag).ok());
    match opened {
        Some(()) if buffer.len() == request.suite.data_key_len() => Ok(buffer),
        _ => Err(Error::DecryptionFailed),
    }
}

fn with_cipher<T>(branch_key: &BranchKey, salt: &[u8; SALT_LEN], observer: &Observer, act: impl FnOnce(&GcmKey) -> Option<T>) -> Option<T> {
    let wrapping_key =
        kbkdf(branch_key.expose(), PROVIDER_ID.as_bytes(), salt).map(|key| Secret::new(SecretName::WrappingKey, key, observer)).ok()?;
    let result = GcmKey::new(wrapping_key.expose()).and_then(|cipher| act(&cipher));
    scrub_stack();
    result
}

fn additional_data(id: &str, version: BranchKeyVersion, context: &EncryptionContext) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new();
    writer.bytes(PROVIDER_ID.as_bytes()).bytes(id.as_bytes()).bytes(&version.0).bytes(&context.to_canonical_bytes()?);
    Ok(writer.finish())
}

fn check_id(id: &str) -> Result<(), Error> {
    match id.is_empty() {
        true => Err(Error::invalid_input("a branch key's id is empty; give the id that its store knows it by")),
        false => Ok(()),
    }
}

impl Keyring for HierarchicalKeyring {
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

impl fmt::Debug for HierarchicalKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HierarchicalKeyring")
    }
}

const PROVIDER_ID: &str = "aws-kms-hierarchy";
const SALT_LEN: usize = 16;

#[cfg(test)]
mod tests;
