//! What a step says in plain words: the sentence over the stage, why it matters, and the Story tab.

use super::recording::Recording;
use super::steps::Step;

/// The words of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What happens, in one sentence: the heading over the stage.
    pub say: String,
    /// Why it matters, in one or two sentences.
    pub why: String,
    /// The Story tab: paragraphs.
    pub paragraphs: Vec<String>,
    /// The term that the step introduces, and what it means.
    pub term: Option<Term>,
    /// How courses say it, and how one says it today.
    pub today: Option<Today>,
}

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word.
    pub word: String,
    /// What it means.
    pub meaning: String,
}

/// An older word and today's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Today {
    /// In your course.
    pub course: String,
    /// Today.
    pub today: String,
}

/// The words of a step.
pub fn story(recording: &Recording, step: &Step) -> Story {
    let _ = recording;
    Story { say: step.label.clone(), why: String::new(), paragraphs: Vec::new(), term: None, today: None }
}
