//! What went wrong: one vocabulary over all vendors, with the vendor's own word for it beside ours, and what to do next.

use std::fmt;
use std::time::Duration;

use waxseal_kms_api::kms::KmsError;

/// A refusal, or that there was no answer that can be used. It has no credential in it, also where the service's own words had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    /// What it meant.
    pub kind: Kind,
    /// Which service, for people: `AWS KMS`; `the caller` where the mistake is the caller's and nothing was sent.
    pub vendor: &'static str,
    /// The service's own code, such as `AccessDeniedException`; `HTTP 403` where it has none; `None` where there was no answer, or no request.
    pub vendor_code: Option<String>,
    /// What happened and what to do next.
    pub message: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// How long the service said to wait.
    pub retry_after: Option<Duration>,
    /// Whether the same call may succeed later without anybody changing anything.
    pub retryable: bool,
}

/// What a service meant, whichever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whoever asks may not, or it does not know who asks.
    Denied,
    /// There is no such key.
    NotFound,
    /// The key is disabled, expired, or waits to be deleted.
    Disabled,
    /// Too many requests.
    Throttled,
    /// It failed, did not answer in time, could not be reached, or did not answer as this service does.
    Unavailable,
    /// The request, or the ciphertext or its encryption context, is not valid.
    Invalid,
}

impl Kind {
    /// The word for it: `denied`, `not-found`, `disabled`, `throttled`, `unavailable` or `invalid`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Disabled => "disabled",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }

    /// The kind of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Denied, Self::NotFound, Self::Disabled, Self::Throttled, Self::Unavailable, Self::Invalid]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// Of an answer without a code that is known, by its status.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            429 => Self::Throttled,
            404 => Self::NotFound,
            401 | 403 => Self::Denied,
            408 | 500.. => Self::Unavailable,
            _ => Self::Invalid,
        }
    }

    fn next(self) -> &'static str {
        match self {
            Self::Denied => "check who asks and what its policies allow",
            Self::NotFound => "check the key's name, and the place it is looked for in",
            Self::Disabled => "ask the key's administrator to enable it",
            Self::Throttled => "try again later, or ask less often: cache data keys",
            Self::Unavailable => "try again later, or check the address and that this machine or page may reach it",
            Self::Invalid => "check the request, the ciphertext and its encryption context",
        }
    }
}

impl ClientError {
    pub(crate) fn new(kind: Kind, vendor: &'static str, what: impl fmt::Display) -> Self {
        Self {
            kind,
            vendor,
            vendor_code: None,
            message: format!("{what}; {}", kind.next()),
            status: None,
            request_id: None,
            retry_after: None,
            retryable: matches!(kind, Kind::Throttled | Kind::Unavailable),
        }
    }

    /// It is the caller's: nothing was sent, and the same call will fail again.
    pub(crate) fn caller(message: impl Into<String>) -> Self {
        let error = Self::new(Kind::Invalid, "the caller", "");
        Self { message: message.into(), ..error }
    }

    /// It answered, but not as a KMS does. The same question would be answered the same.
    pub(crate) fn nonsense(vendor: &'static str, what: impl fmt::Display, status: u16, request_id: Option<String>) -> Self {
        let error = Self::new(Kind::Unavailable, vendor, format_args!("{vendor} answered with {what}"));
        Self { status: Some(status), request_id, retryable: false, ..error }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ClientError {}

/// What a [`Kms`](waxseal_kms_api::kms::Kms) says of it: a refusal by the vendor's own code, `InvalidInput` where nothing was sent.
impl From<ClientError> for KmsError {
    fn from(error: ClientError) -> Self {
        let ClientError { kind, vendor_code, message, request_id, retryable, .. } = error;
        match (kind, &request_id) {
            (Kind::Unavailable, Some(id)) => Self::Unavailable { reason: format!("{message} (request `{id}`)") },
            (Kind::Unavailable, None) => Self::Unavailable { reason: message },
            _ => {
                Self::Refused { code: vendor_code.unwrap_or_else(|| "InvalidInput".into()), message: Some(message), request_id, retryable }
            }
        }
    }
}
