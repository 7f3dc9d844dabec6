//! What the stage needs to know besides the events: the act, and the measures of the document.

use crate::model::act::{Act, ActKind};
use crate::model::document::Document;
use crate::model::people::{Person, Place};

/// An act on its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// What the act is about.
    pub kind: ActKind,
    /// Who wants something.
    pub person: Person,
    /// Where data keys and plaintext are handled: the store or the person's machine.
    pub works: Place,
    /// The document's name.
    pub document: String,
    /// The document's length in bytes.
    pub document_len: usize,
    /// How many frames its message has.
    pub frames_total: u32,
    /// Whether a message of it lies on the disk when the act begins.
    pub stored_before: bool,
}

impl Scene {
    /// The scene of an act.
    pub fn of(act: &Act, document: &Document, frames_total: u32, stored_before: bool) -> Self {
        Self {
            kind: act.kind,
            person: act.person,
            works: act.works,
            document: document.name.clone(),
            document_len: document.len(),
            frames_total,
            stored_before,
        }
    }
}
