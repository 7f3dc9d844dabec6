//! The stage: four places, and the things that move between them. It draws the model's stage at a moment of the trace and nothing else.

mod art;
mod captions;
mod describe;
mod layout;
mod picture;
mod playhead;
mod words;

use waxseal_base::event::{Actor, Event, Kind, Verified};
use yew::prelude::*;

use self::layout::Layout;
use self::picture::{Picture, Put};
use super::context::{Context, ContextProps};
use super::effects::use_media;
use crate::model::people::{Place, Thing};
use crate::model::stage::{CardKind, Stage as State};
use crate::model::state::Speed;
use crate::model::steps::Depth;

/// The stage at the moment of the playhead.
#[component]
pub fn Stage(ContextProps { context }: &ContextProps) -> Html {
    let (Some(recording), Some(step)) = (context.recording.clone(), context.step().cloned()) else { return html! {} };
    let is_tall = use_media("(max-width: 639px)");
    let is_still = use_media("(prefers-reduced-motion: reduce)");
    let end = playhead::use_playhead(&recording, &step, context.step_millis(), is_still);
    let Some(act) = recording.act_of(&step) else { return html! {} };
    let scene = recording.scene(act);
    let events = recording.events.get(act.range.start..end).unwrap_or_default();
    let stage = State::read(events, &scene);
    let layout = Layout::new(is_tall, act.works);
    let is_own_copy_wiped = context.depth == Depth::Detail && is_own_copy_wiped(events, &stage);
    let picture = Picture { stage: &stage, failed: failed(events), is_own_copy_wiped, scene: &scene, layout: &layout };
    let (width, height) = layout.size;
    let class = classes!(if is_tall { "tall" } else { "wide" }, speed_class(context.speed));
    html! {
        <svg {class} viewBox={format!("0 0 {width} {height}")} role="img" aria-label={describe::describe(&picture)} data-testid="stage">
            { places(&picture) }
            { captions::draw(&picture) }
            { kms(&picture, context) }
            { disk(&picture, context) }
            { trails(&picture) }
            { at_work(&picture, context, words::first_bytes(events, &stage)) }
            { words::of_check(&picture) }
            { card(&picture) }
            if let Some(pose) = picture.marker() {
                { art::thing(pose, true, false, art::marker()) }
            }
        </svg>
    }
}

/// Whether the one who works has wiped the newest data key itself.
fn is_own_copy_wiped(events: &[Event], stage: &State) -> bool {
    let Some(key) = stage.data_keys.last() else { return false };
    events.iter().any(|event| match &event.kind {
        Kind::SecretWiped { identity, .. } => event.by == Actor::Caller && identity.fingerprint == key.fingerprint,
        _ => false,
    })
}

/// What the first check was about that failed outside of the KMS.
fn failed(events: &[Event]) -> Option<Verified> {
    events.iter().filter(|event| event.by == Actor::Caller).find_map(|event| match &event.kind {
        Kind::VerificationFailed { what } => Some(*what),
        _ => None,
    })
}

fn places(picture: &Picture<'_>) -> Html {
    let layout = picture.layout;
    let active = |place: Place| if picture.stage.focus == Some(place) { "place-active" } else { "" };
    html! {
        <>
            { art::place(layout.person, active(Place::Person)) }
            { art::place(layout.store, active(Place::Store)) }
            { art::place(layout.kms, "place-kms") }
            { art::place(layout.disk, active(Place::Disk)) }
            { art::thing(layout.badge, true, false, art::badge(picture.stage.person.initial())) }
            { art::thing(layout.gate, true, false, art::gate(picture.gate(), layout.is_tall)) }
        </>
    }
}

fn kms(picture: &Picture<'_>, context: &Context) -> Html {
    let (layout, stage) = (picture.layout, picture.stage);
    let lit = |things: &[Thing]| Picture::is_lit(context.hovered, things);
    let is_refused = stage.kms_key.state.is_some() && !stage.kms_key.usable;
    let (key, is_wiped) = picture.key_in_kms();
    let (sent, is_sealed) = picture.sent_envelope();
    html! {
        <>
            { put(shown(layout.hexagon), lit(&[Thing::KmsKey]), art::hexagon(stage.kms_key.lit, is_refused)) }
            { words::of_kms_key(picture) }
            { words::of_key_in_kms(picture) }
            { art::thing(layout.kms_dice, stage.dice == Some(Place::Kms), false, art::dice(true)) }
            { put(key, lit(&[Thing::DataKey]), art::data_key(is_wiped)) }
            { put(sent, lit(&[Thing::EncryptedDataKey]), art::envelope(is_sealed)) }
        </>
    }
}

fn disk(picture: &Picture<'_>, context: &Context) -> Html {
    let lit = |things: &[Thing]| Picture::is_lit(context.hovered, things);
    let (message, envelope) = (picture.kept_message(), picture.kept_envelope());
    html! {
        <g class="kept">
            { put(message, lit(&[Thing::Frames, Thing::Header]), picture.kept_sheet().draw()) }
            { put(envelope, lit(&[Thing::EncryptedDataKey]), art::envelope(true)) }
        </g>
    }
}

fn at_work(picture: &Picture<'_>, context: &Context, bytes: Option<Vec<u8>>) -> Html {
    let (layout, stage) = (picture.layout, picture.stage);
    let lit = |things: &[Thing]| Picture::is_lit(context.hovered, things);
    let own = picture.own_copy();
    let (key, is_wiped) = picture.key_at_work();
    let (envelope, is_sealed) = picture.envelope();
    let paper = art::Sheet {
        frames: picture.sheet().frames,
        sealed: 0,
        sealed_at_end: false,
        is_cut: false,
        header: None,
        broken_frame: None,
        is_header_broken: false,
    };
    html! {
        <>
            { put(own, lit(&[Thing::Document]), paper.draw()) }
            { words::of_work(picture) }
            { put(picture.work(), lit(&[Thing::Document, Thing::Header, Thing::Frames, Thing::EncryptionContext]), picture.sheet().draw()) }
            { words::of_key(picture, bytes.as_deref()) }
            { put(key, lit(&[Thing::DataKey]), art::data_key(is_wiped)) }
            if context.depth == Depth::Detail {
                { words::derived(picture, lit(&[Thing::MessageKey]), lit(&[Thing::Commitment])) }
            }
            { art::thing(layout.dice, stage.dice == Some(stage.works), false, art::dice(false)) }
            { words::of_envelope(picture) }
            { put(envelope, lit(&[Thing::EncryptedDataKey]), art::envelope(is_sealed)) }
        </>
    }
}

/// The ways out of the KMS, while the answer has just arrived.
fn trails(picture: &Picture<'_>) -> Html {
    let has_arrived = picture.has_just_arrived();
    let layout = picture.layout;
    let worker = if picture.stage.works == Place::Person { layout.person } else { layout.store };
    let (side, half) = (worker.x + worker.w - 12.0, if layout.is_tall { 12.0 } else { 38.0 });
    let from = if layout.is_tall {
        layout::Pose { y: layout.gate.y + half, ..layout.gate }
    } else {
        layout::Pose { x: layout.gate.x - 6.0, y: layout.gate.y + half, ..layout.gate }
    };
    let to = |pose: layout::Pose| if layout.is_tall { pose } else { layout::Pose { x: side, ..pose } };
    html! {
        <>
            { art::trail(from, to(layout.key), layout.is_tall, has_arrived) }
            { art::trail(from, to(layout.envelope), layout.is_tall, has_arrived && picture.is_upload()) }
        </>
    }
}

fn card(picture: &Picture<'_>) -> Html {
    let Some(card) = &picture.stage.card else { return art::thing(picture.layout.card_out, false, false, art::card("", "", "")) };
    let name = picture.stage.person.name();
    let (line, class) = match card.kind {
        CardKind::Request if picture.stage.works == Place::Store && !picture.is_for_the_store() => {
            (format!("for {name}, via the store"), "")
        }
        CardKind::Request => (format!("asked by {name}"), ""),
        CardKind::Answer => ("the answer".into(), ""),
        CardKind::Refusal => ("refused".into(), "card-refusal"),
    };
    put(picture.card(), false, art::card(&card.operation, &line, class))
}

fn put(put: Put, is_lit: bool, picture: Html) -> Html {
    art::thing(put.pose, put.is_shown, is_lit, picture)
}

fn shown(pose: layout::Pose) -> Put {
    Put { pose, is_shown: true }
}

fn speed_class(speed: Speed) -> Option<&'static str> {
    match speed {
        Speed::Half | Speed::Normal => None,
        Speed::Double => Some("speed-2"),
        Speed::Quadruple => Some("speed-4"),
    }
}
