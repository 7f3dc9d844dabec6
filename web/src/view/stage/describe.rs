//! The stage in words, for those who can not see it: the same state, place by place.

use waxseal_base::event::FindingOutcome;

use super::picture::Picture;
use crate::model::people::Place;
use crate::model::stage::{CardKind, Commitment, Header, Light};
use crate::view::format;

/// One paragraph that says what is where.
pub fn describe(picture: &Picture<'_>) -> String {
    let parts =
        [person(picture), work(picture), key(picture), envelopes(picture), card(picture), kms(picture), disk(picture), failure(picture)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn person(picture: &Picture<'_>) -> String {
    let name = picture.stage.person.name();
    let has = if picture.stage.document.contains(&Place::Person) { "has the document in the clear" } else { "does not have the document" };
    let place = match picture.stage.works {
        Place::Person => format!(" and works on {name}'s own machine"),
        _ => String::new(),
    };
    format!("{name} {has}{place}.")
}

fn work(picture: &Picture<'_>) -> String {
    if !picture.has_work() {
        return String::new();
    }
    let place = format::capitalised(worker(picture));
    if picture.is_plaintext() {
        return format!("{place} has the document in the clear.");
    }
    let (stage, frames) = (picture.stage, picture.stage.frames);
    let header = match stage.header {
        Header::Absent => "no header yet",
        Header::Unchecked => "a header that is not verified yet",
        Header::Sealed => "a sealed header",
        Header::Verified => "a verified header",
    };
    let progress = match () {
        () if frames.opened > 0 => format!("{} of {} frames are decrypted", frames.opened, frames.total),
        () if stage.header == Header::Sealed => format!("{} of {} frames are encrypted", frames.sealed, frames.total),
        () => format!("its {} frames are encrypted", frames.total),
    };
    format!("{place} works on the message: {header}; {progress}.")
}

fn key(picture: &Picture<'_>) -> String {
    let Some(key) = picture.stage.data_keys.last() else { return String::new() };
    let mut text = match key.in_kms {
        Light::Lit => "A plaintext data key is inside the KMS.".to_owned(),
        Light::Wiped => "The KMS has wiped its copy of the data key.".to_owned(),
        Light::Absent => String::new(),
    };
    match key.at_work {
        Light::Lit => text.push_str(&format!(" {} holds a plaintext data key in memory.", format::capitalised(worker(picture)))),
        Light::Wiped => text.push_str(&format!(" The plaintext data key of {} is wiped.", worker(picture))),
        Light::Absent => {}
    }
    match picture.stage.commitment {
        Commitment::Matches => text.push_str(" The commitment matches."),
        Commitment::Differs => text.push_str(" The commitment differs."),
        Commitment::Absent | Commitment::Derived => {}
    }
    text
}

fn envelopes(picture: &Picture<'_>) -> String {
    let places: Vec<_> =
        picture.stage.envelopes.iter().map(|place| if *place == Place::Kms { "the KMS" } else { worker(picture) }).collect();
    if places.is_empty() { String::new() } else { format!("The encrypted data key is at {}.", places.join(" and at ")) }
}

fn card(picture: &Picture<'_>) -> String {
    let Some(card) = picture.stage.card.as_ref().filter(|_| picture.card().is_shown) else { return String::new() };
    match card.kind {
        CardKind::Request => format!("A {} request is at the gate of the KMS.", card.operation),
        CardKind::Answer => format!("The answer to {} has arrived.", card.operation),
        CardKind::Refusal => format!("{} was refused.", card.operation),
    }
}

fn kms(picture: &Picture<'_>) -> String {
    let gate = &picture.stage.gate;
    let mut text = String::new();
    for tick in &gate.ticks {
        let outcome = match tick.outcome {
            FindingOutcome::Allows => "allows",
            FindingOutcome::Denies => "denies",
            FindingOutcome::Delegates => "leaves it to the account",
            FindingOutcome::Permits => "leaves room for it",
            FindingOutcome::HasNoEffect => "has no effect",
            FindingOutcome::DoesNotMatch => "does not match",
        };
        text.push_str(&format!("“{}” {outcome}. ", tick.label));
    }
    if let Some(stamp) = &gate.stamp {
        text.push_str(if stamp.allowed { "The gate allows. " } else { "The gate denies. " });
    }
    if let Some(state) = &picture.stage.kms_key.state {
        text.push_str(&format!("The KMS key is {}.", state.to_lowercase()));
    }
    text.trim_end().to_owned()
}

fn disk(picture: &Picture<'_>) -> String {
    let disk = picture.stage.disk;
    if !disk.ciphertext {
        return "The disk is empty.".into();
    }
    let altered = if disk.altered { " Somebody altered it." } else { "" };
    let stolen = if disk.stolen { " Somebody has copied the disk." } else { "" };
    format!("The disk keeps the ciphertext and the encrypted data key.{altered}{stolen}")
}

fn failure(picture: &Picture<'_>) -> String {
    picture.stage.failure.as_ref().map_or(String::new(), |failure| format!("It stopped here: {}.", failure.what))
}

/// Who works, inside a sentence.
fn worker(picture: &Picture<'_>) -> &'static str {
    match picture.stage.works {
        Place::Person => picture.stage.person.name(),
        _ => "the object store",
    }
}
