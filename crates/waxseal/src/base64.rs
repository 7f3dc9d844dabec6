//! Base64 (RFC 4648, section 4) of what is public. In constant time it would take code that every page would download for the sake of signers' public keys.

/// With padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 6 {
            bits = bits.saturating_sub(6);
            text.push(digit(held >> bits));
        }
    }
    if bits > 0 {
        text.push(digit(held << 6_u32.saturating_sub(bits)));
    }
    while !text.len().is_multiple_of(4) {
        text.push(PADDING);
    }
    text
}

/// The bytes that [`encode`] makes this text of, if there are such.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0, 0_u32);
    for digit in text.trim_end_matches(PADDING).bytes() {
        held = held << 6 | DIGITS.bytes().position(|each| each == digit)?;
        bits = bits.saturating_add(6);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push((held >> bits & 255) as u8);
        }
    }
    (encode(&bytes) == text).then_some(bytes)
}

fn digit(held: u32) -> char {
    DIGITS.as_bytes().get((held & 63) as usize).map_or(PADDING, |digit| char::from(*digit))
}

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING: char = '=';

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_the_standard_has_it() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!((encode(bytes.as_bytes()).as_str(), decode(text).as_deref()), (text, Some(bytes.as_bytes())));
        }
        assert_eq!(encode(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn only_what_is_written_so_is_read() {
        for text in ["Zg", "Zg=", "Zg===", "Zh==", "=", "====", "Z", "Zm9v=", "Zm9v====", "Z===", "Zm9 v", "Zm-v", "Zm9v\n", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
