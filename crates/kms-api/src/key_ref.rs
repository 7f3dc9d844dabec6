//! The four ways a request can name a key.

use std::str::FromStr;

use waxseal_base::event::NamedBy;

use crate::arn::Arn;

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
    /// How the key is named.
    pub fn named_by(&self) -> NamedBy {
        match self {
            Self::Id(_) => NamedBy::Id,
            Self::Arn(_) => NamedBy::Arn,
            Self::AliasName(_) | Self::AliasArn(_) => NamedBy::Alias,
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
        let plain =
            |text: &str| !text.is_empty() && text.len() <= 256 && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_-:".contains(c));
        match text.strip_prefix("alias/") {
            Some(name) if plain(name) => Ok(Self::AliasName(text.into())),
            None if plain(text) && !text.contains(['/', ':']) => Ok(Self::Id(text.into())),
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

impl std::fmt::Display for InvalidKeyRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
            assert_eq!(text.parse::<KeyRef>().unwrap().named_by(), by, "{text}");
        }
        for text in ["", "alias/", "a b", "key/1", "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:thing/1", "ключ"] {
            assert!(text.parse::<KeyRef>().is_err(), "{text}");
        }
    }
}
