//! Where a service is: an `http` or `https` address to which nothing but a path is added.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::check::is_word;
use crate::error::ClientError;

/// A checked address without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    scheme: &'static str,
    host: String,
    path: String,
}

impl Address {
    /// Reads an address. One with a user, a query or a fragment is refused, and so is one that does not say where it leads in its plainest form: what is
    /// signed and what is sent have to be the same text.
    pub(crate) fn parse(text: &str, what: &str) -> Result<Self, ClientError> {
        let refused = || {
            let form = "a plain http or https URL, without user, query and fragment, and with whatever is not ASCII encoded";
            ClientError::caller(format!("{what} is not {form}"))
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => ("http", ":80"),
            "https" => ("https", ":443"),
            _ => return Err(refused()),
        };
        let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(port).unwrap_or(&host);
        let path = path.trim_end_matches('/');
        if is_host(host) && is_path(path) {
            return Ok(Self { scheme, host: host.into(), path: path.into() });
        }
        Err(refused())
    }

    /// Host and port, as the `host` header has them.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The path, empty or beginning with a slash.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.host, self.path)
    }
}

/// A name or a numeric address, IPv6 in brackets, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((host, "")) => return is_ipv6(host),
        Some((host, port)) => return is_ipv6(host) && port.strip_prefix(':').is_some_and(is_port),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let is_name = host.split('.').all(|label| is_word(label, b"-_"));
    // What ends in a number is read as an IPv4 address, in many forms.
    let is_numeric = host.rsplit('.').next().is_some_and(|last| last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit()));
    is_name && (!is_numeric || is_plain::<Ipv4Addr>(host)) && port.is_none_or(is_port)
}

fn is_ipv6(text: &str) -> bool {
    is_plain::<Ipv6Addr>(text)
}

fn is_port(text: &str) -> bool {
    is_plain::<u16>(text)
}

/// Whether it is the one form in which such a value is written.
fn is_plain<T: FromStr + ToString>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|value| value.to_string() == text)
}

/// Segments of what RFC 3986 allows in them, none of which leads back, also not encoded.
fn is_path(text: &str) -> bool {
    let is_segment = |segment: &str| {
        let is_dots = matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        segment.is_empty() || (is_word(segment, b"-._~!$&'()*+,;=:@%") && !is_dots)
    };
    text.split('/').all(is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain() {
        for (text, host, path) in [
            ("https://kms.example", "kms.example", ""),
            ("HTTPS://KMS.Example:443/", "kms.example", ""),
            ("http://127.0.0.1:4566/aws/kms//", "127.0.0.1:4566", "/aws/kms"),
            ("http://[::1]:99/a/b%20c", "[::1]:99", "/a/b%20c"),
            ("http://[::1]", "[::1]", ""),
            ("http://localhost:80", "localhost", ""),
            ("http://3f2a9c:8200", "3f2a9c:8200", ""),
        ] {
            let address = Address::parse(text, "endpoint").unwrap();
            assert_eq!((address.host(), address.path()), (host, path), "{text}");
            assert_eq!(Address::parse(&address.to_string(), "endpoint").unwrap(), address);
        }
        for text in [
            "",
            "kms.example",
            "ftp://kms.example",
            "https://",
            "https:///a",
            "https://a@kms.example",
            "https://kms.example?a",
            "https://kms.example#a",
            "https://kms.example/a?b",
            "https://kms..example",
            "https://kms.example:99999",
            "https://kms.example:",
            "https://[::1]9",
            "https://[x]",
            "https://[0:0:0:0:0:0:0:1]",
            "https://127.1",
            "https://0x7f.0.0.1",
            "https://kms.0x7f",
            "https://127.0.0.01",
            "https://kms.example:0443",
            "https://kms.example/%2E%2e/a",
            "https://kms.example/a/.%2e",
            "https://kms.example/../a",
            "https://kms.example/ü",
            "https://kms.example/a b",
            "https://kms.example\\a",
            "https://kms.example/\n",
        ] {
            let error = Address::parse(text, "endpoint").unwrap_err();
            assert!(error.message.starts_with("endpoint is not a plain http or https URL"), "{text}: {error}");
        }
    }
}
