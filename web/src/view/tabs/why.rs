//! Why: the decision, every statement and grant with each of its elements, and for a denial what would lift it.

use waxseal_base::event::{Finding, FindingOutcome, Source};
use yew::prelude::*;

use crate::model::change::Fix;
use crate::model::recording::Recording;
use crate::model::state::Action;
use crate::model::steps::Step;
use crate::model::why::{self, Why, WhyVerdict};
use crate::view::context::Context;
use crate::view::{format, icons};

/// The Why tab.
pub fn pane(context: &Context, recording: &Recording, step: &Step) -> Html {
    let Some(why) = why::why(recording, step) else {
        return html! {
            <>
                <h2>{ "Nobody was asked yet" }</h2>
                <p class="prose">{ "The KMS decides when it is asked. Its decision, with every statement it looked at, is here from that moment on." }</p>
            </>
        };
    };
    html! {
        <>
            { verdict(&why) }
            { for why.findings.iter().map(|finding| statement(finding, why.decided_by.as_ref() == Some(&finding.id))) }
            if let Some(state) = &why.key_state {
                <section class={classes!("stmt", (!state.allowed).then_some("stmt-deny"))}>
                    <h3 class="stmt-title"><span>{ "The key's state" }</span><em>{ if state.allowed { "permits it" } else { "does not permit it" } }</em></h3>
                    { element("state", &state.state, None, state.allowed) }
                </section>
            }
            { fixes(context, &why.fixes) }
        </>
    }
}

fn verdict(why: &Why) -> Html {
    let (class, icon, word) = match why.verdict {
        WhyVerdict::Open => ("verdict verdict-open", html! {}, "Not decided yet"),
        WhyVerdict::Allowed => ("verdict", icons::allowed(), "Allowed"),
        WhyVerdict::Denied => ("verdict verdict-deny", icons::denied(), "Denied"),
        WhyVerdict::Refused => ("verdict verdict-deny", icons::denied(), "Allowed by policy, refused all the same"),
    };
    let (head, rest) = why.reason.split_once("; ").unwrap_or((&why.reason, ""));
    let name = why.person.map_or_else(|| why.principal.clone(), |person| person.name().to_owned());
    let asked =
        if name.is_empty() { format!("The KMS was asked for {}", why.operation) } else { format!("{name} asked for {}", why.operation) };
    let via = why.via_service.as_ref().map_or(String::new(), |service| format!("via {service}"));
    html! {
        <>
            <div {class} data-testid="verdict">{ icon }<div><b>{ word }</b><span>{ format::capitalised(head) }</span>if !rest.is_empty() { <small>{ format::capitalised(rest) }</small> }</div></div>
            <h2 class="asked">{ asked }<small>{ via }</small></h2>
        </>
    }
}

fn statement(finding: &Finding, decides: bool) -> Html {
    let (outcome, class) = match finding.outcome {
        FindingOutcome::Allows => ("allows", "stmt-allow"),
        FindingOutcome::Denies => ("denies", "stmt-deny"),
        FindingOutcome::Delegates => ("leaves it to the account", ""),
        FindingOutcome::Permits => ("leaves room for it", ""),
        FindingOutcome::HasNoEffect => ("has no effect", ""),
        FindingOutcome::DoesNotMatch => ("does not match", ""),
    };
    let place = match finding.id.source {
        Source::KeyPolicy => "key policy",
        Source::IdentityPolicy => "policy of the caller",
        Source::PermissionsBoundary => "permissions boundary",
        Source::SessionPolicy => "session policy",
        Source::ServiceControlPolicy => "service control policy",
        Source::Grant => "grant",
    };
    let name = finding.name.clone().unwrap_or_else(|| format!("{place}, number {}", finding.id.index + 1));
    let outcome = if decides { format!("{outcome}: this decides") } else { outcome.into() };
    html! {
        <section class={classes!("stmt", class)} data-testid="finding">
            <h3 class="stmt-title"><span>{ name }</span><em>{ outcome }</em></h3>
            <p class="stmt-place">{ format!("{:?} in the {place}", finding.effect) }</p>
            { for finding.elements.iter().map(|one| element(&one.element, &one.wanted, Some(&one.found), one.matched)) }
        </section>
    }
}

fn element(name: &str, wanted: &str, found: Option<&str>, matched: bool) -> Html {
    html! {
        <div class="el" title={found.map(|found| format!("the request: {found}"))}>
            <span>{ name.to_lowercase() }</span>
            <span>
                { wanted }
                if let Some(found) = found.filter(|found| !matched && !found.is_empty()) {
                    <span class="found">{ "the request: " }{ found }</span>
                }
            </span>
            <span class={if matched { "hit" } else { "miss" }}>
                { if matched { icons::tick() } else { icons::cross() } }
                <span class="visually-hidden">{ if matched { "matches" } else { "does not match" } }</span>
            </span>
        </div>
    }
}

fn fixes(context: &Context, fixes: &[Fix]) -> Html {
    if fixes.is_empty() {
        return html! {};
    }
    html! {
        <>
            <h2 class="cap-heading">{ "The smallest changes that would allow it" }</h2>
            { for fixes.iter().map(|fix| html! {
                <div class="fix">
                    <span>{ fix.sentence() }</span>
                    <button type="button" class="btn btn-small" data-testid={format!("fix-{}", fix.id())} onclick={context.on(Action::Mend(*fix))}>
                        { fix.label() }
                    </button>
                </div>
            }) }
        </>
    }
}
