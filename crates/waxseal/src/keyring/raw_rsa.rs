//! A wrapping key pair that the application itself holds: RSA with OAEP, or, to read old messages only, with PKCS#1 v1.5.

use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use waxseal_base::threading::BoxFuture;
use zeroize::Zeroizing;

use super::raw::{check_namespace, tell_wrapped, unwrapped};
use super::{Failures, KeyRequest, Keyring, NewDataKey};
use crate::error::Error;
use crate::message::EncryptedDataKey;
pub use crate::primitives::rsa::OaepHash;
use crate::primitives::rsa::{Padding, PrivateKey, PublicKey, RsaError};

/// Wraps data keys under an RSA public key and unwraps them with its private key, which the writer need not have.
///
/// RSA does not bind the data key to the encryption context, as all other keyrings do: whoever can write messages can put a wrapped key into a
/// message with another context. The message's own tags still bind its plaintext to its context.
pub struct RawRsaKeyring {
    namespace: String,
    name: String,
    padding: Padding,
    public: Option<PublicKey>,
    private: Option<PrivateKey>,
}

/// The keys of a [`RawRsaKeyring`], in PEM or DER, of 2048 to 8192 bits. The bytes of a private key are the caller's to wipe.
#[derive(Clone, Copy)]
pub enum RsaKeys<'a> {
    /// The public key alone, SubjectPublicKeyInfo (`BEGIN PUBLIC KEY`): it encrypts.
    Public(&'a [u8]),
    /// The private key alone, PKCS#8 (`BEGIN PRIVATE KEY`): it decrypts. The public key is not taken from it.
    Private(&'a [u8]),
    /// Both, which must belong together.
    Pair {
        /// The public key.
        public: &'a [u8],
        /// The private key.
        private: &'a [u8],
    },
}

impl RawRsaKeyring {
    /// A keyring of keys for RSA-OAEP. Namespace and name are stored in each message, not secret, and find the key again.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>, hash: OaepHash, keys: RsaKeys<'_>) -> Result<Self, Error> {
        let (public, private) = match keys {
            RsaKeys::Public(public) => (Some(read_public(public)?), None),
            RsaKeys::Private(private) => (None, Some(read_private(private)?)),
            RsaKeys::Pair { public, private } => (Some(read_public(public)?), Some(read_private(private)?)),
        };
        if let (Some(public), Some(private)) = (&public, &private)
            && !private.belongs_to(public)
        {
            return Err(Error::invalid_input(
                "the RSA private key is not that of the public key; what is encrypted could not be decrypted",
            ));
        }
        Self::of(namespace.into(), name.into(), Padding::Oaep(hash), public, private)
    }

    /// A keyring that unwraps data keys padded as PKCS#1 v1.5 has it, and wraps none. **Dangerous**: decrypting such ciphertexts is what
    /// Bleichenbacher's attack and its many descendants live from. A wrong padding is answered as any other wrong message is, and at about the
    /// same time, but where an attacker can send many messages and measure well, do not use this. Encrypt such messages anew with OAEP.
    pub fn danger_pkcs1_v15_decrypt_only(namespace: impl Into<String>, name: impl Into<String>, private_key: &[u8]) -> Result<Self, Error> {
        Self::of(namespace.into(), name.into(), Padding::Pkcs1v15, None, Some(read_private(private_key)?))
    }

    fn of(
        namespace: String,
        name: String,
        padding: Padding,
        public: Option<PublicKey>,
        private: Option<PrivateKey>,
    ) -> Result<Self, Error> {
        check_namespace(&namespace)?;
        Ok(Self { namespace, name, padding, public, private })
    }

    fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        // Refused before a key is made that nobody can wrap.
        self.encrypting_key()?;
        let data_key = request.make_data_key(observer)?;
        let encrypted = self.wrap(&data_key, request, observer)?;
        Ok(NewDataKey { data_key, encrypted_data_keys: vec![encrypted] })
    }

    fn encrypting_key(&self) -> Result<(&PublicKey, OaepHash), Error> {
        match (&self.public, self.padding) {
            (_, Padding::Pkcs1v15) => Err(Error::invalid_input("PKCS#1 v1.5 is read and not written; encrypt with RSA-OAEP")),
            (None, _) => Err(Error::invalid_input("a raw RSA keyring without a public key can not encrypt; give it one")),
            (Some(public), Padding::Oaep(hash)) => Ok((public, hash)),
        }
    }

    fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<EncryptedDataKey, Error> {
        let (public, hash) = self.encrypting_key()?;
        let encrypted = public.encrypt(hash, data_key.expose(), &request.env);
        scrub_stack();
        let ciphertext = encrypted.map_err(|error| match error {
            RsaError::Refused => Error::internal("the data key could not be wrapped"),
            RsaError::NoRandomness(error) => error.into(),
        })?;
        let provider_info = self.name.clone().into_bytes();
        let encrypted = EncryptedDataKey { provider_id: self.namespace.clone(), provider_info, ciphertext };
        tell_wrapped(data_key, &encrypted, request, observer);
        Ok(encrypted)
    }

    fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        let private = self.private.as_ref()?;
        let mut failures = Failures::default();
        for key in keys.iter().filter(|key| key.provider_id == self.namespace && key.provider_info == self.name.as_bytes()) {
            match self.open(private, key, request) {
                Ok(data_key) => return Some(Ok(unwrapped(data_key, key, observer))),
                Err(error) => failures.push(error),
            }
        }
        failures.into_error().map(Err)
    }

    /// The data key. Whatever is wrong with the ciphertext, the error is the same.
    fn open(&self, private: &PrivateKey, key: &EncryptedDataKey, request: &KeyRequest) -> Result<Zeroizing<Vec<u8>>, Error> {
        let opened = private.decrypt(self.padding, &key.ciphertext, &request.env);
        scrub_stack();
        match opened {
            Ok(data_key) if data_key.len() == request.suite.data_key_len() => Ok(data_key),
            Err(RsaError::NoRandomness(error)) => Err(error.into()),
            _ => Err(Error::DecryptionFailed),
        }
    }
}

impl Keyring for RawRsaKeyring {
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

impl std::fmt::Debug for RawRsaKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { namespace, name, padding, public, private } = self;
        write!(f, "RawRsaKeyring({namespace:?}, {name:?}, {padding:?}, ")?;
        write!(f, "{} public key, {} private key)", usize::from(public.is_some()), usize::from(private.is_some()))
    }
}

impl std::fmt::Debug for RsaKeys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Public(_) => "RsaKeys::Public",
            Self::Private(_) => "RsaKeys::Private",
            Self::Pair { .. } => "RsaKeys::Pair",
        })
    }
}

fn read_public(key: &[u8]) -> Result<PublicKey, Error> {
    PublicKey::read(key).map_err(|_| {
        Error::invalid_input(
            "the RSA public key can not be read; give SubjectPublicKeyInfo, in PEM (`BEGIN PUBLIC KEY`) or DER, of 2048 to 8192 bits",
        )
    })
}

fn read_private(key: &[u8]) -> Result<PrivateKey, Error> {
    let key = PrivateKey::read(key);
    scrub_stack();
    key.map_err(|_| {
        Error::invalid_input("the RSA private key can not be read; give PKCS#8, in PEM (`BEGIN PRIVATE KEY`) or DER, of 2048 to 8192 bits")
    })
}

#[cfg(test)]
mod tests;
