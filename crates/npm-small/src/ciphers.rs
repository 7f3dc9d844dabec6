//! What a module that has ciphers takes besides: data keys, and the cipher of raw AES keyrings.

use waxseal::Error;
use waxseal::keyring::wrapping;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use crate::call::Call;

impl Call<'_> {
    pub(crate) fn data_key(&mut self) -> Result<Secret, Error> {
        Ok(Secret::new(SecretName::DataKey, Zeroizing::new(self.bytes()?.to_vec()), &Observer::none()))
    }
}

/// The cipher of raw AES keyrings: bytes of key, nonce, additional data and data key become the wrapped data key.
pub(crate) fn wrap(call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let (key, iv, aad, data_key) = (call.bytes()?, call.bytes()?, call.bytes()?, call.bytes()?);
    iv.try_into().ok().and_then(|iv| wrapping::seal(key, iv, aad, data_key)).ok_or(Error::DecryptionFailed)
}

/// Bytes of key, nonce, additional data and wrapped data key become the data key.
pub(crate) fn unwrap(call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
    let (key, iv, aad, wrapped) = (call.bytes()?, call.bytes()?, call.bytes()?, call.bytes()?);
    let data_key = iv.try_into().ok().and_then(|iv| wrapping::open(key, iv, aad, wrapped));
    data_key.map(|mut data_key| std::mem::take(&mut *data_key)).ok_or(Error::DecryptionFailed)
}
