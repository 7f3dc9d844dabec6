use super::*;
use crate::model::testing::{Stops, holds_secrets, read, scene, upload};

fn stage(events: &[Event], kind: ActKind) -> Stage {
    Stage::read(events, &scene(kind, 5))
}

fn without(events: &[Event], drop: impl Fn(&Event) -> bool) -> Vec<Event> {
    events.iter().filter(|event| !drop(event)).cloned().collect()
}

fn is_wipe(event: &Event, by: Actor, name: SecretName) -> bool {
    event.by == by && matches!(&event.kind, Kind::SecretWiped { secret, .. } if *secret == name)
}

#[test]
fn after_an_upload_only_the_disk_has_something() {
    let stage = stage(&upload(5), ActKind::Upload);
    assert!(stage.disk.ciphertext && stage.disk.envelope && !stage.disk.altered);
    assert_eq!((stage.document, stage.envelopes, stage.message), (vec![Place::Person], vec![], vec![]));
    assert_eq!(stage.data_keys.iter().map(|key| (key.in_kms, key.at_work)).collect::<Vec<_>>(), [(Light::Wiped, Light::Wiped)]);
    assert_eq!(stage.failure, None);
}

#[test]
fn without_the_wipe_the_key_stays_lit() {
    let events = upload(5);
    assert!(!holds_secrets(&stage(&events, ActKind::Upload)));
    for (by, name) in [(Actor::Caller, SecretName::DataKey), (Actor::Caller, SecretName::MessageKey), (Actor::Kms, SecretName::DataKey)] {
        let stage = stage(&without(&events, |event| is_wipe(event, by, name)), ActKind::Upload);
        assert!(holds_secrets(&stage), "{by:?} {name:?}");
        let key = stage.data_keys.first().unwrap();
        assert_eq!(if by == Actor::Kms { key.in_kms } else { key.at_work }, Light::Lit, "{by:?} {name:?}");
    }
}

#[test]
fn the_wipe_of_another_key_changes_nothing() {
    let mut events = upload(5);
    for event in &mut events {
        if let Kind::SecretWiped { identity, secret: SecretName::MessageKey } = &mut event.kind {
            identity.fingerprint = "another".into();
        }
    }
    assert!(holds_secrets(&stage(&events, ActKind::Upload)));
}

#[test]
fn any_event_that_is_removed_changes_a_picture_on_the_way() {
    // Events that only bracket others or repeat what an earlier one showed have no picture of their own.
    let silent = |event: &Event| {
        matches!(
            &event.kind,
            Kind::OperationFinished { .. } | Kind::MaterialChosen { .. } | Kind::SecretWiped { secret: SecretName::WrappingKey, .. }
        ) || (event.by == Actor::Caller && matches!(&event.kind, Kind::OperationStarted { .. }))
    };
    for (events, kind) in [(upload(3), ActKind::Upload), (read(3, Stops::Never), ActKind::Read)] {
        let pictures = |events: &[Event]| -> Vec<Stage> {
            let mut pictures: Vec<_> = (0..=events.len()).map(|end| stage(&events[..end], kind)).collect();
            pictures.iter_mut().for_each(|picture| picture.focus = None);
            pictures.dedup();
            pictures
        };
        let whole = pictures(&events);
        for removed in 0..events.len() {
            if silent(&events[removed]) {
                continue;
            }
            let mut fewer = events.clone();
            let event = fewer.remove(removed);
            assert!(pictures(&fewer) != whole, "without {event:?}");
        }
    }
}

#[test]
fn two_events_that_change_places_change_the_picture() {
    let events = upload(3);
    let generated = events.iter().position(|event| matches!(event.kind, Kind::DataKeyGenerated { .. })).unwrap();
    let wiped = events.iter().position(|event| is_wipe(event, Actor::Kms, SecretName::DataKey)).unwrap();
    let mut swapped = events.clone();
    swapped.swap(generated, wiped);
    assert_eq!(stage(&swapped, ActKind::Upload).data_keys.first().unwrap().in_kms, Light::Lit, "made after it was wiped");
}

#[test]
fn the_data_key_is_in_the_kms_first_and_travels_with_the_answer() {
    let events = upload(3);
    let generated = events.iter().position(|event| matches!(event.kind, Kind::DataKeyGenerated { .. })).unwrap();
    let sent = events.iter().position(|event| matches!(event.kind, Kind::KmsResponseSent { .. })).unwrap();
    let light = |end: usize| stage(&events[..end], ActKind::Upload).data_keys.first().map(|key| (key.in_kms, key.at_work));
    assert_eq!(light(generated), None);
    assert_eq!(light(generated + 1), Some((Light::Lit, Light::Absent)));
    assert_eq!(light(sent + 1), Some((Light::Wiped, Light::Lit)));
    let at = |end: usize| stage(&events[..end], ActKind::Upload).envelopes;
    assert_eq!((at(sent), at(sent + 1)), (vec![Place::Kms], vec![Place::Store]));
}

#[test]
fn a_stop_shows_where() {
    for (stops, place, what) in [
        (Stops::Denied, Place::Kms, "denied"),
        (Stops::Disabled, Place::Kms, "the key can not be used"),
        (Stops::Commitment, Place::Store, "the commitment differs"),
        (Stops::Frame(2), Place::Store, "the frame's tag is wrong"),
    ] {
        let stage = stage(&read(5, stops), ActKind::Read);
        assert_eq!(stage.failure, Some(Failure { place, what: what.into() }));
        assert!(stage.document.is_empty(), "no plaintext after a failure");
        assert!(!holds_secrets(&stage));
        assert_eq!(stage.frames.broken, if let Stops::Frame(at) = stops { Some(at) } else { None });
    }
    assert_eq!(stage(&read(5, Stops::Never), ActKind::Read).document, [Place::Person]);
}
