//! A store in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use waxseal_base::time::Timestamp;

use super::{Change, CommitError, Store, StoreError};
use crate::audit::AuditRecord;
use crate::record::{Record, Seal, Stamp};

/// Records in memory, gone when it is dropped. Of the audit log it has the newest lines.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    records: BTreeMap<Box<str>, Stored>,
    /// When which record falls due.
    due: BTreeSet<(Timestamp, String)>,
    audit: AuditLines,
}

/// A record without its id, in as little room as it takes.
#[derive(Debug)]
struct Stored {
    version: u64,
    body: Box<str>,
    next_due: Option<Timestamp>,
    seal: Seal,
}

impl Stored {
    fn stamp(&self) -> Stamp {
        Stamp { version: self.version, seal: self.seal }
    }

    fn record(&self, id: &str) -> Record {
        let Self { version, next_due, seal, .. } = *self;
        Record { id: id.into(), version, body: self.body.as_ref().into(), next_due, seal }
    }
}

/// The newest lines of an audit log, as JSON, which takes less room than what it is read to.
#[derive(Debug)]
struct AuditLines {
    lines: VecDeque<Box<str>>,
    /// The number of the first of them.
    first: u64,
    limit: usize,
}

impl Default for AuditLines {
    fn default() -> Self {
        Self { lines: VecDeque::new(), first: 0, limit: MemoryStore::AUDIT_LIMIT }
    }
}

impl AuditLines {
    fn push(&mut self, line: Box<str>) {
        self.lines.push_back(line);
        while self.lines.len() > self.limit {
            self.lines.pop_front();
            self.first = self.first.saturating_add(1);
        }
    }

    /// The lines that are not before that number.
    fn starting_at(&self, number: u64) -> impl Iterator<Item = &Box<str>> {
        self.lines.iter().skip(usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX))
    }
}

impl Contents {
    fn insert(&mut self, record: &Record) {
        let Record { id, version, body, next_due, seal } = record;
        self.due.extend(next_due.map(|due| (due, id.clone())));
        let stored = Stored { version: *version, body: body.as_str().into(), next_due: *next_due, seal: *seal };
        self.records.insert(id.as_str().into(), stored);
    }

    fn remove(&mut self, id: &str) {
        if let Some(due) = self.records.remove(id).and_then(|stored| stored.next_due) {
            self.due.remove(&(due, id.to_owned()));
        }
    }
}

impl MemoryStore {
    /// Lines of the audit log that are kept, unless another number is given: each takes about a kilobyte.
    pub const AUDIT_LIMIT: usize = 10_000;

    /// No records yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No records yet, and never more than the newest so many lines of the audit log.
    pub fn with_audit_limit(limit: usize) -> Self {
        let audit = AuditLines { limit, ..AuditLines::default() };
        Self(Mutex::new(Contents { audit, ..Contents::default() }))
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        // Each commit changes the maps by steps that can not fail half-way, so a poisoned lock still guards whole records.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn read(&self, id: &str) -> Result<Option<Record>, StoreError> {
        Ok(self.contents().records.get(id).map(|stored| stored.record(id)))
    }

    fn stamp(&self, id: &str) -> Result<Option<Stamp>, StoreError> {
        Ok(self.contents().records.get(id).map(Stored::stamp))
    }

    fn ids(&self, prefix: &str, from: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let contents = self.contents();
        let ids = contents.records.range(Box::from(prefix.max(from))..).map(|(id, _)| id);
        Ok(ids.take_while(|id| id.starts_with(prefix)).take(limit).map(ToString::to_string).collect())
    }

    fn next_due(&self) -> Result<Option<(Timestamp, String)>, StoreError> {
        Ok(self.contents().due.first().cloned())
    }

    fn commit(&self, changes: &[Change], audit: Option<&AuditRecord>) -> Result<(), CommitError> {
        let mut contents = self.contents();
        let version = |id: &str| contents.records.get(id).map(|record| record.version);
        if changes.iter().any(|change| version(change.id()) != change.expected_version()) {
            return Err(CommitError::Conflict);
        }
        let line = audit.map(serde_json::to_string).transpose();
        let line =
            line.map_err(|error| CommitError::Failed(StoreError { reason: format!("the audit record can not be written: {error}") }))?;
        for change in changes {
            contents.remove(change.id());
            if let Change::Put { record, .. } = change {
                contents.insert(record);
            }
        }
        line.into_iter().for_each(|line| contents.audit.push(line.into()));
        Ok(())
    }

    fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let lines: Vec<Box<str>> = self.contents().audit.starting_at(from).take(limit).cloned().collect();
        lines
            .iter()
            .map(|line| serde_json::from_str(line))
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError { reason: format!("a line of the audit log: {error}") })
    }

    fn first_audit(&self) -> Result<u64, StoreError> {
        Ok(self.contents().audit.first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PAGE_LEN, ids_from};
    use super::*;

    fn put(id: &str, version: u64, expected_version: Option<u64>) -> Change {
        Change::Put {
            record: Record { id: id.into(), version, body: "{}".into(), next_due: None, seal: Seal::default() },
            expected_version,
        }
    }

    #[test]
    fn all_changes_or_none() {
        let store = MemoryStore::new();
        store.commit(&[put("key/1", 1, None), put("key/2", 1, None)], None).unwrap();
        assert_eq!(store.ids("key/", "", 9).unwrap(), ["key/1", "key/2"]);
        assert_eq!(store.ids("key/", "key/2", 9).unwrap(), ["key/2"]);
        assert_eq!(store.ids("key/", "", 1).unwrap(), ["key/1"]);
        assert_eq!(store.ids("account/", "", 9).unwrap(), [""; 0]);
        for stale in [put("key/2", 2, None), put("key/2", 3, Some(2)), put("key/3", 2, Some(1))] {
            assert_eq!(store.commit(&[put("key/1", 2, Some(1)), stale], None), Err(CommitError::Conflict));
            assert_eq!(store.read("key/1").unwrap().unwrap().version, 1, "the first change waited for the second");
        }
        let delete = Change::Delete { id: "key/2".into(), expected_version: 1 };
        store.commit(&[put("key/1", 2, Some(1)), delete.clone()], None).unwrap();
        assert_eq!((store.read("key/1").unwrap().unwrap().version, store.read("key/2").unwrap()), (2, None));
        assert_eq!(store.commit(&[delete], None), Err(CommitError::Conflict));
    }

    #[test]
    fn ids_are_read_page_by_page() {
        let store = MemoryStore::new();
        let ids: Vec<String> = (0..2 * PAGE_LEN + 1).map(|number| format!("key/{number:04}")).collect();
        let changes: Vec<Change> = ids.iter().map(|id| put(id, 1, None)).collect();
        store.commit(&changes, None).unwrap();
        let read = |from: &str| ids_from(&store, "key/", from.into()).collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(read(""), ids);
        assert_eq!(read(&ids[PAGE_LEN + 1]), ids[PAGE_LEN + 1..]);
        assert_eq!(ids_from(&store, "alias/", String::new()).count(), 0);
    }

    #[test]
    fn what_falls_due_first_is_found() {
        let store = MemoryStore::new();
        let due = |id: &str, version: u64, millis: Option<i64>| {
            let Change::Put { record, .. } = put(id, version, None) else { panic!("a put") };
            let record = Record { next_due: millis.map(Timestamp::from_millis), ..record };
            store.commit(&[Change::Put { record, expected_version: version.checked_sub(1).filter(|&v| v > 0) }], None).unwrap();
            store.next_due().unwrap().map(|(due, id)| (due.as_millis(), id))
        };
        assert_eq!(due("key/1", 1, None), None);
        assert_eq!(due("key/2", 1, Some(20)), Some((20, "key/2".into())));
        assert_eq!(due("key/1", 2, Some(10)), Some((10, "key/1".into())));
        assert_eq!(due("key/1", 3, Some(30)), Some((20, "key/2".into())));
        store.commit(&[Change::Delete { id: "key/2".into(), expected_version: 1 }], None).unwrap();
        assert_eq!(due("key/3", 1, Some(40)), Some((30, "key/1".into())));
    }
}
