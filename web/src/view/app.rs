//! The page: the parts, and what belongs to all of them.

use yew::prelude::*;

use super::browser;
use super::context::{Context, Model};
use super::deck::Deck;
use super::document::use_drop;
use super::effects::{Opens, use_address, use_clock, use_keyboard, use_progress, use_recordings, use_theme};
use super::help::Help;
use super::menu::{CHOSEN, MENU_BUTTON};
use super::prediction::PredictionCard;
use super::stage::Stage;
use super::tabs::Tabs;
use super::top::HELP_BUTTON;
use super::{say, side, top};
use crate::model::link::Link;
use crate::model::state::State;

/// The playground.
#[component]
pub fn App() -> Html {
    let context = Context(use_reducer(|| {
        let mut state = State::new(Link::parse(&browser::fragment()));
        (state.theme, state.completed) = (browser::stored_theme(), browser::stored_lessons());
        Model::new(state)
    }));
    let open = use_state_eq(|| Opens::Nothing);
    let toast = use_state(|| None::<String>);
    use_recordings(&context);
    use_clock(&context);
    use_address(&context);
    use_theme(&context);
    use_progress(&context);
    use_keyboard(
        &context,
        Callback::from({
            let open = open.setter();
            move |what| open.set(what)
        }),
    );
    use_toast(&toast);
    let say_briefly = Callback::from({
        let toast = toast.setter();
        move |text: String| toast.set(Some(text))
    });
    let is_dragging = use_drop(&context, &say_briefly);
    use_focus_return(*open);
    let open_or_close = Callback::from({
        let open = open.clone();
        move |what: Opens| open.set(if *open == what { Opens::Nothing } else { what })
    });
    html! {
        <>
            <a class="skip" href="#stage" onclick={skip_to_stage()}>{ "Skip to the stage" }</a>
            { top::top(&context, &open_or_close, &say_briefly) }
            { side::lessons(&context) }
            <main class="main">
                { say::say(&context) }
                <div class="stage" id="stage" tabindex="-1">
                    <Stage context={context.clone()} />
                    <PredictionCard context={context.clone()} />
                </div>
                <Deck context={context.clone()} is_menu_open={*open == Opens::Changes} open={open_or_close.clone()} />
            </main>
            <Tabs context={context.clone()} say={say_briefly.clone()} />
            { side::world(&context, &say_briefly) }
            { say::narration(&context) }
            if *open == Opens::Help {
                <Help close={open_or_close.reform(|()| Opens::Nothing)} />
            }
            { over(is_dragging, toast.as_deref()) }
        </>
    }
}

/// What lies over the page for a moment: that a file can be dropped, and short messages.
fn over(is_dragging: bool, toast: Option<&str>) -> Html {
    html! {
        <>
            if is_dragging {
                <div class="drop-over">{ "Drop the document: it is encrypted here, in this page" }</div>
            }
            <div class="toast-place" role="status">
                if let Some(text) = toast {
                    <p class="toast">{ text }</p>
                }
            </div>
        </>
    }
}

/// What opens takes the focus, and gives it back to its button when it closes.
#[hook]
fn use_focus_return(open: Opens) {
    let before = use_mut_ref(|| Opens::Nothing);
    use_effect_with(open, move |open| match (before.replace(*open), *open) {
        (_, Opens::Changes) => browser::focus(CHOSEN),
        (Opens::Changes, Opens::Nothing) => browser::focus(MENU_BUTTON),
        (Opens::Help, Opens::Nothing) => browser::focus(HELP_BUTTON),
        _ => {}
    });
}

/// A short message goes away by itself.
#[hook]
fn use_toast(toast: &UseStateHandle<Option<String>>) {
    let setter = toast.setter();
    use_effect_with((**toast).clone(), move |text| {
        let timer = text.is_some().then(|| gloo::timers::callback::Timeout::new(4000, move || setter.set(None)));
        move || drop(timer)
    });
}

/// The fragment of the address is the app's own, so the link moves the focus itself.
fn skip_to_stage() -> Callback<MouseEvent> {
    Callback::from(|event: MouseEvent| {
        event.prevent_default();
        browser::focus("stage");
    })
}
