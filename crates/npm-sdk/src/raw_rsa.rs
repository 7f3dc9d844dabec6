//! Raw RSA keyrings from their descriptions.

use std::alloc::System;
use std::sync::Arc;

use wasm_bindgen::prelude::*;
use waxseal::keyring::{OaepHash, RsaKeys};
use waxseal::{Error, Keyring, RawRsaKeyring};
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

/// Wipes memory when it is given back: big numbers leave copies of themselves, which nobody else would.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

#[wasm_bindgen]
extern "C" {
    /// A raw RSA keyring as data.
    pub type RsaDescription;

    /// The key's namespace.
    #[wasm_bindgen(method, getter)]
    fn namespace(this: &RsaDescription) -> String;

    /// The key's name.
    #[wasm_bindgen(method, getter)]
    fn name(this: &RsaDescription) -> String;

    /// The hash of OAEP; none for PKCS#1 v1.5.
    #[wasm_bindgen(method, getter)]
    fn hash(this: &RsaDescription) -> Option<String>;

    /// The public key.
    #[wasm_bindgen(method, getter, js_name = publicKey)]
    fn public_key(this: &RsaDescription) -> Option<Vec<u8>>;

    /// The private key, copied into memory that is ours to wipe.
    #[wasm_bindgen(method, getter, js_name = privateKey)]
    fn private_key(this: &RsaDescription) -> Option<Vec<u8>>;
}

impl RsaDescription {
    /// The keyring.
    pub(crate) fn build(&self) -> Result<Arc<dyn Keyring>, Error> {
        let (namespace, name) = (self.namespace(), self.name());
        let (public, private) = (self.public_key(), self.private_key().map(Zeroizing::new));
        let Some(hash) = self.hash() else {
            let private = private.unwrap_or_default();
            return Ok(Arc::new(RawRsaKeyring::danger_pkcs1_v15_decrypt_only(namespace, name, &private)?));
        };
        let keys = match (&public, &private) {
            (Some(public), Some(private)) => RsaKeys::Pair { public, private },
            (Some(public), None) => RsaKeys::Public(public),
            (None, private) => RsaKeys::Private(private.as_deref().map_or(&[], Vec::as_slice)),
        };
        Ok(Arc::new(RawRsaKeyring::new(namespace, name, oaep_hash(&hash)?, keys)?))
    }
}

fn oaep_hash(name: &str) -> Result<OaepHash, Error> {
    match name {
        "SHA-1" => Ok(OaepHash::Sha1),
        "SHA-256" => Ok(OaepHash::Sha256),
        "SHA-384" => Ok(OaepHash::Sha384),
        "SHA-512" => Ok(OaepHash::Sha512),
        _ => Err(Error::InvalidInput { reason: format!("`{name}` is not a hash of OAEP; there is SHA-1, SHA-256, SHA-384 and SHA-512") }),
    }
}
