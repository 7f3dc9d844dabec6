//! Predictions: a question that pauses the run until it is answered. Every wrong option names a misconception; the truth comes from the run.

use waxseal_base::event::{Actor, Event, Kind, OperationResult};

use super::act::ActKind;
use super::people::Person;
use super::recording::Recording;
use super::steps::{Step, StepKind};

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

/// The question that stands at the end of a step, before the next one is shown. A changed world asks none.
pub fn prediction(recording: &Recording, step: &Step) -> Option<Prediction> {
    if recording.script.is_changed() {
        return None;
    }
    let act = recording.act_of(step)?;
    let events = recording.events.get(act.range.clone())?;
    match (act.kind, step.kind) {
        (ActKind::Upload, StepKind::Upload) => Some(file_and_kms(events, recording.script.document.len())),
        (ActKind::Colleague, StepKind::AskDocument) => Some(bucket_and_key(events)),
        _ => None,
    }
}

fn file_and_kms(events: &[Event], document_len: usize) -> Prediction {
    let reaches = events.iter().any(|event| {
        event.by == Actor::Kms && matches!(&event.kind, Kind::OperationStarted { input_len: Some(len), .. } if *len >= document_len)
    });
    let option = |id, text: &str, response: &str, is_true| Choice { id, text: text.into(), response: response.into(), is_true };
    Prediction {
        id: "does-the-file-reach-the-kms",
        question: "The KMS key never leaves the KMS. Does the document travel to the KMS to be encrypted?".into(),
        options: vec![
            option(
                "whole",
                "Yes, the whole document does.",
                "One would think so: key there, document here, so one of them has to travel. But a third thing can travel instead, a small key made for this document. Watch what is in the request.",
                reaches,
            ),
            option(
                "pieces",
                "Yes, in pieces of 4,096 bytes.",
                "That is indeed all the KMS encrypts at once, and with pieces it would work, one call for each. There is a way with one call, however large the document is.",
                false,
            ),
            option(
                "key-travels",
                "No, the store gets the KMS key and encrypts with it.",
                "The document does stay. But the KMS key does not leave either: whoever had it could read everything that was ever encrypted under it.",
                false,
            ),
            option(
                "neither",
                "No, neither the document nor the KMS key travels.",
                "Right. What travels is a data key, made for this one document.",
                !reaches,
            ),
        ],
    }
}

fn bucket_and_key(events: &[Event]) -> Prediction {
    let granted = events.iter().any(|event| {
        event.by == Actor::Caller
            && matches!(&event.kind, Kind::OperationFinished { operation, result: OperationResult::Succeeded { .. } } if operation == "decrypt")
    });
    let asked_as_alice =
        events.iter().any(|event| matches!(&event.kind, Kind::RequestVerified { principal, .. } if principal == Person::Alice.arn()));
    let option = |id, text: &str, response: &str, is_true| Choice { id, text: text.into(), response: response.into(), is_true };
    Prediction {
        id: "is-the-bucket-enough",
        question: "Alice may read the bucket. Nobody gave her permission to use the key. Does she get the document?".into(),
        options: vec![
            option(
                "bucket-suffices",
                "Yes. Who may read the bucket may read what is in it.",
                "She may read the object, and the object is ciphertext. To read the document, somebody has to open the envelope, and that is another permission.",
                granted,
            ),
            option(
                "store-decrypts",
                "Yes. The store decrypts for everybody it lets in.",
                "The store has no permission of its own to use this key. It asks on behalf of whoever asked it, and the KMS decides about that person.",
                false,
            ),
            option(
                "ciphertext",
                "She gets the ciphertext, but can not read it.",
                "Not through this store: where the KMS says no, it hands out nothing. And the ciphertext would be of no use to her.",
                false,
            ),
            option(
                "key-needed",
                "No. She needs permission to use the key as well.",
                "Right. Two permissions, kept in two places, often by two people.",
                !granted && asked_as_alice,
            ),
        ],
    }
}
