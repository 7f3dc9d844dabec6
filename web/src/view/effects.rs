//! Hooks: what happens by itself. Recordings are made when they are wanted, time passes while playing, keys and links are heard.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::browser;
use super::context::Context;
use crate::model::link::Link;
use crate::model::record::record;
use crate::model::state::Action;

/// Makes the recording that is wanted. The screen is painted once before, for a large file takes seconds.
#[hook]
pub fn use_recordings(context: &Context) {
    let dispatcher = context.0.dispatcher();
    use_effect_with(context.wanted().cloned(), move |script| {
        let waiting = script.clone().map(|script| {
            Timeout::new(20, move || {
                spawn_local(async move {
                    let action = match record(script.clone(), browser::env()).await {
                        Ok(recording) => Action::Recorded(recording.into()),
                        Err(error) => Action::RecordingFailed(script, error),
                    };
                    dispatcher.dispatch(action);
                });
            })
        });
        move || drop(waiting)
    });
}

/// Goes on to the next step while playing.
#[hook]
pub fn use_clock(context: &Context) {
    let dispatcher = context.0.dispatcher();
    use_effect_with((context.playing, context.cursor, context.step_millis()), move |(playing, _, millis)| {
        let tick = playing.then(|| Timeout::new(*millis, move || dispatcher.dispatch(Action::Tick)));
        move || drop(tick)
    });
}

/// Keeps the address as the screen is, and follows an address that is entered.
#[hook]
pub fn use_address(context: &Context) {
    let link = context.recording.is_some().then(|| context.link());
    use_effect_with(link, |link| {
        if let Some(link) = link {
            browser::replace_fragment(&link.to_string());
        }
    });
    let dispatcher = context.0.dispatcher();
    use_effect_with((), move |()| {
        let listener = EventListener::new(&gloo::utils::window(), "hashchange", move |_| {
            if let Some(link) = Link::parse(&browser::fragment()) {
                dispatcher.dispatch(Action::Follow(link));
            }
        });
        move || drop(listener)
    });
}

/// Shows the chosen theme.
#[hook]
pub fn use_theme(context: &Context) {
    use_effect_with(context.theme, |theme| browser::show_theme(*theme));
}

/// Remembers which lessons were seen to their end.
#[hook]
pub fn use_progress(context: &Context) {
    use_effect_with(context.completed.clone(), |completed| browser::store_lessons(completed));
}

/// What a key does besides sending an action.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// The help.
    Help,
    /// The menu of changes.
    Changes,
    /// Nothing: what is open closes.
    Nothing,
}

/// Hears the keyboard. A key that the focused element needs itself is left to it.
#[hook]
pub fn use_keyboard(context: &Context, open: Callback<Opens>) {
    let dispatcher = context.0.dispatcher();
    use_effect_with((), move |()| {
        let options = gloo::events::EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&gloo::utils::document(), "keydown", options, move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
                return;
            }
            let place = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_in = |selector: &str| place.as_ref().is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()));
            if is_in("input, textarea, select") && event.key() != "Escape" {
                return;
            }
            let action = match event.key().as_str() {
                " " if !is_in("button, a, summary, [role=dialog]") => Action::TogglePlay,
                "ArrowRight" if !is_in("[role=tablist], [role=dialog]") => Action::Next,
                "ArrowLeft" if !is_in("[role=tablist], [role=dialog]") => Action::Back,
                "Home" if !is_in("[role=tablist], [role=dialog]") => Action::First,
                "End" if !is_in("[role=tablist], [role=dialog]") => Action::Last,
                key @ ("?" | "/" | "Escape") => {
                    open.emit(match key {
                        "?" => Opens::Help,
                        "/" => Opens::Changes,
                        _ => Opens::Nothing,
                    });
                    if key != "Escape" {
                        event.prevent_default();
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            dispatcher.dispatch(action);
        });
        move || drop(listener)
    });
}

/// Whether a media query holds, followed while it changes.
#[hook]
pub fn use_media(query: &'static str) -> bool {
    let holds = use_state_eq(|| browser::matches(query));
    let setter = holds.setter();
    use_effect_with((), move |()| {
        let list = gloo::utils::window().match_media(query).ok().flatten();
        let listener = list.map(|list| {
            let asked = list.clone();
            EventListener::new(&list, "change", move |_| setter.set(asked.matches()))
        });
        move || drop(listener)
    });
    *holds
}
