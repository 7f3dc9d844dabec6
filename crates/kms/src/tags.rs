//! Labels of a key: their limits, and how policies see them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waxseal_kms_api::calls::Tag;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_policy::Context;

use crate::validation::Validation;

/// The lengths of labels.
pub(crate) fn limits(validation: Validation, tags: &[Tag]) -> Validation {
    tags.iter().fold(validation, |validation, tag| {
        key_limits(validation, &tag.tag_key).length("tags.member.tagValue", tag.tag_value.chars().count(), 0..=256)
    })
}

/// The length of a label's key.
pub(crate) fn key_limits(validation: Validation, key: &str) -> Validation {
    validation.length("tags.member.tagKey", key.chars().count(), 1..=128)
}

/// Refuses labels that can not be put together on a key.
pub(crate) fn check(tags: &[Tag]) -> Result<(), Fault> {
    check_number(tags.len())?;
    let keys: BTreeSet<&str> = tags.iter().map(|tag| tag.tag_key.as_str()).collect();
    if keys.len() < tags.len() {
        return Err(Fault::new(FaultCode::TagException, "Duplicate tag keys"));
    }
    keys.into_iter().try_for_each(check_key)
}

/// Refuses more labels than a key can have.
pub(crate) fn check_number(tags: usize) -> Result<(), Fault> {
    if tags > MAX_TAGS { Err(Fault::new(FaultCode::TagException, "Too many tags")) } else { Ok(()) }
}

/// Refuses labels that only AWS puts.
pub(crate) fn check_key(key: &str) -> Result<(), Fault> {
    match key.to_ascii_lowercase().starts_with("aws:") {
        true => Err(Fault::new(FaultCode::TagException, "Tags beginning with aws: are reserved")),
        false => Ok(()),
    }
}

/// How the audit log shows them.
pub(crate) fn audited(tags: &[Tag]) -> Vec<Value> {
    tags.iter().map(|tag| json!({ "tagKey": tag.tag_key, "tagValue": tag.tag_value })).collect()
}

/// How policies see the labels of a request.
pub(crate) fn add_conditions(context: &mut Context, tags: &[Tag]) {
    for tag in tags {
        context.insert(format!("aws:RequestTag/{}", tag.tag_key), &tag.tag_value);
    }
    context.insert_all("aws:TagKeys", tags.iter().map(|tag| &tag.tag_key));
}

const MAX_TAGS: usize = 50;
