//! Signed messages: whoever makes materials for one makes a key pair too, whose public half goes into the encryption context under a reserved
//! key, so that the wrapped data keys are bound to it. The private half signs the message and is forgotten.
//!
//! Without the crate feature `signatures` there is no code for elliptic curves: signed messages are then refused by name.

#[cfg(feature = "signatures")]
use base64ct::{Base64, Encoding};
use waxseal_base::env::Env;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::Error;
use crate::primitives::CipherError;
#[cfg(feature = "signatures")]
use crate::primitives::ecdsa::{SigningKey, VerifyingKey};
use crate::suite::{SignatureAlgorithm, Suite};

/// The reserved key under which a context names the signer.
pub(crate) const PUBLIC_KEY: &str = "aws-crypto-public-key";

/// Signs one message.
#[cfg(feature = "signatures")]
pub(crate) struct Signer(SigningKey);

/// Checks the signature of one message.
#[cfg(feature = "signatures")]
pub(crate) struct Verifier(VerifyingKey);

#[cfg(feature = "signatures")]
impl Signer {
    /// A new key pair; its public key goes into the context.
    pub(crate) fn make(algorithm: SignatureAlgorithm, _: Suite, context: &mut EncryptionContext, env: &Env) -> Result<Self, Error> {
        let key = SigningKey::make(algorithm, env)?;
        context.insert(PUBLIC_KEY, Base64::encode_string(&key.public_key()));
        Ok(Self(key))
    }

    /// The same key, for another message.
    pub(crate) fn another(&self) -> Self {
        Self(self.0.clone())
    }

    /// The signature of everything before the footer.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CipherError> {
        self.0.sign(message)
    }
}

#[cfg(feature = "signatures")]
impl Verifier {
    /// By the public key that the context names.
    pub(crate) fn of(algorithm: SignatureAlgorithm, _: Suite, context: &EncryptionContext) -> Result<Self, Error> {
        let text = context.value(PUBLIC_KEY).unwrap_or_default();
        let key = Base64::decode_vec(text).ok().and_then(|point| VerifyingKey::read(algorithm, &point).ok());
        key.map(Self).ok_or_else(|| Error::invalid_message(format!("the message's `{PUBLIC_KEY}` is no public key of its suite")))
    }

    /// Fails unless that is the signature of everything before the footer.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CipherError> {
        self.0.verify(message, signature)
    }
}

/// Nobody: this build has no elliptic curves.
#[cfg(not(feature = "signatures"))]
pub(crate) enum Signer {}

/// Nobody: this build has no elliptic curves.
#[cfg(not(feature = "signatures"))]
pub(crate) enum Verifier {}

#[cfg(not(feature = "signatures"))]
impl Signer {
    pub(crate) fn make(_: SignatureAlgorithm, suite: Suite, _: &mut EncryptionContext, _: &Env) -> Result<Self, Error> {
        Err(unsupported(suite))
    }

    pub(crate) fn another(&self) -> Self {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &[u8]) -> Result<Vec<u8>, CipherError> {
        match *self {}
    }
}

#[cfg(not(feature = "signatures"))]
impl Verifier {
    pub(crate) fn of(_: SignatureAlgorithm, suite: Suite, _: &EncryptionContext) -> Result<Self, Error> {
        Err(unsupported(suite))
    }

    pub(crate) fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), CipherError> {
        match *self {}
    }
}

#[cfg(not(feature = "signatures"))]
fn unsupported(suite: Suite) -> Error {
    let reason = format!("suite {suite} ({}) signs, and this build was made without the feature `signatures`", suite.description());
    Error::Unsupported { reason }
}
