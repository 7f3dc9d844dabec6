//! The JSON of a folder of vectors.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use waxseal::message::Header;

/// `vectors.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct CaseFile {
    /// The version of the layout: 1.
    pub format: u32,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One message and what must come out of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Case {
    /// Its unique id.
    pub id: String,
    /// Who made it.
    pub source: String,
    /// The message's file, in the folder.
    pub message: String,
    /// The SHA-256 of that file, in hexadecimal.
    pub message_sha256: String,
    /// What must come out.
    pub expect: Expect,
    /// The keys to open it with.
    pub keys: Keys,
    /// The rule of the format it breaks, where it is to be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The plaintext's length in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plaintext_len: Option<usize>,
    /// The plaintext's SHA-256, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plaintext_sha256: Option<String>,
    /// What the header says, where known.
    #[serde(flatten)]
    pub facts: HeaderFacts,
    /// The commitment, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_key: Option<String>,
    /// The message key, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_key: Option<String>,
    /// The commitment policy to read under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// The limit of encrypted data keys to read with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_edks: Option<u16>,
    /// Whether every small change of the message must be refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sweep: bool,
    /// What a stand-in KMS answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kms: Vec<KmsAnswer>,
    /// Pairs that the caller gives because the message authenticates them without storing them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduced_ec: Option<BTreeMap<String, String>>,
    /// Which keys are so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_ec_keys: Option<Vec<String>>,
}

impl Case {
    /// What this version lacks to run the case, if anything.
    pub fn missing_feature(&self) -> Option<String> {
        // A case that is only parsed needs no keys.
        let keys = self.keys.unsupported().filter(|_| self.expect != Expect::Parse)?;
        Some(format!("needs keys of type {keys}"))
    }
}

/// What must come out of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The plaintext.
    #[default]
    Ok,
    /// A refusal, and no plaintext.
    Reject,
    /// The header, for nobody here has the key.
    Parse,
}

/// Commitment policies, as the official SDKs name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Policy {
    /// Writes without commitment, reads everything.
    ForbidEncryptAllowDecrypt,
    /// Writes with commitment, reads everything.
    RequireEncryptAllowDecrypt,
    /// Writes and reads with commitment only.
    RequireEncryptRequireDecrypt,
}

/// What a header says. A fact that is not given is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderFacts {
    /// The version of the message format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u8>,
    /// The suite, four hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// `framed` or `unframed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Bytes in a frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_length: Option<u32>,
    /// The message id, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Bytes of the header with its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_len: Option<usize>,
    /// The stored encryption context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec: Option<BTreeMap<String, String>>,
    /// The encrypted data keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edks: Option<Vec<EdkFacts>>,
}

impl HeaderFacts {
    /// All facts of a header.
    pub fn of(header: &Header) -> Result<Self> {
        let mut writer = waxseal_base::codec::Writer::new();
        header.write(&mut writer)?;
        Ok(Self {
            version: Some(header.suite.message_version()),
            suite: Some(header.suite.to_string()),
            content: Some(if header.content.frame_length().is_some() { "framed" } else { "unframed" }.into()),
            frame_length: Some(header.content.frame_length().unwrap_or(0)),
            message_id: Some(hex::encode(header.message_id.as_bytes())),
            header_len: Some(writer.len() + if header.suite.message_version() == 1 { 12 + 16 } else { 16 }),
            ec: Some(header.encryption_context.to_map()),
            edks: Some(
                header
                    .encrypted_data_keys
                    .iter()
                    .map(|key| EdkFacts {
                        provider_id: key.provider_id.clone(),
                        provider_info: Some(hex::encode(&key.provider_info)),
                        provider_info_text: None,
                        ciphertext_len: key.ciphertext.len(),
                    })
                    .collect(),
            ),
        })
    }

    /// Whether all facts given here are those found.
    pub fn agree_with(&self, found: &Self) -> bool {
        fn agrees<T: PartialEq>(given: &Option<T>, found: &Option<T>) -> bool {
            given.is_none() || given == found
        }
        fn edks(facts: &HeaderFacts) -> Option<Vec<(&str, String, usize)>> {
            facts.edks.as_ref().map(|edks| edks.iter().map(EdkFacts::normalized).collect())
        }
        agrees(&self.version, &found.version)
            && agrees(&self.suite, &found.suite)
            && agrees(&self.content, &found.content)
            && agrees(&self.frame_length, &found.frame_length)
            && agrees(&self.message_id, &found.message_id)
            && agrees(&self.header_len, &found.header_len)
            && agrees(&self.ec, &found.ec)
            && agrees(&edks(self), &edks(found))
    }
}

/// One encrypted data key of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdkFacts {
    /// The provider id.
    pub provider_id: String,
    /// The provider info, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_info: Option<String>,
    /// The provider info, where it is given as text instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_info_text: Option<String>,
    /// Bytes of ciphertext.
    pub ciphertext_len: usize,
}

impl EdkFacts {
    fn normalized(&self) -> (&str, String, usize) {
        let info = self.provider_info.clone().or_else(|| self.provider_info_text.as_ref().map(hex::encode));
        (&self.provider_id, info.unwrap_or_default(), self.ciphertext_len)
    }
}

/// The keys of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Keys {
    /// The plaintext data key itself.
    DataKey {
        /// In hexadecimal.
        hex: String,
    },
    /// A raw AES wrapping key.
    RawAes {
        /// Its name in `keys.json`.
        key: String,
        /// Its namespace.
        namespace: String,
        /// Its name in messages.
        name: String,
    },
    /// A raw RSA key pair.
    RawRsa {
        /// Its name in `keys.json`.
        key: String,
        /// Its namespace.
        namespace: String,
        /// Its name in messages.
        name: String,
        /// `oaep` or `pkcs1`.
        padding: String,
        /// OAEP's hash, such as `sha256`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hash: Option<String>,
    },
    /// A branch key.
    Hierarchy {
        /// Its name in `keys.json`.
        key: String,
    },
    /// Any of several, to be tried in order.
    Multi {
        /// Those.
        of: Vec<Keys>,
    },
    /// A kind that this version has no keyring for, or that only parsed messages have.
    #[serde(untagged)]
    Other {
        /// Which kind.
        #[serde(rename = "type")]
        kind: String,
    },
}

impl Default for Keys {
    fn default() -> Self {
        Self::Multi { of: Vec::new() }
    }
}

impl Keys {
    fn unsupported(&self) -> Option<String> {
        match self {
            Self::DataKey { .. } | Self::RawAes { .. } | Self::RawRsa { .. } | Self::Hierarchy { .. } => None,
            Self::Multi { of } => of.iter().find_map(Self::unsupported),
            Self::Other { kind } => Some(kind.clone()),
        }
    }
}

/// What a stand-in KMS answers to Decrypt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KmsAnswer {
    /// The key it must be asked for.
    pub key_arn: String,
    /// The SHA-256 of the ciphertext it must be asked about, in hexadecimal.
    pub ciphertext_blob_sha256: String,
    /// The data key it then gives, in hexadecimal.
    pub plaintext_data_key: String,
}

/// `keys.json`: keys by name.
pub type KeyFile = BTreeMap<String, Key>;

/// One key of `keys.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Key {
    /// `symmetric` for AES keys, `rsa`, `branch-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bytes of a symmetric or branch key, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// An RSA private key, PKCS#8 in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_pem: Option<String>,
    /// A branch key's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_key_id: Option<String>,
    /// A branch key's version, a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
