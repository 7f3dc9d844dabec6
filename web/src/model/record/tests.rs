use waxseal_base::time::Timestamp;

use super::*;
use crate::model::steps::Depth;

#[test]
fn dump() {
    for (lesson, change) in [(Lesson::Upload, None), (Lesson::Read, None), (Lesson::Read, Some(Change::AlterContext)), (Lesson::Read, Some(Change::SwapDataKey)),(Lesson::Read, Some(Change::FlipCiphertextByte)), (Lesson::Upload, Some(Change::GrantInstead)), (Lesson::Upload, Some(Change::AddDeny)), (Lesson::Read, Some(Change::RevokeBob))] {
        let script = Script { lesson, change, fixes: vec![], document: Document::built_in() };
        let recording = pollster::block_on(record(script, Env::danger_deterministic(Timestamp::from_millis(1_768_478_400_000), 1))).unwrap();
        println!("=== {lesson:?} {change:?}");
        for depth in [Depth::Story, Depth::Detail] {
            for step in recording.steps(depth) {
                let told = crate::model::story::story(&recording, step);
                println!("{:28} {:22} {} | {} | {}", step.id, step.label, if step.fails {"FAILS"} else {""}, told.say, told.why);
                if depth == Depth::Detail {
                for event in recording.events_of(step) { let k = serde_json::to_string(&event.kind).unwrap(); println!("      {:?} {} {}", event.by, event.span.id, &k[..k.len().min(150)]); }
                }
            }
        }
        println!("{:?}\n{:?}", recording.holders_before, recording.holders);
    }
}
