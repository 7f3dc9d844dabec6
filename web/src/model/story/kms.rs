//! The words of what happens on the way to the KMS, inside it and on the way back, as long as it goes well.

use waxseal_base::event::Source;

use super::{Facts, Story, count};
use crate::model::act::ActKind;
use crate::model::steps::StepKind;

pub(super) fn story(facts: &Facts<'_>) -> Story {
    match facts.step.kind {
        StepKind::AskDataKey => ask_data_key(facts),
        StepKind::SendDataKey => send_data_key(facts),
        StepKind::CheckPermission => check(facts),
        StepKind::MakeDataKey => make(),
        StepKind::UnwrapDataKey => unwrap(),
        StepKind::ReturnBoth => return_both(facts),
        _ => return_data_key(facts),
    }
}

fn ask_data_key(facts: &Facts<'_>) -> Story {
    let len = facts.document().len();
    let limit = match len {
        0..=4096 => format!("One with {} bytes would do, but the KMS encrypts at most 4,096 bytes at a time.", count(len)),
        _ => format!("The KMS encrypts at most 4,096 bytes at a time, and this document has {}.", count(len)),
    };
    Story::new(
        format!("{} asks the KMS for a data key", facts.worker()),
        "The document stays where it is. Only a small request travels: which KMS key, and on whose behalf.",
    )
    .tell("The request is called GenerateDataKey: make a new key for one document, under the KMS key documents. The store asks with Bob's permission, not with its own.")
    .tell(format!("Why not send the document itself? {limit} And every byte would have to travel there and back."))
    .term("data key", "The key that encrypts the data itself. Every document gets a fresh one.")
    .today("DEK, data encryption key", "Both are said; AWS writes data key.")
}

fn send_data_key(facts: &Facts<'_>) -> Story {
    let worker = facts.worker();
    match facts.act.kind {
        ActKind::Thief => Story::new(
            format!("{worker} sends the encrypted data key to the KMS"),
            "Anybody may ask. What counts is the answer.",
        )
        .tell("The KMS key that wrapped the data key is named in the envelope, so she knows whom to ask. She asks under her own name; she has no other."),
        ActKind::Colleague => Story::new(
            "The store sends the encrypted data key, on Alice's behalf",
            "The store asks with the permission of whoever asked it. It does not lend Alice Bob's.",
        )
        .tell("If the store used a permission of its own here, everybody who gets past the bucket would read everything."),
        _ => Story::new(
            format!("{worker} sends the encrypted data key to the KMS"),
            "Only the envelope travels. The ciphertext stays where it is, and the KMS never sees the document.",
        )
        .tell("The request is called Decrypt. It is the data key that gets decrypted, not the document."),
    }
}

fn check(facts: &Facts<'_>) -> Story {
    let name = facts.name();
    let mut story = Story::new(
        format!("The KMS checks whether {name} may use the key"),
        "This comes before anything else. The KMS key does nothing for a request that is not allowed.",
    )
    .tell(match facts.act.kind {
        ActKind::ClientSide | ActKind::Thief => format!("The KMS knows who asks: {name}, and nobody in between."),
        _ => format!("The KMS knows who asks: {name}, through the store. Then it reads the key's own policy, statement by statement."),
    });
    let decision = facts.call.as_ref().and_then(|call| call.decision.as_ref());
    if let Some(decision) = decision {
        story = story.tell(format!("The verdict: allowed. {}", sentence(&decision.reason)));
        if decision.decided_by.as_ref().is_some_and(|id| id.source == Source::Grant) {
            story = story
                .tell(format!("No statement of the policy lets {name} in any more. A grant does: it was given without touching the policy, and can be taken back the same way."))
                .term("grant", "Permission for one principal to use one key for certain operations, kept beside the key and not in its policy.");
            return story.today("grants eliminate policy replacement", "They make it unnecessary to let others replace the key's policy.");
        }
    }
    story
        .tell("Last it looks at the key itself: it is enabled, so it may be used.")
        .term("key policy", "The document that belongs to a KMS key and says who may do what with it.")
}

fn make() -> Story {
    Story::new(
        "The KMS draws a data key at random and wraps it",
        "The data key is not made from the KMS key. It is pure chance; the KMS key only seals the envelope around it.",
    )
    .tell("First the dice: 32 random bytes. They are the plaintext data key, and for a moment they exist nowhere but here.")
    .tell("Then the KMS encrypts these 32 bytes with the KMS key. What comes out is the encrypted data key, an envelope that only this KMS key opens.")
    .tell("At AWS this happens in hardware built to keep keys in. Here it happens in this page, so that you can watch.")
    .term("wrap", "To encrypt a key with another key. Unwrapping is the way back.")
    .today("the CMK creates the data key", "The data key is drawn at random, then wrapped by the KMS key.")
}

fn unwrap() -> Story {
    Story::new(
        "The KMS opens the envelope, inside its boundary",
        "The KMS key never comes out, so the envelope has to come in.",
    )
    .tell("The envelope names the KMS key that sealed it. That key decrypts it, and 32 bytes appear: the very data key that was drawn when the document was uploaded.")
    .tell("The KMS had not kept it. It could only get it back because somebody brought the envelope.")
}

fn return_both(facts: &Facts<'_>) -> Story {
    Story::new(
        "The KMS returns the data key twice",
        "Once in the clear, to be used now. Once in its envelope, to be kept. The KMS keeps neither.",
    )
    .tell(format!(
        "{} now holds a plaintext data key and an encrypted data key. They are the same key: one lies open, one is sealed.",
        facts.worker()
    ))
    .tell("The KMS has wiped its own copy. All it keeps is a line in its log: who asked, for which key, and when.")
    .term("plaintext and encrypted data key", "One data key in two forms: the open one is used and then wiped, the sealed one is stored.")
}

fn return_data_key(facts: &Facts<'_>) -> Story {
    Story::new(
        "The plaintext data key travels back",
        "It opens this one document and no other. The KMS key stays where it is.",
    )
    .tell(format!("{} has to keep it only as long as the work takes.", facts.worker()))
    .tell("The KMS has written down who had which key used, and when. Reading such a log is how one finds out about a use that should not have been.")
}

/// A reason as a sentence of its own.
pub(super) fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let end = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
