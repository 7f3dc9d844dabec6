//! The left side: the lessons, and the world: the document, the keys, who can decrypt.

use yew::prelude::*;

use super::context::Context;
use super::{document, format, icons};
use crate::model::lesson::Lesson;
use crate::model::recording::{Holder, KeyFacts, Recording};
use crate::model::state::Action;

/// The list of lessons.
pub fn lessons(context: &Context) -> Html {
    html! {
        <nav class="lessons" aria-label="Lessons">
            <h2 class="cap-heading">{ "Envelope encryption" }</h2>
            <ol>{ for Lesson::ALL.into_iter().map(|lesson| one_lesson(context, lesson)) }</ol>
        </nav>
    }
}

fn one_lesson(context: &Context, lesson: Lesson) -> Html {
    let is_done = context.completed.contains(&lesson);
    let number = if is_done {
        html! { <span class="num num-done">{ icons::tick() }<span class="visually-hidden">{ format!("lesson {}, done: ", lesson.number()) }</span></span> }
    } else {
        html! { <span class="num">{ lesson.number() }</span> }
    };
    html! {
        <li>
            <button type="button" class="item" data-testid={format!("lesson-{}", lesson.number())} title={lesson.summary()}
                aria-current={(context.script.lesson == lesson).then_some("page")} onclick={context.on(Action::OpenLesson(lesson))}>
                { number }<span>{ lesson.title() }</span>
            </button>
        </li>
    }
}

/// The document, the keys, the people.
pub fn world(context: &Context, say: &Callback<String>) -> Html {
    html! {
        <aside class="world" aria-label="The world of the lesson" tabindex="0">
            <h2 class="cap-heading">{ "Document" }</h2>
            { document::panel(context, say) }
            if let Some(recording) = &context.recording {
                <h2 class="cap-heading">{ "Keys" }</h2>
                <ul>{ for recording.keys.iter().map(key) }</ul>
                { holders(recording) }
            }
        </aside>
    }
}

fn key(key: &KeyFacts) -> Html {
    let is_usable = key.state == "Enabled";
    html! {
        <li class="who">
            <span class={classes!("dot", (!is_usable).then_some("dot-off"))} />
            <span class="who-text"><b>{ &key.label }</b><small>{ format!("KMS key · {}", key.state) }</small></span>
        </li>
    }
}

fn holders(recording: &Recording) -> Html {
    let is_changed = recording.script.is_changed();
    html! {
        <>
            <h2 class="cap-heading">{ if is_changed { "Who can decrypt: before, now" } else { "Who can decrypt" } }</h2>
            <ul data-testid="who-can">
                { for recording.holders.iter().map(|holder| {
                    let before = recording.holders_before.iter().find(|before| before.person == holder.person);
                    person(holder, before.filter(|_| is_changed))
                }) }
            </ul>
        </>
    }
}

fn person(holder: &Holder, before: Option<&Holder>) -> Html {
    html! {
        <li class="who" data-person={holder.person.name().to_lowercase()}>
            <span class="num" aria-hidden="true">{ holder.person.initial() }</span>
            <span class="who-text"><b>{ holder.person.name() }</b>{ " " }<span class="role">{ holder.person.role() }</span><small title={holder.reason.clone()}>{ short(&holder.reason) }</small></span>
            if let Some(before) = before {
                <span class="was">{ may(before.can, "before") }</span>
                <span class="visually-hidden">{ ", " }</span>
                { icons::arrow() }
            }
            { may(holder.can, "now") }
        </li>
    }
}

/// The reason without what comes closest to being one; all of it is in the title.
fn short(reason: &str) -> String {
    format::capitalised(reason.split_once(';').map_or(reason, |(head, _)| head))
}

fn may(can: bool, when: &'static str) -> Html {
    let (class, icon, word) = if can { ("yes", icons::tick(), "can decrypt") } else { ("no", icons::cross(), "can not decrypt") };
    html! { <span class={classes!("may", class)}>{ icon }<span class="visually-hidden">{ format!("{when}: {word}") }</span></span> }
}
