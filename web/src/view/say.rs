//! What is happening, over the stage: one sentence that says it, one that says why it matters, and in rose where and why it stopped.

use waxseal_base::event::{Actor, Kind, OperationResult};
use yew::prelude::*;

use super::context::Context;
use super::deck::place_in_act;
use super::{format, icons};
use crate::model::people::Place;
use crate::model::recording::Recording;
use crate::model::stage::Failure;
use crate::model::state::Action;
use crate::model::steps::Step;
use crate::model::story;
use crate::model::why;

/// The two sentences, and the failure if there is one.
pub fn say(context: &Context) -> Html {
    if let Some(error) = &context.error {
        return html! {
            <div class="say">
                <h1 data-testid="say-title">{ "This run did not come about" }</h1>
                <p data-testid="say-why">{ error }</p>
            </div>
        };
    }
    let (Some(recording), Some(step)) = (&context.recording, context.step()) else {
        return html! {
            <div class="say">
                <h1>{ context.script.lesson.title() }</h1>
                <p>{ "Starting a KMS in this page. Nothing you drop here leaves it." }</p>
            </div>
        };
    };
    let words = story::story(recording, step);
    html! {
        <div class={classes!("say", may_fail(recording).then_some("say-may-fail"))}>
            <h1 data-testid="say-title">{ words.say }</h1>
            <p data-testid="say-why">{ words.why }</p>
            if context.wanted().is_some() {
                <p class="busy" role="status">{ "Running it for real…" }</p>
            }
            { changed(context) }
            { failure(context) }
        </div>
    }
}

/// Whether a step of this run fails. Room for saying so is kept from its beginning, so that the stage stays where it is.
fn may_fail(recording: &Recording) -> bool {
    recording.script.is_changed() || recording.story.iter().any(|step| step.fails)
}

/// What was changed, and how to change it back.
fn changed(context: &Context) -> Html {
    let script = &context.script;
    if !script.is_changed() {
        return html! {};
    }
    let change = script.change.map(|change| change.label().to_owned());
    let done: Vec<String> = change.into_iter().chain(script.fixes.iter().map(|fix| fix.label())).collect();
    html! {
        <p class="changed" data-testid="changed">
            <span>{ "Changed: " }<b>{ done.join(", then ") }</b></span>
            <button type="button" class="link" onclick={context.on(Action::Change(None))}>{ "Undo" }</button>
        </p>
    }
}

/// Where it stopped, why, and what the caller was told.
fn failure(context: &Context) -> Html {
    let Some((text, error)) = failure_text(context) else { return html! {} };
    html! {
        <div class="failure" data-testid="failure">
            { icons::stop() }
            <div>
                <b>{ text.0 }</b><span>{ text.1 }</span>
                if let Some(error) = error {
                    <div class="error" title={error.clone()}>{ "The caller gets: " }<code>{ error }</code></div>
                }
            </div>
        </div>
    }
}

/// A live region that says each step to a screen reader.
pub fn narration(context: &Context) -> Html {
    let text = match (&context.recording, context.step()) {
        (Some(recording), Some(step)) => {
            let words = story::story(recording, step);
            let failure = failure_text(context).map_or(String::new(), |(text, _)| format!(" {} {}", text.0, text.1));
            let (place, len) = place_in_act(context).unwrap_or_default();
            format!("Step {place} of {len}: {}.{failure}", words.say)
        }
        _ => String::new(),
    };
    html! { <p class="visually-hidden" aria-live="polite" data-testid="narration">{ text }</p> }
}

type FailureText = (String, String);

/// Where and why the run stopped, if it has, and the error that came out.
fn failure_text(context: &Context) -> Option<(FailureText, Option<String>)> {
    let (recording, step) = (context.recording.as_ref()?, context.step()?);
    let failure = context.stage()?.failure?;
    let place = match failure.place {
        Place::Kms => "in the KMS".to_owned(),
        Place::Disk => "at the disk".to_owned(),
        Place::Store => "in the object store".to_owned(),
        Place::Person => format!("on {}'s own machine", recording.act_of(step)?.person.name()),
    };
    let head = format!("Stopped {place}: {}. ", failure.what);
    Some(((head, reason(recording, step, &failure).unwrap_or_default()), public_error(recording, step)))
}

fn reason(recording: &Recording, step: &Step, failure: &Failure) -> Option<String> {
    if failure.place != Place::Kms {
        return None;
    }
    let why = why::why(recording, step)?;
    // Why an envelope does not open nobody is told; what the caller gets is all there is.
    if why.key_state.is_some_and(|state| state.allowed) {
        return None;
    }
    // What comes closest to allowing it is on the Why tab.
    Some(format!("{}.", format::capitalised(why.reason.split(';').next().unwrap_or_default().trim_end_matches('.'))))
}

/// The error that the operation ends with, which is all that the caller learns.
fn public_error(recording: &Recording, step: &Step) -> Option<String> {
    let act = recording.act_of(step)?;
    let events = recording.events.get(act.range.clone())?;
    let from = step.range.start.saturating_sub(act.range.start);
    let ended = |event: &&waxseal_base::event::Event| matches!((&event.kind, event.by), (Kind::OperationFinished { .. }, Actor::Caller));
    let next = events.get(from..)?.iter().find(ended);
    let last = || events.iter().rfind(ended);
    match &next.or_else(last)?.kind {
        Kind::OperationFinished { result: OperationResult::Failed { code, message }, .. } => Some(format!("{code}: {message}")),
        _ => None,
    }
}
