//! The acts of a recording: who wants something, and where the work on the plaintext is done.

use std::ops::Range;

use super::people::{Person, Place};

/// A part of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What it is.
    pub kind: ActKind,
    /// Its title.
    pub title: String,
    /// Its events.
    pub range: Range<usize>,
    /// Who wants something.
    pub person: Person,
    /// Where data keys and plaintext are handled: [`Place::Store`], or [`Place::Person`] with client-side encryption.
    pub works: Place,
}

/// What an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActKind {
    /// What the learner changed.
    Change,
    /// Bob uploads a document.
    Upload,
    /// Bob reads it back.
    Read,
    /// Eve has the disk.
    Thief,
    /// Alice may read the bucket.
    Colleague,
    /// Bob reads a document that his own machine encrypted.
    ClientSide,
}

impl ActKind {
    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Change => "What was changed",
            Self::Upload => "Bob uploads a document",
            Self::Read => "Bob reads it back",
            Self::Thief => "A thief takes the disk",
            Self::Colleague => "Alice may read the bucket",
            Self::ClientSide => "The same, encrypted by Bob himself",
        }
    }

    /// What the learner is told at its beginning.
    pub fn introduction(self) -> &'static str {
        match self {
            Self::Change => "The world is not as it was. Watch where the run notices.",
            Self::Upload => "Bob hands a document to the object store and says which key shall protect it.",
            Self::Read => "The document lies encrypted on the disk, its encrypted data key beside it. Bob wants it back.",
            Self::Thief => "Eve has the disk itself: the whole message, every byte of it. She tries without the KMS first, then with it.",
            Self::Colleague => "The bucket's own permissions let Alice read every object in it.",
            Self::ClientSide => "This message was encrypted on Bob's machine before the store saw it. Watch where the plaintext is.",
        }
    }
}
