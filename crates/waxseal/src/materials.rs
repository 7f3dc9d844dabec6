//! The materials manager: asks the keyring for a message's data key and checks what it gave.

use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::event::{Kind, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::Error;
use crate::keyring::{KeyRequest, Keyring, NewDataKey};
use crate::message::Header;
use crate::suite::Suite;

/// Gets data keys from one keyring.
#[derive(Clone)]
pub(crate) struct MaterialsManager {
    pub(crate) env: Env,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) max_encrypted_data_keys: Option<u16>,
}

impl MaterialsManager {
    /// A new data key, of the right length, wrapped at least once and not more often than allowed.
    pub(crate) async fn for_encryption(&self, suite: Suite, context: &EncryptionContext, observer: &Observer) -> Result<NewDataKey, Error> {
        if let Some((key, _)) = context.iter().find(|(key, _)| key.starts_with(RESERVED_PREFIX)) {
            let text = format!("the encryption context key `{key}` is reserved; choose one that does not start with `{RESERVED_PREFIX}`");
            return Err(Error::invalid_input(text));
        }
        // A context that does not fit into a message is refused before a key is made for it.
        context.to_canonical_bytes()?;
        let made = self.keyring.make_data_key(&self.request(suite, context), observer).await?;
        let (len, count) = (made.data_key.len(), made.encrypted_data_keys.len());
        if len != suite.data_key_len() {
            let text = format!("the keyring gave a data key of {len} bytes; suite {suite} needs {}", suite.data_key_len());
            return Err(Error::invalid_input(text));
        }
        if count == 0 {
            return Err(Error::invalid_input("the keyring wrapped the data key for nobody; the message could never be opened"));
        }
        let limit = self.max_encrypted_data_keys.unwrap_or(u16::MAX);
        if count > usize::from(limit) {
            return Err(Error::invalid_input(format!("the keyring wrapped the data key {count} times; this client allows {limit}")));
        }
        Ok(made)
    }

    /// The data key of a message whose header was read.
    pub(crate) async fn for_decryption(&self, header: &Header, observer: &Observer) -> Result<Secret, Error> {
        if header.encryption_context.value(PUBLIC_KEY).is_some() {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::MessageFormat });
            let text = format!("the message carries `{PUBLIC_KEY}`, a signer's key, but suite {} has no signature", header.suite);
            return Err(Error::invalid_message(text));
        }
        let request = self.request(header.suite, &header.encryption_context);
        let unwrapped = match self.keyring.unwrap_data_key(&header.encrypted_data_keys, &request, observer).await {
            Some(Ok(data_key)) if data_key.len() == header.suite.data_key_len() => return Ok(data_key),
            Some(Ok(_wrong_length)) => Error::DecryptionFailed,
            Some(Err(error)) => error,
            None => no_matching_key(header),
        };
        // A KMS tells itself why it refused, and its keyring which answer it did not use.
        if !matches!(unwrapped, Error::Kms { .. }) {
            observer.emit(|_| Kind::VerificationFailed { what: Verified::EncryptedDataKey });
        }
        Err(unwrapped)
    }

    fn request(&self, suite: Suite, context: &EncryptionContext) -> KeyRequest {
        KeyRequest { suite, encryption_context: context.clone(), env: self.env.clone() }
    }
}

/// Which keys a message is for is written in the clear, so saying it tells nobody anything.
fn no_matching_key(header: &Header) -> Error {
    let mut names: Vec<_> = header.encrypted_data_keys.iter().take(SHOWN).map(|key| key.wrapped_by()).collect();
    let more = header.encrypted_data_keys.len().saturating_sub(names.len());
    if more > 0 {
        names.push(format!("{more} more"));
    }
    Error::invalid_input(format!("the message is not for this keyring; its data key is wrapped by {}", names.join(", ")))
}

const RESERVED_PREFIX: &str = "aws-crypto-";
const PUBLIC_KEY: &str = "aws-crypto-public-key";
const SHOWN: usize = 4;
