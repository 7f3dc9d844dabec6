use std::process::Command;

use super::*;
use crate::model::change::Change;
use crate::model::document::Document;
use crate::model::lesson::Lesson;
use crate::model::record::tests::{run, run_of};

fn range(row: &ByteRow) -> Range<usize> {
    match row {
        ByteRow::Field(field) => field.range.clone(),
        ByteRow::Gap { range, .. } => range.clone(),
    }
}

fn joined(view: &ByteView) -> bool {
    let mut end = 0;
    view.rows.iter().all(|row| {
        let range = range(row);
        let touches = range.start == end && !range.is_empty();
        end = range.end;
        touches
    }) && end == view.bytes.len()
}

#[test]
fn the_rows_of_every_view_are_all_its_bytes() {
    let mut seen = 0;
    for (lesson, change) in [
        (Lesson::Upload, None),
        (Lesson::Read, None),
        (Lesson::Read, Some(Change::AlterContext)),
        (Lesson::Read, Some(Change::FlipCiphertextByte)),
        (Lesson::Upload, Some(Change::DisableKey)),
    ] {
        let recording = run(lesson, change);
        for depth in [Depth::Story, Depth::Detail] {
            for step in recording.steps(depth) {
                for view in views(&recording, step, depth) {
                    seen += 1;
                    assert!(joined(&view), "{} of {} {:?}", view.title, step.id, view.rows);
                }
            }
        }
    }
    assert!(seen > 100, "{seen} views");
}

#[test]
fn the_message_that_is_shown_is_the_message_that_is_stored() {
    let recording = run(Lesson::Upload, None);
    let step = recording.detail.last().unwrap();
    let shown = views(&recording, step, Depth::Detail).into_iter().find(|view| view.title == "message").unwrap();
    let mut bytes = Vec::new();
    for row in &shown.rows {
        bytes.extend_from_slice(&shown.bytes[range(row)]);
    }
    assert_eq!(Some(&*bytes), recording.message.as_deref());
    assert!(shown.rows.iter().all(|row| matches!(row, ByteRow::Field(_))), "five frames are all listed");
}

#[test]
fn the_context_is_folded_until_detail_or_a_change_is_about_it() {
    let shows = |change, depth| {
        let recording = run(Lesson::Read, change);
        let step = recording.steps(depth).iter().find(|step| step.kind == StepKind::Load).unwrap().clone();
        let rows = views(&recording, &step, depth).into_iter().find(|view| view.title == "message").unwrap().rows;
        rows.iter().any(|row| matches!(row, ByteRow::Field(field) if field.look == Look::Part(Part::EncryptionContext)))
    };
    assert!(!shows(None, Depth::Story));
    assert!(shows(None, Depth::Detail));
    assert!(shows(Some(Change::AlterContext), Depth::Story));
}

#[test]
fn of_many_frames_a_few_are_listed() {
    let recording = run_of(Lesson::Upload, None, &[], Document::own("many.bin", vec![1; 100_000]).unwrap());
    let step = recording.story.iter().find(|step| step.kind == StepKind::StoreBoth).unwrap();
    let message = views(&recording, step, Depth::Story).into_iter().find(|view| view.title == "message").unwrap();
    let gaps: Vec<_> = message
        .rows
        .iter()
        .filter_map(|row| match row {
            ByteRow::Gap { label, .. } => Some(label.as_str()),
            ByteRow::Field(_) => None,
        })
        .collect();
    assert_eq!(gaps, ["what the message is bound to: see Detail", "frames 2 to 24"]);
    assert!(joined(&message));
    let middle = recording.detail.iter().filter(|step| step.kind == StepKind::SealFrame).nth(1).unwrap();
    let message = views(&recording, middle, Depth::Detail).into_iter().find(|view| view.title == "message").unwrap();
    let listed = |label: &str| message.rows.iter().any(|row| matches!(row, ByteRow::Field(field) if field.label == label));
    assert!(listed("frame 2: iv") && listed("frame 24: iv") && !listed("frame 3: iv"));
}

#[test]
fn keys_are_shown_where_they_are_and_as_zeros_once_they_are_wiped() {
    let recording = run(Lesson::Upload, None);
    let at = |kind| views(&recording, recording.story.iter().find(|step| step.kind == kind).unwrap(), Depth::Story);
    let made = at(StepKind::MakeDataKey);
    assert_eq!(made.iter().map(|view| view.title.as_str()).collect::<Vec<_>>(), ["plaintext data key", "encrypted data key"]);
    let data_key = &made[0];
    assert!(data_key.bytes.len() == 32 && data_key.bytes.iter().any(|byte| *byte != 0));
    assert_eq!(at(StepKind::ReturnBoth), made, "what is returned is what was made");
    let wiped = at(StepKind::WipeKey);
    assert!(wiped.iter().all(|view| view.bytes.iter().all(|byte| *byte == 0)), "{wiped:?}");
    let stored = at(StepKind::StoreBoth);
    let (message, envelope) = (&stored[0].bytes, &made[1].bytes);
    assert!(message.windows(envelope.len()).any(|part| part == &**envelope), "the envelope is in the message");
    assert!(!message.windows(32).any(|part| part == &*data_key.bytes), "and the data key is not");
}

#[test]
fn the_commands_carry_the_inputs_of_the_run() {
    let recording = run(Lesson::Upload, None);
    let derive = recording.detail.iter().find(|step| step.kind == StepKind::DeriveMessageKey).unwrap();
    let shown = views(&recording, derive, Depth::Detail);
    let [data_key, message_key] = &shown[..] else { panic!("{shown:?}") };
    let command = &message_key.derivation.as_ref().unwrap().command;
    let message_id = waxseal::message::Header::read_from(recording.message.as_ref().unwrap()).unwrap().message_id;
    assert!(command.contains(&derivation::hex(&data_key.bytes)) && command.contains(&derivation::hex(message_id.as_bytes())));
    assert!(!command.contains(&derivation::hex(&message_key.bytes)), "the answer is not in the question");
    let seal = recording.detail.iter().find(|step| step.kind == StepKind::SealHeader).unwrap();
    let header = views(&recording, seal, Depth::Detail).into_iter().next().unwrap();
    assert!(header.derivation.unwrap().command.contains(&derivation::hex(&message_key.bytes)));
}

/// Runs the commands that need nothing but Python, where there is one.
#[test]
fn the_commands_give_the_bytes_that_are_shown() {
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let recording = run(Lesson::Upload, None);
    for kind in [StepKind::DeriveMessageKey, StepKind::DeriveCommitment] {
        let step = recording.detail.iter().find(|step| step.kind == kind).unwrap();
        let view = views(&recording, step, Depth::Detail).into_iter().find(|view| view.derivation.is_some()).unwrap();
        let output = Command::new("sh").arg("-c").arg(&view.derivation.unwrap().command).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), derivation::hex(&view.bytes), "{output:?}");
    }
}
