//! The lessons, in the order of the Learn list.

/// A lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lesson {
    /// Bob uploads a document.
    Upload,
    /// Bob reads it back; others try.
    Read,
}

impl Lesson {
    /// All lessons.
    pub const ALL: [Self; 2] = [Self::Upload, Self::Read];

    /// Its number in the course.
    pub fn number(self) -> u32 {
        match self {
            Self::Upload => 3,
            Self::Read => 4,
        }
    }

    /// The lesson of that number.
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|lesson| lesson.number() == number)
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Upload => "Bob uploads a document",
            Self::Read => "Bob reads it back",
        }
    }

    /// What one learns in it.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Upload => "One document gets a key of its own, and that key gets an envelope.",
            Self::Read => "The envelope is opened for Bob, and for nobody else.",
        }
    }

    /// The lesson after it.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Upload => Some(Self::Read),
            Self::Read => None,
        }
    }
}
