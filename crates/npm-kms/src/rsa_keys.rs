//! RSA keys that JavaScript makes: `makeRsaKey(bits)` among the settings of a KMS. It is called with 2048, 3072 or 4096, while CreateKey or
//! GenerateDataKeyPair waits, and returns at once a `Uint8Array` of its own: a new private key with two primes, a modulus of that many bits and the
//! public exponent 65537, as PKCS#8 in DER. On Node that is
//! `generateKeyPairSync("rsa", { modulusLength: bits, privateKeyEncoding: { type: "pkcs8", format: "der" }, … }).privateKey`. Its bytes are copied
//! here and then overwritten with zeros. Where it returns undefined the engine makes the key. Anything else that it returns, and whatever it throws, makes
//! the call fail with KMSInternalException.

use std::sync::Arc;

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;
use waxseal_kms::{MakeRsaKey, MakeRsaKeyError};
use zeroize::Zeroizing;

/// The engine's view of it.
pub(crate) fn host(make: Function) -> Arc<dyn MakeRsaKey> {
    Arc::new(move |bits: u32| {
        let failed = |_| MakeRsaKeyError("`makeRsaKey` threw".into());
        let made = make.call1(&JsValue::UNDEFINED, &bits.into()).map_err(failed)?;
        if made.is_undefined() {
            return Ok(None);
        }
        let Some(bytes) = made.dyn_ref::<Uint8Array>() else {
            return Err(MakeRsaKeyError("`makeRsaKey` returned no Uint8Array".into()));
        };
        let key = Zeroizing::new(bytes.to_vec());
        bytes.fill(0, 0, bytes.length());
        Ok(Some(key))
    })
}
