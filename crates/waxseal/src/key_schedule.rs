//! The key schedule (message format, "key derivation"), all of it: the data key becomes the message key and the commitment.
//!
//! ```text
//! PRK         = HKDF-Extract(SHA-512, salt = message id, data key)
//! message key = HKDF-Expand(PRK, suite id || "DERIVEKEY", 32)
//! commitment  = HKDF-Expand(PRK, "COMMITKEY", 32)
//! ```

use waxseal_base::event::{Kind, SecretName, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::secret::{Secret, scrub_stack};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::message::MessageId;
use crate::primitives::{Expansion, equal_in_constant_time, hkdf_sha512};
use crate::suite::Suite;

const DERIVE_LABEL: &str = "DERIVEKEY";
const COMMIT_LABEL: &str = "COMMITKEY";

/// The commitment to a data key, which everybody may see.
pub(crate) type Commitment = [u8; 32];

/// For a new message: its key, and the commitment for its header. The data key is wiped.
pub(crate) fn derive_for_sealing(
    suite: Suite,
    data_key: Secret,
    message_id: &MessageId,
    observer: &Observer,
) -> Result<(Secret, Commitment), Error> {
    derive(suite, &data_key, message_id, observer)
}

/// For a message that was read: its key, only if the data key is the one its header commits to. The data key is wiped.
pub(crate) fn derive_for_opening(
    suite: Suite,
    data_key: Secret,
    message_id: &MessageId,
    expected: &Commitment,
    observer: &Observer,
) -> Result<Secret, Error> {
    let (message_key, commitment) = derive(suite, &data_key, message_id, observer)?;
    let matches = equal_in_constant_time(&commitment, expected);
    observer.emit(|_| Kind::CommitmentChecked { matches });
    if !matches {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::Commitment });
        return Err(Error::DecryptionFailed);
    }
    Ok(message_key)
}

fn derive(suite: Suite, data_key: &Secret, message_id: &MessageId, observer: &Observer) -> Result<(Secret, Commitment), Error> {
    if data_key.len() != suite.data_key_len() {
        return Err(Error::internal(format!("a data key of suite {suite} has {} bytes", suite.data_key_len())));
    }
    let mut message_key = Zeroizing::new(vec![0; suite.data_key_len()]);
    let mut commitment = Commitment::default();
    let derived = hkdf_sha512(
        message_id,
        data_key.expose(),
        &mut [
            Expansion { info: &[&suite.id().to_be_bytes(), DERIVE_LABEL.as_bytes()], output: &mut message_key },
            Expansion { info: &[COMMIT_LABEL.as_bytes()], output: &mut commitment },
        ],
    );
    scrub_stack();
    derived.map_err(|_| Error::internal("the key derivation failed"))?;
    let message_key = Secret::new(SecretName::MessageKey, message_key, observer);
    for (label, to) in [(DERIVE_LABEL, message_key.expose()), (COMMIT_LABEL, commitment.as_slice())] {
        observer.emit(|witness| Kind::KeyDerived {
            label: label.into(),
            from: witness.secret(data_key.expose()),
            to: witness.secret(to),
            suite: suite.to_string(),
        });
    }
    Ok((message_key, commitment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_key() -> Secret {
        Secret::new(SecretName::DataKey, Zeroizing::new((0..32).collect()), &Observer::none())
    }

    fn message_id() -> MessageId {
        std::array::from_fn(|index| u8::try_from(index).unwrap())
    }

    #[test]
    fn known_answer() {
        let (key, commitment) = derive_for_sealing(Suite::Committing, data_key(), &message_id(), &Observer::none()).unwrap();
        assert_eq!(hex::encode(key.expose()), "f0ef8c0d953b6c0e224e610f249eea7e85a5e67ef02c967037c9f858d4dd809d");
        assert_eq!(hex::encode(commitment), "741e5b39cfac632428629cea9dd53d38e9f8d12d198dfcf428fb6111c9f140ba");
        let opened = derive_for_opening(Suite::Committing, data_key(), &message_id(), &commitment, &Observer::none()).unwrap();
        assert_eq!(opened.expose(), key.expose());
    }

    #[test]
    fn no_key_without_its_commitment() {
        let (_, right) = derive_for_sealing(Suite::Committing, data_key(), &message_id(), &Observer::none()).unwrap();
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            let result = derive_for_opening(Suite::Committing, data_key(), &message_id(), &wrong, &Observer::none());
            assert_eq!(result.unwrap_err(), Error::DecryptionFailed, "bit {bit}");
        }
    }

    #[test]
    fn a_short_data_key_is_not_used() {
        let short = Secret::new(SecretName::DataKey, Zeroizing::new(vec![1; 31]), &Observer::none());
        assert!(matches!(derive_for_sealing(Suite::Committing, short, &message_id(), &Observer::none()), Err(Error::Internal { .. })));
    }
}
