//! What AWS's refusals mean, in the vocabulary that all vendors have in common.

use super::VENDOR;
use crate::check::is_word;
use crate::error::{ClientError, Kind};
use crate::json::text_at;
use crate::transport::Answer;

pub(super) fn read(answer: &Answer, request_id: Option<String>) -> ClientError {
    let (json, status) = (answer.refusal().unwrap_or_default(), answer.status());
    let said = answer.header("x-amzn-errortype").map(str::to_owned);
    let said = said.or_else(|| text_at(&json, "/__type")).or_else(|| text_at(&json, "/code")).unwrap_or_default();
    // `com.amazonaws.kms#NotFoundException:http://…`, in the older forms of the protocol.
    let code = said.split(':').next().and_then(|code| code.rsplit('#').next()).unwrap_or_default();
    let code = Some(code).filter(|code| code.len() <= MAX_CODE_LEN && is_word(code, b"_"));
    if code.is_none() && status < 500 && status != 429 {
        return ClientError::nonsense(VENDOR, format_args!("status {status} and no code"), status, request_id);
    }
    let kind = code.and_then(kind_of_code).unwrap_or(Kind::of_status(status));
    let vendor_code = code.map_or_else(|| format!("HTTP {status}"), |code| answer.clean(code));
    let message = text_at(&json, "/message").or_else(|| text_at(&json, "/Message"));
    let message = message.map(|message| answer.clean(&message)).unwrap_or_default();
    let words = if message.is_empty() { &vendor_code } else { &message };
    let error = match code {
        Some(code) if code.contains("Signature") || code.contains("Skewed") => {
            ClientError::new(kind, VENDOR, format_args!("{words}; check the secret access key and this machine's clock"))
        }
        _ => ClientError::new(kind, VENDOR, words),
    };
    ClientError { vendor_code: Some(vendor_code), status: Some(status), request_id, retry_after: answer.retry_after, ..error }
}

/// Whether whoever asks has to get new credentials.
pub(super) fn says_credentials_ended(code: &str) -> bool {
    ["ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"].contains(&code)
}

/// The kind; `None` for a code of which only the status says it.
fn kind_of_code(code: &str) -> Option<Kind> {
    if THROTTLING.iter().any(|part| code.contains(part)) {
        return Some(Kind::Throttled);
    }
    BEGINNINGS.iter().find(|(beginnings, _)| beginnings.iter().any(|beginning| code.starts_with(beginning))).map(|(_, kind)| *kind)
}

const MAX_CODE_LEN: usize = 100;
const THROTTLING: &[&str] = &["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown"];
const BEGINNINGS: &[(&[&str], Kind)] = &[
    (
        &[
            "AccessDenied",
            "NotAuthorized",
            "ExpiredToken",
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidSignature",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "OptInRequired",
            "InvalidGrantToken",
        ],
        Kind::Denied,
    ),
    (&["NotFound"], Kind::NotFound),
    (&["Disabled", "KMSInvalidState"], Kind::Disabled),
    (
        &[
            "KMSInternal",
            "InternalFailure",
            "InternalServerError",
            "ServiceUnavailable",
            "DependencyTimeout",
            "KeyUnavailable",
            "RequestTimeout",
        ],
        Kind::Unavailable,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        for (code, kind) in [
            ("ThrottlingException", Some(Kind::Throttled)),
            ("KMSThrottledX", Some(Kind::Throttled)),
            ("AccessDeniedException", Some(Kind::Denied)),
            ("NotFoundException", Some(Kind::NotFound)),
            ("KeyNotFound", None),
            ("KMSInvalidStateException", Some(Kind::Disabled)),
            ("KeyUnavailableException", Some(Kind::Unavailable)),
            ("ValidationException", None),
        ] {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}
