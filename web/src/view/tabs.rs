//! The right-hand side: five readings of the current step.

mod audit;
mod bytes;
mod code;
mod copy;
mod story;
mod why;

use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::browser;
use super::context::Context;
use crate::model::state::{Action, Tab};

/// The properties of the tabs.
#[derive(Clone, PartialEq, Properties)]
pub struct TabsProps {
    /// The context.
    pub context: Context,
    /// Says something briefly.
    pub say: Callback<String>,
}

/// The tabs and the pane of the chosen one.
#[component]
pub fn Tabs(TabsProps { context, say }: &TabsProps) -> Html {
    let tab = context.tab;
    html! {
        <aside class="right" aria-label="This step">
            <div class="tabs" role="tablist" aria-label="This step" onkeydown={move_by_key(context)}>
                { for Tab::ALL.into_iter().map(|one| html! {
                    <button type="button" class="tab" role="tab" id={button_id(one)} data-testid={button_id(one)} aria-controls="pane"
                        aria-selected={(one == tab).to_string()} tabindex={if one == tab { "0" } else { "-1" }}
                        onclick={context.on(Action::SelectTab(one))}>{ one.label() }</button>
                }) }
            </div>
            <div class="pane" role="tabpanel" id="pane" aria-labelledby={button_id(tab)} tabindex="0" data-testid={format!("pane-{}", tab.id())}>
                { pane(context, say) }
            </div>
        </aside>
    }
}

fn pane(context: &Context, say: &Callback<String>) -> Html {
    let (Some(recording), Some(step)) = (&context.recording, context.step()) else { return html! {} };
    match context.tab {
        Tab::Story => story::pane(context, recording, step),
        Tab::Bytes => html! { <bytes::Bytes context={context.clone()} say={say.clone()} /> },
        Tab::Why => why::pane(context, recording, step),
        Tab::Audit => audit::pane(recording, step, say),
        Tab::Code => code::pane(recording, step, say),
    }
}

/// Arrow keys, Home and End move between tabs, as the ARIA pattern has it.
fn move_by_key(context: &Context) -> Callback<KeyboardEvent> {
    let (dispatcher, tab) = (context.0.dispatcher(), context.tab);
    Callback::from(move |event: KeyboardEvent| {
        let at = Tab::ALL.iter().position(|one| *one == tab).unwrap_or_default();
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % Tab::ALL.len(),
            "ArrowLeft" => (at + Tab::ALL.len() - 1) % Tab::ALL.len(),
            "Home" => 0,
            "End" => Tab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        if let Some(tab) = Tab::ALL.get(to) {
            dispatcher.dispatch(Action::SelectTab(*tab));
            browser::focus(&button_id(*tab));
        }
    })
}

fn button_id(tab: Tab) -> String {
    format!("tab-{}", tab.id())
}
