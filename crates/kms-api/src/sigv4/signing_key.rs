//! The key that signs for one day, region and service, derived from a secret access key; the secret itself signs nothing.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::authorization::CredentialScope;
use super::{ALGORITHM, TERMINATOR};
use crate::fault::{Fault, FaultCode};

/// A secret access key: wiped when dropped, never printed.
#[derive(Clone)]
pub struct SecretAccessKey(Zeroizing<String>);

impl SecretAccessKey {
    /// Takes over the text; it is moved, not copied.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who is given the credentials.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The signature of a string to sign.
    pub(super) fn sign(&self, scope: &CredentialScope, string_to_sign: &str) -> Result<[u8; 32], Fault> {
        let key = self.signing_key(scope)?;
        hmac(key.as_slice(), string_to_sign)
    }

    fn signing_key(&self, scope: &CredentialScope) -> Result<Zeroizing<[u8; 32]>, Fault> {
        let secret = Zeroizing::new(format!("AWS4{}", self.0.as_str()));
        let mut key = Zeroizing::new(hmac(secret.as_bytes(), &scope.date)?);
        for part in [scope.region.as_str(), &scope.service, TERMINATOR] {
            *key = hmac(key.as_slice(), part)?;
        }
        Ok(key)
    }
}

impl fmt::Debug for SecretAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretAccessKey")
    }
}

/// What is signed: algorithm, date, scope, and the hash of the canonical request.
pub fn string_to_sign(date: &str, scope: &CredentialScope, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical_request)))
}

fn hmac(key: &[u8], text: &str) -> Result<[u8; 32], Fault> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).map_err(|_| Fault::new(FaultCode::KMSInternalException, "HMAC refused a key's length"))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}
