//! An alias's record, and the form of an alias's name. A key's record lists the names of its aliases as well.

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::{Fault, FaultCode};

use crate::engine::Engine;
use crate::record::Body;
use crate::validation::{Validation, invalid};

/// The body of `alias/<account>/<region>/<name>`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AliasRecord {
    /// With its `alias/`.
    pub(crate) name: String,
    pub(crate) key_id: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Body for AliasRecord {}

impl AliasRecord {
    /// The record's id in a store.
    pub(crate) fn record_id(account: &str, region: &str, name: &str) -> String {
        format!("{}{}", Self::prefix(account, region), name.strip_prefix(PREFIX).unwrap_or(name))
    }

    /// What the ids of the records of an account's aliases begin with.
    pub(crate) fn prefix(account: &str, region: &str) -> String {
        format!("{PREFIX}{account}/{region}/")
    }
}

/// The ARN of an alias.
pub(crate) fn alias_arn(engine: &Engine, region: &str, account: &str, name: &str) -> Arn {
    Arn { resource: name.into(), ..Arn::kms_key(&engine.partition, region, account, "") }
}

/// Refuses what can not be an alias's name, and names that only AWS gives.
pub(crate) fn check_name(validation: Validation, name: &str) -> Result<(), Fault> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ":/_-".contains(c));
    validation.length("aliasName", name.chars().count(), 1..=256).pattern("aliasName", plain, "^[a-zA-Z0-9:/_-]+$").finish()?;
    match name.strip_prefix(PREFIX) {
        None | Some("") => Err(invalid(
            r#"Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"#,
        )),
        Some(rest) if rest.starts_with("aws/") => Err(Fault::silent(FaultCode::NotAuthorizedException)),
        Some(_) => Ok(()),
    }
}

/// An alias names a key, and not another alias.
pub(crate) fn check_target(target_key_id: &str) -> Result<(), Fault> {
    match target_key_id.starts_with(PREFIX) || target_key_id.contains(":alias/") {
        true => Err(invalid("Aliases must refer to keys. Not aliases")),
        false => Ok(()),
    }
}

/// An alias of a key can be given only so many times.
pub(crate) fn check_room(aliases: &[String]) -> Result<(), Fault> {
    match aliases.len() < MAX_ALIASES {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::LimitExceededException, format!("A key has at most {MAX_ALIASES} aliases."))),
    }
}

const PREFIX: &str = "alias/";
const MAX_ALIASES: usize = 50;
