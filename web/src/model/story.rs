//! What a step says in plain words: the sentence over the stage, why it matters, and the Story tab. The words depend on what happened in
//! the step, never on a script of the lesson.

mod detail;
mod document;
mod failure;
mod kms;

use super::act::{Act, ActKind};
use super::call::Call;
use super::document::Document;
use super::people::{Person, Place};
use super::recording::Recording;
use super::steps::{Step, StepKind};

/// The words of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What a real system must do otherwise than this page.
    pub caution: Option<String>,
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
    let Some(act) = recording.act_of(step) else { return Story::default() };
    let facts = Facts { recording, step, act, call: Call::of(recording, step) };
    if step.fails && step.kind != StepKind::TryAlone {
        return failure::story(&facts);
    }
    match step.kind {
        StepKind::Change
        | StepKind::Upload
        | StepKind::AskDocument
        | StepKind::TakeDisk
        | StepKind::TryAlone
        | StepKind::Load
        | StepKind::Encrypt
        | StepKind::Verify
        | StepKind::Decrypt
        | StepKind::WipeKey
        | StepKind::StoreBoth
        | StepKind::Deliver => document::story(&facts),
        StepKind::AskDataKey
        | StepKind::SendDataKey
        | StepKind::CheckPermission
        | StepKind::MakeDataKey
        | StepKind::UnwrapDataKey
        | StepKind::ReturnBoth
        | StepKind::ReturnDataKey => kms::story(&facts),
        StepKind::Refuse | StepKind::Stop => failure::aftermath(&facts),
        _ => detail::story(&facts),
    }
}

/// What the words are made of.
struct Facts<'a> {
    recording: &'a Recording,
    step: &'a Step,
    act: &'a Act,
    call: Option<Call>,
}

impl Facts<'_> {
    fn person(&self) -> Person {
        self.act.person
    }

    fn name(&self) -> &'static str {
        self.act.person.name()
    }

    fn document(&self) -> &Document {
        &self.recording.script.document
    }

    /// Who holds data key and plaintext, at the beginning of a sentence.
    fn worker(&self) -> String {
        match (self.act.works, self.act.kind) {
            (Place::Person, ActKind::Thief) => self.name().into(),
            (Place::Person, _) => format!("{}'s machine", self.name()),
            _ => "The store".into(),
        }
    }
}

impl Story {
    fn new(say: impl Into<String>, why: impl Into<String>) -> Self {
        Self { say: say.into(), why: why.into(), ..Self::default() }
    }

    fn tell(mut self, paragraph: impl Into<String>) -> Self {
        self.paragraphs.push(paragraph.into());
        self
    }

    fn term(self, word: &str, meaning: &str) -> Self {
        Self { term: Some(Term { word: word.into(), meaning: meaning.into() }), ..self }
    }

    fn today(self, course: &str, today: &str) -> Self {
        Self { today: Some(Today { course: course.into(), today: today.into() }), ..self }
    }

    fn caution(self, caution: &str) -> Self {
        Self { caution: Some(caution.into()), ..self }
    }
}

/// A number with its thousands set apart.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (4181, "4,181"), (5_000_000, "5,000,000")] {
            assert_eq!(count(number), text);
        }
    }
}
