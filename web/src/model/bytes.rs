//! The Bytes tab: the bytes of a moment, field by field, from the structures' own `fields()`, and how to get the same bytes again.

use std::ops::Range;
use std::rc::Rc;

use waxseal_base::codec::Part;

use super::people::Thing;
use super::recording::Recording;
use super::steps::Step;

/// A structure or a secret, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteView {
    /// What it is.
    pub title: String,
    /// One sentence about it.
    pub note: String,
    /// All its bytes.
    pub bytes: Rc<[u8]>,
    /// Its rows, in order. Joined, their ranges are all its bytes.
    pub rows: Vec<ByteRow>,
    /// How to get the same bytes again.
    pub derivation: Option<Derivation>,
}

/// A row of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByteRow {
    /// A field.
    Field(ByteField),
    /// Frames that are not listed one by one.
    Gap {
        /// Their bytes.
        range: Range<usize>,
        /// What they are, such as `frames 3 to 1279`.
        label: String,
    },
}

/// A field of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteField {
    /// Where it is in the view's bytes.
    pub range: Range<usize>,
    /// Its name in the standard.
    pub label: String,
    /// What it means.
    pub note: String,
    /// What it belongs to, for its colour.
    pub look: Look,
    /// Its thing on the stage.
    pub thing: Option<Thing>,
}

/// The colour of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As its part of a message or blob.
    Part(Part),
    /// A secret: amber.
    Secret,
    /// Plaintext: paper.
    Plaintext,
}

/// Inputs and a command that gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// What it does, in one sentence.
    pub sentence: String,
    /// A command to paste into a terminal.
    pub command: String,
}

impl ByteRow {
    /// Where it is in the view's bytes.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Field(field) => field.range.clone(),
            Self::Gap { range, .. } => range.clone(),
        }
    }
}

/// The bytes of a step.
pub fn views(recording: &Recording, step: &Step) -> Vec<ByteView> {
    let _ = (recording, step);
    Vec::new()
}
