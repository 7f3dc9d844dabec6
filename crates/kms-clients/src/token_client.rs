//! What the vendors have in common that know who asks by a bearer token.

use std::time::Duration;

use serde_json::Value;
use waxseal_base::threading::{BoxFuture, MaybeSync};
use zeroize::Zeroizing;

use crate::error::{ClientError, Kind};
use crate::http::{Host, HttpRequest};
use crate::renewed::{Renewed, Source, Token};
use crate::transport::{Answer, Exchange, Limits, Question, Transport};

pub(crate) struct TokenClient {
    transport: Transport,
    token: Renewed<Token>,
    headers: Headers,
}

/// How the token travels.
pub(crate) enum Headers {
    Bearer,
    Vault { namespace: Option<String> },
}

/// What to ask.
pub(crate) struct Ask<R> {
    /// Host and port, for people.
    pub(crate) host: String,
    pub(crate) url: String,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Makes the outcome of a good answer.
    pub(crate) read: R,
    /// What another one says.
    pub(crate) refusal: fn(&Answer, &Value) -> Refusal,
}

/// What is in a vendor's refusal.
#[derive(Default)]
pub(crate) struct Refusal {
    pub(crate) kind: Option<Kind>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl TokenClient {
    pub(crate) fn new(
        vendor: &'static str,
        host: &Host,
        token: Source<Token>,
        headers: Headers,
        limits: Limits,
    ) -> Result<Self, ClientError> {
        let token = Renewed::new(token, "token", |_| Ok(()))?;
        Ok(Self { transport: Transport { vendor, host: host.clone(), limits }, token, headers })
    }

    pub(crate) fn vendor(&self) -> &'static str {
        self.transport.vendor
    }

    pub(crate) fn host(&self) -> &Host {
        &self.transport.host
    }

    pub(crate) async fn ask<T, R>(&self, ask: Ask<R>) -> Result<T, ClientError>
    where
        R: Fn(&Answer) -> Result<T, ClientError> + MaybeSync,
    {
        self.transport.send(&Asking { client: self, ask }, 1).await
    }

    fn refusal(&self, answer: &Answer, read: fn(&Answer, &Value) -> Refusal) -> ClientError {
        let (json, status) = (answer.refusal(), answer.status());
        let Refusal { kind, code, message, request_id } = read(answer, json.as_ref().unwrap_or(&Value::Null));
        if status < 400 || (json.is_none() && status < 429) {
            return ClientError::nonsense(self.vendor(), format_args!("status {status} and no error of its own"), status, request_id);
        }
        // A token may be withdrawn before its end.
        if status == 401 {
            self.token.forget();
        }
        let words = message.map(|message| answer.clean(&message)).filter(|words| !words.is_empty());
        let words = words.unwrap_or_else(|| format!("{} refused", self.vendor()));
        let code = code.filter(|code| is_code(code)).map_or_else(|| format!("HTTP {status}"), |code| answer.clean(&code));
        let error = ClientError::new(kind.unwrap_or(Kind::of_status(status)), self.vendor(), words);
        ClientError { vendor_code: Some(code), status: Some(status), request_id, retry_after: answer.retry_after, ..error }
    }
}

struct Asking<'a, R> {
    client: &'a TokenClient,
    ask: Ask<R>,
}

impl<T, R: Fn(&Answer) -> Result<T, ClientError> + MaybeSync> Exchange for Asking<'_, R> {
    type Outcome = T;

    fn question(&self, _: u32, left: Duration) -> BoxFuture<'_, Result<Question, ClientError>> {
        Box::pin(async move {
            let token = self.client.token.value(self.client.host(), left).await?;
            let mut headers = vec![("content-type", Zeroizing::new("application/json".to_owned()))];
            match &self.client.headers {
                Headers::Bearer => headers.push(("authorization", Zeroizing::new(format!("Bearer {}", token.expose())))),
                Headers::Vault { namespace } => {
                    headers.push(("x-vault-token", Zeroizing::new(token.expose().to_owned())));
                    headers.extend(namespace.iter().map(|namespace| ("x-vault-namespace", Zeroizing::new(namespace.clone()))));
                }
            }
            let request = HttpRequest { url: self.ask.url.clone(), headers, body: self.ask.body.clone() };
            Ok(Question { request, host: self.ask.host.clone(), secrets: vec![Zeroizing::new(token.expose().to_owned())] })
        })
    }

    fn outcome(&self, _: u32, answer: &Answer) -> Result<T, ClientError> {
        match answer.status() {
            200 => (self.ask.read)(answer),
            _ => Err(self.client.refusal(answer, self.ask.refusal)),
        }
    }
}

fn is_code(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_. -".contains(&byte))
}
