//! The four ways a request can name a key.

use std::fmt;
use std::str::FromStr;

use waxseal_base::event::NamedBy;

use crate::arn::{Arn, MULTI_REGION_PREFIX};

/// A key, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRef {
    /// A key id, such as `1234abcd-12ab-34cd-56ef-1234567890ab` or `mrk-…`, in the caller's account and region.
    Id(String),
    /// A key ARN.
    Arn(Arn),
    /// An alias name with its `alias/` prefix, in the caller's account and region.
    AliasName(String),
    /// An alias ARN.
    AliasArn(Arn),
}

impl KeyRef {
    /// The id of the multi-Region key that this names: of a key ARN or a bare id. An alias names none, even one that begins with `mrk-`.
    pub fn multi_region_id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id.as_str()).filter(|id| id.starts_with(MULTI_REGION_PREFIX)),
            Self::Arn(arn) => arn.is_multi_region_key().then(|| arn.resource_id()),
            Self::AliasName(_) | Self::AliasArn(_) => None,
        }
    }

    /// How the key is named.
    pub fn named_by(&self) -> NamedBy {
        match self {
            Self::Id(_) => NamedBy::Id,
            Self::Arn(_) => NamedBy::Arn,
            Self::AliasName(_) | Self::AliasArn(_) => NamedBy::Alias,
        }
    }
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::AliasName(text) => f.write_str(text),
            Self::Arn(arn) | Self::AliasArn(arn) => write!(f, "{arn}"),
        }
    }
}

impl FromStr for KeyRef {
    type Err = InvalidKeyRef;

    fn from_str(text: &str) -> Result<Self, InvalidKeyRef> {
        let invalid = || InvalidKeyRef(text.into());
        if text.starts_with("arn:") {
            let arn: Arn = text.parse().map_err(|_| invalid())?;
            return match () {
                () if arn.is_kms_key() => Ok(Self::Arn(arn)),
                () if arn.is_kms_alias() => Ok(Self::AliasArn(arn)),
                () => Err(invalid()),
            };
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b':');
        let plain = |text: &str| !text.is_empty() && text.len() <= 256 && text.bytes().all(is_plain);
        match text.strip_prefix("alias/") {
            Some(name) if plain(name) => Ok(Self::AliasName(text.into())),
            None if plain(text) && !text.bytes().any(|byte| matches!(byte, b'/' | b':')) => Ok(Self::Id(text.into())),
            _ => Err(invalid()),
        }
    }
}

/// Text that names no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKeyRef(
    /// The text.
    pub String,
);

impl fmt::Display for InvalidKeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no KMS key; give a key id, a key ARN, an alias name (alias/…) or an alias ARN", self.0)
    }
}

impl std::error::Error for InvalidKeyRef {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_forms_parse() {
        for (text, by) in [
            ("1234abcd-12ab-34cd-56ef-1234567890ab", NamedBy::Id),
            ("mrk-1234abcd", NamedBy::Id),
            ("arn:aws:kms:us-east-1:111122223333:key/1234abcd", NamedBy::Arn),
            ("alias/documents", NamedBy::Alias),
            ("arn:aws:kms:us-east-1:111122223333:alias/documents", NamedBy::Alias),
        ] {
            let key: KeyRef = text.parse().unwrap();
            assert_eq!((key.named_by(), key.to_string().as_str()), (by, text));
        }
        for (text, id) in [
            ("mrk-1", Some("mrk-1")),
            ("arn:aws:kms:us-east-1:111122223333:key/mrk-1", Some("mrk-1")),
            ("1234", None),
            ("alias/mrk-1", None),
            ("arn:aws:kms:us-east-1:111122223333:alias/mrk-1", None),
        ] {
            assert_eq!(text.parse::<KeyRef>().unwrap().multi_region_id(), id, "{text}");
        }
        for text in ["", "alias/", "a b", "key/1", "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:thing/1", "ключ"] {
            assert!(text.parse::<KeyRef>().is_err(), "{text}");
        }
    }
}
