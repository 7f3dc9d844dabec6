//! A decryption whose keys and ciphers are here.

use waxseal::Error;

use super::{Opening, given};
use crate::call::Call;
use crate::failure::internal;
use crate::wire;

impl Opening {
    pub(super) fn call_with_ciphers(&mut self, what: u8, input: &mut [u8]) -> Result<Vec<u8>, Error> {
        match (what, &mut *self) {
            (14, _) => self.start(&mut Call::new(input)),
            (15, Self::Body { decryptor, .. }) => Ok(decryptor.danger_message_key()?.expose().to_vec()),
            (19, Self::Body { decryptor, planned }) => wire::open(decryptor, planned, input).map(given),
            _ => Err(internal()),
        }
    }

    /// Verifies commitment and header, given a list of the data key, an empty one if no copy of it is for the keyring that was asked. With number 1 and bytes the rest of the
    /// message, which is not signed, its plaintext comes back; otherwise nothing.
    fn start(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
        let Self::Prepared(prepared) = std::mem::replace(self, Self::Over) else { return Err(internal()) };
        let data_key = if call.count()? > 0 { Some(call.data_key()?) } else { None };
        let decryptor = prepared.start(data_key)?;
        if call.flag()? {
            return decryptor.open_all(call.bytes()?).map(given);
        }
        *self = Self::Body { decryptor, planned: Vec::new() };
        Ok(Vec::new())
    }
}
