//! Calls about aliases: CreateAlias, UpdateAlias, DeleteAlias, ListAliases.

use serde::{Deserialize, Serialize};

/// Gives a key a name that people can remember.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateAliasRequest {
    /// The name, `alias/…`, 1 to 256 characters: letters, digits, `:`, `/`, `_` and `-`. `alias/aws/…` is reserved.
    pub alias_name: String,
    /// The key: id or ARN.
    pub target_key_id: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct CreateAliasResponse {}

/// Gives an alias to another key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateAliasRequest {
    /// The name, `alias/…`.
    pub alias_name: String,
    /// The key that it names from now on: id or ARN.
    pub target_key_id: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct UpdateAliasResponse {}

/// Takes an alias away; its key stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteAliasRequest {
    /// The name, `alias/…`.
    pub alias_name: String,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct DeleteAliasResponse {}

/// Asks for the aliases of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListAliasesRequest {
    /// Only those of this key: id or ARN.
    pub key_id: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    pub limit: Option<u32>,
    /// Where the last answer stopped.
    pub marker: Option<String>,
}

/// Aliases, in order of their names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesResponse {
    /// The aliases.
    pub aliases: Vec<AliasListEntry>,
    /// Whether there are more.
    pub truncated: bool,
    /// What to ask the rest with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

/// One alias of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AliasListEntry {
    /// The name, `alias/…`.
    pub alias_name: String,
    /// The ARN of the alias.
    pub alias_arn: String,
    /// The id of the key that it names.
    pub target_key_id: String,
    /// When it was made, in seconds since the Unix epoch.
    pub creation_date: f64,
    /// When it was last given to a key, in seconds since the Unix epoch.
    pub last_updated_date: f64,
}
