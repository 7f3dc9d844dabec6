//! Code: how one does this step.

use yew::prelude::*;

use super::copy;
use crate::model::code;
use crate::model::recording::Recording;
use crate::model::steps::Step;

/// The Code tab.
pub fn pane(recording: &Recording, step: &Step, say: &Callback<String>) -> Html {
    let snippets = code::snippets(recording, step);
    if snippets.is_empty() {
        return html! {
            <>
                <h2>{ "No code is needed here" }</h2>
                <p class="prose">{ "What happens in this step happens outside of your program." }</p>
            </>
        };
    }
    html! {
        <>
            { for snippets.into_iter().map(|snippet| {
                let code = snippet.code.clone();
                html! {
                <section>
                    <div class="code-head"><h2>{ &snippet.title }</h2>{ copy::button(move || code.clone(), "Code", say) }</div>
                    if !snippet.note.is_empty() {
                        <p class="prose">{ &snippet.note }</p>
                    }
                    <pre class="code" data-language={snippet.language}>{ &snippet.code }</pre>
                </section>
                }
            }) }
        </>
    }
}
