//! What JavaScript asks for, as bytes: `www/npm/shared/small/call.js` writes it. Types are right by then, what values mean is checked here.
//!
//! ```text
//! text       u32 length, UTF-8
//! texts      u32 count, each a text
//! context    u32 count, for each pair two texts
//! settings   text suite, in hexadecimal; text commitment policy; u32 frame length; u16 limit of encrypted data keys; texts required keys: nothing, or 0, for the default
//! reading    context that must be there; context reproduced; u8 flags; u64 longest frame, all ones for no limit
//! ```

use std::cell::RefCell;

use waxseal::{Client, CommitmentPolicy, DecryptOptions, Error, Suite};
use waxseal_base::codec::{ReadError, Reader};
use waxseal_base::env::{Env, Random, RandomError};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::encryption_context::EncryptionContext;

/// A call, while it is read.
pub(crate) struct Call<'a>(Reader<'a>);

impl<'a> Call<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new("call", bytes))
    }

    /// The client that the settings describe; all the randomness that it will have is `random`.
    pub(crate) fn client(&mut self, random: Vec<u8>) -> Result<Client, Error> {
        // There is no trace, so nobody asks for the time.
        let env = Env::new(Timestamp::default, Given(RefCell::new(random)));
        let mut client = Client::without_keyring(env);
        match self.text()? {
            "" => {}
            name => {
                let suite = u16::from_str_radix(name, 16).ok().and_then(Suite::from_id);
                client = client.with_suite(named(name, suite, "an algorithm suite")?);
            }
        }
        match self.text()? {
            "" => {}
            name => client = client.with_commitment_policy(named(name, CommitmentPolicy::from_name(name), "a commitment policy")?),
        }
        match self.0.u32().map_err(broken)? {
            0 => {}
            length => client = client.with_frame_length(length)?,
        }
        match self.0.u16().map_err(broken)? {
            0 => {}
            limit => client = client.with_max_encrypted_data_keys(limit)?,
        }
        let mut required = Vec::new();
        for _ in 0..self.count()? {
            required.push(self.text()?.into());
        }
        Ok(client.with_required_encryption_context_keys(required))
    }

    pub(crate) fn reading(&mut self) -> Result<DecryptOptions, Error> {
        let (encryption_context, reproduced_encryption_context) = (self.context()?, self.context()?);
        let flags = self.0.u8().map_err(broken)?;
        let longest = self.0.u64().map_err(broken)?;
        Ok(DecryptOptions {
            encryption_context,
            reproduced_encryption_context,
            unsigned_only: flags & 1 != 0,
            verify_elsewhere: flags & 2 != 0,
            max_buffered_frame: (longest != u64::MAX).then_some(longest),
        })
    }

    pub(crate) fn context(&mut self) -> Result<EncryptionContext, Error> {
        let mut context = EncryptionContext::new();
        for _ in 0..self.count()? {
            let key = self.text()?;
            context.insert(key, self.text()?);
        }
        Ok(context)
    }

    fn count(&mut self) -> Result<u32, Error> {
        self.0.u32().map_err(broken)
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        let len = self.count()?;
        let bytes = self.0.take(len as usize).map_err(broken)?;
        std::str::from_utf8(bytes).map_err(|_| broken(self.0.invalid("")))
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

fn named<T>(name: &str, found: Option<T>, what: &str) -> Result<T, Error> {
    found.ok_or_else(|| Error::InvalidInput { reason: format!("`{name}` is not {what}") })
}

/// JavaScript wrote something else.
pub(crate) fn broken(_: ReadError) -> Error {
    Error::Internal { reason: "a call is not what it has to be".into() }
}
