//! Discovery keyrings from their descriptions, and the KMS of each region, which a function of the user's gives.

use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsValue;
use waxseal::keyring::{DiscoveryFilter, KmsByRegion};
use waxseal::{Error, Keyring, KmsDiscoveryKeyring};
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::kms::Kms;

use crate::asking::Asked;
use crate::kms::JsKms;
use crate::members::{member, text, texts};
use crate::object::object;
use crate::operation::Desk;

/// The keyring of a description: `region` is the one it asks, `partition` and `accounts` are its filter.
pub(crate) fn build(description: &JsValue, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
    let asked = member(description, "kms");
    let one: Arc<dyn Kms> = Arc::new(JsKms::new(asked.clone(), Rc::clone(desk)));
    let mut keyring = match text(description, "region") {
        Some(region) => KmsDiscoveryKeyring::mrk_aware(region, one)?,
        None if asked.is_function() => KmsDiscoveryKeyring::new(Arc::new(Regions::new(asked, desk))),
        None => KmsDiscoveryKeyring::new(Arc::new(move |_: &str| Some(Arc::clone(&one)))),
    };
    if let Some(partition) = text(description, "partition") {
        keyring = keyring.with_filter(DiscoveryFilter::new(partition, texts(description, "accounts"))?);
    }
    Ok(Arc::new(keyring.with_grant_tokens(texts(description, "grantTokens"))))
}

/// Asks the function.
struct Regions {
    asked: Asked,
    desk: Rc<Desk>,
}

impl Regions {
    fn new(function: JsValue, desk: &Rc<Desk>) -> Self {
        Self { asked: Asked::new(function, "the function that finds a region's KMS", desk), desk: Rc::clone(desk) }
    }
}

impl KmsByRegion for Regions {
    fn kms<'a>(&'a self, region: &'a str) -> BoxFuture<'a, Result<Option<Arc<dyn Kms>>, Error>> {
        Box::pin(async move {
            let kms = self.asked.ask("kms", object([("region", region.into())]), &Observer::none()).await?;
            Ok((!kms.is_undefined()).then(|| Arc::new(JsKms::new(kms, Rc::clone(&self.desk))) as Arc<dyn Kms>))
        })
    }
}
