//! The algorithm suites of the message format, all of them, in one table.

use std::fmt;

/// An algorithm suite: what encrypts a message, how its key is derived, and whether somebody signs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    id: u16,
    message_version: u8,
    data_key_len: usize,
    key_derivation: KeyDerivation,
    signature: Option<SignatureAlgorithm>,
}

/// How the message key comes from the data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDerivation {
    /// It is the data key.
    Identity,
    /// By HKDF-SHA-256, with the suite and the message id as info.
    HkdfSha256,
    /// By HKDF-SHA-384, with the suite and the message id as info.
    HkdfSha384,
    /// By HKDF-SHA-512 with the message id as salt, and with it the commitment to the data key.
    Committing,
}

/// What signs a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA over P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA over P-384 with SHA-384.
    EcdsaP384,
}

impl SignatureAlgorithm {
    /// Bytes of a compressed point of its curve.
    pub(crate) fn point_len(self) -> usize {
        match self {
            Self::EcdsaP256 => 33,
            Self::EcdsaP384 => 49,
        }
    }

    /// Bytes of its hash.
    #[cfg(feature = "signatures")]
    pub(crate) fn digest_len(self) -> usize {
        match self {
            Self::EcdsaP256 => 32,
            Self::EcdsaP384 => 48,
        }
    }
}

/// Whether a client writes and reads suites without key commitment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitmentPolicy {
    /// Writes suites without commitment, reads all: for readers that do not know commitment yet.
    ForbidEncryptAllowDecrypt,
    /// Writes suites with commitment, reads all: for messages that older writers left.
    RequireEncryptAllowDecrypt,
    /// Writes and reads suites with commitment only.
    #[default]
    RequireEncryptRequireDecrypt,
}

impl Suite {
    /// AES-256-GCM, HKDF-SHA-512, key commitment, no signature: what is written unless another is asked for.
    pub const COMMITTING: Self = row(0x0478, 2, 256, KeyDerivation::Committing, None);
    /// The same, and signed: who can open such a message can not have made it.
    pub const COMMITTING_SIGNED: Self = row(0x0578, 2, 256, KeyDerivation::Committing, Some(SignatureAlgorithm::EcdsaP384));

    /// All suites, in order of their numbers.
    pub const ALL: &[Self] = &[
        row(0x0014, 1, 128, KeyDerivation::Identity, None),
        row(0x0046, 1, 192, KeyDerivation::Identity, None),
        row(0x0078, 1, 256, KeyDerivation::Identity, None),
        row(0x0114, 1, 128, KeyDerivation::HkdfSha256, None),
        row(0x0146, 1, 192, KeyDerivation::HkdfSha256, None),
        row(0x0178, 1, 256, KeyDerivation::HkdfSha256, None),
        row(0x0214, 1, 128, KeyDerivation::HkdfSha256, Some(SignatureAlgorithm::EcdsaP256)),
        row(0x0346, 1, 192, KeyDerivation::HkdfSha384, Some(SignatureAlgorithm::EcdsaP384)),
        row(0x0378, 1, 256, KeyDerivation::HkdfSha384, Some(SignatureAlgorithm::EcdsaP384)),
        Self::COMMITTING,
        Self::COMMITTING_SIGNED,
    ];

    /// The suite of that number.
    pub fn from_id(id: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.id == id)
    }

    /// Its number on the wire.
    pub fn id(self) -> u16 {
        self.id
    }

    /// The version of the messages it is used in, 1 or 2.
    pub fn message_version(self) -> u8 {
        self.message_version
    }

    /// The length of its data keys in bytes; its message keys are as long.
    pub fn data_key_len(self) -> usize {
        self.data_key_len
    }

    /// How the message key comes from the data key.
    pub fn key_derivation(self) -> KeyDerivation {
        self.key_derivation
    }

    /// Whether a message says, unforgeably, which data key it is under.
    pub fn is_committing(self) -> bool {
        self.key_derivation == KeyDerivation::Committing
    }

    /// What signs its messages, if anything does.
    pub fn signature(self) -> Option<SignatureAlgorithm> {
        self.signature
    }

    /// What it consists of, in words.
    pub fn description(self) -> String {
        let derivation = match self.key_derivation {
            KeyDerivation::Identity => "",
            KeyDerivation::HkdfSha256 => ", HKDF-SHA-256",
            KeyDerivation::HkdfSha384 => ", HKDF-SHA-384",
            KeyDerivation::Committing => ", HKDF-SHA-512, key commitment",
        };
        let signature = self.signature.map_or("", |signature| match signature {
            SignatureAlgorithm::EcdsaP256 => ", ECDSA P-256",
            SignatureAlgorithm::EcdsaP384 => ", ECDSA P-384",
        });
        format!("AES-{}-GCM{derivation}{signature}", self.data_key_len.saturating_mul(8))
    }
}

/// [`Suite::COMMITTING`].
impl Default for Suite {
    fn default() -> Self {
        Self::COMMITTING
    }
}

/// Four hexadecimal digits, as the standard writes it.
impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}", self.id)
    }
}

impl CommitmentPolicy {
    /// The policy of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::ForbidEncryptAllowDecrypt, Self::RequireEncryptAllowDecrypt, Self::RequireEncryptRequireDecrypt];
        all.into_iter().find(|policy| policy.name() == name)
    }

    /// What is written under it unless another suite is asked for.
    pub fn default_suite(self) -> Suite {
        match self {
            // The one without commitment that the official SDKs choose.
            Self::ForbidEncryptAllowDecrypt => row(0x0378, 1, 256, KeyDerivation::HkdfSha384, Some(SignatureAlgorithm::EcdsaP384)),
            Self::RequireEncryptAllowDecrypt | Self::RequireEncryptRequireDecrypt => Suite::COMMITTING,
        }
    }

    /// Whether messages of that suite may be written.
    pub fn allows_writing(self, suite: Suite) -> bool {
        suite.is_committing() == (self != Self::ForbidEncryptAllowDecrypt)
    }

    /// Whether messages of that suite may be read.
    pub fn allows_reading(self, suite: Suite) -> bool {
        suite.is_committing() || self != Self::RequireEncryptRequireDecrypt
    }

    /// Its name, as the official SDKs have it in JavaScript's writing.
    pub fn name(self) -> &'static str {
        match self {
            Self::ForbidEncryptAllowDecrypt => "forbid-encrypt-allow-decrypt",
            Self::RequireEncryptAllowDecrypt => "require-encrypt-allow-decrypt",
            Self::RequireEncryptRequireDecrypt => "require-encrypt-require-decrypt",
        }
    }
}

const fn row(id: u16, message_version: u8, key_bits: usize, key_derivation: KeyDerivation, signature: Option<SignatureAlgorithm>) -> Suite {
    Suite { id, message_version, data_key_len: key_bits / 8, key_derivation, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_to_suites() {
        for &suite in Suite::ALL {
            assert_eq!(Suite::from_id(suite.id()), Some(suite));
            assert_eq!(suite.is_committing(), suite.message_version() == 2);
        }
        for id in [0x0000, 0x0070, 0x6700, 0x6701] {
            assert_eq!(Suite::from_id(id), None, "{id:04x} is of no message");
        }
        assert_eq!(Suite::default().to_string(), "0478");
        assert_eq!(Suite::COMMITTING_SIGNED.description(), "AES-256-GCM, HKDF-SHA-512, key commitment, ECDSA P-384");
        assert_eq!(Suite::from_id(0x0014).unwrap().description(), "AES-128-GCM");
    }

    #[test]
    fn policies_say_what_may_be_written_and_read() {
        use CommitmentPolicy::{ForbidEncryptAllowDecrypt, RequireEncryptAllowDecrypt, RequireEncryptRequireDecrypt};
        let without = Suite::from_id(0x0178).unwrap();
        for (policy, writes, writes_without, reads_without) in [
            (ForbidEncryptAllowDecrypt, false, true, true),
            (RequireEncryptAllowDecrypt, true, false, true),
            (RequireEncryptRequireDecrypt, true, false, false),
        ] {
            let allowed = (policy.allows_writing(Suite::COMMITTING), policy.allows_writing(without), policy.allows_reading(without));
            assert_eq!(allowed, (writes, writes_without, reads_without), "{}", policy.name());
            assert_eq!(CommitmentPolicy::from_name(policy.name()), Some(policy));
            assert!(policy.allows_reading(Suite::COMMITTING) && policy.allows_writing(policy.default_suite()));
        }
    }
}
