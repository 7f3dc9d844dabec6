//! Keyrings from their descriptions, which `www/npm/shared/keyrings.js` makes.

use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::prelude::*;
use waxseal::keyring::DiscoveryFilter;
use waxseal::{Error, Keyring, KmsDiscoveryKeyring, KmsKeyring, MultiKeyring, RawAesKeyring};
use waxseal_kms_api::kms::Kms;
use zeroize::Zeroizing;

use crate::discovery::Regions;
use crate::kms::JsKms;
use crate::operation::Desk;
use crate::own::OwnKeyring;

#[wasm_bindgen]
extern "C" {
    /// A keyring as data: `kind` says which of the other members are there.
    pub type Description;

    /// `kms`, `kms-discovery`, `raw-aes`, `raw-rsa`, `hierarchical`, `own` or `multi`.
    #[wasm_bindgen(method, getter)]
    fn kind(this: &Description) -> String;

    /// Of a KMS or discovery keyring: the KMS.
    #[wasm_bindgen(method, getter)]
    fn kms(this: &Description) -> JsValue;

    /// Of a KMS keyring: the KMS key.
    #[wasm_bindgen(method, getter, js_name = keyId)]
    fn key_id(this: &Description) -> String;

    /// Of a KMS or discovery keyring: tokens of grants.
    #[wasm_bindgen(method, getter, js_name = grantTokens)]
    fn grant_tokens(this: &Description) -> Vec<String>;

    /// Of a KMS keyring: whether it knows multi-Region keys by their relatives.
    #[wasm_bindgen(method, getter, js_name = mrkAware)]
    fn mrk_aware(this: &Description) -> bool;

    /// Of a discovery keyring: the one region it asks.
    #[wasm_bindgen(method, getter)]
    fn region(this: &Description) -> Option<String>;

    /// Of a discovery keyring: whose keys it asks for; together with the accounts.
    #[wasm_bindgen(method, getter)]
    fn partition(this: &Description) -> Option<String>;

    /// Of a discovery keyring: whose keys it asks for.
    #[wasm_bindgen(method, getter)]
    fn accounts(this: &Description) -> Vec<String>;

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
                let make = if self.mrk_aware() { KmsKeyring::mrk_aware } else { KmsKeyring::new };
                Ok(Arc::new(make(kms, &self.key_id())?.with_grant_tokens(self.grant_tokens())))
            }
            "kms-discovery" => self.discovery(desk),
            "raw-aes" => Ok(Arc::new(RawAesKeyring::new(self.namespace(), self.name(), Zeroizing::new(self.key()))?)),
            #[cfg(feature = "full")]
            "raw-rsa" => self.unchecked_ref::<crate::raw_rsa::RsaDescription>().build(),
            #[cfg(feature = "full")]
            "hierarchical" => self.unchecked_ref::<crate::branch_keys::Hierarchy>().build(desk),
            "own" => Ok(Arc::new(OwnKeyring::new(self.unchecked_ref(), desk))),
            "multi" => {
                let generator = self.generator().map(|generator| generator.build(desk)).transpose()?;
                let children = self.children().iter().map(|child| child.build(desk)).collect::<Result<Vec<_>, _>>()?;
                Ok(Arc::new(MultiKeyring::new(generator, children)?))
            }
            kind => Err(Error::Unsupported { reason: format!("this WebAssembly module has no keyring `{kind}`") }),
        }
    }

    fn discovery(&self, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
        let asked = self.kms();
        let one: Arc<dyn Kms> = Arc::new(JsKms::new(asked.clone(), Rc::clone(desk)));
        let mut keyring = match self.region() {
            Some(region) => KmsDiscoveryKeyring::mrk_aware(region, one)?,
            None if asked.is_function() => KmsDiscoveryKeyring::new(Arc::new(Regions::new(asked, desk))),
            None => KmsDiscoveryKeyring::new(Arc::new(move |_: &str| Some(Arc::clone(&one)))),
        };
        if let Some(partition) = self.partition() {
            keyring = keyring.with_filter(DiscoveryFilter::new(partition, self.accounts())?);
        }
        Ok(Arc::new(keyring.with_grant_tokens(self.grant_tokens())))
    }
}
