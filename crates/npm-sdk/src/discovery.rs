//! The KMS of each region, which a function of the user's gives.

use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsValue;
use waxseal::Error;
use waxseal::keyring::KmsByRegion;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::kms::Kms;

use crate::asking::Asked;
use crate::kms::JsKms;
use crate::object::object;
use crate::operation::Desk;

/// Asks the function.
pub(crate) struct Regions {
    asked: Asked,
    desk: Rc<Desk>,
}

impl Regions {
    pub(crate) fn new(function: JsValue, desk: &Rc<Desk>) -> Self {
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
