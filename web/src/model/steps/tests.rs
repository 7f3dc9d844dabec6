use super::*;
use crate::model::act::ActKind;
use crate::model::testing::{Stops, act, read, upload};

fn kinds(events: &[Event], kind: ActKind, depth: Depth) -> Vec<StepKind> {
    steps(events, &[act(kind, events)], depth).into_iter().map(|step| step.kind).collect()
}

#[test]
fn an_upload_is_told_in_eight_steps() {
    use StepKind as K;
    assert_eq!(
        kinds(&upload(5), ActKind::Upload, Depth::Story),
        [K::Upload, K::AskDataKey, K::CheckPermission, K::MakeDataKey, K::ReturnBoth, K::Encrypt, K::WipeKey, K::StoreBoth]
    );
}

#[test]
fn a_reading_is_told_in_ten_steps() {
    use StepKind as K;
    let story = [
        K::AskDocument,
        K::Load,
        K::SendDataKey,
        K::CheckPermission,
        K::UnwrapDataKey,
        K::ReturnDataKey,
        K::Verify,
        K::Decrypt,
        K::WipeKey,
        K::Deliver,
    ];
    assert_eq!(kinds(&read(5, Stops::Never), ActKind::Read, Depth::Story), story);
}

#[test]
fn detail_splits_what_the_story_joins() {
    let events = upload(5);
    let detail = kinds(&events, ActKind::Upload, Depth::Detail);
    use StepKind as K;
    let inside = [
        K::Identify,
        K::ResolveKey,
        K::Statement,
        K::Verdict,
        K::KeyState,
        K::DrawDataKey,
        K::WrapDataKey,
        K::KmsWipe,
        K::Audit,
        K::ReturnBoth,
        K::DrawMessageId,
        K::DeriveMessageKey,
        K::DeriveCommitment,
        K::WipeDataKey,
        K::SealHeader,
        K::SealFrame,
        K::SealFrame,
        K::SealFrame,
        K::WipeKey,
        K::StoreBoth,
    ];
    assert_eq!(detail[2..], inside);
    let labels: Vec<_> = steps(&events, &[act(ActKind::Upload, &events)], Depth::Detail).into_iter().map(|step| step.label).collect();
    assert_eq!(labels[17..20], ["frame 1", "frames 2–4", "frame 5"]);
}

#[test]
fn few_frames_have_no_middle() {
    for (frames, count) in [(1, 1), (2, 2), (3, 3), (4, 3), (1000, 3)] {
        let kinds = kinds(&upload(frames), ActKind::Upload, Depth::Detail);
        assert_eq!(kinds.iter().filter(|kind| **kind == StepKind::SealFrame).count(), count, "{frames} frames");
    }
}

#[test]
fn every_event_is_in_exactly_one_step_and_every_step_has_its_own_id() {
    for depth in [Depth::Story, Depth::Detail] {
        for events in [upload(7), read(7, Stops::Never), read(7, Stops::Denied), read(7, Stops::Frame(3))] {
            let steps = steps(&events, &[act(ActKind::Read, &events)], depth);
            let joined: Vec<usize> = steps.iter().flat_map(|step| step.range.clone()).collect();
            assert_eq!(joined, (0..events.len()).collect::<Vec<_>>());
            let ids: std::collections::BTreeSet<_> = steps.iter().map(|step| &step.id).collect();
            assert_eq!(ids.len(), steps.len());
        }
    }
}

#[test]
fn a_run_that_stops_says_where() {
    use StepKind as K;
    for (stops, at_story, at_detail, then) in [
        (Stops::Denied, K::CheckPermission, K::Verdict, vec![K::Refuse, K::Stop]),
        (Stops::Disabled, K::CheckPermission, K::KeyState, vec![K::Refuse, K::Stop]),
        (Stops::Commitment, K::Verify, K::CompareCommitment, vec![K::WipeKey, K::Stop]),
        (Stops::Frame(1), K::Decrypt, K::OpenFrame, vec![K::WipeKey, K::Stop]),
        (Stops::Frame(3), K::Decrypt, K::OpenFrame, vec![K::WipeKey, K::Stop]),
    ] {
        let events = read(5, stops);
        let acts = [act(ActKind::Read, &events)];
        let story = steps(&events, &acts, Depth::Story);
        let failing: Vec<_> = story.iter().filter(|step| step.fails).map(|step| step.kind).collect();
        assert_eq!(failing, [at_story]);
        let place = story.iter().position(|step| step.fails).unwrap();
        assert_eq!(story[place + 1..].iter().map(|step| step.kind).collect::<Vec<_>>(), then);
        let detail = steps(&events, &acts, Depth::Detail);
        assert_eq!(detail.iter().filter(|step| step.fails).map(|step| step.kind).collect::<Vec<_>>(), [at_detail]);
    }
}

#[test]
fn a_change_is_one_step_whatever_it_took() {
    let events = upload(2);
    assert_eq!(kinds(&events, ActKind::Change, Depth::Story), [StepKind::Change]);
    assert_eq!(kinds(&events, ActKind::Change, Depth::Detail), [StepKind::Change]);
}
