//! Numbers, bytes and names as people read them.

use base64ct::{Base64, Encoding};

/// `48,213`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 byte`, `48,213 bytes`.
pub fn byte_count(len: usize) -> String {
    if len == 1 { "1 byte".into() } else { format!("{} bytes", grouped(len)) }
}

/// A text that fits: what is too long loses its middle, so a file keeps its ending.
pub fn fitted(text: &str, max: usize) -> String {
    let len = text.chars().count();
    if len <= max {
        return text.into();
    }
    let tail = (max / 3).min(max.saturating_sub(1));
    let head = max.saturating_sub(tail + 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(len - tail)).collect()
}

/// A text as a sentence begins: with a capital letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A sentence that fits: what is too long loses its end.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max { text.into() } else { text.chars().take(max.saturating_sub(1)).chain(['…']).collect() }
}

/// Two hexadecimal digits a byte, spaces between.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if !text.is_empty() {
            text.push(' ');
        }
        let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or_default();
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

/// Base64 as RFC 4648 section 4 has it.
pub fn base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_readable() {
        assert_eq!(grouped(5), "5");
        assert_eq!(grouped(48_213), "48,213");
        assert_eq!(grouped(5_242_880), "5,242,880");
        assert_eq!((byte_count(1), byte_count(0)), ("1 byte".into(), "0 bytes".into()));
        assert_eq!((capitalised("no grant"), capitalised("")), ("No grant".into(), String::new()));
        assert_eq!((cut("short", 5), cut("Bob may use the key", 8)), ("short".into(), "Bob may…".into()));
        assert_eq!(fitted("contract.txt", 12), "contract.txt");
        assert_eq!(fitted("a-very-long-contract.txt", 12), "a-very-….txt");
        assert_eq!(fitted("a-very-long-contract.txt", 12).chars().count(), 12);
    }

    #[test]
    fn bytes_are_written_in_both_forms() {
        assert_eq!(hex(&[0x9f, 0, 1]), "9f 00 01");
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
