//! The key schedule (message format, "key derivation"), all of it: the data key becomes the message key and, in committing suites, the
//! commitment.
//!
//! ```text
//! identity suites:    message key = data key
//! other suites of v1: message key = HKDF-Expand(HKDF-Extract(SHA-256 or SHA-384, no salt, data key), suite id || message id, its length)
//! committing suites:  PRK         = HKDF-Extract(SHA-512, salt = message id, data key)
//!                     message key = HKDF-Expand(PRK, suite id || "DERIVEKEY", 32)
//!                     commitment  = HKDF-Expand(PRK, "COMMITKEY", 32)
//! ```

use waxseal_base::event::{Kind, SecretName, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::secret::{Secret, scrub_stack};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::message::MessageId;
use crate::primitives::{CipherError, Expansion, HkdfHash, equal_in_constant_time, hkdf};
use crate::suite::{KeyDerivation, Suite};

const DERIVE_LABEL: &str = "DERIVEKEY";
const COMMIT_LABEL: &str = "COMMITKEY";

/// The commitment to a data key, which everybody may see.
pub(crate) type Commitment = [u8; 32];

/// What HKDF with SHA-512 takes besides a data key, for whoever derives the keys of a message elsewhere: both outputs have 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The salt, for both: the message id.
    pub salt: Vec<u8>,
    /// The info of the message key.
    pub message_key_info: Vec<u8>,
    /// The info of the commitment.
    pub commitment_info: Vec<u8>,
}

impl Derivation {
    /// Of a committing suite.
    pub(crate) fn of(suite: Suite, message_id: &MessageId) -> Self {
        Self {
            salt: message_id.as_bytes().to_vec(),
            message_key_info: [&suite.id().to_be_bytes(), DERIVE_LABEL.as_bytes()].concat(),
            commitment_info: COMMIT_LABEL.as_bytes().to_vec(),
        }
    }
}

/// Whether keys of the suite can be derived elsewhere.
pub(crate) fn check_elsewhere(suite: Suite) -> Result<(), Error> {
    if suite.is_committing() {
        return Ok(());
    }
    let reason = reason!("keys of suite {suite} ({}) are not derived elsewhere; start with the data key", suite.description());
    Err(Error::Unsupported { reason })
}

/// Whether this build has the ciphers of the suite.
pub(crate) fn check_built(suite: Suite) -> Result<(), Error> {
    if cfg!(feature = "legacy") || suite.is_committing() {
        return Ok(());
    }
    let reason = reason!("suite {suite} ({}) takes the feature `legacy`, which this build was made without", suite.description());
    Err(Error::Unsupported { reason })
}

/// For a new message: its key, and the commitment for its header if the suite has one. The data key is wiped.
pub(crate) fn derive_for_sealing(
    suite: Suite,
    data_key: Secret,
    message_id: &MessageId,
    observer: &Observer,
) -> Result<(Secret, Option<Commitment>), Error> {
    derive(suite, &data_key, message_id, observer)
}

/// For a message that was read: its key, only if the data key is the one its header commits to. The data key is wiped.
pub(crate) fn derive_for_opening(
    suite: Suite,
    data_key: Secret,
    message_id: &MessageId,
    expected: Option<&Commitment>,
    observer: &Observer,
) -> Result<Secret, Error> {
    let (message_key, commitment) = derive(suite, &data_key, message_id, observer)?;
    let Some(commitment) = commitment else { return Ok(message_key) };
    check_commitment(&commitment, expected, observer).map(|()| message_key)
}

/// Whether that is the commitment of a message's header.
pub(crate) fn check_commitment(commitment: &Commitment, expected: Option<&Commitment>, observer: &Observer) -> Result<(), Error> {
    let matches = expected.is_some_and(|expected| equal_in_constant_time(commitment, expected));
    observer.emit(|_| Kind::CommitmentChecked { matches });
    if !matches {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::Commitment });
        return Err(Error::DecryptionFailed);
    }
    Ok(())
}

fn derive(suite: Suite, data_key: &Secret, message_id: &MessageId, observer: &Observer) -> Result<(Secret, Option<Commitment>), Error> {
    let len = suite.data_key_len();
    if data_key.len() != len {
        return Err(Error::internal(reason!("a data key of suite {suite} has {len} bytes")));
    }
    let mut message_key = Zeroizing::new(vec![0; len]);
    let derived = match suite.key_derivation() {
        KeyDerivation::Identity => {
            message_key.copy_from_slice(data_key.expose());
            Ok(None)
        }
        #[cfg(feature = "legacy")]
        KeyDerivation::HkdfSha256 => without_commitment(HkdfHash::Sha256, suite, data_key, message_id, &mut message_key),
        #[cfg(feature = "legacy")]
        KeyDerivation::HkdfSha384 => without_commitment(HkdfHash::Sha384, suite, data_key, message_id, &mut message_key),
        KeyDerivation::Committing => with_commitment(suite, data_key, message_id, &mut message_key).map(Some),
        #[cfg(not(feature = "legacy"))]
        KeyDerivation::HkdfSha256 | KeyDerivation::HkdfSha384 => return Err(Error::internal(reason!("suite {suite} was let through"))),
    };
    scrub_stack();
    let commitment = derived.map_err(|_| Error::internal("the key derivation failed"))?;
    let message_key = Secret::new(SecretName::MessageKey, message_key, observer);
    let outputs = [(DERIVE_LABEL, Some(message_key.expose())), (COMMIT_LABEL, commitment.as_ref().map(<[u8; 32]>::as_slice))];
    for (label, to) in outputs.into_iter().filter_map(|(label, to)| Some((label, to?))) {
        observer.emit(|witness| Kind::KeyDerived {
            label: label.into(),
            from: witness.secret(data_key.expose()),
            to: witness.secret(to),
            suite: suite.to_string(),
        });
    }
    Ok((message_key, commitment))
}

#[cfg(feature = "legacy")]
fn without_commitment(
    hash: HkdfHash,
    suite: Suite,
    data_key: &Secret,
    message_id: &MessageId,
    output: &mut [u8],
) -> Result<Option<Commitment>, CipherError> {
    let info: &[&[u8]] = &[&suite.id().to_be_bytes(), message_id.as_bytes()];
    hkdf(hash, None, data_key.expose(), &mut [Expansion { info, output }]).map(|()| None)
}

fn with_commitment(suite: Suite, data_key: &Secret, message_id: &MessageId, output: &mut [u8]) -> Result<Commitment, CipherError> {
    let Derivation { salt, message_key_info, commitment_info } = Derivation::of(suite, message_id);
    let mut commitment = Commitment::default();
    let expansions =
        &mut [Expansion { info: &[&message_key_info], output }, Expansion { info: &[&commitment_info], output: &mut commitment }];
    hkdf(HkdfHash::Sha512, Some(&salt), data_key.expose(), expansions)?;
    Ok(commitment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_key(len: u8) -> Secret {
        Secret::new(SecretName::DataKey, Zeroizing::new((0..len).collect()), &Observer::none())
    }

    fn message_id(suite: Suite) -> MessageId {
        let byte = |index: usize| u8::try_from(index).unwrap();
        match suite.message_version() {
            1 => MessageId::V1(std::array::from_fn(byte)),
            _ => MessageId::V2(std::array::from_fn(byte)),
        }
    }

    fn seal(suite: Suite, data_key: Secret) -> Result<(Secret, Option<Commitment>), Error> {
        derive_for_sealing(suite, data_key, &message_id(suite), &Observer::none())
    }

    fn committing() -> (Secret, Commitment) {
        let (key, commitment) = seal(Suite::COMMITTING, data_key(32)).unwrap();
        (key, commitment.unwrap())
    }

    #[cfg(feature = "legacy")]
    #[test]
    fn known_answers() {
        for (id, key) in [
            (0x0114, "fdb84d5c5d3e9968cabf9ed73ddab9e6"),
            (0x0146, "e0c176d624d951021ce74f79ed8280cef5f322c079d94faf"),
            (0x0178, "1d52c17851559636abef7b8250d7875b964c28790611ad4a3e7d314c49547b9e"),
            (0x0214, "89e41a1257528350984d71b43b5957ea"),
            (0x0346, "39b2f4e1c4abaea1c70934a667de74092f4350de654acf4a"),
            (0x0378, "e3220b2746d755203b338e69d391531ece5bd610d652cc1b5ba6763edfe90436"),
            (0x0478, "f0ef8c0d953b6c0e224e610f249eea7e85a5e67ef02c967037c9f858d4dd809d"),
            (0x0578, "015916ae09baa123a6e1d0e5a551b060a83bbfc8cbea999d89e8e49e73e6f750"),
        ] {
            let suite = Suite::from_id(id).unwrap();
            let (derived, commitment) = seal(suite, data_key(u8::try_from(suite.data_key_len()).unwrap())).unwrap();
            assert_eq!(hex::encode(derived.expose()), key, "{suite}");
            let expected = suite.is_committing().then_some("741e5b39cfac632428629cea9dd53d38e9f8d12d198dfcf428fb6111c9f140ba");
            assert_eq!(commitment.map(hex::encode).as_deref(), expected, "{suite}");
        }
        let identity = Suite::from_id(0x0046).unwrap();
        assert_eq!(seal(identity, data_key(24)).unwrap().0.expose(), data_key(24).expose());
    }

    #[cfg(not(feature = "legacy"))]
    #[test]
    fn what_was_not_built_is_said() {
        for suite in Suite::ALL.iter().filter(|suite| !suite.is_committing()) {
            assert_eq!(check_built(*suite).unwrap_err().code(), "Unsupported", "{suite}");
        }
        check_built(Suite::COMMITTING).unwrap();
        let error = crate::RawAesKeyring::new("ns", "name", Zeroizing::new(vec![1; 16])).unwrap_err();
        assert_eq!(error.code(), "Unsupported");
    }

    #[test]
    fn no_key_without_its_commitment() {
        let (key, right) = committing();
        let open = |expected: Option<&Commitment>| {
            derive_for_opening(Suite::COMMITTING, data_key(32), &message_id(Suite::COMMITTING), expected, &Observer::none())
        };
        assert_eq!(open(Some(&right)).unwrap().expose(), key.expose());
        assert_eq!(open(None).unwrap_err(), Error::DecryptionFailed);
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(Some(&wrong)).unwrap_err(), Error::DecryptionFailed, "bit {bit}");
        }
    }

    #[test]
    fn a_data_key_of_another_length_is_not_used() {
        for suite in Suite::ALL {
            assert!(matches!(seal(*suite, data_key(31)), Err(Error::Internal { .. })));
        }
    }
}
