//! Calls about multi-Region keys, which are one key in several regions: ReplicateKey, UpdatePrimaryRegion.

use serde::{Deserialize, Serialize};

use super::{KeyMetadata, Tag};

/// Makes a replica of a multi-Region primary key in another region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReplicateKeyRequest {
    /// The primary key: id or ARN.
    pub key_id: String,
    /// The region of the replica, such as `eu-west-1`.
    pub replica_region: String,
    /// The replica's key policy as JSON text, at most 32,768 bytes; without it the account decides by its identity policies.
    pub policy: Option<String>,
    /// Accept a policy that the caller could not replace again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// For people, at most 8192 characters; the replica's own.
    pub description: Option<String>,
    /// Labels of the replica.
    pub tags: Vec<Tag>,
}

/// The replica that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReplicateKeyResponse {
    /// Its metadata.
    pub replica_key_metadata: KeyMetadata,
    /// Its key policy.
    pub replica_policy: String,
    /// Its labels.
    pub replica_tags: Vec<Tag>,
}

/// Makes a replica the primary key, and the primary key a replica.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdatePrimaryRegionRequest {
    /// The primary key of now: id or ARN.
    pub key_id: String,
    /// The region of the replica that becomes the primary key.
    pub primary_region: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UpdatePrimaryRegionResponse {}

/// Where the keys of a multi-Region key are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionConfiguration {
    /// `PRIMARY` or `REPLICA`: what the key is that was asked about.
    pub multi_region_key_type: String,
    /// The primary key.
    pub primary_key: MultiRegionKey,
    /// The replicas.
    pub replica_keys: Vec<MultiRegionKey>,
}

/// One key of a multi-Region key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionKey {
    /// Its ARN.
    pub arn: String,
    /// Its region.
    pub region: String,
}
