//! Predictions: a question that pauses the run until it is answered. Every wrong option names a misconception; the truth comes from the run.

use super::recording::Recording;
use super::steps::Step;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Its name in the state.
    pub id: &'static str,
    /// The question.
    pub question: String,
    /// Three or four options.
    pub options: Vec<Choice>,
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the state.
    pub id: &'static str,
    /// What it says.
    pub text: String,
    /// What the learner is told who chose it.
    pub response: String,
    /// Whether the run proves it right.
    pub is_true: bool,
}

/// The question that stands at the end of a step, before the next one is shown.
pub fn prediction(recording: &Recording, step: &Step) -> Option<Prediction> {
    let _ = (recording, step);
    None
}
