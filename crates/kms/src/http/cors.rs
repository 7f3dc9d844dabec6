//! Letting pages ask. Any origin may: the signature says who asks, and a browser adds no credentials of its own.

use zeroize::Zeroizing;

use super::{HttpRequest, HttpResponse};

/// The answer to a browser that asks whether a page may ask.
pub(super) fn preflight(request: &HttpRequest) -> Option<HttpResponse> {
    if request.method != "OPTIONS" || request.header("access-control-request-method").is_none() {
        return None;
    }
    let mut headers = headers(request);
    if headers.is_empty() {
        return None;
    }
    let wanted = request.header("access-control-request-headers").filter(|names| names.split(',').all(is_name)).unwrap_or_default();
    for (name, value) in [
        ("access-control-allow-methods", "POST"),
        // A wildcard would leave out `authorization`.
        ("access-control-allow-headers", wanted),
        ("access-control-max-age", "86400"),
    ] {
        headers.push((name.into(), value.into()));
    }
    Some(HttpResponse { status: 204, headers, body: Zeroizing::default(), caller: None })
}

/// What a browser must see before it lets a page read an answer. Nothing if no page asks.
pub(super) fn headers(request: &HttpRequest) -> Vec<(String, String)> {
    let headers = [("access-control-allow-origin", "*"), ("access-control-expose-headers", EXPOSED)];
    match request.header("origin") {
        Some(_) => headers.map(|(name, value)| (name.into(), value.into())).into(),
        None => Vec::new(),
    }
}

/// Whether a text is a header's name (RFC 9110, token), and so can be repeated in a header.
fn is_name(text: &str) -> bool {
    let text = text.trim_matches(' ');
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

const EXPOSED: &str = "date, x-amzn-errortype, x-amzn-requestid";
