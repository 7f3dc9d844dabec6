//! What is on the screen and what can happen to it: a pure reducer. The page around it has two duties: whenever
//! [`State::wanted`] asks for a recording it makes one and dispatches [`Action::Recorded`], and while [`State::playing`] it dispatches
//! [`Action::Tick`] every [`State::step_millis`].

mod action;
mod settings;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::Document;
use super::lesson::Lesson;
use super::link::Link;
use super::people::Thing;
use super::predictions::{self, Prediction};
use super::recording::{Recording, Script};
use super::stage::Stage;
use super::steps::{Depth, Step};
pub use action::Action;
pub use settings::{Speed, Tab, Theme};

/// Everything the screen is a function of.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What is to be seen.
    pub script: Script,
    /// The recording on the screen; it stays there while the next is made.
    pub recording: Option<Rc<Recording>>,
    /// Why the last recording could not be made.
    pub error: Option<String>,
    /// How finely the trace is cut.
    pub depth: Depth,
    /// The step on the stage, from 0.
    pub cursor: usize,
    /// Whether the steps follow each other by themselves.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The tab on the right.
    pub tab: Tab,
    /// Light or dark.
    pub theme: Theme,
    /// The thing that a field under the pointer or focus belongs to.
    pub hovered: Option<Thing>,
    /// What was answered: prediction id to option id, or to nothing if it was skipped.
    pub answers: BTreeMap<&'static str, Option<&'static str>>,
    /// Lessons seen to their end.
    pub completed: Vec<Lesson>,
    /// Where to go once the recording is there.
    arrival: Arrival,
}

/// Where to go in a new recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Arrival {
    /// To its beginning, and wait.
    #[default]
    Begin,
    /// To its beginning, and play.
    Play,
    /// To that step, from 0.
    Step(usize),
}

impl State {
    /// A first visit: lesson 3 with the built-in document, or where the link leads.
    pub fn new(link: Option<Link>) -> Self {
        let script = Script { lesson: Lesson::Upload, change: None, fixes: Vec::new(), document: Document::built_in() };
        let state = Self {
            script,
            recording: None,
            error: None,
            depth: Depth::default(),
            cursor: 0,
            playing: false,
            speed: Speed::default(),
            tab: Tab::default(),
            theme: Theme::default(),
            hovered: None,
            answers: BTreeMap::new(),
            completed: Vec::new(),
            arrival: Arrival::default(),
        };
        match link {
            Some(link) => state.reduce(&Action::Follow(link)),
            None => state,
        }
    }

    /// The script that has to be recorded next, if the recording on the screen is not of it.
    pub fn wanted(&self) -> Option<&Script> {
        let there = self.recording.as_ref().is_some_and(|recording| recording.script == self.script);
        (!there && self.error.is_none()).then_some(&self.script)
    }

    /// The steps on the deck.
    pub fn steps(&self) -> &[Step] {
        self.recording.as_ref().map_or(&[], |recording| recording.steps(self.depth))
    }

    /// The step on the stage.
    pub fn step(&self) -> Option<&Step> {
        self.steps().get(self.cursor)
    }

    /// The stage.
    pub fn stage(&self) -> Option<Stage> {
        self.recording.as_ref()?.stage_after(self.step()?)
    }

    /// The prediction that has to be answered before the run goes on.
    pub fn pending_prediction(&self) -> Option<Prediction> {
        self.prediction_here().filter(|prediction| !self.answers.contains_key(prediction.id))
    }

    /// The prediction of this step, answered or not.
    pub fn prediction_here(&self) -> Option<Prediction> {
        predictions::prediction(self.recording.as_ref()?, self.step()?)
    }

    /// Milliseconds from one step to the next while playing.
    pub fn step_millis(&self) -> u32 {
        match self.speed {
            Speed::Half => 6000,
            Speed::Normal => 3000,
            Speed::Double => 1500,
            Speed::Quadruple => 750,
        }
    }

    /// The address of what is on the screen.
    pub fn link(&self) -> Link {
        let step = match self.arrival {
            Arrival::Step(step) if self.wanted().is_some() => step,
            _ => self.cursor,
        };
        Link { lesson: self.script.lesson, step, tab: self.tab, depth: self.depth, change: self.script.change }
    }

    /// What comes of an action.
    #[must_use]
    pub fn reduce(&self, action: &Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::OpenLesson(lesson) => next.run(Arrival::Begin, |script| {
                (script.lesson, script.change) = (*lesson, None);
                script.fixes.clear();
            }),
            Action::Follow(link) => {
                (next.tab, next.depth) = (link.tab, link.depth);
                let change = link.change.filter(|change| change.lessons().contains(&link.lesson));
                next.run(Arrival::Step(link.step), |script| {
                    (script.lesson, script.change) = (link.lesson, change);
                    script.fixes.clear();
                });
            }
            Action::Change(change) => next.run(Arrival::Play, |script| {
                script.change = change.filter(|change| change.lessons().contains(&script.lesson));
                script.fixes.clear();
            }),
            Action::Mend(fix) => next.run(Arrival::Play, |script| {
                if !script.fixes.contains(fix) {
                    script.fixes.push(*fix);
                }
            }),
            Action::TakeDocument(document) => next.run(Arrival::Begin, |script| script.document = document.clone()),
            Action::Recorded(recording) => next.arrive(recording),
            Action::RecordingFailed(script, error) if *script == next.script => next.error = Some(error.clone()),
            Action::RecordingFailed(..) => {}
            Action::TogglePlay => next.toggle_play(),
            Action::Tick if next.playing => next.advance(),
            Action::Tick => {}
            Action::Next => {
                next.playing = false;
                next.advance();
            }
            Action::Back => next.seek(next.cursor.saturating_sub(1)),
            Action::First => next.seek(0),
            Action::Last => next.seek(usize::MAX),
            Action::Seek(step) => next.seek(*step),
            Action::SetSpeed(speed) => next.speed = *speed,
            Action::SetDepth(depth) => next.set_depth(*depth),
            Action::SelectTab(tab) => next.tab = *tab,
            Action::SetTheme(theme) => next.theme = *theme,
            Action::Hover(thing) => next.hovered = *thing,
            Action::Answer(option) => next.answer(Some(option)),
            Action::SkipPrediction => next.answer(None),
        }
        next.note_completion();
        next
    }

    /// Another script is wanted. If the recording on the screen is already of it, its arrival happens at once.
    fn run(&mut self, arrival: Arrival, change: impl FnOnce(&mut Script)) {
        change(&mut self.script);
        (self.playing, self.error, self.arrival) = (false, None, arrival);
        if self.wanted().is_none()
            && let Some(recording) = self.recording.clone()
        {
            self.arrive(&recording);
        }
    }

    fn arrive(&mut self, recording: &Rc<Recording>) {
        if recording.script != self.script {
            return;
        }
        self.recording = Some(recording.clone());
        match std::mem::take(&mut self.arrival) {
            Arrival::Begin => self.seek(0),
            Arrival::Play => {
                self.seek(0);
                self.playing = true;
            }
            Arrival::Step(step) => self.seek(step),
        }
    }

    fn toggle_play(&mut self) {
        if self.playing {
            self.playing = false;
        } else if self.recording.is_some() && self.pending_prediction().is_none() {
            if self.is_at_end() {
                self.cursor = 0;
            }
            self.playing = true;
        }
    }

    /// One step on, unless a prediction waits or the end is reached; either ends playing.
    fn advance(&mut self) {
        if self.is_at_end() || self.pending_prediction().is_some() {
            self.playing = false;
            return;
        }
        self.cursor += 1;
        if self.is_at_end() || self.pending_prediction().is_some() {
            self.playing = false;
        }
    }

    fn seek(&mut self, step: usize) {
        self.playing = false;
        self.cursor = step.min(self.steps().len().saturating_sub(1));
    }

    /// The cursor stays at the same moment: the step that holds the end of the old one.
    fn set_depth(&mut self, depth: Depth) {
        let moment = self.step().map(|step| step.range.end.saturating_sub(1));
        self.depth = depth;
        let found = moment.and_then(|moment| self.steps().iter().position(|step| step.range.contains(&moment)));
        self.cursor = found.unwrap_or(0);
    }

    fn answer(&mut self, option: Option<&'static str>) {
        if let Some(prediction) = self.pending_prediction() {
            let option = option.filter(|option| prediction.options.iter().any(|choice| choice.id == *option));
            self.answers.insert(prediction.id, option);
        }
    }

    fn is_at_end(&self) -> bool {
        self.cursor + 1 >= self.steps().len()
    }

    fn note_completion(&mut self) {
        let Some(recording) = &self.recording else { return };
        let lesson = recording.script.lesson;
        if !recording.script.is_changed() && !self.steps().is_empty() && self.is_at_end() && !self.completed.contains(&lesson) {
            self.completed.push(lesson);
        }
    }
}

#[cfg(test)]
mod tests;
