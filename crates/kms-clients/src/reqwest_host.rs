//! The outside of a program with tokio: requests by reqwest, time by tokio.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use waxseal_base::threading::BoxFuture;
use zeroize::Zeroizing;

use crate::http::{Http, HttpError, HttpRequest, HttpResponse, MAX_ANSWER_LEN, Timer};

/// Sends requests by reqwest. It needs tokio's runtime, with I/O and time.
///
/// `https` works with one of reqwest's own features for it, such as `rustls`, which the application turns on in its `Cargo.toml`.
#[derive(Clone)]
pub struct ReqwestHttp {
    client: reqwest::Client,
}

impl ReqwestHttp {
    /// What the builder makes, without redirects and without retries of its own: both are the clients'.
    pub fn new(builder: reqwest::ClientBuilder) -> Result<Self, HttpError> {
        let client = builder.redirect(Policy::none()).retry(reqwest::retry::never()).build().map_err(|error| no_answer(&error))?;
        Ok(Self { client })
    }
}

impl fmt::Debug for ReqwestHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestHttp")
    }
}

impl Http for ReqwestHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        Box::pin(async move {
            let mut headers = HeaderMap::new();
            for (name, value) in &request.headers {
                let mut value = HeaderValue::from_str(value)
                    .map_err(|_| HttpError::NoAnswer(format!("the header `{name}` has a value that is none")))?;
                value.set_sensitive(true);
                headers.insert(*name, value);
            }
            let sent = self.client.post(&request.url).headers(headers).body(request.body.to_vec()).send();
            let mut response = sent.await.map_err(|error| no_answer(&error))?;
            let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
            let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
            let mut body = Zeroizing::new(Vec::with_capacity(MAX_ANSWER_LEN));
            while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
                if body.len().saturating_add(chunk.len()) > MAX_ANSWER_LEN {
                    return Err(HttpError::TooLong);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(HttpResponse { status: response.status().as_u16(), headers, body })
        })
    }
}

/// Waits by tokio's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// With its causes, which have the reason: reqwest's own text only says that it failed.
fn no_answer(error: &dyn std::error::Error) -> HttpError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    HttpError::NoAnswer(text)
}
