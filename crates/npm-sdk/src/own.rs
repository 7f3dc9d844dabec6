//! A keyring that is written in JavaScript, by the user or as a part of the SDK.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use waxseal::keyring::{KeyRequest, NewDataKey};
use waxseal::message::EncryptedDataKey;
use waxseal::{Error, Keyring};
use waxseal_base::event::{Kind, PublicBytes, SecretName};
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;

use crate::asking::Asked;
use crate::kms::{take_secret, wipe};
use crate::members::{bytes, flag, member, number};
use crate::object::object;
use crate::operation::Desk;
use crate::{encrypted_data_keys, encryption_context};

/// Asks the user's object. What it gives is copied in, and its plaintext data keys are overwritten.
pub(crate) struct OwnKeyring {
    asked: Asked,
    makes: bool,
    wraps: bool,
    unwraps: bool,
    /// Whether it is not the user's but part of the SDK, whose work the trace tells.
    is_ours: bool,
}

impl OwnKeyring {
    /// Of a description, which says which methods the object `keyring` has.
    pub(crate) fn new(description: &JsValue, desk: &Rc<Desk>) -> Self {
        Self {
            asked: Asked::new(member(description, "keyring"), "the keyring", desk),
            makes: flag(description, "makes"),
            wraps: flag(description, "wraps"),
            unwraps: flag(description, "unwraps"),
            is_ours: flag(description, "isOurs"),
        }
    }

    async fn make(&self, request: &KeyRequest, observer: &Observer) -> Result<NewDataKey, Error> {
        if !self.makes {
            self.check_wraps()?;
            let data_key = request.make_data_key(observer)?;
            let encrypted_data_keys = self.wrap(&data_key, request, observer).await?;
            return Ok(NewDataKey { data_key, encrypted_data_keys });
        }
        let answer = self.asked.ask("makeDataKey", members(request, []), observer).await?;
        let data_key = take_data_key(bytes(&answer, "dataKey"), observer)?;
        Ok(NewDataKey { data_key, encrypted_data_keys: encrypted_data_keys::from_js(&member(&answer, "encryptedDataKeys")) })
    }

    async fn wrap(&self, data_key: &Secret, request: &KeyRequest, observer: &Observer) -> Result<Vec<EncryptedDataKey>, Error> {
        self.check_wraps()?;
        let plaintext = Uint8Array::new_from_slice(data_key.expose());
        let answer = self.asked.ask("wrapDataKey", members(request, [("dataKey", plaintext.clone().into())]), observer).await;
        wipe(&plaintext);
        let keys = encrypted_data_keys::from_js(&answer?);
        for key in keys.iter().filter(|_| self.is_ours && observer.is_listening()) {
            observer.emit(|witness| Kind::DataKeyWrapped {
                data_key: witness.secret(data_key.expose()),
                encrypted_data_key: PublicBytes::copy_of(&key.ciphertext),
                material_id: None,
                encryption_context: request.encryption_context.to_map(),
            });
        }
        Ok(keys)
    }

    async fn unwrap(&self, keys: &[EncryptedDataKey], request: &KeyRequest, observer: &Observer) -> Option<Result<Secret, Error>> {
        if !self.unwraps {
            return None;
        }
        let request = members(request, [("encryptedDataKeys", encrypted_data_keys::to_js(keys))]);
        match self.asked.ask("unwrapDataKey", request, observer).await {
            Ok(answer) if answer.is_undefined() => None,
            Ok(answer) => {
                let data_key = take_data_key(bytes(&answer, "dataKey"), observer);
                if let Ok(data_key) = &data_key {
                    self.tell_unwrapped(data_key, keys, &answer, observer);
                }
                Some(data_key)
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// A keyring of the SDK's says which of the keys it was.
    fn tell_unwrapped(&self, data_key: &Secret, keys: &[EncryptedDataKey], answer: &JsValue, observer: &Observer) {
        if !(self.is_ours && observer.is_listening()) {
            return;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in an array")]
        let key = number(answer, "at").and_then(|at| keys.get(at as usize));
        if let Some(key) = key {
            observer.emit(|witness| Kind::DataKeyUnwrapped {
                encrypted_data_key: PublicBytes::copy_of(&key.ciphertext),
                data_key: witness.secret(data_key.expose()),
                material_id: None,
            });
        }
    }

    fn check_wraps(&self) -> Result<(), Error> {
        if self.wraps {
            return Ok(());
        }
        let reason =
            "the keyring has no method `wrapDataKey`: it can not encrypt together with others, and not alone without `makeDataKey`";
        Err(Error::InvalidInput { reason: reason.into() })
    }
}

impl Keyring for OwnKeyring {
    fn make_data_key<'a>(&'a self, request: &'a KeyRequest, observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(self.make(request, observer))
    }

    fn wrap_data_key<'a>(
        &'a self,
        data_key: &'a Secret,
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(self.wrap(data_key, request, observer))
    }

    fn unwrap_data_key<'a>(
        &'a self,
        keys: &'a [EncryptedDataKey],
        request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(self.unwrap(keys, request, observer))
    }
}

/// What every request has, and one member more at most.
fn members<const N: usize>(request: &KeyRequest, more: [(&str, JsValue); N]) -> JsValue {
    let all = object([
        ("suite", request.suite.to_string().into()),
        ("dataKeyLength", JsValue::from_f64(u32::try_from(request.suite.data_key_len()).map_or(f64::NAN, f64::from))),
        ("encryptionContext", encryption_context::to_js(&request.encryption_context)),
    ]);
    for (name, value) in more {
        // Setting a member of an object that was just made can not fail.
        let _ = js_sys::Reflect::set(&all, &name.into(), &value);
    }
    all
}

fn take_data_key(array: Option<Uint8Array>, observer: &Observer) -> Result<Secret, Error> {
    let array = array.ok_or_else(|| Error::Internal { reason: "the keyring's answer was not checked".into() })?;
    Ok(Secret::new(SecretName::DataKey, take_secret(&array), observer))
}
