//! A wrapping key that the application itself holds: AES-GCM with 128, 192 or 256 bits.

use waxseal_base::codec::{ReadError, Reader, Writer};
use waxseal_base::event::Kind;
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use zeroize::Zeroizing;

use super::raw::{check_namespace, tell_wrapped, unwrapped};
use super::{Failures, KeyRequest, Keyring, NewDataKey, wrapping};
use crate::error::Error;
use crate::message::EncryptedDataKey;
use crate::primitives::{IV_LEN, Iv};

/// Wraps data keys under one AES key. Losing the key loses the messages; there is no KMS to ask, and no policy.
pub struct RawAesKeyring {
    namespace: String,
    name: String,
    key: Zeroizing<Vec<u8>>,
}

impl RawAesKeyring {
    /// A keyring of a key of 16, 24 or 32 bytes. Namespace and name are stored in each message, not secret, and find the key again.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>, key: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        let (namespace, name) = (namespace.into(), name.into());
        check_namespace(&namespace)?;
        if ![16, 24, 32].contains(&key.len()) {
            let text = reason!("a raw AES wrapping key has 16, 24 or 32 bytes; this one has {}", key.len());
            return Err(Error::invalid_input(text));
        }
        if cfg!(not(feature = "legacy")) && key.len() != 32 {
            let reason =
                reason!("a raw AES wrapping key of {} bytes takes the feature `legacy`, which this build was made without", key.len());
            return Err(Error::Unsupported { reason });
        }
        Ok(Self { namespace, name, key })
    }

    fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        let data_key = request.make_data_key(observer)?;
        let encrypted = self.wrap(&data_key, request, observer)?;
        Ok(NewDataKey { data_key, encrypted_data_keys: vec![encrypted] })
    }

    fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        let iv: Iv = request.env.random_array()?;
        observer.emit(|_| Kind::RandomDrawn { purpose: "wrapping nonce".into(), len: iv.len() });
        let aad = request.encryption_context.to_canonical_bytes()?;
        let ciphertext =
            wrapping::seal(&self.key, &iv, &aad, data_key.expose()).ok_or_else(|| Error::internal("the data key could not be wrapped"))?;
        let encrypted = EncryptedDataKey { provider_id: self.namespace.clone(), provider_info: self.provider_info(&iv), ciphertext };
        tell_wrapped(data_key, &encrypted, request, observer);
        Ok(encrypted)
    }

    fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        let mut failures = Failures::default();
        for key in keys {
            let Some(iv) = self.iv_if_mine(key) else { continue };
            match self.open(&iv, key, request) {
                Some(data_key) => return Some(Ok(unwrapped(data_key, key, observer))),
                None => failures.push(Error::DecryptionFailed),
            }
        }
        failures.into_error().map(Err)
    }

    /// The data key, or nothing: why not, nobody is told.
    fn open(&self, iv: &Iv, key: &EncryptedDataKey, request: &KeyRequest) -> Option<Zeroizing<Vec<u8>>> {
        let aad = request.encryption_context.to_canonical_bytes().ok()?;
        let data_key = wrapping::open(&self.key, iv, &aad, &key.ciphertext)?;
        (data_key.len() == request.suite.data_key_len()).then_some(data_key)
    }

    fn provider_info(&self, iv: &Iv) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(self.name.as_bytes()).u32(TAG_BITS).u32(IV_BYTES).bytes(iv);
        writer.finish()
    }

    fn iv_if_mine(&self, key: &EncryptedDataKey) -> Option<Iv> {
        (key.provider_id == self.namespace).then(|| self.read_provider_info(&key.provider_info).ok()).flatten()
    }

    fn read_provider_info(&self, info: &[u8]) -> Result<Iv, ReadError> {
        let mut reader = Reader::new("provider info", info);
        let name = reader.take(self.name.len())?;
        let lengths = (reader.u32()?, reader.u32()?);
        let iv = reader.array()?;
        if name != self.name.as_bytes() || lengths != (TAG_BITS, IV_BYTES) {
            return Err(reader.invalid("it is another key's"));
        }
        reader.finish()?;
        Ok(iv)
    }
}

impl Keyring for RawAesKeyring {
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(async move { self.make(request, observer) })
    }

    fn wrap_data_key<'a>(
        &'a self,
        data_key: &'a Secret,
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(async move { self.wrap(data_key, request, observer).map(|key| vec![key]) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(async move { self.unwrap(keys, request, observer) })
    }
}

impl std::fmt::Debug for RawAesKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { namespace, name, key } = self;
        write!(f, "RawAesKeyring({namespace:?}, {name:?}, {} bytes)", key.len())
    }
}

const TAG_BITS: u32 = 128;
const IV_BYTES: u32 = IV_LEN as u32;
