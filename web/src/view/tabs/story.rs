//! Story: what happened, in plain words.

use yew::prelude::*;

use crate::model::act::Act;
use crate::model::recording::Recording;
use crate::model::state::Action;
use crate::model::steps::Step;
use crate::model::story;
use crate::view::context::Context;

/// The Story tab.
pub fn pane(context: &Context, recording: &Recording, step: &Step) -> Html {
    let words = story::story(recording, step);
    html! {
        <div class="story" key={step.id.clone()}>
            if let Some(act) = act_that_begins(recording, step) {
                <p class="intro">{ act.kind.introduction() }</p>
            }
            { for words.paragraphs.iter().map(|paragraph| html! { <p class="prose">{ paragraph }</p> }) }
            if let Some(term) = &words.term {
                <dl class="term">
                    <dt>{ &term.word }</dt>
                    <dd>{ &term.meaning }</dd>
                </dl>
            }
            if let Some(caution) = &words.caution {
                <p class="note caution">{ caution }</p>
            }
            if let Some(today) = &words.today {
                <div class="note">
                    <p><b>{ "In your course: " }</b>{ &today.course }</p>
                    <p><b>{ "Today: " }</b>{ &today.today }</p>
                </div>
            }
            { onwards(context) }
        </div>
    }
}

/// The act whose first step this is, if there are several to tell apart.
fn act_that_begins<'a>(recording: &'a Recording, step: &Step) -> Option<&'a Act> {
    let act = recording.act_of(step)?;
    (recording.acts.len() > 1 && act.range.start == step.range.start).then_some(act)
}

/// At the end of a lesson: the next one.
fn onwards(context: &Context) -> Html {
    let is_end = context.cursor + 1 >= context.steps().len();
    let Some(next) = context.script.lesson.next().filter(|_| is_end) else { return html! {} };
    html! {
        <div class="onwards">
            <p class="prose">{ next.summary() }</p>
            <button type="button" class="btn btn-main" data-testid="next-lesson" onclick={context.on(Action::OpenLesson(next))}>
                { format!("Next: {}", next.title()) }
            </button>
        </div>
    }
}
