//! The words of errors, which can be left out: they and what composes them would be a seventh of the module that every page downloads. A build without feature
//! `reasons` tells errors by their kinds alone, and whoever wants the words makes the same call in a build that has them.

/// Whether errors have words.
pub const REASONS: bool = cfg!(feature = "reasons");

/// The text of an error, as `format!` composes it. Without feature `reasons` it is empty, and nothing of what is given is compiled.
///
/// ```
/// let text = waxseal_base::reason!("the frame length is {}", 0);
/// assert_eq!(text.is_empty(), !waxseal_base::REASONS);
/// ```
#[macro_export]
macro_rules! reason {
    ($($text:tt)+) => {
        if $crate::REASONS { ::std::format!($($text)+) } else { ::std::string::String::new() }
    };
}

/// The text of an error, where it is a literal or composed already by [`reason!`](crate::reason). Without feature `reasons` it is empty.
#[inline]
pub fn reason(text: impl Into<String>) -> String {
    if REASONS { text.into() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_words_or_none() {
        let number = 7;
        let (literal, composed) = (reason("it is odd"), reason!("{number} is odd"));
        match REASONS {
            true => assert_eq!((literal.as_str(), composed.as_str()), ("it is odd", "7 is odd")),
            false => assert_eq!((literal, composed), (String::new(), String::new())),
        }
    }
}
