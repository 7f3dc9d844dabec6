//! Dry runs of what takes a ciphertext: they open it, or ignore it if the request asks for the permission only.

use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::fault::Fault;

use crate::blob::MAX_BLOB_LEN;
use crate::validation::{Validation, invalid};

/// What a request says about its dry run.
pub(crate) struct DryRun<'a> {
    pub(crate) is_asked_for: bool,
    pub(crate) modifiers: &'a [String],
}

impl DryRun<'_> {
    /// Whether only the permission is to be checked.
    pub(crate) fn ignores_ciphertext(&self) -> bool {
        self.is_asked_for && !self.modifiers.is_empty()
    }

    /// The limits of the modifiers, and of a ciphertext that may be left out if it is ignored.
    pub(crate) fn limits(&self, validation: Validation, ciphertext: &Blob) -> Validation {
        let shortest = usize::from(!self.ignores_ciphertext());
        let validation = validation.length("ciphertextBlob", ciphertext.0.len(), shortest..=MAX_BLOB_LEN);
        let modifiers = self.modifiers.iter();
        modifiers.fold(validation, |validation, modifier| validation.one_of("dryRunModifiers.member", Some(modifier), MODIFIERS))
    }

    /// Refuses modifiers of a run that is not dry, and a ciphertext that is ignored though nothing else names the key.
    pub(crate) fn check(&self, member: &str, names_key: bool) -> Result<(), Fault> {
        match () {
            () if self.modifiers.is_empty() => Ok(()),
            () if !self.is_asked_for => Err(invalid("DryRunModifiers can only be specified when DryRun is true.")),
            () if !names_key => Err(invalid(format!("{member} is required when DryRunModifiers has IGNORE_CIPHERTEXT."))),
            () => Ok(()),
        }
    }
}

const MODIFIERS: &[&str] = &["IGNORE_CIPHERTEXT"];
