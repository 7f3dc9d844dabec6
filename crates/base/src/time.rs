//! A point in time, as milliseconds since the Unix epoch, and how it is written in policies and audit records.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch, with milliseconds as the fraction: how AWS JSON 1.1 writes a time.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact in an f64 for 285,000 years")]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The time so many seconds after the Unix epoch, to the millisecond: how AWS JSON 1.1 reads a time. What is beyond the end of time is at it.
    #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 stops at the end of time, and not-a-number becomes 0")]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1000.0).round() as i64)
    }

    /// Reads an RFC 3339 date and time, such as `2026-01-15T12:00:00Z`, or a bare date, `2026-01-15`.
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let moment = match OffsetDateTime::parse(text, &Rfc3339) {
            Ok(moment) => moment,
            Err(_) => time::Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?.midnight().assume_utc(),
        };
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// Reads the date of an HTTP header, `Thu, 15 Jan 2026 12:00:00 GMT`.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let format = format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let moment = time::PrimitiveDateTime::parse(text, format).ok()?.assume_utc();
        moment.unix_timestamp().checked_mul(1000).map(Self)
    }

    /// This time, later by that many days of 24 hours; it stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        self.plus_millis(i64::from(days).saturating_mul(86_400_000))
    }

    /// This time, later by that many milliseconds; it stops at the end of time instead of wrapping.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// Writes whole seconds in UTC, `2026-01-15T12:00:00Z`, as CloudTrail and `aws:CurrentTime` do.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .ok()
            .and_then(|moment| moment.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).ok());
        match text {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} ms since 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_and_write() {
        let noon = Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap();
        assert_eq!(noon.as_millis(), 1_768_478_400_000);
        assert_eq!(noon.to_string(), "2026-01-15T12:00:00Z");
        assert_eq!(Timestamp::parse_iso8601("2026-01-15T13:00:00+01:00"), Some(noon));
        assert_eq!(Timestamp::parse_iso8601("2026-01-15").unwrap().to_string(), "2026-01-15T00:00:00Z");
        assert_eq!(Timestamp::parse_iso8601("yesterday"), None);
        assert_eq!(Timestamp::parse_http_date("Thu, 15 Jan 2026 12:00:00 GMT"), Some(noon));
        for wrong in ["", "soon", "2026-01-15T12:00:00Z", "Thu, 15 Jan 2026 12:00:00 CET", "Thu, 32 Jan 2026 12:00:00 GMT"] {
            assert_eq!(Timestamp::parse_http_date(wrong), None, "{wrong}");
        }
        assert_eq!(Timestamp::from_seconds(noon.as_seconds()), noon);
        assert_eq!(Timestamp::from_seconds(1.2345), Timestamp::from_millis(1235));
        assert_eq!(Timestamp::from_seconds(-1e300), Timestamp::from_millis(i64::MIN));
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), format!("{} ms since 1970", i64::MAX));
    }
}
