use waxseal_base::event::{Actor, FindingOutcome, Source, Verdict};
use waxseal_base::time::Timestamp;

use super::*;
use crate::model::call::Call;
use crate::model::predictions::prediction;
use crate::model::recording::AuditEntry;
use crate::model::stage::{Failure, Light};
use crate::model::steps::{Step, StepKind};
use crate::model::story::story;
use crate::model::testing::holds_secrets;
use crate::model::why::{WhyVerdict, why};
use crate::model::{audit, code};

pub(in crate::model) fn run_of(lesson: Lesson, change: Option<Change>, fixes: &[Fix], document: Document) -> Recording {
    let env = Env::danger_deterministic(Timestamp::from_millis(1_768_478_400_000), 1);
    pollster::block_on(record(Script { lesson, change, fixes: fixes.to_vec(), document }, env)).unwrap()
}

pub(in crate::model) fn run(lesson: Lesson, change: Option<Change>) -> Recording {
    run_of(lesson, change, &[], Document::built_in())
}

fn kinds(recording: &Recording, act: usize) -> Vec<StepKind> {
    recording.story.iter().filter(|step| step.act == act).map(|step| step.kind).collect()
}

/// The step of the last act in which the run fails, at story depth.
fn failing(recording: &Recording) -> Option<&Step> {
    recording.story.iter().rev().find(|step| step.fails)
}

#[test]
fn an_upload_is_the_story_of_envelope_encryption() {
    use StepKind as K;
    let recording = run(Lesson::Upload, None);
    assert_eq!(
        kinds(&recording, 0),
        [K::Upload, K::AskDataKey, K::CheckPermission, K::MakeDataKey, K::ReturnBoth, K::Encrypt, K::WipeKey, K::StoreBoth]
    );
    assert_eq!((recording.acts.len(), failing(&recording)), (1, None));
    let stage = recording.stage_after(recording.story.last().unwrap()).unwrap();
    assert!(stage.disk.ciphertext && stage.disk.envelope && !holds_secrets(&stage));
    assert_eq!(stage.data_keys.first().map(|key| (key.in_kms, key.at_work)), Some((Light::Wiped, Light::Wiped)));
}

#[test]
fn bob_reads_back_what_he_uploaded_and_nobody_else_does() {
    use StepKind as K;
    let recording = run(Lesson::Read, None);
    assert_eq!(
        recording.acts.iter().map(|act| act.kind).collect::<Vec<_>>(),
        [ActKind::Read, ActKind::Thief, ActKind::Colleague, ActKind::ClientSide]
    );
    assert_eq!(recording.decrypted.as_deref(), Some(&*Document::built_in().bytes));
    assert_eq!(kinds(&recording, 1), [K::TakeDisk, K::TryAlone, K::SendDataKey, K::CheckPermission, K::Refuse, K::Stop]);
    assert_eq!(kinds(&recording, 2), [K::AskDocument, K::Load, K::SendDataKey, K::CheckPermission, K::Refuse, K::Stop]);
    let ends = |act: usize| recording.stage_after(recording.story.iter().rfind(|step| step.act == act).unwrap()).unwrap();
    assert_eq!(ends(0).document, [Place::Person]);
    for act in [1, 2] {
        assert!(ends(act).document.is_empty() && ends(act).data_keys.is_empty(), "act {act}");
        assert_eq!(ends(act).failure, Some(Failure { place: Place::Kms, what: "denied".into() }));
    }
    // With client-side encryption the plaintext and the data key are on Bob's machine and never in the store.
    let sealed: Vec<_> = recording.detail.iter().filter(|step| step.act == 3).map(|step| recording.stage_after(step).unwrap()).collect();
    assert!(sealed.iter().all(|stage| !stage.document.contains(&Place::Store) && stage.works == Place::Person));
    assert_eq!(ends(3).document, [Place::Person]);
}

#[test]
fn the_kms_never_gets_as_much_as_a_document() {
    for lesson in Lesson::ALL {
        let recording = run(lesson, None);
        let most = recording.events.iter().filter(|event| event.by == Actor::Kms).filter_map(|event| match event.kind {
            Kind::OperationStarted { input_len, .. } => input_len,
            _ => None,
        });
        assert!(most.max().unwrap_or(0) < 400, "an encrypted data key at most");
    }
}

#[test]
fn each_change_stops_the_run_where_it_must() {
    use StepKind as K;
    for (lesson, change, at, fault, say) in [
        (Lesson::Upload, Change::DisableKey, K::CheckPermission, "DisabledException", "The key is disabled: the KMS refuses"),
        (Lesson::Read, Change::DisableKey, K::CheckPermission, "DisabledException", "The key is disabled: the KMS refuses"),
        (Lesson::Upload, Change::AddDeny, K::CheckPermission, "AccessDeniedException", "Denied: a statement forbids Bob to use the key"),
        (Lesson::Read, Change::AddDeny, K::CheckPermission, "AccessDeniedException", "Denied: a statement forbids Bob to use the key"),
        (Lesson::Upload, Change::RevokeBob, K::CheckPermission, "AccessDeniedException", "Denied: nothing allows Bob to use the key"),
        (Lesson::Read, Change::RevokeBob, K::CheckPermission, "AccessDeniedException", "Denied: nothing allows Bob to use the key"),
        (Lesson::Read, Change::AlterContext, K::UnwrapDataKey, "InvalidCiphertextException", "The envelope does not open"),
        (Lesson::Read, Change::SwapDataKey, K::UnwrapDataKey, "InvalidCiphertextException", "The envelope does not open"),
        (Lesson::Read, Change::FlipCiphertextByte, K::Decrypt, "", "Frame 3 does not fit its tag"),
        (Lesson::Read, Change::StealDiskAsEve, K::CheckPermission, "AccessDeniedException", "Denied: nothing allows Eve to use the key"),
    ] {
        let recording = run(lesson, Some(change));
        let step = failing(&recording).unwrap_or_else(|| panic!("{lesson:?} {change:?} does not fail"));
        assert_eq!(step.kind, at, "{lesson:?} {change:?}");
        assert_eq!(story(&recording, step).say, say);
        let last = recording.story.last().unwrap();
        assert_eq!(last.kind, K::Stop, "{lesson:?} {change:?}");
        let call = Call::of(&recording, last).unwrap();
        assert_eq!(call.fault().unwrap_or_default(), fault, "{lesson:?} {change:?}");
        assert_eq!(recording.decrypted, None, "{lesson:?} {change:?}");
        assert!(!holds_secrets(&recording.stage_after(last).unwrap()));
        assert!(recording.stage_after(step).unwrap().failure.is_some());
        if lesson == Lesson::Upload {
            assert_eq!(recording.message, None, "nothing is stored in the clear");
        }
        assert_ne!(recording.holders_before.first().map(|holder| holder.can), Some(false));
        if change != Change::StealDiskAsEve {
            assert_eq!(recording.holders.first().map(|holder| holder.can), Some(false), "{change:?}");
        }
    }
}

#[test]
fn a_grant_takes_the_place_of_a_statement() {
    for lesson in Lesson::ALL {
        let recording = run(lesson, Some(Change::GrantInstead));
        assert_eq!(failing(&recording), None);
        let check = recording.story.iter().find(|step| step.kind == StepKind::CheckPermission).unwrap();
        let why = why(&recording, check).unwrap();
        assert_eq!(why.verdict, WhyVerdict::Allowed);
        let decided_by = why.decided_by.unwrap();
        assert_eq!(decided_by.source, Source::Grant);
        let outcome =
            |source| why.findings.iter().filter(|finding| finding.id.source == source).map(|finding| finding.outcome).collect::<Vec<_>>();
        assert_eq!(
            (outcome(Source::KeyPolicy), outcome(Source::Grant)),
            (vec![FindingOutcome::DoesNotMatch], vec![FindingOutcome::Allows])
        );
        assert!(story(&recording, check).term.is_some_and(|term| term.word == "grant"));
    }
}

#[test]
fn every_fix_that_a_denial_offers_lifts_it() {
    let mut tried = 0;
    for (lesson, change) in [
        (Lesson::Upload, Some(Change::DisableKey)),
        (Lesson::Upload, Some(Change::AddDeny)),
        (Lesson::Upload, Some(Change::RevokeBob)),
        (Lesson::Read, Some(Change::DisableKey)),
        (Lesson::Read, Some(Change::AddDeny)),
        (Lesson::Read, Some(Change::RevokeBob)),
        (Lesson::Read, Some(Change::StealDiskAsEve)),
        (Lesson::Read, None),
    ] {
        let recording = run(lesson, change);
        for step in recording.story.iter().filter(|step| step.fails && step.kind == StepKind::CheckPermission) {
            let person = recording.act_of(step).unwrap().person;
            for fix in why(&recording, step).unwrap().fixes {
                tried += 1;
                let mended = run_of(lesson, change, &[fix], Document::built_in());
                let stops = mended.story.iter().filter(|step| step.fails && step.kind != StepKind::TryAlone).count();
                assert_eq!(stops, 0, "{lesson:?} {change:?} {fix:?}");
                assert!(mended.acts.iter().any(|act| act.person == person), "the run is still about {person:?}");
            }
        }
    }
    assert_eq!(tried, 12);
}

#[test]
fn no_permission_mends_a_message_that_was_altered() {
    for change in [Change::AlterContext, Change::SwapDataKey, Change::FlipCiphertextByte] {
        let recording = run(Lesson::Read, Some(change));
        let last = recording.story.last().unwrap();
        assert_eq!(why(&recording, last).unwrap().fixes, [], "{change:?}");
        let told = story(&recording, failing(&recording).unwrap());
        assert!(told.caution.is_some_and(|caution| caution.contains("A real system must not tell")), "{change:?}");
    }
}

#[test]
fn a_decision_is_open_until_it_is_made() {
    let recording = run(Lesson::Upload, None);
    let at = |kind| recording.detail.iter().find(|step| step.kind == kind).and_then(|step| why(&recording, step));
    assert_eq!(at(StepKind::Upload), None);
    assert_eq!(at(StepKind::Statement).map(|why| why.verdict), Some(WhyVerdict::Open));
    assert_eq!(at(StepKind::Verdict).map(|why| why.verdict), Some(WhyVerdict::Allowed));
    assert_eq!(at(StepKind::StoreBoth).map(|why| why.reason), at(StepKind::Verdict).map(|why| why.reason));
}

#[test]
fn the_log_has_the_call_of_the_step_and_no_secret() {
    for (lesson, change) in [(Lesson::Upload, None), (Lesson::Read, None), (Lesson::Read, Some(Change::AddDeny))] {
        let recording = run(lesson, change);
        for step in
            recording.story.iter().filter(|step| matches!(step.kind, StepKind::ReturnBoth | StepKind::ReturnDataKey | StepKind::Refuse))
        {
            let AuditEntry { json, .. } = audit::entry(&recording, step).unwrap();
            let call = Call::of(&recording, step).unwrap();
            assert!(json.contains(&format!("\"eventName\": \"{}\"", call.operation)) && json.contains(&call.principal), "{json}");
            assert_eq!(json.contains("AccessDenied"), step.kind == StepKind::Refuse);
        }
        let secrets: Vec<String> = recording
            .events
            .iter()
            .filter_map(|event| match &event.kind {
                Kind::DataKeyGenerated { data_key, .. } | Kind::DataKeyUnwrapped { data_key, .. } => data_key.revealed.as_ref(),
                _ => None,
            })
            .map(|key| key.0.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        assert!(!secrets.is_empty() || change.is_some());
        assert!(recording.audit.iter().all(|entry| secrets.iter().all(|secret| !entry.json.contains(secret))));
    }
}

#[test]
fn predictions_take_their_truth_from_the_run() {
    let right = |recording: &Recording| -> Vec<(&str, Vec<&str>)> {
        let asked = recording.story.iter().filter_map(|step| prediction(recording, step));
        asked.map(|asked| (asked.id, asked.options.iter().filter(|choice| choice.is_true).map(|choice| choice.id).collect())).collect()
    };
    let upload = run(Lesson::Upload, None);
    assert_eq!(right(&upload), [("does-the-file-reach-the-kms", vec!["neither"])]);
    let read = run(Lesson::Read, None);
    assert_eq!(right(&read), [("is-the-bucket-enough", vec!["key-needed"])]);
    // Another run, another truth: if the KMS had been sent the document, and if Alice had been let in.
    let mut other = upload;
    let started = other.events.iter_mut().find(|event| event.by == Actor::Kms).unwrap();
    started.kind = Kind::OperationStarted { operation: "Encrypt".into(), input_len: Some(other.script.document.len()) };
    assert_eq!(right(&other), [("does-the-file-reach-the-kms", vec!["whole"])]);
    let mut other = read;
    let alice = other.acts.iter_mut().find(|act| act.kind == ActKind::Colleague).unwrap().range.clone();
    let bob = other.acts.first().unwrap().range.clone();
    let events = other.events[bob.clone()].to_vec();
    other.events.splice(alice.clone(), events);
    other.acts[2].range = alice.start..alice.start + bob.len();
    assert_eq!(right(&other), [("is-the-bucket-enough", vec!["bucket-suffices"])]);
    assert_eq!(right(&run(Lesson::Read, Some(Change::AddDeny))), []);
}

#[test]
fn every_step_has_words_and_the_ones_that_do_something_have_code() {
    let mut scripts: Vec<_> = Lesson::ALL.into_iter().map(|lesson| (lesson, None)).collect();
    scripts.extend(Lesson::ALL.into_iter().flat_map(|lesson| Change::offered_in(lesson).map(move |change| (lesson, Some(change)))));
    for (lesson, change) in scripts {
        let recording = run(lesson, change);
        for step in recording.story.iter().chain(&recording.detail) {
            let told = story(&recording, step);
            let all = [told.say.clone(), told.why.clone()].into_iter().chain(told.paragraphs.clone());
            for text in all {
                assert!(!text.is_empty() && !text.contains("  ") && !text.contains(".."), "{lesson:?} {change:?} {}: {text:?}", step.id);
            }
            assert!(!told.say.ends_with('.') && !step.label.is_empty(), "{}: {}", step.id, told.say);
            if recording.acts[step.act].kind != ActKind::Change {
                assert!(!code::snippets(&recording, step).is_empty(), "{}", step.id);
            }
        }
    }
}

#[test]
fn nothing_is_named_in_lesson_three_before_it_is_taught() {
    let recording = run(Lesson::Upload, None);
    for step in &recording.story {
        let told = story(&recording, step);
        let text = [told.say, told.why, told.paragraphs.join(" "), told.term.map(|term| term.meaning).unwrap_or_default()].join(" ");
        for early in ["context", "ViaService", "deriv", "commitment", "backing", "generation", "HKDF", "CMK"] {
            assert!(!text.contains(early), "`{early}` in {}: {text}", step.id);
        }
    }
    let policy: serde_json::Value = serde_json::from_str(&recording.key_policy).unwrap();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
}

#[test]
fn a_large_document_comes_back_byte_for_byte() {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let document = Document::own("large.bin", bytes.clone()).unwrap();
    let upload = run_of(Lesson::Upload, None, &[], document.clone());
    assert_eq!(upload.frames_total(), 1221);
    assert!(upload.message.as_ref().is_some_and(|message| message.len() > bytes.len()));
    let recording = run_of(Lesson::Read, None, &[], document.clone());
    assert!(recording.decrypted.as_deref() == Some(&*bytes), "the same bytes");
    assert_eq!(recording.detail.iter().filter(|step| step.act == 0 && step.kind == StepKind::OpenFrame).count(), 3);
    let flipped = run_of(Lesson::Read, Some(Change::FlipCiphertextByte), &[], document);
    assert_eq!(failing(&flipped).map(|step| step.kind), Some(StepKind::Decrypt));
    assert_eq!(flipped.decrypted, None);
}

#[test]
fn a_file_name_of_any_kind_and_a_single_byte_will_do() {
    for name in ["ein Vertrag (endgültig, v2).pdf", "日本語.txt", "it's \"quoted\" \\ here"] {
        let document = Document::own(name, vec![7]).unwrap();
        let recording = run_of(Lesson::Read, None, &[], document);
        assert_eq!(recording.decrypted.as_deref(), Some(&[7_u8][..]), "{name}");
    }
}

#[test]
fn a_denial_says_whether_something_forbade_it() {
    let verdict = |change| {
        let recording = run(Lesson::Upload, Some(change));
        Call::of(&recording, failing(&recording).unwrap()).unwrap().decision.unwrap().verdict
    };
    assert_eq!((verdict(Change::AddDeny), verdict(Change::RevokeBob)), (Verdict::ExplicitDeny, Verdict::ImplicitDeny));
}
