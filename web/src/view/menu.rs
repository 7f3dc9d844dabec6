//! "Change something": the list of changes of a lesson. Choosing one runs the lesson again, for real.

use yew::prelude::*;

use super::context::Context;
use super::effects::Opens;
use crate::model::change::Change;
use crate::model::state::Action;

/// The menu.
pub fn menu(context: &Context, open: &Callback<Opens>) -> Html {
    let lesson = context.script.lesson;
    html! {
        <>
        <div class="menu-back" aria-hidden="true" onclick={open.reform(|_| Opens::Nothing)} />
        <div class="menu" id={MENU} role="group" aria-labelledby="changes-title">
            <h2 class="cap-heading" id="changes-title">{ "Change something and run it again" }</h2>
            { item(context, open, None, "Nothing", "The world as the lesson has it.") }
            { for Change::offered_in(lesson).map(|change| item(context, open, Some(change), change.label(), change.sentence())) }
        </div>
        </>
    }
}

fn item(context: &Context, open: &Callback<Opens>, change: Option<Change>, label: &'static str, sentence: &'static str) -> Html {
    let is_chosen = context.script.change == change;
    let onclick = Callback::from({
        let (dispatcher, open) = (context.0.dispatcher(), open.clone());
        move |_: MouseEvent| {
            dispatcher.dispatch(Action::Change(change));
            open.emit(Opens::Nothing);
        }
    });
    let id = change.map_or("change-none".to_owned(), |change| format!("change-{}", change.id()));
    html! {
        <button type="button" class="menu-item" id={is_chosen.then_some(CHOSEN)} data-testid={id} aria-pressed={is_chosen.to_string()} {onclick}>
            <b>{ label }</b><span>{ sentence }</span>
        </button>
    }
}

/// The menu's id.
pub const MENU: &str = "changes";
/// The id of the change that is in force, where the focus goes first.
pub const CHOSEN: &str = "change-chosen";
/// The id of the button that opens it, to which the focus returns.
pub const MENU_BUTTON: &str = "changes-button";
