//! The `Date` header. Clients learn from it by how much their clock is off, and sign again.

use waxseal_base::time::Timestamp;

/// A time as HTTP writes it (RFC 9110, IMF-fixdate), such as `Thu, 15 Jan 2026 12:00:00 GMT`.
pub(super) fn imf_fixdate(time: Timestamp) -> String {
    let text = time.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let weekday = usize::try_from(time.as_millis().div_euclid(MILLIS_A_DAY).rem_euclid(7)).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().unwrap_or_default().saturating_sub(1);
    let name = |names: &[&'static str], index: usize| names.get(index).copied().unwrap_or_default();
    format!("{}, {} {} {} {} GMT", name(&WEEKDAYS, weekday), part(8, 10), name(&MONTHS, month), part(0, 4), part(11, 19))
}

const MILLIS_A_DAY: i64 = 86_400_000;
/// From that of 1 January 1970.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_http_writes_them() {
        for (date, text) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("2028-02-29T23:59:59Z", "Tue, 29 Feb 2028 23:59:59 GMT"),
            ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] {
            assert_eq!(imf_fixdate(Timestamp::parse_iso8601(date).unwrap()), text);
        }
    }
}
