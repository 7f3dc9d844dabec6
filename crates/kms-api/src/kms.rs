//! What the SDK asks of any KMS. This is the one place where anything waits; nothing below it is async.

use std::fmt;

use waxseal_base::observer::Observer;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};

use crate::calls::{DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse};
use crate::fault::Fault;

/// A key management service, seen from the SDK: AWS KMS, an adapter to another vendor, or the embedded engine.
pub trait Kms: MaybeSend + MaybeSync {
    /// A random data key, in the clear and wrapped.
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>>;

    /// Encrypts up to 4096 bytes.
    fn encrypt<'a>(&'a self, request: EncryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>>;

    /// Decrypts what `encrypt` or `generate_data_key` made.
    fn decrypt<'a>(&'a self, request: DecryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>>;
}

/// Why a KMS did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KmsError {
    /// It answered, and refused.
    Refused {
        /// AWS's name of the fault, such as `AccessDeniedException`; other KMS may have names of their own.
        code: String,
        /// Its text.
        message: Option<String>,
        /// The id of the refused request.
        request_id: Option<String>,
        /// Whether the same request may succeed later.
        retryable: bool,
    },
    /// It did not answer, or not as a KMS does.
    Unavailable {
        /// What happened.
        reason: String,
    },
    /// The caller gave up waiting.
    Aborted,
}

impl From<Fault> for KmsError {
    fn from(fault: Fault) -> Self {
        Self::Refused {
            code: fault.code.name().into(),
            message: fault.message,
            request_id: fault.request_id,
            retryable: fault.code.is_retryable(),
        }
    }
}

impl fmt::Display for KmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message: Some(message), .. } => write!(f, "{code}: {message}"),
            Self::Refused { code, .. } => f.write_str(code),
            Self::Unavailable { reason } => write!(f, "the KMS did not answer: {reason}"),
            Self::Aborted => f.write_str("the request was aborted"),
        }
    }
}

impl std::error::Error for KmsError {}
