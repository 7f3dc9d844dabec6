//! The captions of the places, and what is said about each of them.

use yew::prelude::*;

use super::layout::{Area, Pose};
use super::picture::Picture;
use super::words::{text, text_middle};
use crate::model::act::ActKind;
use crate::model::people::Place;

/// The captions of the places.
pub fn draw(picture: &Picture<'_>) -> Html {
    let layout = picture.layout;
    let name = picture.stage.person.name();
    let works_alone = picture.stage.works == Place::Person;
    let person = match (layout.is_tall, works_alone) {
        (true, _) => name.to_uppercase(),
        (false, true) => format!("{}’S OWN MACHINE", name.to_uppercase()),
        (false, false) => "PERSON".into(),
    };
    let role = match (works_alone, picture.scene.kind) {
        (false, _) => format!("works for {name}"),
        (true, ActKind::Thief) => "is not asked".into(),
        (true, _) => "sees ciphertext".into(),
    };
    let (x, y) = if layout.is_tall { (12.0, 18.0) } else { (18.0, 27.0) };
    let (badge_x, badge_y) = if works_alone { (34.0, 5.0) } else { (0.0, 52.0) };
    html! {
        <>
            { text(layout.person.x + x, layout.person.y + y, "t-cap", &person) }
            { text(layout.store.x + x, layout.store.y + y, "t-cap", if works_alone { "STORE" } else { "OBJECT STORE" }) }
            if !layout.is_tall {
                { label(layout.badge, badge_x, badge_y, !works_alone, "t-lab", name) }
                { text(layout.store.x + x, layout.store.y + y + 21.0, "t-sub", &role) }
            }
            { kms_caption(layout.kms, layout.is_tall) }
            { disk_captions(picture) }
        </>
    }
}

fn kms_caption(area: Area, is_tall: bool) -> Html {
    let (x, y) = if is_tall { (14.0, 20.0) } else { (36.0, 27.0) };
    html! {
        <text x={(area.x + x).to_string()} y={(area.y + y).to_string()} class="t-cap t-kms">
            { "KMS " }<tspan class="t-where">{ "in this page (AWS: in an HSM)" }</tspan>
        </text>
    }
}

fn disk_captions(picture: &Picture<'_>) -> Html {
    let (layout, area) = (picture.layout, picture.layout.disk);
    let is_full = picture.stage.disk.ciphertext;
    let status = match picture.stage.disk {
        disk if disk.stolen => Some("copied by a thief"),
        disk if disk.altered => Some("somebody altered it"),
        _ => None,
    };
    html! {
        <>
            { text(area.x + if layout.is_tall { 12.0 } else { 18.0 }, area.y + if layout.is_tall { 18.0 } else { 27.0 }, "t-cap", "KEPT ON DISK") }
            if let Some(status) = status {
                { text_end(area.x + area.w - 16.0, area.y + if layout.is_tall { 18.0 } else { 27.0 }, "t-sub t-deny", status) }
            }
            if layout.is_tall {
                { text(layout.disk_message.x + 30.0, layout.disk_message.y + 0.0, if is_full { "t-sub t-cipher" } else { "t-sub t-faint" }, "ciphertext") }
                { text(layout.disk_envelope.x + 42.0, layout.disk_envelope.y - 4.0, if is_full { "t-sub t-dek" } else { "t-sub t-faint" }, "encrypted") }
                { text(layout.disk_envelope.x + 42.0, layout.disk_envelope.y + 11.0, if is_full { "t-sub t-dek" } else { "t-sub t-faint" }, "data key") }
            } else {
                <rect class="slot" x={(area.x + 16.0).to_string()} y={(area.y + 42.0).to_string()} width="112" height="84" rx="10" />
                <rect class="slot" x={(area.x + 144.0).to_string()} y={(area.y + 42.0).to_string()} width="139" height="84" rx="10" />
                { text_middle(area.x + 72.0, area.y + 143.0, if is_full { "t-sub t-cipher" } else { "t-sub t-faint" }, "ciphertext") }
                { text_middle(area.x + 213.5, area.y + 143.0, if is_full { "t-sub t-dek" } else { "t-sub t-faint" }, "encrypted data key") }
                { text(area.x + 16.0, area.y + 163.0, "t-sub t-faint", "waxseal’s format, not Amazon’s") }
            }
        </>
    }
}

fn label(pose: Pose, x: f32, y: f32, is_middle: bool, class: &'static str, content: &str) -> Html {
    if is_middle { text_middle(pose.x + x, pose.y + y, class, content) } else { text(pose.x + x, pose.y + y, class, content) }
}

fn text_end(x: f32, y: f32, class: &'static str, content: &str) -> Html {
    html! { <text x={x.to_string()} y={y.to_string()} {class} text-anchor="end">{ content }</text> }
}
