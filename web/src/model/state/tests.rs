use super::*;
use crate::model::change::{Change, Fix};
use crate::model::record::tests::run_of;
use crate::model::steps::StepKind;

fn recorded(state: &State) -> State {
    let script = state.wanted().cloned().unwrap();
    let recording = run_of(script.lesson, script.change, &script.fixes, script.document);
    state.reduce(&Action::Recorded(Rc::new(recording)))
}

fn first_visit() -> State {
    recorded(&State::new(None))
}

fn kind(state: &State) -> StepKind {
    state.step().unwrap().kind
}

fn play(state: State, most: usize) -> State {
    (0..most).fold(state.reduce(&Action::TogglePlay), |state, _| state.reduce(&Action::Tick))
}

#[test]
fn a_first_visit_begins_lesson_three_and_waits() {
    let state = State::new(None);
    assert_eq!(state.wanted().map(|script| (script.lesson, script.change)), Some((Lesson::Upload, None)));
    assert_eq!((state.step(), state.stage()), (None, None));
    let state = recorded(&state);
    assert_eq!((state.cursor, state.playing, kind(&state)), (0, false, StepKind::Upload));
    assert_eq!(state.wanted(), None);
}

#[test]
fn a_prediction_holds_the_run_until_it_is_answered() {
    let state = first_visit();
    assert!(state.pending_prediction().is_some());
    assert_eq!(play(state.clone(), 3).cursor, 0, "play");
    assert_eq!(state.reduce(&Action::Next).cursor, 0, "next");
    let nonsense = state.reduce(&Action::Answer("no such option"));
    assert_eq!(nonsense.answers.values().copied().collect::<Vec<_>>(), [None], "counts as no answer");
    let answered = state.reduce(&Action::Answer("whole"));
    assert_eq!(answered.answers.get("does-the-file-reach-the-kms"), Some(&Some("whole")));
    assert!(answered.pending_prediction().is_none() && answered.prediction_here().is_some());
    assert_eq!(answered.reduce(&Action::Answer("neither")).answers, answered.answers, "the first answer stands");
    assert_eq!(answered.reduce(&Action::Next).cursor, 1);
    assert_eq!(state.reduce(&Action::SkipPrediction).reduce(&Action::Next).cursor, 1);
}

#[test]
fn playing_ends_at_the_end_and_begins_again_from_the_beginning() {
    let state = play(first_visit().reduce(&Action::SkipPrediction), 100);
    assert_eq!((state.cursor, state.playing), (state.steps().len() - 1, false));
    assert_eq!(state.completed, [Lesson::Upload]);
    let again = state.reduce(&Action::TogglePlay);
    assert_eq!((again.cursor, again.playing), (0, true));
    assert!(!again.reduce(&Action::TogglePlay).playing);
}

#[test]
fn playing_stops_at_the_next_prediction() {
    let state = recorded(&first_visit().reduce(&Action::OpenLesson(Lesson::Read)));
    let state = play(state, 100);
    assert!(!state.playing && state.pending_prediction().is_some());
    assert_eq!(kind(&state), StepKind::AskDocument);
    assert_eq!(state.step().map(|step| step.act), Some(2));
}

#[test]
fn stepping_back_really_goes_back() {
    let start = first_visit().reduce(&Action::SkipPrediction);
    let mut stages = Vec::new();
    let mut state = start.clone();
    for _ in 1..state.steps().len() {
        stages.push(state.stage());
        state = state.reduce(&Action::Next);
    }
    for stage in stages.iter().rev() {
        state = state.reduce(&Action::Back);
        assert_eq!(state.stage(), *stage);
    }
    assert_eq!(state.reduce(&Action::Back).cursor, 0, "no further");
    let end = state.reduce(&Action::Last);
    assert_eq!((end.cursor, end.reduce(&Action::First).cursor), (end.steps().len() - 1, 0));
    assert_eq!(end.reduce(&Action::Seek(1000)).cursor, end.cursor);
}

#[test]
fn another_depth_shows_the_same_moment() {
    let state = first_visit();
    for step in 0..state.steps().len() {
        let story = state.reduce(&Action::Seek(step));
        let detail = story.reduce(&Action::SetDepth(Depth::Detail));
        assert_eq!(detail.stage(), story.stage(), "step {step}");
        assert_eq!(detail.reduce(&Action::SetDepth(Depth::Story)).cursor, step);
    }
}

#[test]
fn a_change_runs_again_and_plays_and_can_be_taken_back() {
    let state = first_visit().reduce(&Action::Change(Some(Change::DisableKey)));
    assert!(state.wanted().is_some() && state.recording.is_some(), "the old recording stays until the new one is there");
    let state = recorded(&state);
    assert_eq!((kind(&state), state.playing), (StepKind::Change, true));
    let state = play(state.reduce(&Action::TogglePlay), 100);
    assert_eq!(kind(&state), StepKind::Stop);
    assert!(state.completed.is_empty(), "a changed run is not the lesson");
    let mended = recorded(&state.reduce(&Action::Mend(Fix::EnableKey)));
    assert_eq!(kind(&mended.reduce(&Action::Last)), StepKind::StoreBoth);
    let back = mended.reduce(&Action::Change(None));
    assert_eq!(back.wanted().map(|script| (script.change, script.fixes.len())), Some((None, 0)));
}

#[test]
fn a_change_that_a_lesson_does_not_offer_is_none() {
    let state = first_visit().reduce(&Action::Change(Some(Change::FlipCiphertextByte)));
    assert_eq!(state.script.change, None);
    assert_eq!(state.wanted(), None, "the recording on the screen is already of it");
}

#[test]
fn a_recording_that_is_no_longer_wanted_is_left_aside() {
    let old = State::new(None);
    let script = old.wanted().cloned().unwrap();
    let recording = Rc::new(run_of(script.lesson, None, &[], script.document.clone()));
    let state = old.reduce(&Action::OpenLesson(Lesson::Read)).reduce(&Action::Recorded(recording));
    assert!(state.recording.is_none() && state.wanted().is_some());
    let state = state.reduce(&Action::RecordingFailed(script, "no".into()));
    assert_eq!(state.error, None);
    let script = state.script.clone();
    let state = state.reduce(&Action::RecordingFailed(script, "no".into()));
    assert_eq!((state.error.as_deref(), state.wanted()), (Some("no"), None));
    assert!(state.reduce(&Action::OpenLesson(Lesson::Upload)).wanted().is_some(), "another try is possible");
}

#[test]
fn a_link_opens_its_step_and_tab_and_a_state_gives_its_link() {
    let link = Link::parse("#/learn/4?step=12&tab=why").unwrap();
    let state = State::new(Some(link));
    assert_eq!(state.link(), link, "also while the recording is made");
    let state = recorded(&state);
    assert_eq!((state.cursor, state.tab, state.script.lesson), (11, Tab::Why, Lesson::Read));
    assert_eq!(state.link(), link);
    let far = recorded(&State::new(Link::parse("#/learn/3?step=99")));
    assert_eq!(far.cursor, far.steps().len() - 1);
}

#[test]
fn a_document_stays_from_lesson_to_lesson() {
    let document = Document::own("mine.txt", b"mine".to_vec()).unwrap();
    let state = recorded(&first_visit().reduce(&Action::TakeDocument(document.clone())));
    assert_eq!(state.recording.as_ref().map(|recording| recording.script.document.clone()), Some(document.clone()));
    let state = recorded(&state.reduce(&Action::OpenLesson(Lesson::Read)));
    assert_eq!(state.recording.unwrap().decrypted.as_deref(), Some(&b"mine"[..]));
}
