//! The lessons' world: an account with one KMS key, its policy, and the people who may or may not use it.

use std::fmt::Display;

use serde_json::{Value, json};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_kms::{LocalKms, LocalKmsClient, LocalKmsOptions};
use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{
    CreateGrantRequest, CreateKeyRequest, DecryptRequest, DisableKeyRequest, EnableKeyRequest, PutKeyPolicyRequest,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::FaultCode;
use waxseal_policy::Caller;

use super::people::{ACCOUNT, KEY_LABEL, Person, REGION, STORE_SERVICE};
use super::recording::{Holder, KeyFacts};

/// A KMS with the lessons' key.
pub(super) struct World {
    kms: LocalKms,
    key_arn: String,
    policy: KeyPolicy,
}

impl World {
    /// A world as it is before anything is changed.
    pub(super) fn new(env: &Env) -> Result<Self, String> {
        let options = LocalKmsOptions { account: ACCOUNT.into(), region: REGION.into(), ..LocalKmsOptions::default() };
        let kms = LocalKms::new(options, env.clone()).map_err(text)?;
        kms.put_identity_policy(Person::Dana.arn(), "keys", MAY_MAKE_KEYS).map_err(text)?;
        let mut world = Self { kms, key_arn: String::new(), policy: KeyPolicy::default() };
        let (policy, description) = (Some(world.policy.text()), Some(KEY_LABEL.into()));
        let request = CreateKeyRequest { policy, description, ..CreateKeyRequest::default() };
        world.key_arn = world.asked_by(Person::Dana)?.call(request, &Observer::none()).map_err(text)?.key_metadata.arn;
        // From here on the key policy alone decides: policies of people are taught later.
        world.kms.delete_identity_policy(Person::Dana.arn(), "keys").map_err(text)?;
        Ok(world)
    }

    /// The KMS key's ARN.
    pub(super) fn key_arn(&self) -> &str {
        &self.key_arn
    }

    /// The KMS, asked by a person.
    pub(super) fn asked_by(&self, person: Person) -> Result<LocalKmsClient, String> {
        Ok(self.kms.as_caller(Caller::parse(person.arn()).map_err(text)?))
    }

    /// The KMS, asked by the store on a person's behalf.
    pub(super) fn asked_through_store(&self, person: Person) -> Result<LocalKmsClient, String> {
        Ok(self.asked_by(person)?.via(STORE_SERVICE))
    }

    /// Dana disables the key.
    pub(super) fn disable_key(&self, observer: &Observer) -> Result<(), String> {
        let request = DisableKeyRequest { key_id: self.key_arn.clone() };
        self.asked_by(Person::Dana)?.call(request, observer).map(|_| ()).map_err(text)
    }

    /// Dana enables the key.
    pub(super) fn enable_key(&self, observer: &Observer) -> Result<(), String> {
        let request = EnableKeyRequest { key_id: self.key_arn.clone() };
        self.asked_by(Person::Dana)?.call(request, observer).map(|_| ()).map_err(text)
    }

    /// Dana replaces the key policy.
    pub(super) fn change_policy(&mut self, change: impl FnOnce(&mut KeyPolicy), observer: &Observer) -> Result<(), String> {
        change(&mut self.policy);
        let request = PutKeyPolicyRequest { key_id: self.key_arn.clone(), policy: self.policy.text(), ..PutKeyPolicyRequest::default() };
        self.asked_by(Person::Dana)?.call(request, observer).map(|_| ()).map_err(text)
    }

    /// Dana gives somebody a grant.
    pub(super) fn give_grant(&self, person: Person, observer: &Observer) -> Result<(), String> {
        let request = CreateGrantRequest {
            key_id: self.key_arn.clone(),
            grantee_principal: person.arn().into(),
            operations: USES.map(Into::into).into(),
            name: Some(format!("{}-may-use-the-key", person.name())),
            ..CreateGrantRequest::default()
        };
        self.asked_by(Person::Dana)?.call(request, observer).map(|_| ()).map_err(text)
    }

    /// The key policy as it is now.
    pub(super) fn key_policy(&self) -> String {
        self.policy.text()
    }

    /// The keys, as the side panel shows them.
    pub(super) fn keys(&self) -> Result<Vec<KeyFacts>, String> {
        let facts =
            |key: waxseal_kms::KeyView| KeyFacts { label: key.description, key_id: key.id, arn: key.arn, state: key.state.name().into() };
        Ok(self.kms.keys().map_err(text)?.into_iter().map(facts).collect())
    }

    /// All records of the log whose ids are among these.
    pub(super) fn audit(&self, event_ids: &[&str]) -> Result<Vec<super::recording::AuditEntry>, String> {
        let records = self.kms.audit().map_err(text)?;
        let wanted = records.into_iter().filter(|record| event_ids.contains(&record.event_id.as_str()));
        wanted
            .map(|record| {
                let json = serde_json::to_string_pretty(&record).map_err(text)?;
                Ok(super::recording::AuditEntry { event_id: record.event_id, json })
            })
            .collect()
    }

    /// Whether a person could have an encrypted data key unwrapped, by a dry run: nothing is decrypted.
    pub(super) fn holder(&self, person: Person, envelope: &[u8], context: &EncryptionContext) -> Result<Holder, String> {
        let request = DecryptRequest {
            ciphertext_blob: Blob(envelope.into()),
            encryption_context: context.clone(),
            dry_run: Some(true),
            ..DecryptRequest::default()
        };
        let client = if person == Person::Eve { self.asked_by(person) } else { self.asked_through_store(person) };
        let (response, decision, _) = client?.call_explained(request, &Observer::none());
        let because = decision.map(|decision| decision.because).unwrap_or_default();
        let (can, reason) = match response {
            Err(fault) if fault.code == FaultCode::DryRunOperationException => (true, because),
            Err(fault) if fault.code == FaultCode::AccessDeniedException => (false, brief(&because).into()),
            Err(fault) if fault.code == FaultCode::DisabledException => (false, "allowed, but the key is disabled".into()),
            Err(fault) if fault.code == FaultCode::InvalidCiphertextException => (false, "allowed, but the envelope does not open".into()),
            Err(fault) => (false, fault.to_string()),
            Ok(_) => (false, "the KMS did not keep to the dry run".into()),
        };
        Ok(Holder { person, can, reason })
    }
}

/// The key policy, as far as the lessons change it.
#[derive(Clone, Debug)]
pub(super) struct KeyPolicy {
    /// Bob is in the first statement.
    pub(super) bob: bool,
    /// A second statement denies Bob.
    pub(super) deny_bob: bool,
    /// Who has a statement of their own.
    pub(super) further: Vec<Person>,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self { bob: true, deny_bob: false, further: Vec::new() }
    }
}

impl KeyPolicy {
    /// The document.
    fn text(&self) -> String {
        let first = match self.bob {
            true => statement("Bob and Dana may use the key", "Allow", json!([Person::Bob.arn(), Person::Dana.arn()]), json!("kms:*")),
            false => statement("Dana may use the key", "Allow", json!(Person::Dana.arn()), json!("kms:*")),
        };
        let uses = json!(USES.map(|operation| format!("kms:{operation}")));
        let mut statements = vec![first];
        for person in &self.further {
            let sid = format!("{} may use the key", person.name());
            statements.push(statement(&sid, "Allow", json!(person.arn()), uses.clone()));
        }
        if self.deny_bob {
            statements.push(statement("Bob may not use the key", "Deny", json!(Person::Bob.arn()), uses));
        }
        serde_json::to_string_pretty(&json!({ "Version": "2012-10-17", "Statement": statements })).unwrap_or_default()
    }
}

fn statement(sid: &str, effect: &str, principals: Value, actions: Value) -> Value {
    json!({ "Sid": sid, "Effect": effect, "Principal": { "AWS": principals }, "Action": actions, "Resource": "*" })
}

/// A reason without what came closest.
pub(super) fn brief(reason: &str) -> &str {
    reason.split_once("; closest").map_or(reason, |(brief, _)| brief)
}

fn text(error: impl Display) -> String {
    error.to_string()
}

/// What an upload and a reading need.
const USES: [&str; 2] = ["GenerateDataKey", "Decrypt"];
const MAY_MAKE_KEYS: &str =
    r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*" } }"#;
