//! Amazon Resource Names, `arn:partition:service:region:account:resource`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A parsed ARN. The resource may hold further colons and slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    /// Such as `aws`.
    pub partition: String,
    /// Such as `kms`, `iam` or `sts`.
    pub service: String,
    /// Such as `us-east-1`; empty for `iam` and `sts`.
    pub region: String,
    /// The account's 12 digits.
    pub account: String,
    /// What is named, such as `key/1234abcd-…`, `user/bob` or `root`.
    pub resource: String,
}

impl Arn {
    /// The ARN of a KMS key.
    pub fn kms_key(partition: &str, region: &str, account: &str, key_id: &str) -> Self {
        Self {
            partition: partition.into(),
            service: "kms".into(),
            region: region.into(),
            account: account.into(),
            resource: format!("key/{key_id}"),
        }
    }

    /// The part of the resource before its first slash: `key`, `alias`, `user`; the whole resource if it has none.
    pub fn resource_type(&self) -> &str {
        self.resource.split_once('/').map_or(self.resource.as_str(), |(kind, _)| kind)
    }

    /// The part of the resource after its first slash; further slashes belong to it. Empty if it has none.
    pub fn resource_id(&self) -> &str {
        self.resource.split_once('/').map_or("", |(_, id)| id)
    }

    /// Whether this names a KMS key: service `kms`, region and account present, resource `key/<id>`.
    pub fn is_kms_key(&self) -> bool {
        self.is_kms("key")
    }

    /// Whether this names an alias of a KMS key: service `kms`, region and account present, resource `alias/<name>`.
    pub fn is_kms_alias(&self) -> bool {
        self.is_kms("alias")
    }

    /// Whether this names a multi-Region KMS key: its id begins with `mrk-`, and so do its replicas' in other regions, which have the same.
    pub fn is_multi_region_key(&self) -> bool {
        self.is_kms_key() && self.resource_id().starts_with(MULTI_REGION_PREFIX)
    }

    /// Whether both name one KMS key: they are equal, or primary and replica, or two replicas, of a multi-Region key.
    pub fn is_same_or_related_key(&self, other: &Self) -> bool {
        let related = || Self { region: other.region.clone(), ..self.clone() } == *other;
        self == other || (self.is_multi_region_key() && other.is_multi_region_key() && related())
    }

    fn is_kms(&self, resource_type: &str) -> bool {
        self.service == "kms"
            && !self.partition.is_empty()
            && !self.region.is_empty()
            && !self.account.is_empty()
            && self.resource_type() == resource_type
            && !self.resource_id().is_empty()
    }
}

/// What the ids of multi-Region keys begin with.
pub const MULTI_REGION_PREFIX: &str = "mrk-";

impl FromStr for Arn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let mut parts = text.splitn(6, ':');
        match [parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(resource)]
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self {
                    partition: partition.into(),
                    service: service.into(),
                    region: region.into(),
                    account: account.into(),
                    resource: resource.into(),
                })
            }
            _ => Err(InvalidArn(text.into())),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.to_string()
    }
}

impl TryFrom<String> for Arn {
    type Error = InvalidArn;

    fn try_from(text: String) -> Result<Self, InvalidArn> {
        text.parse()
    }
}

/// Text that is not an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidArn(
    /// The text.
    pub String,
);

impl fmt::Display for InvalidArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an ARN; the form is arn:partition:service:region:account:resource", self.0)
    }
}

impl std::error::Error for InvalidArn {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_arns_are_told_from_others() {
        let key: Arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd".parse().unwrap();
        assert!(key.is_kms_key() && !key.is_kms_alias());
        assert_eq!((key.resource_type(), key.resource_id()), ("key", "1234abcd"));
        assert_eq!(key.to_string(), "arn:aws:kms:us-east-1:111122223333:key/1234abcd");
        let slashes: Arn = "arn:aws:kms:us-east-1:111122223333:alias/a/b:c".parse().unwrap();
        assert!(slashes.is_kms_alias());
        assert_eq!(slashes.resource_id(), "a/b:c");
        for not_key in [
            "arn:aws:kms::111122223333:key/1",
            "arn:aws:kms:us-east-1::key/1",
            "arn:aws:kms:us-east-1:111122223333:key/",
            "arn:aws:iam::111122223333:root",
        ] {
            assert!(!not_key.parse::<Arn>().unwrap().is_kms_key(), "{not_key}");
        }
        let at = |region: &str, id: &str| -> Arn { format!("arn:aws:kms:{region}:111122223333:{id}").parse().unwrap() };
        assert!(at("eu-west-1", "key/mrk-1").is_multi_region_key());
        for single in ["key/1", "key/1mrk-", "alias/mrk-1", "key/MRK-1"] {
            assert!(!at("eu-west-1", single).is_multi_region_key(), "{single}");
        }
        for (left, right, same) in [
            (at("eu-west-1", "key/mrk-1"), at("us-east-1", "key/mrk-1"), true),
            (at("eu-west-1", "key/1"), at("eu-west-1", "key/1"), true),
            (at("eu-west-1", "key/1"), at("us-east-1", "key/1"), false),
            (at("eu-west-1", "key/mrk-1"), at("us-east-1", "key/mrk-2"), false),
            (at("eu-west-1", "key/mrk-1"), Arn { account: "444455556666".into(), ..at("us-east-1", "key/mrk-1") }, false),
            (at("eu-west-1", "key/mrk-1"), Arn { partition: "aws-cn".into(), ..at("us-east-1", "key/mrk-1") }, false),
            (at("eu-west-1", "alias/mrk-1"), at("us-east-1", "alias/mrk-1"), false),
        ] {
            assert_eq!(left.is_same_or_related_key(&right), same, "{left} {right}");
        }
        for not_arn in ["", "arn:aws:kms", "arn:aws:kms:r:a:", "urn:aws:kms:r:a:key/1", "arn::kms:r:a:key/1"] {
            assert!(not_arn.parse::<Arn>().is_err(), "{not_arn}");
        }
    }
}
