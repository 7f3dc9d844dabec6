//! A key of a KMS that is not AWS's, and how messages name it.

/// A key without an ARN. A message has its data keys under a provider id of ours, so that an official AWS Encryption SDK reads the message and passes over
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorKey {
    /// The kind of key, such as `waxseal-gcp-kms`.
    pub provider_id: String,
    /// What the KMS is asked by to wrap.
    pub key_id: String,
    /// What the KMS answers that it used, what messages have as provider info, and what the KMS is asked by to unwrap.
    pub named: Named,
}

/// By which names a message may name a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By this one.
    As(String),
    /// By this one, a slash and a version of letters, digits and underscores.
    AsVersionOf(String),
}

impl Named {
    /// Whether that names the key.
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::As(own) => name == own,
            Self::AsVersionOf(own) => {
                let version = name.strip_prefix(own.as_str()).and_then(|rest| rest.strip_prefix('/'));
                version
                    .is_some_and(|version| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_of_their_key_only() {
        let one = Named::As("https://v/keys/k/1".into());
        let any = Named::AsVersionOf("https://v/keys/k".into());
        for (name, is_one, is_any) in [
            ("https://v/keys/k/1", true, true),
            ("https://v/keys/k/2_a", false, true),
            ("https://v/keys/k", false, false),
            ("https://v/keys/k/", false, false),
            ("https://v/keys/k/1/2", false, false),
            ("https://v/keys/k2/1", false, false),
        ] {
            assert_eq!((one.is(name), any.is(name)), (is_one, is_any), "{name}");
        }
    }
}
