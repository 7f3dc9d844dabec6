//! What JavaScript asks for, as bytes: `www/npm/shared/small/pack.js` writes it. Types are right by then, what values mean is checked here.
//!
//! A number is eight bytes, as IEEE 754 has it, and NaN if there is none. Bytes and text, in UTF-8, have their length before them, as a number, and lists their
//! count. What a call has only one of, bytes, is there without its length.
//!
//! ```text
//! context    list: a key, its value, the next key, …
//! settings   text suite, in hexadecimal; text commitment policy; number frame length; number limit of encrypted data keys; list of required keys.
//!            What has no length, or is no number, has its default
//! reading    context that must be there; context reproduced; number 1 to refuse signed messages; number 1 to have signatures verified elsewhere; number longest frame
//! ```

use std::cell::RefCell;

use waxseal::message::EncryptedDataKey;
use waxseal::{Client, CommitmentPolicy, DecryptOptions, Error, Suite};
use waxseal_base::codec::{ReadError, Reader};
use waxseal_base::env::{Env, Random, RandomError};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::failure::{internal, invalid_input};

/// A call, while it is read.
pub(crate) struct Call<'a>(Reader<'a>);

impl<'a> Call<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new("call", bytes))
    }

    /// The client that the settings describe; all the randomness that it will have is `random`.
    pub(crate) fn client(&mut self, random: &[u8]) -> Result<Client, Error> {
        // There is no trace, so nobody asks for the time.
        let env = Env::new(Timestamp::default, Given(RefCell::new(random.to_vec())));
        let mut client = Client::without_keyring(env);
        match self.text()? {
            "" => {}
            name => {
                let suite = u16::from_str_radix(name, 16).ok().and_then(Suite::from_id);
                client = client.with_suite(suite.ok_or_else(invalid_input)?);
            }
        }
        match self.text()? {
            "" => {}
            name => client = client.with_commitment_policy(CommitmentPolicy::from_name(name).ok_or_else(invalid_input)?),
        }
        if let Some(length) = self.number()? {
            client = client.with_frame_length(u32::try_from(length).unwrap_or_default())?;
        }
        if let Some(limit) = self.number()? {
            client = client.with_max_encrypted_data_keys(u16::try_from(limit).unwrap_or_default())?;
        }
        let mut required = Vec::new();
        for _ in 0..self.count()? {
            required.push(self.text()?.into());
        }
        Ok(client.with_required_encryption_context_keys(required))
    }

    pub(crate) fn reading(&mut self) -> Result<DecryptOptions, Error> {
        Ok(DecryptOptions {
            encryption_context: self.context()?,
            reproduced_encryption_context: self.context()?,
            unsigned_only: self.flag()?,
            verify_elsewhere: self.flag()?,
            max_buffered_frame: self.number()?,
        })
    }

    pub(crate) fn context(&mut self) -> Result<EncryptionContext, Error> {
        let mut context = EncryptionContext::new();
        for _ in 0..self.count()? / 2 {
            let key = self.text()?;
            context.insert(key, self.text()?);
        }
        Ok(context)
    }

    /// A list of a data key's wrapped copies: of each the provider's id, its info, and the ciphertext.
    pub(crate) fn encrypted_data_keys(&mut self) -> Result<Vec<EncryptedDataKey>, Error> {
        let mut encrypted_data_keys = Vec::new();
        for _ in 0..self.count()? / 3 {
            let (provider_id, provider_info) = (self.text()?.into(), self.bytes()?.into());
            encrypted_data_keys.push(EncryptedDataKey { provider_id, provider_info, ciphertext: self.bytes()?.into() });
        }
        Ok(encrypted_data_keys)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript gives whole numbers that are not negative")]
    pub(crate) fn number(&mut self) -> Result<Option<u64>, Error> {
        let number = f64::from_bits(self.0.u64().map_err(broken)?);
        Ok((!number.is_nan()).then_some(number as u64))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Error> {
        Ok(self.number()? == Some(1))
    }

    pub(crate) fn count(&mut self) -> Result<usize, Error> {
        Ok(usize::try_from(self.number()?.unwrap_or_default()).unwrap_or(usize::MAX))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let len = self.count()?;
        self.0.take(len).map_err(broken)
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(|_| internal())
    }
}

/// Randomness that JavaScript drew for one call.
struct Given(RefCell<Vec<u8>>);

impl Random for Given {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let mut given = self.0.borrow_mut();
        let rest = given.len().checked_sub(bytes.len()).ok_or(RandomError)?;
        bytes.copy_from_slice(&given.split_off(rest));
        Ok(())
    }
}

/// JavaScript wrote something else.
fn broken(_: ReadError) -> Error {
    internal()
}
