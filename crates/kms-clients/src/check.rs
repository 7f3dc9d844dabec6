//! Checks of what callers give, before anything is sent.

use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::ClientError;

/// The bytes that a message's header has for the encryption context: what data keys are bound to where a KMS binds them to bytes.
pub(crate) fn binding_of(context: &EncryptionContext) -> Result<Vec<u8>, ClientError> {
    context.to_canonical_bytes().map_err(|_| ClientError::caller("the encryption context is longer than any message can have"))
}

/// Bytes that were given, if they are some.
pub(crate) fn some_bytes<'a>(bytes: &'a [u8], what: &str) -> Result<&'a [u8], ClientError> {
    match bytes {
        [] => Err(ClientError::caller(format!("{what} is empty"))),
        bytes => Ok(bytes),
    }
}

/// Text that can be in a header. The error does not quote it.
pub(crate) fn check_printable(text: &str, what: &str) -> Result<(), ClientError> {
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(ClientError::caller(format!("the {what} is not a string of printable characters without spaces"))),
    }
}

/// Letters, digits and `others`, at least one.
pub(crate) fn is_word(text: &str, others: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}
