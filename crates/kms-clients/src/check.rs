//! Checks of what callers give, before anything is sent.

use waxseal_kms_api::calls::{DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::ClientError;

/// What a client does when only a check is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRuns {
    /// Its service does them.
    Sent,
    /// It refuses: without that, it would do what it was to check.
    Refused,
}

/// A request with members of which clients do not do what they say.
pub(crate) trait Demanding {
    fn is_dry_run(&self) -> bool;

    fn has_recipient(&self) -> bool;
}

impl Demanding for GenerateDataKeyRequest {
    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true)
    }

    fn has_recipient(&self) -> bool {
        self.recipient.is_some()
    }
}

impl Demanding for EncryptRequest {
    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true)
    }

    fn has_recipient(&self) -> bool {
        false
    }
}

impl Demanding for DecryptRequest {
    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true) || !self.dry_run_modifiers.is_empty()
    }

    fn has_recipient(&self) -> bool {
        self.recipient.is_some()
    }
}

/// That all that is asked for will be done.
pub(crate) fn check_askable(request: &impl Demanding, dry_runs: DryRuns) -> Result<(), ClientError> {
    if dry_runs == DryRuns::Refused && request.is_dry_run() {
        return Err(ClientError::caller("DryRun is AWS's own: this service would do what it is to check; ask without DryRun"));
    }
    if request.has_recipient() {
        return Err(ClientError::caller(
            "Recipient is not supported: plaintexts come to whoever asks, and to no enclave alone; ask by AWS's own SDK",
        ));
    }
    Ok(())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_can_not_be_done() {
        let dry = EncryptRequest { dry_run: Some(true), ..Default::default() };
        assert!(check_askable(&dry, DryRuns::Refused).unwrap_err().message.starts_with("DryRun is AWS's own"));
        assert!(check_askable(&dry, DryRuns::Sent).is_ok());
        let no_dry_run = EncryptRequest { dry_run: Some(false), ..Default::default() };
        assert!(check_askable(&no_dry_run, DryRuns::Refused).is_ok());
        let recipient = DecryptRequest { recipient: Some("an enclave".into()), ..Default::default() };
        assert!(check_askable(&recipient, DryRuns::Sent).unwrap_err().message.starts_with("Recipient is not supported"));
    }
}
