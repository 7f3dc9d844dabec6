//! Calls about a key's policy: GetKeyPolicy, PutKeyPolicy, ListKeyPolicies.

use serde::{Deserialize, Serialize};

/// Asks for a key's policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetKeyPolicyRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// `default`, the only one there is.
    pub policy_name: Option<String>,
}

/// A key's policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyPolicyResponse {
    /// JSON text, as it was put.
    pub policy: String,
    /// `default`.
    pub policy_name: String,
}

/// Replaces a key's policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutKeyPolicyRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// `default`, the only one there is.
    pub policy_name: Option<String>,
    /// JSON text, at most 32,768 bytes.
    pub policy: String,
    /// Accept a policy that the caller could not replace again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct PutKeyPolicyResponse {}

/// Asks for the names of a key's policies.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListKeyPoliciesRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// At most so many, 1 to 1000; 100 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Names of policies: one, `default`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeyPoliciesResponse {
    /// The names.
    pub policy_names: Vec<String>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}
