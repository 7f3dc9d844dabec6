//! Calls about grants: CreateGrant, RevokeGrant, RetireGrant, ListGrants, ListRetirableGrants.

use serde::{Deserialize, Serialize};

use crate::encryption_context::EncryptionContext;

/// Lets a principal use a key for some operations, without touching the key's policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateGrantRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// The ARN of who may use it; empty if that is a service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub grantee_principal: String,
    /// The ARN of who may retire the grant; optional.
    pub retiring_principal: Option<String>,
    /// Names of operations, such as `Decrypt`; at least one.
    pub operations: Vec<String>,
    /// When the grant counts; always, without them.
    pub constraints: Option<GrantConstraints>,
    /// A name that makes repeating the same request harmless.
    pub name: Option<String>,
    /// Tokens of grants that may be too new to be seen everywhere.
    pub grant_tokens: Vec<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
    /// An AWS service that may use it, such as `s3.amazonaws.com`; it needs a `SourceArn` and somebody who may retire the grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grantee_service_principal: Option<String>,
    /// An AWS service that may retire the grant; optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retiring_service_principal: Option<String>,
}

/// What a request must have for a grant to count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GrantConstraints {
    /// At least these pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_context_subset: Option<EncryptionContext>,
    /// Exactly these pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_context_equals: Option<EncryptionContext>,
    /// The resource on whose behalf a service asks, as `aws:SourceArn` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_arn: Option<String>,
}

/// The grant that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGrantResponse {
    /// To name it in RevokeGrant.
    pub grant_id: String,
    /// To use it before it is seen everywhere.
    pub grant_token: String,
}

/// Ends a grant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RevokeGrantRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// The grant.
    pub grant_id: String,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RevokeGrantResponse {}

/// Asks for a key's grants.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListGrantsRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// At most so many, 1 to 100; 50 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
    /// Only this grant.
    pub grant_id: Option<String>,
    /// Only grants to this principal.
    pub grantee_principal: Option<String>,
    /// Only grants to this service; for callers that are a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grantee_service_principal: Option<String>,
}

/// Grants of a key, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListGrantsResponse {
    /// The grants.
    pub grants: Vec<GrantListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

/// One grant of a list. Its token is never listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GrantListEntry {
    /// The ARN of the key.
    pub key_id: String,
    /// The grant's id.
    pub grant_id: String,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seconds since the Unix epoch.
    pub creation_date: f64,
    /// Who may use it, unless that is a service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grantee_principal: Option<String>,
    /// The service that may use it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grantee_service_principal: Option<String>,
    /// Who may retire it, unless that is a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retiring_principal: Option<String>,
    /// The service that may retire it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retiring_service_principal: Option<String>,
    /// The account in which it was made.
    pub issuing_account: String,
    /// Names of operations.
    pub operations: Vec<String>,
    /// When it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraints: Option<GrantConstraints>,
}

/// Ends a grant, by somebody whom it entitles to that. Name it by its token, or by its key and id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RetireGrantRequest {
    /// A token of the grant.
    pub grant_token: Option<String>,
    /// The key: id or ARN.
    pub key_id: Option<String>,
    /// The grant.
    pub grant_id: Option<String>,
    /// Only check whether it would be allowed.
    pub dry_run: Option<bool>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RetireGrantResponse {}

/// Asks for the grants that a principal may retire.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListRetirableGrantsRequest {
    /// The ARN of the principal, of the caller's account; empty if it is a service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub retiring_principal: String,
    /// The service; it is the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retiring_service_principal: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Grants, on keys of whatever account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRetirableGrantsResponse {
    /// The grants.
    pub grants: Vec<GrantListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}
