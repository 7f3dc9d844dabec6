//! Audit: what the KMS wrote down about the call.

use yew::prelude::*;

use super::copy;
use crate::model::audit;
use crate::model::recording::Recording;
use crate::model::steps::Step;

/// The Audit tab.
pub fn pane(recording: &Recording, step: &Step, say: &Callback<String>) -> Html {
    let Some(entry) = audit::entry(recording, step) else {
        return html! {
            <>
                <h2>{ "Nothing is written down yet" }</h2>
                <p class="prose">{ "The KMS writes one record for every call, allowed or refused, in the shape of AWS CloudTrail, before its answer leaves." }</p>
            </>
        };
    };
    let json = entry.json.clone();
    html! {
        <>
            <div class="code-head"><h2>{ "The record of this call" }</h2>{ copy::button(move || json.clone(), "Record", say) }</div>
            <p class="prose">{ "Who asked for what, under which key, and how it ended. No key and no plaintext is ever in it." }</p>
            <pre class="code" data-testid="audit-record">{ &entry.json }</pre>
        </>
    }
}
