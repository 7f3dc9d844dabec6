//! Questions to the user's own code that is no KMS: to a keyring, to a store of branch keys, to a function. `www/npm/shared/questions.js` puts
//! them, and checks that the answer has the right shape.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use waxseal::Error;
use waxseal_base::observer::Observer;
use waxseal_kms_api::kms::KmsError;

use crate::members::{member, text};
use crate::object::object;
use crate::operation::Desk;

/// Somebody to ask.
#[derive(Clone)]
pub(crate) struct Asked {
    object: JsValue,
    /// Who it is, for errors: `the keyring`.
    who: &'static str,
    desk: Rc<Desk>,
}

impl Asked {
    /// The object or function, which is handed back with each question.
    pub(crate) fn new(object: JsValue, who: &'static str, desk: &Rc<Desk>) -> Self {
        Self { object, who, desk: Rc::clone(desk) }
    }

    /// The answer, of the shape that belongs to the question; what was thrown instead is sorted as what a KMS throws. A keyring of our own may refuse, with a
    /// reason that the caller can do something about, or without one.
    pub(crate) async fn ask(&self, what: &str, request: JsValue, observer: &Observer) -> Result<JsValue, Error> {
        let response = self.desk.ask(&self.object, what, request, observer).await.map_err(|error| match error {
            KmsError::Unavailable { reason } => KmsError::Unavailable { reason: format!("{} failed at `{what}`: {reason}", self.who) },
            other => other,
        })?;
        if let Some(reason) = text(&response, "refused") {
            return Err(if reason.is_empty() { Error::DecryptionFailed } else { Error::InvalidInput { reason } });
        }
        match text(&response, "problem") {
            Some(problem) => Err(Error::InvalidInput { reason: format!("{} did not answer `{what}` as it has to: {problem}", self.who) }),
            None => Ok(member(&response, "value")),
        }
    }
}

/// The members of a question.
pub(crate) fn question(of: &JsValue, what: &str, request: JsValue, observer: &Observer) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "span ids come from JavaScript and are below 2^53")]
    let span = observer.span().id as f64;
    object([("of", of.clone()), ("what", what.into()), ("request", request), ("span", span.into())])
}
