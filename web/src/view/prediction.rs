//! The prediction: a question over the stage that has to be answered, or skipped, before the run goes on; then the answer's own response.

use yew::prelude::*;

use super::context::{Context, ContextProps};
use super::{browser, icons};
use crate::model::predictions::{Choice, Prediction};
use crate::model::state::Action;

/// The card, if this step has a question that waits or was just answered.
#[component]
pub fn PredictionCard(ContextProps { context }: &ContextProps) -> Html {
    // The step at which a question was answered just now: its response stays until the learner goes on.
    let answered_at = use_state_eq(|| None::<usize>);
    // The chosen option is gone then, and with it the focus.
    use_effect_with(*answered_at, |answered_at| {
        if answered_at.is_some() {
            browser::focus(CONTINUE);
        }
    });
    let Some(prediction) = context.prediction_here() else { return html! {} };
    let answer = context.answers.get(prediction.id).copied();
    let is_fresh = *answered_at == Some(context.cursor);
    match answer {
        None => ask(context, &prediction, &answered_at),
        Some(Some(option)) if is_fresh => respond(context, &prediction, option),
        Some(_) => html! {},
    }
}

fn ask(context: &Context, prediction: &Prediction, answered_at: &UseStateHandle<Option<usize>>) -> Html {
    let choose = |choice: &Choice| {
        let (dispatcher, answered_at, cursor, id) = (context.0.dispatcher(), answered_at.setter(), context.cursor, choice.id);
        Callback::from(move |_: MouseEvent| {
            answered_at.set(Some(cursor));
            dispatcher.dispatch(Action::Answer(id));
        })
    };
    html! {
        <section class="prediction" data-testid="prediction" aria-labelledby="prediction-title">
            <div class="card">
                <p class="cap-heading">{ "Before you see it" }</p>
                <h2 id="prediction-title">{ &prediction.question }</h2>
                <div class="options">
                    { for prediction.options.iter().map(|choice| html! {
                        <button type="button" class="option" data-testid="prediction-option" data-option={choice.id} onclick={choose(choice)}>
                            { &choice.text }
                        </button>
                    }) }
                </div>
                <div class="card-end">
                    <button type="button" class="btn btn-small" data-testid="prediction-skip" onclick={context.on(Action::SkipPrediction)}>{ "Skip" }</button>
                </div>
            </div>
        </section>
    }
}

fn respond(context: &Context, prediction: &Prediction, option: &str) -> Html {
    let Some(chosen) = prediction.options.iter().find(|choice| choice.id == option) else { return html! {} };
    let (class, icon, word) =
        if chosen.is_true { ("verdict", icons::allowed(), "Yes.") } else { ("verdict verdict-deny", icons::denied(), "Not so.") };
    html! {
        <section class="prediction" data-testid="prediction" aria-labelledby="prediction-title">
            <div class="card" role="status">
                <h2 id="prediction-title">{ &prediction.question }</h2>
                <p class="answer">{ "You said: " }{ &chosen.text }</p>
                <div class={classes!(class, "answer")}>{ icon }<div><b>{ word }</b><span data-testid="prediction-response">{ &chosen.response }</span></div></div>
                <div class="card-end">
                    <button type="button" class="btn btn-main" id={CONTINUE} data-testid="prediction-continue" onclick={go_on(context)}>{ "See it happen" }</button>
                </div>
            </div>
        </section>
    }
}

/// The next step; the focus goes to the stage, where keys play and step.
fn go_on(context: &Context) -> Callback<MouseEvent> {
    let dispatcher = context.0.dispatcher();
    Callback::from(move |_| {
        dispatcher.dispatch(Action::Next);
        browser::focus("stage");
    })
}

const CONTINUE: &str = "prediction-continue";
