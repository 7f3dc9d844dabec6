//! What can happen to the state.

use std::rc::Rc;

use super::{Speed, Tab, Theme};
use crate::model::change::{Change, Fix};
use crate::model::document::Document;
use crate::model::lesson::Lesson;
use crate::model::link::Link;
use crate::model::people::Thing;
use crate::model::recording::{Recording, Script};
use crate::model::steps::Depth;

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a lesson as it is without changes.
    OpenLesson(Lesson),
    /// Go where a link leads.
    Follow(Link),
    /// Change something, or change it back with none, and run again.
    Change(Option<Change>),
    /// Mend something and run again.
    Mend(Fix),
    /// Take this document and run again.
    TakeDocument(Document),
    /// A recording is there.
    Recorded(Rc<Recording>),
    /// A recording could not be made of that script.
    RecordingFailed(Script, String),
    /// Start or stop playing; at the end, play again from the beginning.
    TogglePlay,
    /// Time for the next step.
    Tick,
    /// One step on.
    Next,
    /// One step back.
    Back,
    /// To the first step.
    First,
    /// To the last step.
    Last,
    /// To that step, from 0.
    Seek(usize),
    /// So fast.
    SetSpeed(Speed),
    /// So fine.
    SetDepth(Depth),
    /// That tab.
    SelectTab(Tab),
    /// That theme.
    SetTheme(Theme),
    /// A field's thing is under the pointer or focus, or none is.
    Hover(Option<Thing>),
    /// An answer to the prediction that waits: an option's id.
    Answer(&'static str),
    /// No answer to the prediction that waits.
    SkipPrediction,
}
