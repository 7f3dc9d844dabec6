//! Calls about what people write on a key: TagResource, UntagResource, ListResourceTags, UpdateKeyDescription.

use serde::{Deserialize, Serialize};

use super::keys::Tag;

/// Puts labels on a key. A label of the same key is replaced.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TagResourceRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// The labels; a key has at most 50.
    pub tags: Vec<Tag>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct TagResourceResponse {}

/// Takes labels off a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UntagResourceRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// The keys of the labels.
    pub tag_keys: Vec<String>,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UntagResourceResponse {}

/// Asks for a key's labels.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListResourceTagsRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// At most so many, 1 to 50; 50 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Labels of a key, in the order in which they were put.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListResourceTagsResponse {
    /// The labels.
    pub tags: Vec<Tag>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

/// Replaces a key's description.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateKeyDescriptionRequest {
    /// The key: id or ARN.
    pub key_id: String,
    /// For people, at most 8192 characters.
    pub description: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UpdateKeyDescriptionResponse {}
