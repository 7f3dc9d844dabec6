//! The learner's file: the panel with its name and size, dropping another one anywhere on the page, and keeping what was decrypted.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File, HtmlInputElement};
use yew::prelude::*;

use super::context::{Context, Model};
use super::{browser, format};
use crate::model::document::{Document, check_size};
use crate::model::state::Action;
use crate::model::steps::StepKind;

/// The document's name and size, the button to choose another, and the one to keep what was decrypted.
pub fn panel(context: &Context, say: &Callback<String>) -> Html {
    let document = &context.script.document;
    html! {
        <>
            <div class="who">
                <span class="page" aria-hidden="true" />
                <span class="who-text"><b>{ &document.name }</b><small>{ format::byte_count(document.len()) }</small></span>
            </div>
            <div class="dropzone">
                <label class="btn btn-small" for="file">{ "Use your own file" }</label>
                <input class="visually-hidden" id="file" type="file" data-testid="drop" onchange={chosen(context, say)} />
                <span class="only-wide">{ "or drop it" }</span>
            </div>
            { save(context) }
        </>
    }
}

/// What Bob was given, as a file, once he has it.
fn save(context: &Context) -> Html {
    let Some(recording) = context.recording.as_ref() else { return html! {} };
    let has_it = context.steps().iter().take(context.cursor + 1).any(|step| step.kind == StepKind::Deliver);
    let Some(decrypted) = recording.decrypted.clone().filter(|_| has_it) else { return html! {} };
    let name = recording.script.document.name.clone();
    let onclick = Callback::from(move |_: MouseEvent| browser::download(&name, &decrypted));
    html! {
        <div class="dropzone-end">
            <button type="button" class="btn btn-small" data-testid="save" {onclick}>{ "Save what was decrypted" }</button>
        </div>
    }
}

fn chosen(context: &Context, say: &Callback<String>) -> Callback<Event> {
    let (dispatcher, say) = (context.0.dispatcher(), say.clone());
    Callback::from(move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            take(file, dispatcher.clone(), say.clone());
        }
        // So that choosing the same file again is a change again.
        input.set_value("");
    })
}

/// Reads a file and makes it the document; what is wrong with it is said.
fn take(file: File, dispatcher: UseReducerDispatcher<Model>, say: Callback<String>) {
    if let Err(unfit) = check_size(&file.name(), file.size() as u64) {
        say.emit(unfit.to_string());
        return;
    }
    spawn_local(async move {
        let Ok(buffer) = JsFuture::from(file.array_buffer()).await else {
            say.emit(format!("`{}` can not be read", file.name()));
            return;
        };
        match Document::own(&file.name(), js_sys::Uint8Array::new(&buffer).to_vec()) {
            Ok(document) => dispatcher.dispatch(Action::TakeDocument(document)),
            Err(unfit) => say.emit(unfit.to_string()),
        }
    });
}

/// Whether files are dragged, and not a selection of text.
fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

/// Takes a file that is dropped anywhere on the page; whether one is being dragged over it.
#[hook]
pub fn use_drop(context: &Context, say: &Callback<String>) -> bool {
    let is_dragging = use_state_eq(|| false);
    let (setter, dispatcher, say) = (is_dragging.setter(), context.0.dispatcher(), say.clone());
    use_effect_with((), move |()| {
        let listen = |name: &'static str, heard: Box<dyn Fn(&DragEvent)>| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&gloo::utils::window(), name, options, move |event| {
                event.prevent_default();
                if let Some(event) = event.dyn_ref::<DragEvent>() {
                    heard(event);
                }
            })
        };
        let (over, left) = (setter.clone(), setter.clone());
        let listeners = [
            listen("dragover", Box::new(move |event| over.set(has_files(event)))),
            // Leaving an element for one inside it has a related target; leaving the page has none.
            listen("dragleave", Box::new(move |event| left.set(event.related_target().is_some()))),
            listen(
                "drop",
                Box::new(move |event| {
                    setter.set(false);
                    if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
                        take(file, dispatcher.clone(), say.clone());
                    }
                }),
            ),
        ];
        move || drop(listeners)
    });
    *is_dragging
}
