//! One encryption or decryption as the trace tells it: a span with a beginning and, whatever happens, an end.

use waxseal_base::event::{Kind, OperationResult};
use waxseal_base::observer::Observer;

use crate::error::Error;

/// Ends when it is told how; dropped before that, it was given up.
pub(crate) struct Operation {
    observer: Observer,
    name: &'static str,
    has_ended: bool,
}

impl Operation {
    pub(crate) fn start(observer: &Observer, name: &'static str, input_len: Option<u64>) -> Self {
        let observer = observer.nested();
        observer.emit(|_| Kind::OperationStarted { operation: name.into(), input_len: input_len.map(clamped) });
        Self { observer, name, has_ended: false }
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(crate) fn succeeded(&mut self, output_len: u64) {
        self.end(|| OperationResult::Succeeded { output_len: Some(clamped(output_len)) });
    }

    /// The error comes back.
    pub(crate) fn failed(&mut self, error: Error) -> Error {
        self.end(|| OperationResult::Failed { code: error.code().into(), message: error.to_string() });
        error
    }

    /// The operation, to be ended by somebody else.
    pub(crate) fn hand_over(&mut self) -> Self {
        let has_ended = std::mem::replace(&mut self.has_ended, true);
        Self { observer: self.observer.clone(), name: self.name, has_ended }
    }

    fn end(&mut self, result: impl FnOnce() -> OperationResult) {
        if !std::mem::replace(&mut self.has_ended, true) {
            self.observer.emit(|_| Kind::OperationFinished { operation: self.name.into(), result: result() });
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.end(|| OperationResult::Failed { code: "Aborted".into(), message: "it was given up before its end".into() });
    }
}

fn clamped(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
