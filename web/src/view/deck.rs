//! The deck: one segment a step, the acts above them, and the controls below.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::context::Context;
use super::effects::Opens;
use super::icons;
use super::menu::{self, MENU_BUTTON};
use crate::model::state::Action;
use crate::model::steps::{Depth, Step};

/// The properties of the deck.
#[derive(Clone, PartialEq, Properties)]
pub struct DeckProps {
    /// The context.
    pub context: Context,
    /// Whether the menu of changes is open.
    pub is_menu_open: bool,
    /// Opens or closes something.
    pub open: Callback<Opens>,
}

/// The deck.
#[component]
pub fn Deck(DeckProps { context, is_menu_open, open }: &DeckProps) -> Html {
    let track = use_node_ref();
    use_in_view(&track, context);
    let act = context.step().map_or(0, |step| step.act);
    let steps = context.steps().iter().enumerate().filter(|(_, step)| step.act == act);
    html! {
        <section class="deck" aria-label="Steps">
            { acts(context, act) }
            <ol class="track" ref={track}>{ for steps.map(|(index, step)| segment(context, index, step)) }</ol>
            { controls(context, *is_menu_open, open) }
            if *is_menu_open {
                { menu::menu(context, open) }
            }
        </section>
    }
}

/// Keeps the current segment in view where the track is wider than the screen, without moving the page.
#[hook]
fn use_in_view(track: &NodeRef, context: &Context) {
    let track = track.clone();
    use_effect_with((context.cursor, context.steps().len(), context.depth), move |_| {
        let Some(track) = track.cast::<HtmlElement>() else { return };
        let Ok(Some(current)) = track.query_selector("[aria-current]") else { return };
        let (frame, segment) = (track.get_bounding_client_rect(), current.get_bounding_client_rect());
        let by = (segment.left() + segment.width() / 2.0) - (frame.left() + frame.width() / 2.0);
        track.set_scroll_left(track.scroll_left() + by as i32);
    });
}

fn acts(context: &Context, current: usize) -> Html {
    let Some(recording) = context.recording.as_ref().filter(|recording| recording.acts.len() > 1) else { return html! {} };
    html! {
        <ol class="acts" aria-label="Acts">
            { for recording.acts.iter().enumerate().map(|(index, act)| {
                let first = context.steps().iter().position(|step| step.act == index);
                html! {
                    <li>
                        <button type="button" class="act" data-testid="act" aria-current={(index == current).then_some("true")}
                            onclick={context.on(Action::Seek(first.unwrap_or_default()))}>
                            { &act.title }
                        </button>
                    </li>
                }
            }) }
        </ol>
    }
}

fn segment(context: &Context, index: usize, step: &Step) -> Html {
    let is_now = index == context.cursor;
    let class =
        classes!("seg", (index < context.cursor).then_some("seg-past"), (step.fails && index <= context.cursor).then_some("seg-failed"));
    html! {
        <li key={step.id.clone()}>
            <button type="button" {class} data-testid="step" data-step={step.id.clone()} aria-current={is_now.then_some("step")}
                onclick={context.on(Action::Seek(index))}>
                { &step.label }
            </button>
        </li>
    }
}

fn controls(context: &Context, is_menu_open: bool, open: &Callback<Opens>) -> Html {
    let (is_first, is_last) = (context.cursor == 0, context.cursor + 1 >= context.steps().len());
    let waits = context.pending_prediction().is_some();
    let (icon, word) = if context.playing { (icons::pause(), "Pause") } else { (icons::play(), "Play") };
    let is_detail = context.depth == Depth::Detail;
    let other = if is_detail { Depth::Story } else { Depth::Detail };
    html! {
        <div class="controls">
            { control("first", "First step", icons::first(), is_first, context.on(Action::First)) }
            { control("back", "Step back", icons::back(), is_first, context.on(Action::Back)) }
            <button type="button" class="btn btn-main" data-testid="play"
                aria-disabled={(waits || context.recording.is_none()).then_some("true")}
                aria-label={word} onclick={context.on(Action::TogglePlay)}>{ icon }<span class="only-wide">{ word }</span></button>
            { control("next", "Next step", icons::next(), is_last || waits, context.on(Action::Next)) }
            <button type="button" class="btn speed" data-testid="speed" aria-label={format!("Speed {}", context.speed.label())} title="Speed"
                onclick={context.on(Action::SetSpeed(context.speed.cycled()))}>{ context.speed.label() }</button>
            <button type="button" class="btn depth" data-testid="depth" aria-pressed={is_detail.to_string()} title="Every event, or the story of them"
                onclick={context.on(Action::SetDepth(other))}>{ "Detail" }</button>
            <span class="where">{ where_it_is(context) }</span>
            <span class="change-wrap">
                <button type="button" class={classes!("btn", context.script.change.is_some().then_some("btn-changed"))} id={MENU_BUTTON} data-testid="change"
                    aria-expanded={is_menu_open.to_string()} aria-controls={is_menu_open.then_some(menu::MENU)}
                    onclick={open.reform(|_| Opens::Changes)}>
                    <span>{ "Change" }<span class="only-wide">{ " something" }</span></span>{ icons::chevron() }
                </button>
            </span>
        </div>
    }
}

/// A button of the controls. One that has nothing to do says so but keeps the focus, and its action changes nothing. The first step is a tap
/// on the first segment away, so a phone leaves its button out.
fn control(id: &'static str, label: &'static str, icon: Html, is_idle: bool, onclick: Callback<MouseEvent>) -> Html {
    let class = classes!("btn", (id == "first").then_some("only-wide"));
    html! {
        <button type="button" {class} data-testid={id} aria-label={label} title={label} aria-disabled={is_idle.then_some("true")} {onclick}>
            { icon }
        </button>
    }
}

/// Which step of its act the current one is, from 1, and how many the act has.
pub fn place_in_act(context: &Context) -> Option<(usize, usize)> {
    let act = context.step()?.act;
    let first = context.steps().iter().position(|step| step.act == act)?;
    Some((context.cursor - first + 1, context.steps().iter().filter(|step| step.act == act).count()))
}

fn where_it_is(context: &Context) -> Html {
    let Some((place, len)) = place_in_act(context) else { return html! {} };
    let acts = context.recording.as_ref().map_or(0, |recording| recording.acts.len());
    let act = context.step().map_or(0, |step| step.act) + 1;
    html! {
        <>
            { format!("Step {place} of {len}") }
            if acts > 1 {
                <span class="part">{ format!(" · part {act} of {acts}") }</span>
            }
        </>
    }
}
