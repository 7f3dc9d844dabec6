//! An encryption whose keys and ciphers are here.

use waxseal::Error;
use waxseal::keyring::NewDataKey;

use super::{Sealing, State};
use crate::call::Call;
use crate::failure::internal;
use crate::wire;

impl Sealing {
    pub(super) fn call_with_ciphers(&mut self, what: u8, input: &mut [u8]) -> Result<Vec<u8>, Error> {
        match (what, &mut self.state) {
            (6, _) => self.start(&mut Call::new(input)),
            (7, State::Sealing { encryptor, .. }) => Ok(encryptor.danger_message_key()?.expose().to_vec()),
            (10, State::Sealing { encryptor, planned }) => wire::seal(encryptor, planned, input).map(|()| input.to_vec()),
            _ => Err(internal()),
        }
    }

    /// Seals the header, given a new data key, a list of its wrapped copies, number 1 to have all encrypted here, and bytes plaintext: then the whole message comes back.
    /// Otherwise what [started](Self::started) gives.
    fn start(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, Error> {
        let State::Prepared(prepared) = std::mem::replace(&mut self.state, State::Over) else { return Err(internal()) };
        let made = NewDataKey { data_key: call.data_key()?, encrypted_data_keys: call.encrypted_data_keys()? };
        let encryptor = prepared.start(made)?;
        if call.flag()? { encryptor.seal_all(call.bytes()?) } else { self.started(encryptor) }
    }
}
