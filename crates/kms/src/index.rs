//! Index entries: records without a body whose ids alone say under what a key is listed. So a page of a list opens the keys on it and no others.
//! An entry proves nothing; whoever follows one looks at the key's own, sealed record.

use std::collections::BTreeSet;

use crate::key_record::KeyRecord;
use crate::primitives::digest;
use crate::record::{Record, Seal};
use crate::store::Change;

/// What the entries of the keys of an account in a region begin with; the key's id follows.
pub(crate) fn of_account(account: &str, region: &str) -> String {
    format!("{PREFIX}account/{account}/{region}/")
}

/// What the entries of the keys with grants that this principal may retire begin with; the key's id follows.
pub(crate) fn of_retiring_principal(region: &str, principal: &str) -> String {
    // Of equal length for all, so that none begins with another.
    let digest = digest(principal.as_bytes());
    format!("{PREFIX}retiring/{region}/{}/", hex::encode(digest.get(..DIGEST_LEN).unwrap_or(&digest)))
}

/// Whether a record is an entry.
pub(crate) fn is_entry(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// What changes about the entries of a key when its record does: none before that has just been made, none after that is destroyed.
pub(crate) fn changes(before: Option<&KeyRecord>, after: Option<&KeyRecord>) -> Vec<Change> {
    let (was_under, is_under) = (retiring_principals(before), retiring_principals(after));
    let under = |key: &KeyRecord, principal: &str| format!("{}{}", of_retiring_principal(&key.region, principal), key.id);
    let mut changes = Vec::new();
    match (before, after) {
        (None, Some(key)) => changes.push(put(format!("{}{}", of_account(&key.account, &key.region), key.id))),
        (Some(key), None) => changes.push(delete(format!("{}{}", of_account(&key.account, &key.region), key.id))),
        _ => {}
    }
    changes.extend(after.iter().flat_map(|key| is_under.difference(&was_under).map(|principal| put(under(key, principal)))));
    changes.extend(before.iter().flat_map(|key| was_under.difference(&is_under).map(|principal| delete(under(key, principal)))));
    changes
}

fn retiring_principals(key: Option<&KeyRecord>) -> BTreeSet<&str> {
    key.iter().flat_map(|key| &key.grants).filter_map(|grant| grant.retiring.as_deref()).collect()
}

fn put(id: String) -> Change {
    Change::Put {
        record: Record { id, version: VERSION, body: String::new(), next_due: None, seal: Seal::default() },
        expected_version: None,
    }
}

fn delete(id: String) -> Change {
    Change::Delete { id, expected_version: VERSION }
}

const PREFIX: &str = "index/";
/// The version of every entry: it never changes.
const VERSION: u64 = 1;
/// Bytes of a principal's digest that are in an id.
const DIGEST_LEN: usize = 16;
