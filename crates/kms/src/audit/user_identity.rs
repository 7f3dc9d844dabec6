//! Who asked, as CloudTrail has it.

use serde::{Deserialize, Serialize};
use waxseal_policy::{Caller, CallerKind};

use crate::conditions::principal_id;
use crate::engine::RequestContext;

/// Who asked. What is not known, or does not exist for that kind of caller, is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// `Root`, `IAMUser`, `AssumedRole`, `FederatedUser` or `AWSService`; `AWSAccount` for a caller from outside in the log of a key's account; none
    /// for what the KMS did by itself.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// The principal's unique id; a service has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// The caller's ARN; a service has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The caller's account; a service has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The access key that it asked with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub access_key_id: Option<String>,
    /// An IAM user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The session in which it asked; only of a role.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_context: Option<SessionContext>,
    /// The service that asked, for itself or on the caller's behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoked_by: Option<String>,
}

/// A session of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionContext {
    /// Whose session it is.
    pub session_issuer: SessionIssuer,
    /// How it began.
    pub attributes: SessionAttributes,
}

/// The role that a session is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionIssuer {
    /// `Role`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The role's unique id.
    pub principal_id: String,
    /// The role's ARN, without its path.
    pub arn: String,
    /// The role's account.
    pub account_id: String,
    /// The role's name.
    pub user_name: String,
}

/// How a session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionAttributes {
    /// When, if the host said so by `aws:TokenIssueTime`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub creation_date: Option<String>,
    /// `true` or `false`: what the host said by `aws:MultiFactorAuthPresent`.
    pub mfa_authenticated: String,
}

impl UserIdentity {
    /// Who asks.
    pub(super) fn of(call: &RequestContext) -> Self {
        let caller = &call.caller;
        let kind = match caller.kind() {
            CallerKind::Root => "Root",
            CallerKind::User { .. } => "IAMUser",
            CallerKind::RoleSession { .. } => "AssumedRole",
            CallerKind::FederatedUser { .. } => "FederatedUser",
            CallerKind::Service => {
                return Self { kind: Some("AWSService".into()), invoked_by: Some(caller.arn().to_owned()), ..Self::default() };
            }
        };
        Self {
            kind: Some(kind.into()),
            principal_id: Some(principal_id(caller)),
            arn: Some(caller.arn().into()),
            account_id: caller.account().map(Into::into),
            access_key_id: call.access_key_id.clone(),
            user_name: caller.user_name().map(Into::into),
            session_context: session_context(call, caller),
            invoked_by: call.via_service.clone(),
        }
    }

    /// What another account learns about who asked.
    pub(super) fn seen_from_outside(self) -> Self {
        let Self { principal_id, account_id, invoked_by, .. } = self;
        Self { kind: Some("AWSAccount".into()), principal_id, account_id, invoked_by, ..Self::default() }
    }
}

fn session_context(call: &RequestContext, caller: &Caller) -> Option<SessionContext> {
    let CallerKind::RoleSession { role, .. } = caller.kind() else { return None };
    let session_issuer = SessionIssuer {
        kind: "Role".into(),
        principal_id: principal_id(caller).split(':').next().unwrap_or_default().into(),
        arn: caller.principal_arn(),
        account_id: caller.account().unwrap_or_default().into(),
        user_name: role.clone(),
    };
    let attributes = SessionAttributes {
        creation_date: call.vouched.single("aws:TokenIssueTime").map(Into::into),
        mfa_authenticated: call.vouched.single("aws:MultiFactorAuthPresent").unwrap_or("false").into(),
    };
    Some(SessionContext { session_issuer, attributes })
}
