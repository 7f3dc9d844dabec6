//! The values a condition compares with, read once by the kind of its operator, and the comparison with one value of a request.

use std::net::IpAddr;

use base64ct::{Base64, Encoding};
use waxseal_base::time::Timestamp;

use super::operator::Test;
use crate::context::Context;
use crate::variables::{Syntax, Template};

/// One value of a condition.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Template),
    Number(f64),
    Date(Timestamp),
    Bool(bool),
    Network(Network),
    Bytes(Vec<u8>),
}

/// Addresses with a common prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network {
    address: IpAddr,
    prefix_len: u32,
}

impl Value {
    /// Reads a value for a test. Errors say what kind of value it takes.
    pub(crate) fn parse(test: Test, text: &str, variables: bool) -> Result<Self, String> {
        let needs = |what: &str| format!("`{text}` is not {what}");
        match test {
            Test::StringEquals | Test::StringEqualsIgnoreCase => {
                Template::parse(text, Syntax { wildcards: false, variables }).map(Self::Text)
            }
            Test::StringLike | Test::ArnLike => Template::parse(text, Syntax { wildcards: true, variables }).map(Self::Text),
            Test::Numeric(_) => number(text).map(Self::Number).ok_or_else(|| needs("a number")),
            Test::Date(_) => date(text).map(Self::Date).ok_or_else(|| needs("a date such as 2026-01-15T12:00:00Z, or seconds since 1970")),
            Test::Bool | Test::Null => boolean(text).map(Self::Bool).ok_or_else(|| needs("true or false")),
            Test::IpAddress => {
                Network::parse(text).map(Self::Network).ok_or_else(|| needs("an IP address or a range such as 203.0.113.0/24"))
            }
            Test::BinaryEquals => Base64::decode_vec(text).map(Self::Bytes).map_err(|_| needs("base64")),
        }
    }

    /// Whether a value of the request satisfies the test, before any negation. What is not of the test's kind does not.
    pub(crate) fn matches(&self, test: Test, found: &str, context: &Context) -> bool {
        match (self, test) {
            (Self::Text(template), Test::StringEqualsIgnoreCase) => template.matches_ignoring_case(found, context),
            (Self::Text(template), Test::ArnLike) => template.matches_arn(found, context),
            (Self::Text(template), _) => template.matches(found, context),
            (Self::Number(wanted), Test::Numeric(relation)) => {
                number(found).and_then(|found| found.partial_cmp(wanted)).is_some_and(|ordering| relation.holds(ordering))
            }
            (Self::Date(wanted), Test::Date(relation)) => date(found).is_some_and(|found| relation.holds(found.cmp(wanted))),
            (Self::Bool(wanted), _) => boolean(found) == Some(*wanted),
            (Self::Network(network), _) => found.parse().is_ok_and(|address| network.contains(address)),
            (Self::Bytes(wanted), _) => Base64::decode_vec(found).is_ok_and(|found| found == *wanted),
            _ => false,
        }
    }

    /// Whether it has a variable that the request does not fill in.
    pub(crate) fn is_unresolved(&self, context: &Context) -> bool {
        matches!(self, Self::Text(template) if template.is_unresolved(context))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix_len) = match text.split_once('/') {
            None => (text, None),
            Some((address, len)) if !len.is_empty() && len.bytes().all(|byte| byte.is_ascii_digit()) => (address, Some(len.parse().ok()?)),
            Some(_) => return None,
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_len = prefix_len.unwrap_or(longest);
        (prefix_len <= longest).then_some(Self { address, prefix_len })
    }

    fn contains(self, address: IpAddr) -> bool {
        let (own, other, bits) = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits()), 32_u32),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        // A prefix of no bits shifts by all 128, which leaves nothing to differ.
        (own ^ other).checked_shr(bits.saturating_sub(self.prefix_len)).unwrap_or(0) == 0
    }
}

fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

/// The W3C's profile of ISO 8601, from a year and month to fractions of a second, or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1000).map(Timestamp::from_millis);
    }
    Timestamp::parse_iso8601(text)
        .or_else(|| {
            // A day is optional after the month, seconds after the minute.
            let (day, rest) = text.split_at_checked(16)?;
            Timestamp::parse_iso8601(&format!("{day}:00{rest}"))
        })
        .or_else(|| (text.len() == 7).then(|| Timestamp::parse_iso8601(&format!("{text}-01"))).flatten())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator::Relation;
    use super::*;

    fn holds(test: Test, wanted: &str, found: &str) -> bool {
        Value::parse(test, wanted, true).unwrap().matches(test, found, &Context::new())
    }

    #[test]
    fn addresses_match_ranges() {
        for (range, address, matched) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "198.51.100.10", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "198.51.100.10", false),
            ("2001:db8::1", "2001:db8::2", false),
            ("203.0.113.0/24", "s3.amazonaws.com", false),
        ] {
            assert_eq!(holds(Test::IpAddress, range, address), matched, "{range} {address}");
        }
        for broken in ["300.1.1.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+8", "::/129"] {
            assert!(Value::parse(Test::IpAddress, broken, true).is_err(), "{broken}");
        }
    }

    #[test]
    fn numbers_dates_booleans_and_bytes_compare_as_such() {
        assert!(holds(Test::Numeric(Relation::LessThanEquals), "7", "7.0"));
        assert!(!holds(Test::Numeric(Relation::LessThan), "7", "30"));
        assert!(!holds(Test::Numeric(Relation::LessThan), "7", "inf"));
        assert!(Value::parse(Test::Numeric(Relation::Equals), "NaN", true).is_err());
        assert!(holds(Test::Date(Relation::Equals), "2026-01-15T12:00Z", "1768478400"));
        assert!(holds(Test::Date(Relation::GreaterThan), "2026-01", "2026-01-15T12:00:00Z"));
        assert!(holds(Test::Date(Relation::LessThan), "2026-02-01", "2026-01-15T13:00:00+01:00"));
        assert!(Value::parse(Test::Date(Relation::Equals), "tomorrow", true).is_err());
        assert!(holds(Test::Bool, "True", "true"));
        assert!(!holds(Test::Bool, "true", "yes"));
        assert!(holds(Test::BinaryEquals, "QmluYXJ5", "QmluYXJ5"));
        assert!(Value::parse(Test::BinaryEquals, "not base64", true).is_err());
    }
}
