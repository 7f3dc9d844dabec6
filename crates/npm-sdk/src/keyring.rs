//! Keyrings from their descriptions, which `www/npm/shared/keyrings.js` makes.

use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::prelude::*;
use waxseal::{Error, Keyring, KmsKeyring, MultiKeyring, RawAesKeyring};
use zeroize::Zeroizing;

use crate::kms::JsKms;
use crate::operation::Desk;

#[wasm_bindgen]
extern "C" {
    /// A keyring as data: `kind` says which of the other members are there.
    pub type Description;

    /// `kms`, `raw-aes` or `multi`.
    #[wasm_bindgen(method, getter)]
    fn kind(this: &Description) -> String;

    /// Of a KMS keyring: the KMS.
    #[wasm_bindgen(method, getter)]
    fn kms(this: &Description) -> JsValue;

    /// Of a KMS keyring: the KMS key.
    #[wasm_bindgen(method, getter, js_name = keyId)]
    fn key_id(this: &Description) -> String;

    /// Of a KMS keyring: tokens of grants.
    #[wasm_bindgen(method, getter, js_name = grantTokens)]
    fn grant_tokens(this: &Description) -> Vec<String>;

    /// Of a raw AES keyring: the key's namespace.
    #[wasm_bindgen(method, getter)]
    fn namespace(this: &Description) -> String;

    /// Of a raw AES keyring: the key's name.
    #[wasm_bindgen(method, getter)]
    fn name(this: &Description) -> String;

    /// Of a raw AES keyring: the key, copied into memory that is ours to wipe.
    #[wasm_bindgen(method, getter)]
    fn key(this: &Description) -> Vec<u8>;

    /// Of a multi-keyring: what makes the data keys.
    #[wasm_bindgen(method, getter)]
    fn generator(this: &Description) -> Option<Description>;

    /// Of a multi-keyring: what else wraps them.
    #[wasm_bindgen(method, getter)]
    fn children(this: &Description) -> Vec<Description>;
}

impl Description {
    /// The keyring, whose questions go to the desk.
    pub(crate) fn build(&self, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
        match self.kind().as_str() {
            "kms" => {
                let kms = Arc::new(JsKms::new(self.kms(), Rc::clone(desk)));
                Ok(Arc::new(KmsKeyring::new(kms, &self.key_id())?.with_grant_tokens(self.grant_tokens())))
            }
            "raw-aes" => Ok(Arc::new(RawAesKeyring::new(self.namespace(), self.name(), Zeroizing::new(self.key()))?)),
            _ => {
                let generator = self.generator().map(|generator| generator.build(desk)).transpose()?;
                let children = self.children().iter().map(|child| child.build(desk)).collect::<Result<Vec<_>, _>>()?;
                Ok(Arc::new(MultiKeyring::new(generator, children)?))
            }
        }
    }
}
