//! The time as JavaScript knows it. Both npm entries compile this file.

use waxseal_base::time::Timestamp;

/// From milliseconds since 1970, as `Date` has them.
#[expect(clippy::cast_possible_truncation, reason = "JavaScript's time is whole milliseconds, below 2^53")]
pub(crate) fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}
