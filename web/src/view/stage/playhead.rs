//! The moments inside a step. A step on leads through its events in the order of the trace, so lines tick one by one and frames fill one by
//! one; a step back, or a jump, shows the end of the step at once. Either can be interrupted, for what is shown is only a count of events.

use std::ops::Range;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use crate::model::recording::Recording;
use crate::model::stage::{Scene, Stage};
use crate::model::steps::Step;

/// How many events of the trace are shown: those of the step, or, on the way through it, some of them.
#[hook]
pub fn use_playhead(recording: &Rc<Recording>, step: &Step, total_millis: u32, is_instant: bool) -> usize {
    let shown = use_state(|| step.range.end);
    let before = use_mut_ref(|| step.range.end);
    let key = (Rc::as_ptr(recording) as usize, step.range.clone());
    let timers = use_mut_ref(Vec::<Timeout>::new);
    {
        let (shown, recording, step) = (shown.setter(), recording.clone(), step.clone());
        use_effect_with(key, move |(_, range)| {
            timers.borrow_mut().clear();
            let came_from = before.replace(range.end);
            let moments = if is_instant || came_from != range.start { Vec::new() } else { moments(&recording, &step) };
            let pause = pause(moments.len(), total_millis);
            match moments.split_first() {
                None => shown.set(range.end),
                Some((first, rest)) => {
                    shown.set(*first);
                    let later = rest.iter().zip(1_u32..).map(|(end, count)| {
                        let (shown, end) = (shown.clone(), *end);
                        Timeout::new(pause.saturating_mul(count), move || shown.set(end))
                    });
                    timers.borrow_mut().extend(later);
                }
            }
        });
    }
    // Until the effect has run, the count belongs to the step before: a moment of another step is never shown as one of this.
    if step.range.contains(&shown.saturating_sub(1)) { *shown } else { step.range.start.max(1) }
}

/// The counts of events inside a step at which the stage looks different, the last of them the end of the step.
fn moments(recording: &Recording, step: &Step) -> Vec<usize> {
    let Some(act) = recording.act_of(step) else { return vec![step.range.end] };
    let (scene, start) = (recording.scene(act), act.range.start);
    let read = |end: usize| recording.events.get(start..end).map(|events| look(events, &scene));
    let mut moments = Vec::new();
    let mut last = read(step.range.start);
    for end in candidates(&step.range) {
        let now = read(end);
        if now != last {
            moments.push(end);
            last = now;
        }
    }
    match moments.last_mut() {
        Some(end) => *end = step.range.end,
        None => moments.push(step.range.end),
    }
    moments
}

/// The stage without what only says where to look.
fn look(events: &[waxseal_base::event::Event], scene: &Scene) -> Stage {
    Stage { focus: None, log_lines: 0, ..Stage::read(events, scene) }
}

/// Every event's end, or evenly spaced ones where there are many: a large file has thousands of frames.
fn candidates(range: &Range<usize>) -> impl Iterator<Item = usize> {
    let len = range.len().max(1);
    let count = len.min(MOST_MOMENTS);
    let (start, end) = (range.start, range.end);
    (1..=count).map(move |index| if index == count { end } else { start + len * index / count })
}

/// Milliseconds between moments: as much as one needs to see each, but never more than there is.
fn pause(count: usize, total_millis: u32) -> u32 {
    let gaps = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
    (total_millis.saturating_mul(2) / 3 / gaps).min(total_millis / 6)
}

const MOST_MOMENTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_step_is_sampled_and_ends_at_its_end() {
        assert_eq!(candidates(&(3..7)).collect::<Vec<_>>(), [4, 5, 6, 7]);
        let many: Vec<_> = candidates(&(10..2010)).collect();
        assert_eq!((many.len(), many.last()), (MOST_MOMENTS, Some(&2010)));
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn all_moments_fit_into_the_time_of_a_step() {
        for count in [1, 2, 7, 32] {
            assert!(pause(count, 3000) * (count as u32 - 1) <= 2000);
        }
    }
}
