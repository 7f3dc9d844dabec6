//! Limits of request members, refused in AWS's words: `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: …`.

use std::fmt::Display;
use std::ops::RangeInclusive;

use waxseal_kms_api::fault::{Fault, FaultCode};

/// Collects what is wrong with a request. The values themselves are not repeated: some are secret.
#[derive(Debug, Default)]
pub(crate) struct Validation {
    count: usize,
    /// The first few: a list in a request can have a hundred thousand wrong members.
    texts: Vec<String>,
}

impl Validation {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The length of a member: characters of a text, bytes of a blob, members of a list.
    pub(crate) fn length(self, member: &str, len: usize, limits: RangeInclusive<usize>) -> Self {
        self.within(member, "length", len, &limits)
    }

    /// The value of a number, if it is there.
    pub(crate) fn value(self, member: &str, value: Option<u32>, limits: RangeInclusive<u32>) -> Self {
        match value {
            Some(value) => self.within(member, "value", value, &limits),
            None => self,
        }
    }

    /// A member with a fixed set of values, if it is there.
    pub(crate) fn one_of(self, member: &str, value: Option<&str>, allowed: &[&str]) -> Self {
        let wrong = value.is_some_and(|value| !allowed.contains(&value));
        self.unless(!wrong, member, || format!("Member must satisfy enum value set: [{}]", allowed.join(", ")))
    }

    /// A member of a fixed form.
    pub(crate) fn pattern(self, member: &str, matches: bool, pattern: &str) -> Self {
        self.unless(matches, member, || format!("Member must satisfy regular expression pattern: {pattern}"))
    }

    /// The fault, if anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        let text = self.texts.join("; ");
        match self.count {
            0 => Ok(()),
            1 => Err(invalid(format!("1 validation error detected: {text}"))),
            count => Err(invalid(format!("{count} validation errors detected: {text}"))),
        }
    }

    fn within<T: PartialOrd + Display>(self, member: &str, what: &str, value: T, limits: &RangeInclusive<T>) -> Self {
        let (low, high) = (limits.start(), limits.end());
        self.unless(value >= *low, member, || format!("Member must have {what} greater than or equal to {low}")).unless(
            value <= *high,
            member,
            || format!("Member must have {what} less than or equal to {high}"),
        )
    }

    fn unless(mut self, holds: bool, member: &str, constraint: impl FnOnce() -> String) -> Self {
        if holds {
            return self;
        }
        self.count = self.count.saturating_add(1);
        if self.texts.len() < MAX_TEXTS {
            self.texts.push(format!("Value at '{member}' failed to satisfy constraint: {}", constraint()));
        }
        self
    }
}

/// A ValidationException of that text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::ValidationException, message)
}

/// The limits that `KeyId` has wherever it is required.
pub(crate) fn key_id(key_id: &str) -> Validation {
    Validation::new().length("keyId", key_id.chars().count(), 1..=2048)
}

/// The form that a region has wherever a request names one.
pub(crate) fn region(validation: Validation, member: &str, region: &str) -> Validation {
    let mut parts: Vec<&str> = region.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_region = (2..=3).contains(&parts.len()) && parts.iter().all(is_word) && is_number;
    validation.length(member, region.chars().count(), 1..=32).pattern(member, is_region, r"^([a-z]+-){2,3}\d+$")
}

/// The limits of members that several requests have.
impl Validation {
    pub(crate) fn policy_name(self, name: Option<&str>) -> Self {
        let name = name.unwrap_or("default");
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        self.length("policyName", name.chars().count(), 1..=128).pattern("policyName", is_word, r"[\w]+")
    }

    pub(crate) fn key_material_id(self, id: Option<&str>) -> Self {
        let Some(id) = id else { return self };
        let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        self.length("keyMaterialId", id.chars().count(), 64..=64).pattern("keyMaterialId", is_hex, "^[a-f0-9]+$")
    }

    pub(crate) fn service(self, member: &str, name: Option<&str>) -> Self {
        let name = name.unwrap_or("s3.amazonaws.com");
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_service = name.split('.').count() >= 3 && name.split('.').all(is_part);
        self.length(member, name.chars().count(), 1..=128).pattern(member, is_service, SERVICE_PATTERN)
    }

    pub(crate) fn grant_tokens(self, tokens: &[String]) -> Self {
        let ends_well = tokens.iter().all(|token| (1..=8192).contains(&token.len()));
        self.length("grantTokens", tokens.len(), 0..=10).unless(ends_well, "grantTokens", || {
            "Member must satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]".into()
        })
    }
}

const SERVICE_PATTERN: &str = r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$";

/// How many of many errors are told.
const MAX_TEXTS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_read_as_aws_writes_them() {
        let text = |validation: Validation| validation.finish().map_err(|fault| fault.message.unwrap());
        assert_eq!(text(Validation::new().length("plaintext", 4096, 1..=4096)), Ok(()));
        assert_eq!(
            text(Validation::new().length("plaintext", 4097, 1..=4096)).unwrap_err(),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"
        );
        let two = Validation::new().value("limit", Some(0), 1..=100).one_of("keySpec", Some("DES"), &["AES_256", "AES_128"]);
        assert_eq!(
            text(two).unwrap_err(),
            "2 validation errors detected: Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1; Value at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]"
        );
        let many = (0..1000).fold(Validation::new(), |all, _| all.value("limit", Some(0), 1..=100));
        let many = text(many).unwrap_err();
        assert!(many.starts_with("1000 validation errors detected: ") && many.len() < 1200, "{many}");
        assert_eq!(text(Validation::new().value("limit", None, 1..=2).one_of("x", None, &[])), Ok(()));
        assert!(text(key_id("k").grant_tokens(&vec![String::from("t"); 11])).unwrap_err().contains("less than or equal to 10"));
        assert!(text(key_id("k").grant_tokens(&[String::new()])).is_err());
        for (name, fits) in [("us-east-1", true), ("us-gov-west-1", true), ("us-1", false), ("a-b-c-d-1", false), ("us-east-", false)] {
            assert_eq!(text(region(Validation::new(), "replicaRegion", name)).is_ok(), fits, "{name}");
        }
    }
}
