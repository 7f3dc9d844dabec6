//! What crosses a crate border: folders of test data and the code that runs them. Each program below `src/bin` runs one of them.

pub mod hostile;
pub mod malformed;
pub mod policy_cases;
pub mod vectors;

/// The README's Rust example, which is compiled and run as a documentation test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
