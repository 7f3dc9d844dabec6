//! Faults that more than one place answers with, in AWS's words where they are known.

use serde_json::Value;
use waxseal_base::env::RandomError;
use waxseal_kms_api::fault::{Fault, FaultCode};

use crate::key_spec::KeySpec;
use crate::primitives::{KeyPairError, Refused};
use crate::record::UnusableRecord;
use crate::scene::Scene;
use crate::store::StoreError;

/// No key of that ARN.
pub(crate) fn no_such_key(arn: &str) -> Fault {
    Fault::new(FaultCode::NotFoundException, format!("Key '{arn}' does not exist"))
}

/// A KeyId that has no form of a key's name.
pub(crate) fn invalid_key_id(text: &str) -> Fault {
    Fault::new(FaultCode::NotFoundException, format!("Invalid keyId '{text}'"))
}

/// A ciphertext of a key that is not here. It says no more than AWS does.
pub(crate) fn ciphertext_of_no_key() -> Fault {
    let text = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
    Fault::new(FaultCode::AccessDeniedException, text)
}

/// A ciphertext that was not made here, or not with this encryption context. AWS sends no text.
pub(crate) fn invalid_ciphertext() -> Fault {
    Fault::silent(FaultCode::InvalidCiphertextException)
}

/// A ciphertext of another key than the request names.
pub(crate) fn incorrect_key() -> Fault {
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    Fault::new(FaultCode::IncorrectKeyException, text)
}

/// A grant token that names no grant on this key.
pub(crate) fn unknown_grant_token() -> Fault {
    Fault::new(FaultCode::InvalidGrantTokenException, "The grant token is not one of a grant on this key.")
}

/// A dry run that came through.
pub(crate) fn dry_run() -> Fault {
    let text = "The request would have succeeded, but the DryRun option is set.";
    Fault::new(FaultCode::DryRunOperationException, text)
}

/// Something that this version of the engine can not do.
pub(crate) fn unsupported(what: impl Into<String>) -> Fault {
    Fault::new(FaultCode::UnsupportedOperationException, what)
}

/// An algorithm that keys of that spec can not do.
pub(crate) fn incompatible_algorithm(algorithm: &str, spec: KeySpec) -> Fault {
    Fault::new(FaultCode::InvalidKeyUsageException, format!("Algorithm {algorithm} is incompatible with key spec {spec}."))
}

/// Refuses a service as a filter of lists for anybody but that service.
pub(crate) fn check_asks_for_itself(scene: &Scene<'_>, member: &str, service: Option<&str>) -> Result<(), Fault> {
    match service.is_none_or(|service| scene.call.caller.is_service() && scene.call.caller.arn() == service) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::AccessDeniedException, format!("{member} is usable only by callers in that service principal"))),
    }
}

/// Refuses to answer to an enclave.
pub(crate) fn check_no_recipient(recipient: Option<&Value>) -> Result<(), Fault> {
    match recipient {
        Some(_) => Err(unsupported("this KMS does not know Nitro enclaves: leave out `Recipient`")),
        None => Ok(()),
    }
}

/// The engine failed, by no fault of the caller.
pub(crate) fn internal(why: impl Into<String>) -> Fault {
    Fault::new(FaultCode::KMSInternalException, why)
}

/// Only the places that call a cipher with sizes it can not refuse turn this into a fault.
impl From<Refused> for Internal {
    fn from(_: Refused) -> Self {
        Self("a cipher refused its input".into())
    }
}

/// Only the places that give a key pair what it can not refuse turn a refusal into a fault.
impl From<KeyPairError> for Fault {
    fn from(error: KeyPairError) -> Self {
        match error {
            KeyPairError::NotBuilt => unsupported("this build has no asymmetric keys"),
            KeyPairError::NoRandomness => failed(RandomError),
            KeyPairError::Refused => failed(Refused),
        }
    }
}

/// A failure of the engine, on its way to become a fault.
pub(crate) struct Internal(String);

impl From<RandomError> for Internal {
    fn from(error: RandomError) -> Self {
        Self(error.to_string())
    }
}

impl From<StoreError> for Internal {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<UnusableRecord> for Internal {
    fn from(UnusableRecord { id, why }: UnusableRecord) -> Self {
        Self(format!("the record `{id}` {why}"))
    }
}

impl From<Internal> for Fault {
    fn from(Internal(why): Internal) -> Self {
        internal(why)
    }
}

/// Turns a failure of the engine into its fault.
pub(crate) fn failed(error: impl Into<Internal>) -> Fault {
    error.into().into()
}
