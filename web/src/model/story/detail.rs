//! The words of the steps that only detail depth shows.

use waxseal_base::event::{FindingOutcome, Kind};

use super::kms::sentence;
use super::{Facts, Story, count};
use crate::model::steps::StepKind;

pub(super) fn story(facts: &Facts<'_>) -> Story {
    let worker = facts.worker();
    match facts.step.kind {
        StepKind::Identify => Story::new("The KMS sees who asks", "Every request carries a name that can be proved. Without one nothing is even looked at.")
            .tell("In this page the caller is known because it is part of the page. At AWS the request would carry a signature."),
        StepKind::ResolveKey => Story::new("The KMS finds the key", "A request names its key; an encrypted data key carries the name of the key that wrapped it."),
        StepKind::Statement => statement(facts),
        StepKind::Verdict => Story::new(
            "The verdict: allowed",
            facts.call.as_ref().and_then(|call| call.decision.as_ref()).map_or(String::new(), |decision| sentence(&decision.reason)),
        )
        .tell("No Deny matched, and something allows the request. Both are needed."),
        StepKind::KeyState => Story::new("The key is enabled", "Permission is about who asks. The state is about the key, and holds for everybody."),
        StepKind::DrawDataKey => Story::new("The KMS draws 32 random bytes", "They are the data key. The KMS key has no part in this."),
        StepKind::WrapDataKey => Story::new("The KMS wraps the data key", "AES-GCM with a key that is derived from the KMS key's material for this one envelope.")
            .tell("The envelope is also bound to the encryption context, which here is the name of the object. It opens only together with the same context.")
            .term("encryption context", "Names and values that are bound to a ciphertext without being in it. To decrypt, one has to give exactly the same."),
        StepKind::KmsWipe => Story::new("The KMS wipes its copy of the data key", "From here on it could not say what the data key was."),
        StepKind::Persist => Story::new("The KMS writes down what changed", "It does so before it answers, so that nothing it has acknowledged can get lost."),
        StepKind::Audit => Story::new("The KMS writes a line to its log", "Who asked, for which key, with which context, and when. Never a key, never data."),
        StepKind::DrawMessageId => Story::new(format!("{worker} draws a message id"), "32 random bytes that make this message unlike any other. They are no secret."),
        StepKind::DeriveMessageKey => Story::new("The message key is derived from the data key", "The data key itself encrypts nothing. What does is a key made of it for this one message.")
            .tell("HKDF takes the data key, the message id and a label, and gives 32 bytes. The same inputs always give the same key, so that the reader gets it too.")
            .term("key derivation", "Computing a key from another key, in a way that can be repeated but not reversed."),
        StepKind::DeriveCommitment => Story::new("A commitment is derived too", "It will stand in the header and say: this data key and no other.")
            .tell("Without it, a message could be built that opens to two different documents under two different keys. With it, a wrong key shows at once.")
            .term("key commitment", "A value in the message that only one data key fits."),
        StepKind::CompareCommitment => Story::new("The commitment is compared with the one in the header", "They are equal: this is the data key that the message was made with."),
        StepKind::WipeDataKey => Story::new("The data key is wiped; its message key goes on", "It is not needed any more, so it is not kept any longer."),
        StepKind::SealHeader => Story::new("The header is written and gets a tag", "Everybody can read the header. Nobody without the key can change it unnoticed."),
        StepKind::VerifyHeader => Story::new("The header fits its tag", "Not a bit of it was changed since it was written."),
        _ => frames(facts),
    }
}

fn statement(facts: &Facts<'_>) -> Story {
    let finding = facts.recording.events_of(facts.step).iter().find_map(|event| match &event.kind {
        Kind::StatementEvaluated { finding } => Some(finding),
        _ => None,
    });
    let Some(finding) = finding else { return Story::default() };
    let name = finding.name.clone().unwrap_or_else(|| format!("statement {}", finding.id.index.saturating_add(1)));
    let what = match finding.outcome {
        FindingOutcome::Allows => "It allows the request.",
        FindingOutcome::Denies => "It denies the request, and nothing overrules that.",
        FindingOutcome::Delegates => "It leaves the decision to the caller's account.",
        FindingOutcome::Permits => "It is only a limit, and leaves room for the request.",
        FindingOutcome::HasNoEffect => "It matches, but something else makes it count for nothing.",
        FindingOutcome::DoesNotMatch => "It is about something else, so it says nothing about this request.",
    };
    let matched = finding.elements.iter().filter(|element| element.matched).count();
    Story::new(format!("The KMS compares “{name}” with the request"), what).tell(format!(
        "{} of its {} elements match. A statement counts only if all of them do; the Why tab shows each.",
        count(matched),
        count(finding.elements.len())
    ))
}

fn frames(facts: &Facts<'_>) -> Story {
    let label = &facts.step.label;
    let several = label.starts_with("frames");
    let (done, why) = match facts.step.kind {
        StepKind::SealFrame => ("encrypted", "Paper becomes ciphertext of the same length, with a tag of 16 bytes behind it."),
        _ if several => ("decrypted", "Each tag fits, and each frame comes when it is its turn."),
        _ => ("decrypted", "Its tag fits, and it is the frame whose turn it is."),
    };
    let verb = if several { "are" } else { "is" };
    Story::new(sentence(&format!("{label} {verb} {done}")).trim_end_matches('.'), why)
        .tell("The frame's number goes into its nonce and into what the tag covers, so frames can not change places.")
}
