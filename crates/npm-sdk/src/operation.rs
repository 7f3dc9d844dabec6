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
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::kms::KmsError;

use crate::object::object;
use crate::waiting::Bell;
use crate::{asking, error, kms};

/// A running operation.
#[wasm_bindgen]
pub struct Operation {
    future: RefCell<Option<Running>>,
    desk: Rc<Desk>,
    bell: Bell,
}

type Running = Pin<Box<dyn Future<Output = Result<JsValue, Error>>>>;

#[wasm_bindgen]
impl Operation {
    /// Goes on as far as it can: `{ value }` or `{ error }` when done, `{ of, what, request, span }` when a KMS or other code of the user's has to be
    /// asked, `{ bytes }` when that many more are needed, `{ waits }`, its number, when another operation is asking the same: it is to be polled again
    /// when it is woken. With a value may come `refresh`, an operation to be run besides.
    pub fn poll(&self) -> JsValue {
        let mut future = self.future.borrow_mut();
        let Some(running) = future.as_mut() else {
            return failed(&Error::Internal { reason: "the operation has already finished".into() });
        };
        match running.as_mut().poll(&mut Context::from_waker(self.waker())) {
            Poll::Pending => self.desk.question.take().unwrap_or_else(|| self.waits()),
            Poll::Ready(result) => {
                *future = None;
                outcome(result.map(|value| object([("value", value), ("refresh", self.refresh())])))
            }
        }
    }

    /// The response to the question, or the bytes.
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
        Self::new(Box::pin(make(Rc::clone(&desk))), desk)
    }

    fn new(running: Running, desk: Rc<Desk>) -> Self {
        Self { future: RefCell::new(Some(running)), desk, bell: Bell::new() }
    }
}

/// An operation that may wait for another one.
impl Operation {
    fn waker(&self) -> &Waker {
        self.bell.waker()
    }

    fn waits(&self) -> JsValue {
        object([("waits", self.bell.number().into())])
    }

    /// The task that was left, in whose questions this operation, which is done, has no part.
    fn refresh(&self) -> JsValue {
        let Some(task) = self.desk.task.take() else { return JsValue::UNDEFINED };
        let running = async {
            task.await;
            Ok(JsValue::TRUE)
        };
        Self::new(Box::pin(running), Rc::clone(&self.desk)).into()
    }
}

/// Where an operation leaves a question and finds the answer. An operation asks one thing at a time.
#[derive(Default)]
pub(crate) struct Desk {
    question: RefCell<Option<JsValue>>,
    answer: RefCell<Option<Result<JsValue, KmsError>>>,
    task: RefCell<Option<BoxFuture<'static, ()>>>,
}

impl Desk {
    /// Leaves the question what `of` has to say, and waits for the answer.
    pub(crate) async fn ask(&self, of: &JsValue, what: &str, request: JsValue, observer: &Observer) -> Result<JsValue, KmsError> {
        self.put(asking::question(of, what, request, observer)).await
    }

    /// Leaves a question, and waits for the answer.
    async fn put(&self, question: JsValue) -> Result<JsValue, KmsError> {
        self.question.replace(Some(question));
        poll_fn(|_| self.answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Asks for that many bytes more of the input.
    pub(crate) async fn ask_bytes(&self, count: u64) -> Result<JsValue, KmsError> {
        #[expect(clippy::cast_precision_loss, reason = "no array is as long as 2^53")]
        self.put(object([("bytes", (count as f64).into())])).await
    }

    /// Leaves a task to be run once the operation is done.
    pub(crate) fn leave_task(&self, task: BoxFuture<'static, ()>) {
        self.task.replace(Some(task));
    }
}

/// A task that was left and not fetched has the desk that has it.
impl Drop for Operation {
    fn drop(&mut self) {
        self.desk.task.take();
    }
}

/// What a call gives back: its value, or `{ error }`.
pub(crate) fn outcome(result: Result<JsValue, Error>) -> JsValue {
    result.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &Error) -> JsValue {
    object([("error", error::to_js(error))])
}
