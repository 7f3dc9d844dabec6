//! A recording: what a lesson's run did, event by event, and the facts beside the trace that the tabs show.

use std::rc::Rc;

use waxseal_base::event::Event;

use super::act::Act;
use super::change::{Change, Fix};
use super::document::Document;
use super::lesson::Lesson;
use super::people::Person;
use super::stage::{Scene, Stage};
use super::steps::{self, Depth, Step};

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The lesson.
    pub lesson: Lesson,
    /// What is changed before it.
    pub change: Option<Change>,
    /// What is mended after the change.
    pub fixes: Vec<Fix>,
    /// The document.
    pub document: Document,
}

impl Script {
    /// Whether the world is not as the lesson has it: something was changed, or mended.
    pub fn is_changed(&self) -> bool {
        self.change.is_some() || !self.fixes.is_empty()
    }
}

/// A run, recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What was run.
    pub script: Script,
    /// The trace.
    pub events: Vec<Event>,
    /// Its acts, in order; their ranges are all of the trace.
    pub acts: Vec<Act>,
    /// The steps of the trace at story depth.
    pub story: Vec<Step>,
    /// The steps of the trace at detail depth.
    pub detail: Vec<Step>,
    /// The message as it is on the disk at the end; none if the run stored none.
    pub message: Option<Rc<[u8]>>,
    /// For each act, the message that it stored, read, took or altered; none if there was none.
    pub messages: Vec<Option<Rc<[u8]>>>,
    /// What the last act that decrypted for Bob gave him.
    pub decrypted: Option<Rc<[u8]>>,
    /// Bytes of plaintext in a frame.
    pub frame_length: u32,
    /// The KMS's records of the calls in the trace.
    pub audit: Vec<AuditEntry>,
    /// The world's keys at the end of the run.
    pub keys: Vec<KeyFacts>,
    /// The key policy when the acts began.
    pub key_policy: String,
    /// Who could decrypt before the change.
    pub holders_before: Vec<Holder>,
    /// Who can decrypt in this run.
    pub holders: Vec<Holder>,
}

/// One record of the KMS's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The id that the trace's event `audit-recorded` names.
    pub event_id: String,
    /// The record, indented JSON.
    pub json: String,
}

/// A KMS key, as the side panel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// What people call it.
    pub label: String,
    /// Its id.
    pub key_id: String,
    /// Its ARN.
    pub arn: String,
    /// Its state, as the KMS names it.
    pub state: String,
}

/// Whether somebody can decrypt the document, asked of the KMS with a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub person: Person,
    /// Whether they can.
    pub can: bool,
    /// Why or why not, in one sentence.
    pub reason: String,
}

impl Recording {
    /// The steps at a depth.
    pub fn steps(&self, depth: Depth) -> &[Step] {
        match depth {
            Depth::Story => &self.story,
            Depth::Detail => &self.detail,
        }
    }

    /// The events of a step.
    pub fn events_of(&self, step: &Step) -> &[Event] {
        self.events.get(step.range.clone()).unwrap_or_default()
    }

    /// The act of a step.
    pub fn act_of(&self, step: &Step) -> Option<&Act> {
        self.acts.get(step.act)
    }

    /// The stage at the end of a step.
    pub fn stage_after(&self, step: &Step) -> Option<Stage> {
        let act = self.acts.get(step.act)?;
        let events = self.events.get(act.range.start..step.range.end)?;
        Some(Stage::read(events, &self.scene(act)))
    }

    /// The first step of a depth in which a check fails, of an act.
    pub fn failing_step(&self, act: usize, depth: Depth) -> Option<&Step> {
        self.steps(depth).iter().find(|step| step.act == act && step.fails)
    }

    /// How many frames the document's message has.
    pub fn frames_total(&self) -> u32 {
        let frames = self.script.document.len().div_ceil(self.frame_length.max(1) as usize).max(1);
        u32::try_from(frames).unwrap_or(u32::MAX)
    }

    /// What the stage needs to know of an act.
    pub fn scene(&self, act: &Act) -> Scene {
        Scene::of(act, &self.script.document, self.frames_total(), self.script.lesson == Lesson::Read)
    }
}

pub(super) fn cut(events: &[Event], acts: &[Act]) -> (Vec<Step>, Vec<Step>) {
    (steps::steps(events, acts, Depth::Story), steps::steps(events, acts, Depth::Detail))
}
