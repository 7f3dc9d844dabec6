//! The words on the stage: names of things, the lines of the check, the first bytes of the data key.

use waxseal_base::event::{Event, FindingOutcome, Kind};
use yew::prelude::*;

use super::art;
use super::layout::Pose;
use super::picture::Picture;
use crate::model::people::KEY_LABEL;
use crate::model::stage::{Commitment, Light, Stage};
use crate::view::format;

/// The lines at the gate: who asks, then each statement, then the stamp.
pub fn of_check(picture: &Picture<'_>) -> Html {
    let (layout, gate) = (picture.layout, &picture.stage.gate);
    let (start, distance) = layout.lines;
    let mut lines = Vec::new();
    if gate.principal.is_some() {
        let via = if gate.via_service.is_some() { ", via the store" } else { "" };
        lines.push((format!("{}{via}", picture.stage.person.name()), "says-neutral", TICK));
    }
    for tick in &gate.ticks {
        let (class, path) = match tick.outcome {
            FindingOutcome::Allows => ("says-yes", TICK),
            FindingOutcome::Denies => ("says-no", CROSS),
            FindingOutcome::Delegates | FindingOutcome::Permits => ("says-neutral", ARROW),
            FindingOutcome::HasNoEffect | FindingOutcome::DoesNotMatch => ("says-neutral", DASH),
        };
        lines.push((tick.label.clone(), class, path));
    }
    let is_denied = gate.stamp.as_ref().is_some_and(|stamp| !stamp.allowed);
    let (word, class) = if is_denied { ("DENIED", "stamp-deny") } else { ("ALLOWED", "stamp-allow") };
    html! {
        <>
            { for (0..MOST_LINES).map(|index| {
                let line = lines.get(index);
                let (label, class, path) = line.cloned().unwrap_or_default();
                let y = start.y + distance * index as f32;
                html! {
                    <g class={classes!("check-line", class, line.is_none().then_some("away"))}>
                        <path d={path} transform={format!("translate({} {})", start.x, y - 5.0)} />
                        { text(start.x + 16.0, y, "t-sub", &format::cut(&label, layout.line_len)) }
                    </g>
                }
            }) }
            { art::thing(layout.stamp, gate.stamp.is_some(), false, art::stamp(word, class)) }
        </>
    }
}

/// The name and the state of the KMS key.
pub fn of_kms_key(picture: &Picture<'_>) -> Html {
    let (layout, key) = (picture.layout, &picture.stage.kms_key);
    let below = if layout.is_tall { 58.0 } else { 66.0 };
    let line = if layout.is_tall { 15.0 } else { 18.0 };
    let (x, y) = (layout.hexagon.x - if layout.is_tall { 8.0 } else { 0.0 }, layout.hexagon.y + below);
    let (state, class) = match &key.state {
        Some(state) if key.usable => (format!("{KEY_LABEL} · {state}"), "t-sub"),
        Some(state) => (format!("{KEY_LABEL} · {state}"), "t-sub t-deny"),
        None => (KEY_LABEL.to_owned(), "t-sub"),
    };
    html! {
        <>
            { text_middle(x, y, "t-lab t-kms", "KMS key (CMK)") }
            { text_middle(x, y + line, class, &state) }
        </>
    }
}

/// What the data key inside the KMS is, or that its bytes are gone.
pub fn of_key_in_kms(picture: &Picture<'_>) -> Html {
    let layout = picture.layout;
    let (key, is_wiped) = picture.key_in_kms();
    let (word, class) = if is_wiped { ("wiped here", "t-sub t-faint") } else { ("data key", "t-sub t-dek") };
    let is_shown = key.is_shown && !layout.is_tall;
    words(is_shown, text_middle(layout.kms_key.x + 4.0, layout.kms_key.y + 44.0, class, word))
}

/// What is being worked on: its name, its size, how far it is.
pub fn of_work(picture: &Picture<'_>) -> Html {
    let (layout, scene, stage) = (picture.layout, picture.scene, picture.stage);
    let own = picture.own_copy();
    let (class, state) = match () {
        () if picture.is_plaintext() => ("t-sub", "in the clear".to_owned()),
        () if stage.frames.opened > 0 => ("t-sub", progress(stage.frames.opened, stage.frames.total, "opened")),
        () if picture.is_upload() => ("t-sub t-cipher", progress(stage.frames.sealed, stage.frames.total, "sealed")),
        () => ("t-sub t-cipher", format!("encrypted, {} frames", format::grouped(stage.frames.total as usize))),
    };
    if layout.is_tall {
        let is_busy = !picture.is_plaintext() && stage.frames.sealed + stage.frames.opened > 0;
        let line = if is_busy { state } else { format::fitted(&scene.document, 14) };
        return words(picture.has_work(), text_middle(layout.work.x, layout.work.y + 56.0, "t-sub", &line));
    }
    let (x, y) = (layout.work.x + 58.0, layout.work.y - 22.0);
    html! {
        <>
            { words(picture.has_work(), html! {
                <>
                    { text(x, y, "t-lab", &format::fitted(&scene.document, 21)) }
                    { text(x, y + 20.0, "t-sub", &format::byte_count(scene.document_len)) }
                    { text(x, y + 39.0, class, &state) }
                </>
            }) }
            { words(own.is_shown || (picture.work().pose == layout.with_person && picture.work().is_shown), html! {
                <>
                    { text_middle(own.pose.x, own.pose.y + 64.0, "t-sub", &format::fitted(&scene.document, 15)) }
                </>
            }) }
        </>
    }
}

/// How far the frames are. Only a few of many are drawn, so the numbers say how many there are.
fn progress(done: u32, total: u32, word: &str) -> String {
    let total_frames = format::grouped(total as usize);
    match done {
        _ if done == total => format!("all {total_frames} frames {word}"),
        _ => format!("{} of {total_frames} {word}", format::grouped(done as usize)),
    }
}

/// The plaintext data key's name and first bytes, which turn to zero one by one when it is wiped.
pub fn of_key(picture: &Picture<'_>, bytes: Option<&[u8]>) -> Html {
    let layout = picture.layout;
    let (key, is_wiped) = picture.key_at_work();
    let (x, y) = if layout.is_tall { (layout.key.x + 32.0, layout.key.y - 4.0) } else { (layout.key.x + 50.0, layout.key.y - 16.0) };
    let (name, state) = match (layout.is_tall, is_wiped) {
        (true, _) => ("data key", ""),
        (false, false) => ("plaintext data key", "in memory, for now"),
        (false, true) => ("plaintext data key", "wiped, gone for good"),
    };
    let shown = if layout.is_tall { 4 } else { 6 };
    let (step, line) = if layout.is_tall { (19.0, 16.0) } else { (23.0, 41.0) };
    words(
        key.is_shown,
        html! {
            <>
                { text(x, y, if is_wiped { "t-lab t-faint" } else { "t-lab t-dek" }, name) }
                { text(x, y + 20.0, "t-sub", state) }
                { for bytes.unwrap_or_default().iter().take(shown).enumerate().map(|(index, byte)| html! {
                    <g class={classes!("byte", format!("byte-{index}"), is_wiped.then_some("is-zero"))}>
                        { text(x + step * index as f32, y + line, "t-mono byte-old", &format!("{byte:02x}")) }
                        { text(x + step * index as f32, y + line, "t-mono byte-new", "00") }
                    </g>
                }) }
                if bytes.is_some() {
                    { text(x + step * shown as f32, y + line, "t-mono t-faint", "…") }
                }
            </>
        },
    )
}

/// What was derived from the data key: shown at detail depth.
pub fn derived(picture: &Picture<'_>, is_key_lit: bool, is_commitment_lit: bool) -> Html {
    let [key_pose, commitment_pose] = picture.layout.derived;
    let key = picture.stage.data_keys.last();
    let is_split = key.is_some_and(|key| key.split);
    let is_wiped = key.is_some_and(|key| key.at_work == Light::Wiped);
    let commitment = picture.stage.commitment;
    let offset = if picture.layout.is_tall { 15.0 } else { 25.0 };
    let start = |pose: Pose, is_there: bool| if is_there { pose } else { Pose { scale: pose.scale, ..picture.layout.key } };
    let (verdict, class) = match commitment {
        Commitment::Matches => ("it fits", "t-sub t-allow"),
        Commitment::Differs => ("it does not fit", "t-sub t-deny"),
        Commitment::Absent | Commitment::Derived => ("commitment", "t-sub"),
    };
    html! {
        <>
            { art::thing(start(key_pose, is_split), is_split, is_key_lit, art::data_key(is_wiped)) }
            { words(is_split, text(key_pose.x + offset, key_pose.y + 5.0, "t-sub", if picture.layout.is_tall { "msg key" } else { "message key" })) }
            { art::thing(start(commitment_pose, commitment != Commitment::Absent), commitment != Commitment::Absent, is_commitment_lit, art::commitment()) }
            { words(commitment != Commitment::Absent, text(commitment_pose.x + offset - 6.0, commitment_pose.y + 5.0, class, if picture.layout.is_tall { "commit" } else { verdict })) }
        </>
    }
}

/// The encrypted data key's name.
pub fn of_envelope(picture: &Picture<'_>) -> Html {
    let layout = picture.layout;
    let is_here = picture.envelope().0.pose == layout.envelope;
    let (x, y) = if layout.is_tall {
        (layout.envelope.x + 36.0, layout.envelope.y - 3.0)
    } else {
        (layout.envelope.x + 56.0, layout.envelope.y - 4.0)
    };
    words(
        is_here,
        html! {
            if layout.is_tall {
                <>
                    { text(x, y, "t-sub t-dek", "encrypted") }
                    { text(x, y + 15.0, "t-sub t-dek", "data key") }
                </>
            } else {
                <>
                    { text(x, y, "t-lab t-dek", "encrypted data key") }
                    { text(x, y + 20.0, "t-sub", "only the KMS opens it") }
                </>
            }
        },
    )
}

/// The bytes of the newest data key, as the trace reveals them.
pub fn first_bytes(events: &[Event], stage: &Stage) -> Option<Vec<u8>> {
    let fingerprint = &stage.data_keys.last()?.fingerprint;
    let view = events.iter().rev().find_map(|event| match &event.kind {
        Kind::DataKeyGenerated { data_key, .. } | Kind::DataKeyUnwrapped { data_key, .. } => Some(data_key),
        _ => None,
    });
    view.filter(|view| view.fingerprint == *fingerprint)?.revealed.as_ref().map(|bytes| bytes.0.clone())
}

fn words(is_shown: bool, content: Html) -> Html {
    html! { <g class={classes!("words", (!is_shown).then_some("away"))}>{ content }</g> }
}

pub(super) fn text(x: f32, y: f32, class: &'static str, content: &str) -> Html {
    html! { <text x={x.to_string()} y={y.to_string()} {class}>{ content }</text> }
}

pub(super) fn text_middle(x: f32, y: f32, class: &'static str, content: &str) -> Html {
    html! { <text x={x.to_string()} y={y.to_string()} {class} text-anchor="middle">{ content }</text> }
}

/// Who asks, each statement, and a little room.
const MOST_LINES: usize = 4;
const TICK: &str = "M0 0l4 4.5 7-9";
const CROSS: &str = "M1-4l8 8M9-4l-8 8";
const DASH: &str = "M1 0h9";
const ARROW: &str = "M0 0h10M6-4l4 4-4 4";
