//! The algorithm suites of the message format. One of them is written and read; the others are known by name, so that a refusal can say
//! what the message is.

use std::fmt;

/// A suite that this version writes and reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suite {
    /// 0478: AES-256-GCM, HKDF-SHA-512, key commitment, no signature.
    #[default]
    Committing,
}

impl Suite {
    /// Its number on the wire.
    pub fn id(self) -> u16 {
        match self {
            Self::Committing => 0x0478,
        }
    }

    /// The length of its data keys in bytes.
    pub fn data_key_len(self) -> usize {
        match self {
            Self::Committing => 32,
        }
    }

    /// The suite of that number, in a message of that version.
    pub fn from_id(id: u16, message_version: u8) -> Result<Self, UnusableSuite> {
        let known = TABLE.iter().find(|row| row.id == id).ok_or(UnusableSuite::Unknown(id))?;
        if known.message_version != message_version {
            return Err(UnusableSuite::OfOtherVersion { suite: *known, message_version });
        }
        match id {
            0x0478 => Ok(Self::Committing),
            _ => Err(UnusableSuite::NotSupported(*known)),
        }
    }

    /// What it consists of, in words.
    pub fn description(self) -> &'static str {
        TABLE.iter().find(|row| row.id == self.id()).map_or("", |row| row.description)
    }
}

/// Four hexadecimal digits, as the standard writes it.
impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}", self.id())
    }
}

/// Why a suite number is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusableSuite {
    /// The message format has no such suite.
    Unknown(
        /// The number.
        u16,
    ),
    /// The suite belongs to the other version of the message format.
    OfOtherVersion {
        /// The suite.
        suite: KnownSuite,
        /// The version of the message it was found in.
        message_version: u8,
    },
    /// The suite is a good one that this version does not read.
    NotSupported(
        /// The suite.
        KnownSuite,
    ),
}

impl fmt::Display for UnusableSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "there is no algorithm suite {id:04x}"),
            Self::OfOtherVersion { suite, message_version } => {
                write!(f, "algorithm suite {:04x} does not belong in a message of version {message_version}", suite.id)
            }
            Self::NotSupported(KnownSuite { id, description, .. }) => write!(f, "the message is of suite {id:04x} ({description})"),
        }
    }
}

/// A suite that the message format defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownSuite {
    /// Its number on the wire.
    pub id: u16,
    /// The version of the messages it is used in.
    pub message_version: u8,
    /// What it consists of, in words.
    pub description: &'static str,
}

const fn row(id: u16, message_version: u8, description: &'static str) -> KnownSuite {
    KnownSuite { id, message_version, description }
}

const TABLE: &[KnownSuite] = &[
    row(0x0014, 1, "AES-128-GCM"),
    row(0x0046, 1, "AES-192-GCM"),
    row(0x0078, 1, "AES-256-GCM"),
    row(0x0114, 1, "AES-128-GCM, HKDF-SHA-256"),
    row(0x0146, 1, "AES-192-GCM, HKDF-SHA-256"),
    row(0x0178, 1, "AES-256-GCM, HKDF-SHA-256"),
    row(0x0214, 1, "AES-128-GCM, HKDF-SHA-256, ECDSA P-256"),
    row(0x0346, 1, "AES-192-GCM, HKDF-SHA-384, ECDSA P-384"),
    row(0x0378, 1, "AES-256-GCM, HKDF-SHA-384, ECDSA P-384"),
    row(0x0478, 2, "AES-256-GCM, HKDF-SHA-512, key commitment"),
    row(0x0578, 2, "AES-256-GCM, HKDF-SHA-512, key commitment, ECDSA P-384"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_to_suites_or_say_why_not() {
        assert_eq!(Suite::from_id(0x0478, 2), Ok(Suite::Committing));
        assert_eq!(Suite::Committing.to_string(), "0478");
        for (id, version, text) in [
            (0x0000, 2, "there is no algorithm suite 0000"),
            (0x6701, 2, "there is no algorithm suite 6701"),
            (0x0478, 1, "algorithm suite 0478 does not belong in a message of version 1"),
            (0x0178, 2, "algorithm suite 0178 does not belong in a message of version 2"),
            (0x0578, 2, "the message is of suite 0578 (AES-256-GCM, HKDF-SHA-512, key commitment, ECDSA P-384)"),
        ] {
            assert_eq!(Suite::from_id(id, version).unwrap_err().to_string(), text);
        }
    }
}
