//! From a trace to the steps on the deck: a pure grouping of consecutive events, the same for every operation. No lesson scripts its own.

mod kind;
mod reading;

use std::ops::Range;

use waxseal_base::event::{Event, Kind, Source};

use super::act::Act;
pub use kind::StepKind;
use reading::{Read, Reader};

/// A named group of consecutive events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Unique in the recording: act, kind and a count, such as `0-check-permission` or `0-frame-2`.
    pub id: String,
    /// A few words for the deck.
    pub label: String,
    /// What happens in it.
    pub kind: StepKind,
    /// Its events.
    pub range: Range<usize>,
    /// Which act of the recording it belongs to.
    pub act: usize,
    /// Whether a check fails in it.
    pub fails: bool,
}

/// How finely a trace is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Depth {
    /// As one would tell it: derivation and commitment are part of encrypting.
    #[default]
    Story,
    /// As it is done.
    Detail,
}

/// Cuts a trace into steps.
pub fn steps(events: &[Event], acts: &[Act], depth: Depth) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, act) in acts.iter().enumerate() {
        let Some(events) = events.get(act.range.clone()) else { continue };
        let first_of_act = steps.len();
        let mut reader = Reader::new(act);
        for (offset, event) in events.iter().enumerate() {
            let place = act.range.start + offset;
            let ahead = events.get(offset + 1..).unwrap_or_default();
            let read = reader.read(event, ahead);
            let kind = match depth {
                Depth::Story => read.story,
                Depth::Detail => read.detail,
            };
            match steps.get_mut(first_of_act..).and_then(<[Step]>::last_mut) {
                Some(step) if step.kind == kind && !starts_alone(event, ahead, depth, &read) => {
                    step.range.end = place + 1;
                    step.fails |= read.fails;
                }
                _ => steps.push(Step {
                    id: String::new(),
                    label: String::new(),
                    kind,
                    range: place..place + 1,
                    act: number,
                    fails: read.fails,
                }),
            }
        }
    }
    name(&mut steps, events, acts);
    steps
}

/// Whether an event begins a step of its own though the one before is of the same kind: at detail depth each statement, the frame after the
/// first, the last frame, and a frame that fails.
fn starts_alone(event: &Event, ahead: &[Event], depth: Depth, read: &Read) -> bool {
    if depth == Depth::Story || read.detail == StepKind::Change {
        return false;
    }
    match &event.kind {
        Kind::StatementEvaluated { .. } => true,
        Kind::FrameSealed { sequence, .. } | Kind::FrameOpened { sequence, .. } => {
            let is_last = !ahead.first().is_some_and(|next| matches!(next.kind, Kind::FrameSealed { .. } | Kind::FrameOpened { .. }));
            *sequence == 2 || is_last
        }
        _ => read.fails && read.detail == StepKind::OpenFrame,
    }
}

fn name(steps: &mut [Step], events: &[Event], acts: &[Act]) {
    let mut counts = std::collections::BTreeMap::new();
    for step in steps {
        let Some(act) = acts.get(step.act) else { continue };
        let count = counts.entry((step.act, step.kind)).or_insert(0_u32);
        *count += 1;
        let name = step.kind.id();
        step.id = if *count == 1 { format!("{}-{name}", step.act) } else { format!("{}-{name}-{count}", step.act) };
        step.label = label(step, events, act);
    }
}

fn label(step: &Step, events: &[Event], act: &Act) -> String {
    let person = act.person.name();
    let here = events.get(step.range.clone()).unwrap_or_default();
    match step.kind {
        StepKind::Upload => format!("{person} uploads"),
        StepKind::AskDocument => format!("{person} asks"),
        StepKind::TakeDisk => format!("{person} copies the disk"),
        StepKind::TryAlone => format!("{person} tries alone"),
        StepKind::Deliver => format!("{person} has it"),
        StepKind::SealFrame | StepKind::OpenFrame => frames_label(here, events.get(..step.range.start).unwrap_or_default()),
        StepKind::Statement => match here.iter().find_map(|event| match &event.kind {
            Kind::StatementEvaluated { finding } => Some(finding),
            _ => None,
        }) {
            Some(finding) if finding.id.source == Source::Grant => "a grant".into(),
            Some(finding) => format!("statement {}", finding.id.index + 1),
            None => "statement".into(),
        },
        kind => kind.label().into(),
    }
}

fn frames_label(events: &[Event], before: &[Event]) -> String {
    let sequence = |event: &Event| match event.kind {
        Kind::FrameSealed { sequence, .. } | Kind::FrameOpened { sequence, .. } => Some(sequence),
        _ => None,
    };
    match (events.iter().find_map(sequence), events.iter().rev().find_map(sequence)) {
        (Some(first), Some(last)) if first != last => format!("frames {first}–{last}"),
        (Some(first), _) => format!("frame {first}"),
        _ => match before.last().and_then(sequence) {
            Some(last) => format!("frame {} fails", last.saturating_add(1)),
            None => "frame 1 fails".into(),
        },
    }
}

/// The store's operation that takes a document.
pub const PUT_OBJECT: &str = "PutObject";
/// The store's operation that hands out a document.
pub const GET_OBJECT: &str = "GetObject";

#[cfg(test)]
mod tests;
