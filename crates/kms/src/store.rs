//! Where a host keeps records, and the changes it applies: all of an outcome or none of it, before the response goes out.

mod memory;

use std::fmt;

pub use memory::MemoryStore;
use serde::{Deserialize, Serialize};
use waxseal_base::threading::{MaybeSend, MaybeSync};
use waxseal_base::time::Timestamp;

use crate::audit::AuditRecord;
use crate::record::{Record, Stamp};

/// A place for records, in step with the engine: what `commit` accepted, `read` returns.
pub trait Store: MaybeSend + MaybeSync {
    /// The record of that id.
    fn read(&self, id: &str) -> Result<Option<Record>, StoreError>;

    /// The stamp of the record of that id: what tells a reader that it has seen it before. A store that finds it without the body saves the engine
    /// reading that.
    fn stamp(&self, id: &str) -> Result<Option<Stamp>, StoreError> {
        Ok(self.read(id)?.map(|record| record.stamp()))
    }

    /// The ids that begin with `prefix`, in the order of their bytes: the first `limit` of those that are not before `from`.
    fn ids(&self, prefix: &str, from: &str, limit: usize) -> Result<Vec<String>, StoreError>;

    /// The record that falls due first, if any does: the earliest [`next_due`](Record::next_due), with the id of its record.
    fn next_due(&self) -> Result<Option<(Timestamp, String)>, StoreError>;

    /// Applies all changes and appends the audit record, or does nothing: `Conflict` if a version is not the expected one.
    fn commit(&self, changes: &[Change], audit: Option<&AuditRecord>) -> Result<(), CommitError>;

    /// The audit records, oldest first, counted from 0: the first `limit` of those that are not before the one of number `from`.
    fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;

    /// The number of the oldest audit record that is still there; numbers go on, also where the oldest are dropped.
    fn first_audit(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// All ids that begin with `prefix` and are not before `from`, in order; read a page at a time.
pub(crate) fn ids_from<'a>(store: &'a dyn Store, prefix: &'a str, from: String) -> impl Iterator<Item = Result<String, StoreError>> + 'a {
    let mut from = Some(from);
    let mut page = Vec::new().into_iter();
    std::iter::from_fn(move || {
        if let Some(id) = page.next() {
            return Some(Ok(id));
        }
        let ids = match store.ids(prefix, &from.take()?, PAGE_LEN) {
            Ok(ids) => ids,
            Err(error) => return Some(Err(error)),
        };
        // The smallest text after an id is the id and a NUL.
        from = ids.last().filter(|_| ids.len() == PAGE_LEN).map(|last| format!("{last}\0"));
        page = ids.into_iter();
        page.next().map(Ok)
    })
}

/// Ids that are read at once.
const PAGE_LEN: usize = 256;

/// One change to the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// Write a record.
    Put {
        /// The record, with its new version.
        record: Record,
        /// The version it replaces; none if there must be no such record yet.
        expected_version: Option<u64>,
    },
    /// Remove a record.
    Delete {
        /// Which.
        id: String,
        /// The version it must have.
        expected_version: u64,
    },
}

impl Change {
    /// The id of the record it is about.
    pub fn id(&self) -> &str {
        match self {
            Self::Put { record, .. } => &record.id,
            Self::Delete { id, .. } => id,
        }
    }

    /// Bytes that will be written.
    pub fn written_len(&self) -> usize {
        match self {
            Self::Put { record, .. } => record.len(),
            Self::Delete { .. } => 0,
        }
    }

    /// The version that the record must have for the change to count.
    pub fn expected_version(&self) -> Option<u64> {
        match self {
            Self::Put { expected_version, .. } => *expected_version,
            Self::Delete { expected_version, .. } => Some(*expected_version),
        }
    }
}

/// A store that can not be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// What happened.
    pub reason: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store can not be used: {}", self.reason)
    }
}

impl std::error::Error for StoreError {}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// Somebody else changed a record meanwhile: read again and decide again.
    Conflict,
    /// The store can not be used now.
    Failed(StoreError),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("a record was changed by somebody else meanwhile"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommitError {}
