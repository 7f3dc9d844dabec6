//! Keyrings from their descriptions, which `www/npm/shared/keyrings.js` makes.

use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use waxseal::{Error, Keyring, KmsKeyring, MultiKeyring, RawAesKeyring};
use zeroize::Zeroizing;

use crate::kms::JsKms;
use crate::members::{bytes, flag, list, member, text, texts};
use crate::operation::Desk;
use crate::own::OwnKeyring;

/// The keyring of a description, whose `kind` says which other members it has. Its questions go to the desk.
pub(crate) fn build(description: &JsValue, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
    let words = |name| text(description, name).unwrap_or_default();
    match words("kind").as_str() {
        "kms" => of_one_key(description, desk),
        "raw-aes" => {
            let key = bytes(description, "key").map(|key| key.to_vec()).unwrap_or_default();
            Ok(Arc::new(RawAesKeyring::new(words("namespace"), words("name"), Zeroizing::new(key))?))
        }
        "kms-discovery" => crate::discovery::build(description, desk),
        "raw-rsa" => description.unchecked_ref::<crate::raw_rsa::RsaDescription>().build(),
        "hierarchical" => description.unchecked_ref::<crate::branch_keys::Hierarchy>().build(desk),
        "own" => Ok(Arc::new(OwnKeyring::new(description, desk))),
        "multi" => {
            let generator = member(description, "generator");
            let generator = if generator.is_undefined() { None } else { Some(build(&generator, desk)?) };
            let mut children = Vec::new();
            for child in list(description, "children") {
                children.push(build(&child, desk)?);
            }
            Ok(Arc::new(MultiKeyring::new(generator, children)?))
        }
        kind => Err(unsupported(kind)),
    }
}

fn of_one_key(description: &JsValue, desk: &Rc<Desk>) -> Result<Arc<dyn Keyring>, Error> {
    let kms = Arc::new(JsKms::new(member(description, "kms"), Rc::clone(desk)));
    let key_id = text(description, "keyId").unwrap_or_default();
    let keyring = match flag(description, "mrkAware") {
        false => KmsKeyring::new(kms, &key_id)?,
        true => KmsKeyring::mrk_aware(kms, &key_id)?,
    };
    Ok(Arc::new(keyring.with_grant_tokens(texts(description, "grantTokens"))))
}

fn unsupported(kind: &str) -> Error {
    Error::Unsupported { reason: format!("this WebAssembly module has no keyring `{kind}`") }
}
