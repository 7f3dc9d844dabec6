//! A running encryption or decryption, driven by JavaScript: poll it, put its question to the KMS, answer, poll again. With JavaScript
//! in charge of all waiting, every step into this module is a plain call, and a trap in it is an exception its caller can catch; in a
//! promise made here it would be lost, and the promise with it.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;
use waxseal::Error;
use waxseal_base::observer::Observer;
use waxseal_kms_api::kms::KmsError;

use crate::object::object;
use crate::{asking, error, kms};

/// A running operation.
#[wasm_bindgen]
pub struct Operation {
    future: RefCell<Option<Running>>,
    desk: Rc<Desk>,
}

type Running = Pin<Box<dyn Future<Output = Result<JsValue, Error>>>>;

#[wasm_bindgen]
impl Operation {
    /// Goes on as far as it can: `{ value }` or `{ error }` when done, `{ of, what, request, span }` when a KMS or
    /// other code of the user's has to be asked.
    pub fn poll(&self) -> JsValue {
        let mut future = self.future.borrow_mut();
        let Some(running) = future.as_mut() else {
            return failed(&Error::Internal { reason: "the operation has already finished".into() });
        };
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => self
                .desk
                .question
                .take()
                .unwrap_or_else(|| failed(&Error::Internal { reason: "the operation waits, and not for an answer".into() })),
            Poll::Ready(result) => {
                *future = None;
                match result {
                    Ok(value) => object([("value", value)]),
                    Err(error) => failed(&error),
                }
            }
        }
    }

    /// The response to the question.
    pub fn answer(&self, response: JsValue) {
        self.desk.answer.replace(Some(Ok(response)));
    }

    /// What was thrown at the question.
    pub fn refuse(&self, thrown: &JsValue) {
        self.desk.answer.replace(Some(Err(kms::error_from(thrown))));
    }

    /// The caller gave up.
    pub fn abort(&self) {
        self.desk.answer.replace(Some(Err(KmsError::Aborted)));
    }
}

impl Operation {
    /// An operation that may leave questions on the desk it is given.
    pub(crate) fn start<F: Future<Output = Result<JsValue, Error>> + 'static>(make: impl FnOnce(Rc<Desk>) -> F) -> Self {
        let desk = Rc::new(Desk::default());
        Self { future: RefCell::new(Some(Box::pin(make(Rc::clone(&desk))))), desk }
    }
}

/// Where an operation leaves a question and finds the answer. An operation asks one thing at a time.
#[derive(Default)]
pub(crate) struct Desk {
    question: RefCell<Option<JsValue>>,
    answer: RefCell<Option<Result<JsValue, KmsError>>>,
}

impl Desk {
    /// Leaves the question what `of` has to say, and waits for the answer.
    pub(crate) async fn ask(&self, of: &JsValue, what: &str, request: JsValue, observer: &Observer) -> Result<JsValue, KmsError> {
        self.question.replace(Some(asking::question(of, what, request, observer)));
        poll_fn(|_| self.answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

fn failed(error: &Error) -> JsValue {
    object([("error", error::to_js(error))])
}
