//! The button that copies a text.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::view::browser;

/// A button that copies what `text` gives when it is pressed, for that can be long; `what` is said when it is done.
pub fn button(text: impl Fn() -> String + 'static, what: &'static str, say: &Callback<String>) -> Html {
    let say = say.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        let (text, say) = (text(), say.clone());
        spawn_local(async move {
            let outcome =
                if browser::copy(&text).await { format!("{what} copied") } else { "The browser did not let this page copy".into() };
            say.emit(outcome);
        });
    });
    html! { <button type="button" class="btn btn-small" aria-label={format!("Copy {what}")} {onclick}>{ "Copy" }</button> }
}
