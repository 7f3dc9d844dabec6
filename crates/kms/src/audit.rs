//! The audit log: one record for every call, also for refused ones, in CloudTrail's form. It has the encryption context, and never a
//! plaintext, a ciphertext or a grant token.

mod filter;
mod user_identity;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use waxseal_base::env::RandomError;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::Response;
use waxseal_kms_api::fault::{Fault, FaultCode};

pub use filter::AuditFilter;
pub use user_identity::{SessionAttributes, SessionContext, SessionIssuer, UserIdentity};

use crate::engine::{Engine, RequestContext};
use crate::ids::{make_uuid, uuid};
use crate::operations::Operate;
use crate::primitives::digest;
use crate::refusals::failed;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Version of CloudTrail's form.
    pub event_version: String,
    /// Who asked.
    pub user_identity: UserIdentity,
    /// When, such as `2026-01-15T12:00:00Z`.
    pub event_time: String,
    /// `kms.amazonaws.com`.
    pub event_source: String,
    /// The operation, such as `Decrypt`.
    pub event_name: String,
    /// Where.
    pub aws_region: String,
    /// The network address, the service that asked on the caller's behalf, or `in-process`.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: String,
    /// What the client calls itself, or `in-process`.
    pub user_agent: String,
    /// Which fault. As in CloudTrail, AccessDeniedException is `AccessDenied`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What was asked, without secrets and ciphertexts; null if nothing of it may be told.
    pub request_parameters: Value,
    /// What was answered: null unless the operation made something that has a name.
    pub response_elements: Value,
    /// The id of the request, which a refusal carries too; empty for what the KMS did by itself.
    #[serde(rename = "requestID", skip_serializing_if = "String::is_empty", default)]
    pub request_id: String,
    /// The id of this record.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// Whether the operation leaves the KMS as it was.
    pub read_only: bool,
    /// The keys that the request found, and the alias that it is about.
    pub resources: Vec<Resource>,
    /// `AwsApiCall`, or `AwsServiceEvent` for what the KMS did by itself.
    pub event_type: String,
    /// `true`: CloudTrail counts every call to a KMS as management.
    pub management_event: bool,
    /// What the KMS did by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_event_details: Option<Value>,
    /// The account in whose log it stands: the caller's, or the key's.
    pub recipient_account_id: String,
    /// What the lines of one call in the logs of several accounts have in common. A refused caller of another account is in the log of its own only.
    #[serde(rename = "sharedEventID", skip_serializing_if = "Option::is_none", default)]
    pub shared_event_id: Option<String>,
    /// `Management`.
    pub event_category: String,
}

/// What a call was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The account that owns it.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// `AWS::KMS::Key` or `AWS::KMS::Alias`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
}

impl AuditRecord {
    /// The record's id in a store: in order of time.
    pub fn record_id(&self) -> String {
        format!("audit/{}/{}", self.event_time, self.event_id)
    }

    /// The record of a call.
    pub(crate) fn of(
        engine: &Engine,
        call: &RequestContext,
        request: &dyn Operate,
        about: &[Arn],
        now: Timestamp,
        result: &Result<Response, Fault>,
    ) -> Result<Self, Fault> {
        let ids = || -> Result<_, RandomError> { Ok((make_uuid(&engine.env)?, make_uuid(&engine.env)?)) };
        let (request_id, event_id) = ids().map_err(failed)?;
        let record = Self { request_id, event_id, ..Self::without_ids(engine, call, request, about, now, result) };
        let shared_event_id = record.is_shared().then(|| make_uuid(&engine.env)).transpose().map_err(failed)?;
        Ok(Self { shared_event_id, ..record })
    }

    /// The record of a call for which the platform gave no random ids.
    pub(crate) fn without_ids(
        engine: &Engine,
        call: &RequestContext,
        request: &dyn Operate,
        about: &[Arn],
        now: Timestamp,
        result: &Result<Response, Fault>,
    ) -> Self {
        let fault = result.as_ref().err();
        let origin = call.source_ip.as_ref().or(call.via_service.as_ref()).map_or("in-process", String::as_str);
        Self {
            event_version: EVENT_VERSION.into(),
            user_identity: UserIdentity::of(call),
            event_time: now.to_string(),
            event_source: EVENT_SOURCE.into(),
            event_name: request.operation().name().into(),
            aws_region: engine.region_of(call).into(),
            source_ip_address: origin.into(),
            user_agent: call.user_agent.as_ref().or(call.via_service.as_ref()).map_or("in-process", String::as_str).into(),
            error_code: fault.map(|fault| error_code(fault.code).into()),
            error_message: fault.and_then(|fault| fault.message.clone()),
            request_parameters: within_limit(without_absent(request.audit_parameters())),
            response_elements: result.as_ref().map_or(Value::Null, |response| without_absent(request.audit_response(response))),
            request_id: String::new(),
            event_id: String::new(),
            read_only: request.operation().is_read_only(),
            resources: about.iter().map(Resource::of).collect(),
            event_type: "AwsApiCall".into(),
            management_event: true,
            service_event_details: None,
            recipient_account_id: call.caller.account().or(about.first().map(|arn| arn.account.as_str())).unwrap_or_default().into(),
            shared_event_id: None,
            event_category: "Management".into(),
        }
    }

    /// Whether it is a call across accounts that was not refused by the policies.
    fn is_shared(&self) -> bool {
        let is_foreign = |resource: &Resource| resource.account_id != self.recipient_account_id;
        self.error_code.as_deref() != Some(error_code(FaultCode::AccessDeniedException)) && self.resources.iter().any(is_foreign)
    }

    /// The line as that account's log has it, if it is in there: the owner of a key learns of a foreign caller its account and unique id only.
    pub fn in_log_of(self, account: &str) -> Option<Self> {
        if self.recipient_account_id == account {
            return Some(self);
        }
        let shared_event_id = self.shared_event_id.as_ref().filter(|_| self.resources.iter().any(|own| own.account_id == account))?;
        let digest = digest([shared_event_id.as_bytes(), account.as_bytes()].concat().as_slice());
        let event_id = uuid(u128::from_be_bytes(*digest.first_chunk()?));
        Some(Self { event_id, user_identity: self.user_identity.seen_from_outside(), recipient_account_id: account.into(), ..self })
    }
}

/// The record of something that the KMS did by itself.
impl AuditRecord {
    pub(crate) fn of_service_event(engine: &Engine, name: &str, key: &Arn, at: Timestamp, details: Value) -> Result<Self, Fault> {
        Ok(Self {
            event_version: EVENT_VERSION.into(),
            user_identity: UserIdentity {
                account_id: Some(key.account.clone()),
                invoked_by: Some(INTERNAL.into()),
                ..UserIdentity::default()
            },
            event_time: at.to_string(),
            event_source: EVENT_SOURCE.into(),
            event_name: name.into(),
            aws_region: key.region.clone(),
            source_ip_address: INTERNAL.into(),
            user_agent: INTERNAL.into(),
            error_code: None,
            error_message: None,
            request_parameters: Value::Null,
            response_elements: Value::Null,
            request_id: String::new(),
            event_id: make_uuid(&engine.env).map_err(failed)?,
            read_only: false,
            resources: vec![Resource::of(key)],
            event_type: "AwsServiceEvent".into(),
            management_event: true,
            service_event_details: Some(details),
            recipient_account_id: key.account.clone(),
            shared_event_id: None,
            event_category: "Management".into(),
        })
    }
}

impl Resource {
    fn of(arn: &Arn) -> Self {
        let kind = if arn.is_kms_alias() { "AWS::KMS::Alias" } else { "AWS::KMS::Key" };
        Self { account_id: arn.account.clone(), kind: kind.into(), arn: arn.to_string() }
    }
}

fn error_code(code: FaultCode) -> &'static str {
    match code {
        FaultCode::AccessDeniedException => "AccessDenied",
        other => other.name(),
    }
}

/// A request that is too long for the log is left out, and CloudTrail's words say so.
fn within_limit(parameters: Value) -> Value {
    match parameters.to_string().len() {
        len if len > MAX_PARAMETERS_LEN => {
            json!({ "omitted": true, "originalSize": len, "reason": "The requestParameters exceeds the size limit." })
        }
        _ => parameters,
    }
}

/// Members that a request does not have are left out of the record, as CloudTrail does.
fn without_absent(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let empty = |value: &Value| value.is_null() || *value == json!({}) || *value == json!([]);
            Value::Object(members.into_iter().filter(|(_, value)| !empty(value)).collect())
        }
        other => other,
    }
}

const EVENT_VERSION: &str = "1.11";
const EVENT_SOURCE: &str = "kms.amazonaws.com";
/// Who does what nobody asked for.
const INTERNAL: &str = "AWS Internal";
/// Bytes of request parameters at most, as CloudTrail has it.
const MAX_PARAMETERS_LEN: usize = 100 * 1024;
