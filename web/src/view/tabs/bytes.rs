//! Bytes: the bytes of the moment, field by field. A field under the pointer or focus lights its thing on the stage.

use std::ops::Range;

use waxseal_base::codec::Part;
use yew::prelude::*;

use super::{TabsProps, copy};
use crate::model::bytes::{self, ByteField, ByteRow, ByteView, Derivation, Look};
use crate::model::state::Action;
use crate::view::context::Context;
use crate::view::format;

/// How bytes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Hex,
    Base64,
}

/// The Bytes tab.
#[component]
pub fn Bytes(TabsProps { context, say }: &TabsProps) -> Html {
    let form = use_state_eq(|| Form::Hex);
    let (Some(recording), Some(step)) = (&context.recording, context.step()) else { return html! {} };
    let views = bytes::views(recording, step, context.depth);
    if views.is_empty() {
        return html! {
            <>
                <h2>{ "No bytes in this step" }</h2>
                <p class="prose">{ "Nothing new exists yet, or what happens here is a decision and not data. The Why tab has the decision." }</p>
            </>
        };
    }
    let choose = |one: Form, label: &'static str| {
        let setter = form.setter();
        html! {
            <button type="button" aria-pressed={(*form == one).to_string()} onclick={Callback::from(move |_| setter.set(one))}>{ label }</button>
        }
    };
    html! {
        <>
            <div class="bar">
                <div class="toggle" role="group" aria-label="Form of the bytes">
                    { choose(Form::Hex, "hex") }{ choose(Form::Base64, "base64") }
                </div>
            </div>
            { for views.iter().map(|view| one_view(context, view, *form, say)) }
        </>
    }
}

fn one_view(context: &Context, view: &ByteView, form: Form, say: &Callback<String>) -> Html {
    let bytes = view.bytes.clone();
    html! {
        <section class="hex-view" data-testid="byte-view">
            <div class="code-head">
                <h2>{ &view.title }</h2>
                { copy::button(move || written_whole(&bytes, form), "Bytes", say) }
            </div>
            <p class="prose">{ format!("{}. ", format::byte_count(view.bytes.len())) }{ &view.note }</p>
            <ul class="fields">
                { for view.rows.iter().map(|row| match row {
                    ByteRow::Field(field) => one_field(context, view, field, form),
                    ByteRow::Gap { range, label } => gap(range, label),
                }) }
            </ul>
            if let Some(derivation) = &view.derivation {
                { rederive(derivation, say) }
            }
        </section>
    }
}

fn one_field(context: &Context, view: &ByteView, field: &ByteField, form: Form) -> Html {
    let thing = field.thing;
    let class = classes!("field", look(field.look));
    let enter = |dispatcher: UseReducerDispatcher<_>| move || dispatcher.dispatch(Action::Hover(thing));
    let (over, focused) = (enter(context.0.dispatcher()), enter(context.0.dispatcher()));
    html! {
        <li {class} tabindex={thing.map(|_| "0")} data-testid="field"
            onmouseenter={Callback::from(move |_| over())} onmouseleave={context.on(Action::Hover(None))}
            onfocus={Callback::from(move |_| focused())} onblur={context.on(Action::Hover(None))}>
            <span class="field-label">{ &field.label }</span>
            <span class="field-range">{ place(&field.range) }</span>
            <span class="field-bytes">{ written(view.bytes.get(field.range.clone()).unwrap_or_default(), form) }</span>
            if !field.note.is_empty() {
                <span class="field-note">{ &field.note }</span>
            }
        </li>
    }
}

fn gap(range: &Range<usize>, label: &str) -> Html {
    html! {
        <li class="field">
            <span class="field-label">{ label }</span>
            <span class="field-range">{ place(range) }</span>
        </li>
    }
}

fn rederive(derivation: &Derivation, say: &Callback<String>) -> Html {
    let command = derivation.command.clone();
    html! {
        <div class="rederive">
            <div class="code-head"><h3>{ "Get the same bytes yourself" }</h3>{ copy::button(move || command.clone(), "Command", say) }</div>
            <p class="prose">{ &derivation.sentence }</p>
            <pre class="code">{ &derivation.command }</pre>
        </div>
    }
}

fn look(look: Look) -> &'static str {
    match look {
        Look::Secret => "is-dek",
        Look::Plaintext => "is-paper",
        Look::Part(Part::EncryptedDataKey) => "is-kms",
        Look::Part(Part::Commitment) => "is-dek",
        Look::Part(Part::Ciphertext | Part::Iv | Part::Tag) => "is-cipher",
        Look::Part(Part::Header | Part::EncryptionContext | Part::Signature) => "is-plain",
    }
}

fn place(range: &Range<usize>) -> String {
    match range.len() {
        1 => format!("byte {}", format::grouped(range.start)),
        len => format!("from {}, {}", format::grouped(range.start), format::byte_count(len)),
    }
}

/// The bytes of a field; of a long one its beginning and its end.
fn written(bytes: &[u8], form: Form) -> String {
    if bytes.len() <= MOST_SHOWN {
        return written_whole(bytes, form);
    }
    let (head, tail) = (bytes.get(..HEAD).unwrap_or_default(), bytes.get(bytes.len() - TAIL..).unwrap_or_default());
    let left_out = format::byte_count(bytes.len() - HEAD - TAIL);
    match form {
        Form::Hex => format!("{} … {left_out} … {}", format::hex(head), format::hex(tail)),
        // Base64 of a part is part of the base64 of the whole only at its beginning.
        Form::Base64 => format!("{}… and so on for {}", format::base64(head), format::byte_count(bytes.len() - HEAD)),
    }
}

fn written_whole(bytes: &[u8], form: Form) -> String {
    match form {
        Form::Hex => format::hex(bytes),
        Form::Base64 => format::base64(bytes),
    }
}

const MOST_SHOWN: usize = 160;
/// A multiple of three, so its base64 has no padding.
const HEAD: usize = 96;
const TAIL: usize = 16;
