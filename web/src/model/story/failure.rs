//! The words of a step in which a check fails, and of what follows. Where it failed is read from the trace. What it has to do with the
//! change, this page may say because it knows what was changed; the caution says that a real system must not.

use waxseal_base::event::{Kind, OperationResult, Verdict, Verified};

use super::kms::sentence;
use super::{Facts, Story};
use crate::model::act::ActKind;
use crate::model::change::Change;
use crate::model::steps::{Depth, StepKind};
use crate::model::world::brief;

/// The step in which it stops.
pub(super) fn story(facts: &Facts<'_>) -> Story {
    match facts.step.kind {
        StepKind::CheckPermission | StepKind::Verdict | StepKind::KeyState | StepKind::Identify | StepKind::ResolveKey => refused(facts),
        StepKind::UnwrapDataKey => envelope(facts),
        StepKind::Verify | StepKind::CompareCommitment | StepKind::VerifyHeader => message(facts),
        _ => frame(facts),
    }
}

fn refused(facts: &Facts<'_>) -> Story {
    let name = facts.name();
    let Some(call) = &facts.call else { return Story::new("The KMS refuses", "") };
    if let Some((state, false)) = &call.key_state {
        return Story::new(
            format!("The key is {}: the KMS refuses", state.to_lowercase()),
            format!("{name} is still allowed to use it. But a key in this state does nothing for anybody."),
        )
        .tell("The KMS looked at the policy first: allowed. Then it looked at the key's state, and stopped.")
        .tell("Disabling is the quick way to stop every use of a key at once, and it can be undone: the key is still there.")
        .term("key state", "Whether a KMS key may be used at the moment: enabled, disabled, and some more.");
    }
    let Some(decision) = &call.decision else { return Story::new("The KMS refuses", "") };
    let reason = sentence(brief(&decision.reason));
    match decision.verdict {
        Verdict::ExplicitDeny => Story::new(
            format!("Denied: a statement forbids {name} to use the key"),
            "A Deny that matches always wins, whatever else allows the request.",
        )
        .tell(reason)
        .tell("The statement that allows Bob is still there, and it matches. It does not count: the KMS looks for a Deny first.")
        .term("explicit deny", "A statement with the effect Deny that matches the request. Nothing overrules it."),
        _ if facts.act.kind == ActKind::Colleague => Story::new(
            "Denied: nothing allows Alice to use the key",
            "May read the bucket and may use the key are two permissions. She has one of them, and one is not enough.",
        )
        .tell(reason)
        .tell("That is the point of it. Whoever looks after the bucket and whoever looks after the key can be different people, and a mistake of one of them does not yet open the document."),
        _ if facts.act.kind == ActKind::Thief => Story::new(
            "Denied: nothing allows Eve to use the key",
            "What protects the document is not on the disk that she has. It is in the KMS, and the KMS does not act for her.",
        )
        .tell(reason)
        .tell("What she took is worth nothing without one short answer from the KMS, and the KMS does not give it."),
        _ => Story::new(
            format!("Denied: nothing allows {name} to use the key"),
            "Nothing has to forbid it. Where no statement and no grant allows a request, the answer is no.",
        )
        .tell(reason)
        .term("implicit deny", "No statement or grant allows the request, so it is denied."),
    }
}

fn envelope(facts: &Facts<'_>) -> Story {
    let story = Story::new("The envelope does not open", "What the KMS was given is not what it once sealed.");
    match facts.recording.script.change {
        Some(Change::AlterContext) => story
            .tell("When the KMS wrapped the data key, it was told the name of the document, and bound the envelope to it. The name came along again just now, and it was another one.")
            .tell("Such a note is called the encryption context. It is no secret. It is compared by the mathematics of the cipher: with another context, the envelope does not decrypt.")
            .term("encryption context", "Names and values that are bound to a ciphertext without being in it. To decrypt, one has to give exactly the same.")
            .caution(MUST_NOT_TELL),
        Some(Change::SwapDataKey) => story
            .tell("This envelope is genuine, the KMS did seal it. But it was sealed for another document, and bound to that document's name. The name that came along is this one's.")
            .tell("Such a note is called the encryption context. With another context, the envelope does not decrypt.")
            .term("encryption context", "Names and values that are bound to a ciphertext without being in it. To decrypt, one has to give exactly the same.")
            .caution(MUST_NOT_TELL),
        _ => story.caution(MUST_NOT_TELL),
    }
}

fn message(facts: &Facts<'_>) -> Story {
    let what = facts.recording.events_of(facts.step).iter().find_map(|event| match event.kind {
        Kind::VerificationFailed { what } => Some(what),
        _ => None,
    });
    match what {
        Some(Verified::Commitment) => Story::new(
            "The data key is not the one this message was made with",
            "It is a good key, for another document. The header says which key belongs here, and this is not it.",
        )
        .tell("The header carries a value that follows from the right data key and from no other. It is computed again and compared.")
        .caution(MUST_NOT_TELL),
        _ => Story::new("The header does not fit its tag", "Somebody altered it after it was written.")
            .tell("The tag covers every byte of the header. With the right key it is computed again and compared, and it differs.")
            .caution(MUST_NOT_TELL),
    }
}

fn frame(facts: &Facts<'_>) -> Story {
    let broken = facts.recording.stage_after(facts.step).and_then(|stage| stage.frames.broken);
    let which = broken.map_or("A frame".into(), |number| format!("Frame {number}"));
    let mut story = Story::new(
        format!("{which} does not fit its tag"),
        "One bit is enough. The whole document is refused, not this frame alone.",
    )
    .tell("The tag was made of every bit of the frame, under the data key. Who does not have that key can change the frame, but not make the tag that fits.")
    .tell("Frames before this one were in order. They are not handed out either: half a document would be one that nobody wrote.");
    if facts.recording.script.change == Some(Change::FlipCiphertextByte) {
        story =
            story.tell("The KMS had no part in this. It opened the envelope as always; that the ciphertext is altered shows only here.");
    }
    story.caution(MUST_NOT_TELL)
}

/// The steps after it.
pub(super) fn aftermath(facts: &Facts<'_>) -> Story {
    match facts.step.kind {
        StepKind::Refuse => refusal(facts),
        _ => stop(facts),
    }
}

fn refusal(facts: &Facts<'_>) -> Story {
    let fault = facts.call.as_ref().and_then(|call| call.fault()).unwrap_or("a refusal");
    let message = facts.call.as_ref().and_then(|call| match &call.result {
        Some(OperationResult::Failed { message, .. }) if !message.is_empty() => Some(message.clone()),
        _ => None,
    });
    let mut story =
        Story::new(format!("The KMS answers {fault}"), "No key left the KMS. The refusal is written to the log, like every other call.");
    if fault == "InvalidCiphertextException" {
        story = story
            .tell("That is all the KMS says: the ciphertext is not valid. It does not say whether the envelope, the key or the context was wrong, so that nobody can find out by trying.");
    } else if let Some(message) = message {
        story = story.tell(format!("In its own words: {message}"));
    }
    story.tell("A refusal in the log is worth a look. One may be a mistake; many are somebody trying doors.")
}

fn stop(facts: &Facts<'_>) -> Story {
    let name = facts.name();
    let failed_in = facts.recording.failing_step(facts.step.act, Depth::Story).map(|step| step.kind);
    let tampered = matches!(failed_in, Some(StepKind::UnwrapDataKey | StepKind::Verify | StepKind::Decrypt));
    let story = match facts.act.kind {
        ActKind::Upload => Story::new("Nothing was stored", "Without a data key the store can not encrypt, and it does not store what is not encrypted.")
            .tell("Refusing is the right thing to do here. A store that saved the document in the clear, just this once, would break the promise that it made."),
        ActKind::Thief => Story::new(format!("{name} has a disk, and no document"), "She has every byte and can read none of them.")
            .tell("Nobody has to get the copy back from her. It is of no more use tomorrow than today, as long as nobody allows her to use the key."),
        ActKind::Colleague => Story::new("Alice gets nothing from the store", "The bucket let her in. The key did not.")
            .tell("The store had the ciphertext in its hands all the time. It could not read it for Alice, because it could not read it itself."),
        _ if tampered => Story::new(format!("{name} gets an error, and no part of the document"), "A document that was tampered with is not a document.")
            .tell("A copy of the message that nobody touched would still open."),
        _ => Story::new(format!("{name} gets an error instead of his document"), "The document is still there, sealed as before. It opens again once the KMS says yes.")
            .tell("Nothing was lost, and nothing had to be encrypted again. Permission changed, not the data."),
    };
    let public = facts.recording.events_of(facts.step).iter().find_map(|event| match &event.kind {
        Kind::OperationFinished { result: OperationResult::Failed { code, message }, .. } => {
            Some(format!("What a program sees is this: {code}: {message}"))
        }
        _ => None,
    });
    match public {
        Some(public) => story.tell(public),
        None => story,
    }
}

const MUST_NOT_TELL: &str = "This page tells you what went wrong because it did the tampering itself and has nothing to protect. A real system must not tell: \
whoever learns why decryption failed can use the answers to find out, try by try, what they should not know.";
