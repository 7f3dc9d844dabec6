//! What Sign and Verify have in common: which message types and algorithms go together, and with which keys.

use serde_json::{Value, json};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Context;

use crate::key_record::KeyRecord;
use crate::key_spec::{KeySpec, MessageType, SigningAlgorithm};
use crate::primitives::signature::Signable;
use crate::refusals::{incompatible_algorithm, internal};
use crate::validation::{self, Validation, invalid};

/// The members of a request that say what is signed, and how.
pub(crate) struct Signing<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) message: &'a [u8],
    pub(crate) message_type: Option<&'a str>,
    pub(crate) algorithm: &'a str,
    pub(crate) grant_tokens: &'a [String],
}

impl<'a> Signing<'a> {
    /// Their limits.
    pub(crate) fn limits(&self) -> Validation {
        validation::key_id(self.key_id)
            .length("message", self.message.len(), 1..=MAX_MESSAGE_LEN)
            .one_of("messageType", self.message_type, MessageType::NAMES)
            .one_of("signingAlgorithm", Some(self.algorithm), SigningAlgorithm::NAMES)
            .grant_tokens(self.grant_tokens)
    }

    /// What to sign or verify, if that key can do it.
    pub(crate) fn with(&self, key: &KeyRecord) -> Result<Signable<'a>, Fault> {
        let algorithm = SigningAlgorithm::from_name(self.algorithm).ok_or_else(|| internal("the algorithm was not checked"))?;
        let message_type = MessageType::from_name(self.message_type()).ok_or_else(|| internal("the message type was not checked"))?;
        if !key.key_spec.algorithms(key.key_usage).contains(&algorithm.name()) {
            return Err(incompatible_algorithm(algorithm.name(), key.key_spec));
        }
        check_message(key.key_spec, algorithm, message_type, self.message.len())?;
        Ok(Signable { algorithm, message_type, message: self.message })
    }

    /// As the audit log shows them: neither the message nor its digest.
    pub(crate) fn audited(&self, dry_run: Option<bool>) -> Value {
        let message_type = self.message_type();
        json!({ "keyId": self.key_id, "messageType": message_type, "signingAlgorithm": self.algorithm, "dryRun": dry_run })
    }

    /// Their condition keys.
    pub(crate) fn add_conditions(&self, context: &mut Context) {
        context.insert("kms:SigningAlgorithm", self.algorithm);
        context.insert("kms:MessageType", self.message_type());
    }

    /// What the message is, also if the request does not say.
    pub(crate) fn message_type(&self) -> &'a str {
        self.message_type.unwrap_or(MessageType::Raw.name())
    }
}

fn check_message(spec: KeySpec, algorithm: SigningAlgorithm, message_type: MessageType, len: usize) -> Result<(), Fault> {
    use MessageType::{Digest, ExternalMu, Raw};
    match (algorithm, message_type) {
        (SigningAlgorithm::Ed25519Sha512, Digest | ExternalMu) | (SigningAlgorithm::Ed25519PhSha512, Raw | ExternalMu) => {
            Err(invalid(format!("Message type {message_type} is incompatible with algorithm {algorithm}.")))
        }
        (SigningAlgorithm::MlDsaShake256, ExternalMu) if len != MU_LEN => {
            Err(invalid(format!("External Mu is invalid length for algorithm {algorithm}.")))
        }
        (SigningAlgorithm::MlDsaShake256, Raw | ExternalMu) => Ok(()),
        (SigningAlgorithm::MlDsaShake256, Digest) | (_, ExternalMu) => {
            Err(invalid(format!("Message type {message_type} is incompatible with key spec {spec}.")))
        }
        (_, Digest) if algorithm.digest_len() != Some(len) => Err(invalid(format!("Digest is invalid length for algorithm {algorithm}."))),
        (_, Digest | Raw) => Ok(()),
    }
}

/// Bytes of a message; longer ones are signed by their digest.
pub(crate) const MAX_MESSAGE_LEN: usize = 4096;
/// Bytes of the representative that ML-DSA makes of a message (FIPS 204, 6.2).
const MU_LEN: usize = 64;
