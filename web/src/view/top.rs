//! The bar at the top: the product, its sections, sharing, help and the theme.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::context::Context;
use super::effects::Opens;
use super::{browser, icons};
use crate::model::state::{Action, Theme};

/// The bar.
pub fn top(context: &Context, open: &Callback<Opens>, say: &Callback<String>) -> Html {
    let is_dark = browser::is_dark(context.theme);
    let (other, label) = if is_dark { (Theme::Light, "Light theme") } else { (Theme::Dark, "Dark theme") };
    html! {
        <header class="top">
            <span class="brand">{ icons::seal() }<span>{ "waxseal" }</span></span>
            <nav class="sections" aria-label="Sections">
                <a href="#/learn/3" aria-current="page">{ "Learn" }</a>
            </nav>
            <span class="spacer" />
            <button type="button" class="chip" data-testid="share" onclick={share(context, say)}>{ "Share" }</button>
            <button type="button" class="chip" aria-label="Help and keys" title="Help and keys (?)" id={HELP_BUTTON} data-testid="help"
                onclick={open.reform(|_| Opens::Help)}>{ "?" }</button>
            <button type="button" class="chip" aria-label={label} title={label} data-testid="theme"
                onclick={context.on(Action::SetTheme(other))}>
                { if is_dark { icons::sun() } else { icons::moon() } }
            </button>
        </header>
    }
}

/// Copies the address of what is on the screen.
fn share(context: &Context, say: &Callback<String>) -> Callback<MouseEvent> {
    let (address, say) = (browser::address(&context.link().to_string()), say.clone());
    Callback::from(move |_| {
        let (address, say) = (address.clone(), say.clone());
        spawn_local(async move {
            let text = if browser::copy(&address).await { "Link copied: it leads to this very step".into() } else { address };
            say.emit(text);
        });
    })
}

/// The id of the button that opens the help, to which the focus returns.
pub const HELP_BUTTON: &str = "help-button";
