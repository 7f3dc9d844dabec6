//! Help: what one sees here, the colours, the keys.

use yew::prelude::*;

use super::browser;

/// The properties of the help.
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// Closes it.
    pub close: Callback<()>,
}

/// The dialog. The focus goes to its button and stays there, for there is nothing else to reach.
#[component]
pub fn Help(HelpProps { close }: &HelpProps) -> Html {
    use_effect_with((), |()| browser::focus(CLOSE));
    let keep_focus = Callback::from(|event: KeyboardEvent| {
        if event.key() == "Tab" {
            event.prevent_default();
        }
    });
    html! {
        <div class="help" role="dialog" aria-modal="true" aria-labelledby="help-title" onkeydown={keep_focus}>
            <div class="card">
                <h2 id="help-title">{ "What you see" }</h2>
                <p>{ "A real SDK and a real KMS run in this page. Every step, every byte and every refusal is read from the trace of that run. \
                      Nothing leaves the page." }</p>
                <ul class="legend">
                    { for COLOURS.iter().map(|(class, text)| html! { <li><span class={classes!("swatch", *class)} />{ *text }</li> }) }
                </ul>
                <h2>{ "Keys" }</h2>
                <dl class="keys">
                    { for KEYS.iter().map(|(keys, text)| html! {
                        <><dt>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt><dd>{ *text }</dd></>
                    }) }
                </dl>
                <div class="card-end">
                    <button type="button" class="btn btn-main" id={CLOSE} data-testid="help-close" onclick={close.reform(|_| ())}>{ "Close" }</button>
                </div>
            </div>
        </div>
    }
}

const CLOSE: &str = "help-close";
const COLOURS: [(&str, &str); 6] = [
    ("swatch-kms", "indigo: the KMS and its keys"),
    ("swatch-dek", "amber: a data key"),
    ("swatch-cipher", "teal: ciphertext"),
    ("swatch-paper", "paper: plaintext"),
    ("swatch-allow", "green: allowed"),
    ("swatch-deny", "rose: denied, or stopped"),
];
const KEYS: [(&[&str], &str); 6] = [
    (&["space"], "play or pause"),
    (&["←", "→"], "a step back, a step on"),
    (&["Home", "End"], "the first step, the last"),
    (&["/"], "change something"),
    (&["?"], "this help"),
    (&["Esc"], "close"),
];
