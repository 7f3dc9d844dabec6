//! Why an operation failed, sorted by who has to act: the caller, whoever sent the message, the KMS, or us.

use std::fmt;
use std::io;

use waxseal_base::env::RandomError;
use waxseal_base::reason;
use waxseal_kms_api::kms::KmsError;

use crate::message::MessageError;

/// A failed operation. Nothing of the plaintext was released. Without feature `reasons` every `reason` is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The caller asked for something that can not be done; the same call will fail again.
    InvalidInput {
        /// What is wrong with the request, and what to do instead.
        reason: String,
    },
    /// The bytes are not a message that this client reads.
    InvalidMessage {
        /// What is wrong with them.
        reason: String,
    },
    /// It takes a feature that this build was made without. No key was asked for.
    Unsupported {
        /// What, and which.
        reason: String,
    },
    /// The encryption context given to decrypt is not in the message. No key was asked for.
    EncryptionContextMismatch {
        /// The keys that are missing in the message or have another value there, sorted.
        keys: Vec<String>,
    },
    /// The message was altered or cut short, or is for another key. On purpose it does not say which.
    DecryptionFailed,
    /// A KMS refused, did not answer, or answered nonsense.
    Kms {
        /// The first such failure. In a box, for every result that may be an error is as long as the longest.
        error: Box<KmsError>,
        /// The texts of all failures, this one too, in order; more than one where several encrypted data keys were tried.
        failures: Vec<String>,
    },
    /// The platform or this library failed.
    Internal {
        /// How.
        reason: String,
    },
}

impl Error {
    /// The stable name that applications branch on, from a closed list: `InvalidInput`, `InvalidMessage`, `Unsupported`,
    /// `EncryptionContextMismatch`, `DecryptionFailed`, `KmsDenied`, `KmsUnavailable`, `Aborted`, `Internal`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidInput { .. } => "InvalidInput",
            Self::InvalidMessage { .. } => "InvalidMessage",
            Self::Unsupported { .. } => "Unsupported",
            Self::EncryptionContextMismatch { .. } => "EncryptionContextMismatch",
            Self::DecryptionFailed => "DecryptionFailed",
            Self::Kms { error, .. } => match **error {
                KmsError::Refused { .. } => "KmsDenied",
                KmsError::Unavailable { .. } => "KmsUnavailable",
                KmsError::Aborted => "Aborted",
            },
            Self::Internal { .. } => "Internal",
        }
    }

    /// The KMS's own name for its refusal, such as `AccessDeniedException`.
    pub fn kms_code(&self) -> Option<&str> {
        match self.kms()? {
            KmsError::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The id of the request that the KMS refused.
    pub fn request_id(&self) -> Option<&str> {
        match self.kms()? {
            KmsError::Refused { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self.kms() {
            Some(KmsError::Refused { retryable, .. }) => *retryable,
            Some(KmsError::Unavailable { .. }) => true,
            _ => false,
        }
    }

    /// The error of this crate that an I/O error of its [readers and writers](crate::io) carries; none if what is underneath failed.
    pub fn in_io_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// What a KMS did, if that is it.
    pub(crate) fn kms(&self) -> Option<&KmsError> {
        match self {
            Self::Kms { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The words of this one and of those below are a literal, or [`reason!`] composes them.
    #[inline]
    pub(crate) fn invalid_input(words: impl Into<String>) -> Self {
        Self::InvalidInput { reason: reason(words) }
    }

    #[inline]
    pub(crate) fn invalid_message(words: impl Into<String>) -> Self {
        Self::InvalidMessage { reason: reason(words) }
    }

    #[inline]
    pub(crate) fn internal(words: impl Into<String>) -> Self {
        Self::Internal { reason: reason(words) }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::InvalidInput { .. } => io::ErrorKind::InvalidInput,
            Error::InvalidMessage { .. } | Error::EncryptionContextMismatch { .. } | Error::DecryptionFailed => io::ErrorKind::InvalidData,
            Error::Unsupported { .. } => io::ErrorKind::Unsupported,
            Error::Kms { error, .. } if matches!(**error, KmsError::Refused { .. }) => io::ErrorKind::PermissionDenied,
            Error::Kms { .. } | Error::Internal { .. } => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

impl From<KmsError> for Error {
    fn from(error: KmsError) -> Self {
        let failures = vec![error.to_string()];
        Self::Kms { error: Box::new(error), failures }
    }
}

impl From<MessageError> for Error {
    fn from(error: MessageError) -> Self {
        Self::invalid_message(reason!("{error}"))
    }
}

impl From<RandomError> for Error {
    fn from(error: RandomError) -> Self {
        Self::internal(reason!("{error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput { reason } | Self::InvalidMessage { reason } | Self::Unsupported { reason } | Self::Internal { reason } => {
                f.write_str(reason)
            }
            Self::EncryptionContextMismatch { keys } => {
                let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
                write!(f, "the message's encryption context is not the one given: {} missing or different", keys.join(", "))
            }
            Self::DecryptionFailed => f.write_str("decryption failed: the message was altered or cut short, or is for another key"),
            Self::Kms { error, failures } => match failures.len() {
                0 | 1 => write!(f, "{error}"),
                several => write!(f, "{error} (the first of {several} failures: {})", failures.join("; ")),
            },
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kms().map(|error| error as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_carry_blame() {
        let refused = KmsError::Refused {
            code: "DisabledException".into(),
            message: Some("the key is disabled".into()),
            request_id: Some("7".into()),
            retryable: false,
        };
        let error = Error::from(refused);
        assert_eq!((error.code(), error.kms_code(), error.request_id()), ("KmsDenied", Some("DisabledException"), Some("7")));
        assert_eq!(error.to_string(), "DisabledException: the key is disabled");
        assert!(!error.is_retryable());
        let unavailable = Error::from(KmsError::Unavailable { reason: "no route".into() });
        assert_eq!((unavailable.code(), unavailable.is_retryable()), ("KmsUnavailable", true));
        assert_eq!(Error::from(KmsError::Aborted).code(), "Aborted");
        let mismatch = Error::EncryptionContextMismatch { keys: vec!["tenant".into()] };
        assert_eq!(mismatch.to_string(), "the message's encryption context is not the one given: `tenant` missing or different");
    }
}
