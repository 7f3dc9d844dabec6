//! The Code tab: how one does a step with waxseal in JavaScript, and with the AWS command line.

use super::recording::Recording;
use super::steps::Step;

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What it is, such as `JavaScript with waxseal`.
    pub title: String,
    /// `js` or `sh`.
    pub language: &'static str,
    /// The code.
    pub code: String,
    /// One sentence about it.
    pub note: String,
}

/// The code of a step.
pub fn snippets(recording: &Recording, step: &Step) -> Vec<Snippet> {
    let _ = (recording, step);
    Vec::new()
}
