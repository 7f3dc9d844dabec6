//! Which lines of the audit log are wanted.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use waxseal_base::time::Timestamp;

use super::AuditRecord;
use crate::store::{Store, StoreError};

/// Which lines are wanted: those that have all of what is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AuditFilter {
    /// Those of that account's log, as it has them; without one, every line once.
    pub account: Option<String>,
    /// Those of that operation, or of that service event, such as `Decrypt` or `RotateKey`.
    pub operation: Option<String>,
    /// Those about the key of that id or ARN.
    pub key: Option<String>,
    /// Not before that time.
    pub from: Option<Timestamp>,
    /// Before that time.
    pub until: Option<Timestamp>,
    /// The last so many of them.
    pub limit: Option<usize>,
}

impl AuditFilter {
    /// The line as it is wanted, if it is.
    fn choose(&self, line: AuditRecord) -> Option<AuditRecord> {
        let has_key = |key: &String| line.resources.iter().any(|about| about.arn == *key || about.arn.ends_with(&format!(":key/{key}")));
        let time = Timestamp::parse_iso8601(&line.event_time);
        let is_wanted = self.operation.as_ref().is_none_or(|operation| line.event_name == *operation)
            && self.key.as_ref().is_none_or(has_key)
            && self.from.is_none_or(|from| time >= Some(from))
            && self.until.is_none_or(|until| time < Some(until));
        let line = Some(line).filter(|_| is_wanted)?;
        match &self.account {
            Some(account) => line.in_log_of(account),
            None => Some(line),
        }
    }

    /// The lines of a store's log that are wanted, oldest first.
    pub(crate) fn of(&self, store: &dyn Store) -> Result<Vec<AuditRecord>, StoreError> {
        let limit = self.limit.unwrap_or(usize::MAX);
        let (mut chosen, mut from) = (VecDeque::new(), store.first_audit()?);
        loop {
            let lines = store.audit(from, PAGE_LEN)?;
            let len = lines.len();
            for line in lines.into_iter().filter_map(|line| self.choose(line)) {
                chosen.push_back(line);
                if chosen.len() > limit {
                    chosen.pop_front();
                }
            }
            if len < PAGE_LEN {
                return Ok(chosen.into());
            }
            from = from.saturating_add(PAGE_LEN as u64);
        }
    }
}

/// Lines that are read at once.
const PAGE_LEN: usize = 512;
