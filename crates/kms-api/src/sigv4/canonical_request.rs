//! The canonical request: one text for every way of writing the same request, so that both sides hash the same bytes.

use sha2::{Digest, Sha256};

/// A request, as far as a signature covers it.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// Such as `POST`.
    pub method: &'a str,
    /// Path and query as they travel, such as `/`.
    pub target: &'a str,
    /// All headers, each occurrence on its own. Names are taken without regard to case.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> SignedRequest<'a> {
    /// The values of a header, given by its name in lower case.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The canonical request. A signed header that is not there counts as empty.
pub fn canonical_request(request: &SignedRequest<'_>, signed_headers: &[String]) -> String {
    let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
    let mut text = format!("{}\n{}\n{}\n", request.method, canonical_path(path), canonical_query(query));
    for name in signed_headers {
        let values: Vec<String> = request.values(name).map(canonical_value).collect();
        text.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    text.push_str(&format!("\n{}\n{}", signed_headers.join(";"), body_hash(request.body)));
    text
}

/// SHA-256 of a body, 64 hexadecimal digits.
pub(super) fn body_hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The path without empty, `.` and `..` segments, encoded.
fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(encode(segment.as_bytes())),
        }
    }
    let is_folder = path.ends_with(['/', '.']) && !segments.is_empty();
    format!("/{}{}", segments.join("/"), if is_folder { "/" } else { "" })
}

/// The parameters in order of their names and values, encoded once however they came.
fn canonical_query(query: &str) -> String {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut pairs: Vec<_> = parameters
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (encode(&decode(name)), encode(&decode(value))))
        .collect();
    pairs.sort_unstable();
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Without white space at the ends, and with single spaces inside.
fn canonical_value(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Percent-decodes; a `%` without two digits after it stays.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| hex::decode(digits).ok()).unwrap_or_default();
        match (first, digits.first()) {
            (b'%', Some(&byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_have_one_form() {
        for (path, canonical) in [("", "/"), ("/", "/"), ("//a//", "/a/"), ("/a/..", "/"), ("/a/./b", "/a/b"), ("/../a%3A", "/a%253A")] {
            assert_eq!(canonical_path(path), canonical, "{path}");
        }
        for (query, canonical) in
            [("", ""), ("b=1&a", "a=&b=1"), ("a=%e1&a=%", "a=%25&a=%E1"), ("a=b=c&&", "a=b%3Dc"), ("+=%2", "%2B=%252")]
        {
            assert_eq!(canonical_query(query), canonical, "{query}");
        }
    }
}
