//! What a client needs from outside: somebody who sends its requests, the time, and randomness. Nothing in this crate does I/O by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use waxseal_base::env::Env;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use zeroize::Zeroizing;

/// The outside of one or several clients. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    /// Sends requests.
    pub http: Arc<dyn Http>,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// The clock that requests are signed by, and the source of data keys where a KMS makes none.
    pub env: Env,
}

/// Sends a request and gets its answer.
pub trait Http: MaybeSend + MaybeSync {
    /// Sends the request, once, and reads all of its answer. Does not follow redirects: what is sent is signed for one place, or has a token. Reads
    /// no more than [`MAX_ANSWER_LEN`] bytes of body. It need not have a time limit: its future is dropped when one is over.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>>;
}

/// Waits for time to pass.
pub trait Timer: MaybeSend + MaybeSync {
    /// Ends after that time.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// A request; its method is `POST`. Headers and body may have secrets in them and are wiped when dropped: whoever copies them is asked to do as much.
pub struct HttpRequest {
    /// Where to, `http` or `https`, without user and fragment.
    pub url: String,
    /// All headers but `host` and `content-length`. Names are in lower case, values are printable ASCII.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// The body, JSON.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest").field("url", &self.url).finish_non_exhaustive()
    }
}

/// An answer.
pub struct HttpResponse {
    /// Its status code.
    pub status: u16,
    /// Its headers. Names are taken without regard to case.
    pub headers: Vec<(String, String)>,
    /// All of its body, which may have a secret in it.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// The service could not be reached, or hung up before all of its answer had come; the text says why, without quoting the request.
    NoAnswer(String),
    /// The answer's body has more than [`MAX_ANSWER_LEN`] bytes.
    TooLong,
}

/// Bytes of an answer's body at most. No KMS has that much to say.
pub const MAX_ANSWER_LEN: usize = 65_536;
