//! The words of what happens to the document: on its way, in the store, on the disk.

use super::{Facts, Story, count};
use crate::model::act::ActKind;
use crate::model::lesson::Lesson;
use crate::model::people::Person;
use crate::model::steps::StepKind;

pub(super) fn story(facts: &Facts<'_>) -> Story {
    match facts.step.kind {
        StepKind::Change => change(facts),
        StepKind::Upload => upload(facts),
        StepKind::AskDocument => ask(facts),
        StepKind::TakeDisk => take_disk(facts),
        StepKind::TryAlone => try_alone(facts),
        StepKind::Load => load(facts),
        StepKind::Encrypt => encrypt(facts),
        StepKind::Verify => verify(facts),
        StepKind::Decrypt => decrypt(facts),
        StepKind::WipeKey => wipe(facts),
        StepKind::StoreBoth => store_both(facts),
        _ => deliver(facts),
    }
}

fn change(facts: &Facts<'_>) -> Story {
    let script = &facts.recording.script;
    let say = match (script.change, script.fixes.last()) {
        (_, Some(fix)) => fix.sentence(),
        (Some(change), None) => change.sentence().into(),
        (None, None) => "Nothing was changed.".into(),
    };
    let mut story = Story::new(
        say.split(':').next().unwrap_or_default().trim_end_matches('.'),
        "Everything after this is run again, for real, in the changed world.",
    );
    if let Some(change) = script.change
        && change.sentence() != format!("{}.", story.say)
    {
        story = story.tell(change.sentence());
    }
    for fix in &script.fixes {
        story = story.tell(format!("Then: {}", fix.sentence()));
    }
    story.tell("What the rest of this run shows was not prepared: the store and the KMS of this page work with the world as it is now, and stop where they notice.")
}

fn upload(facts: &Facts<'_>) -> Story {
    let document = facts.document();
    let why = "He wants it kept encrypted, and he says which KMS key shall protect it: the one called documents.";
    Story::new(format!("{} hands {} to the object store", facts.name(), document.name), why)
        .tell(format!(
            "The document has {} bytes, and all of them can be read. The store will not write them to its disk like that.",
            count(document.len())
        ))
        .tell("The key that Bob chose is kept by a key management service, a KMS, which never gives it out. So how can the store encrypt anything with it? That is what the next steps are about.")
        .tell("This store is a small one that lives in this page. It keeps documents as waxseal does, in the message format of the AWS Encryption SDK, because Amazon does not publish the format in which S3 keeps them.")
        .term("KMS key", "A key that stays inside the key management service. Others can ask the service to use it; nobody can take it out.")
        .today("CMK, customer master key", "KMS key. It is the same thing under a newer name.")
}

fn ask(facts: &Facts<'_>) -> Story {
    let name = facts.name();
    let say = format!("{name} asks the store for {}", facts.document().name);
    match facts.act.kind {
        ActKind::Colleague => Story::new(say, "The bucket lets her read every object in it. Is that enough?")
            .tell("Alice is a colleague of Bob's, in the same account. Somebody gave her permission to read the bucket. Nobody gave her permission to use the key."),
        ActKind::ClientSide => Story::new(say, "This time Bob's own machine encrypted it before the upload. The store has never seen the plaintext.")
            .tell("Encrypting before the upload is called client-side encryption. What the store did in the first act, Bob's machine does here.")
            .term("client-side encryption", "Encrypting on one's own machine, so that whoever stores the data only ever sees ciphertext."),
        _ => Story::new(say, "He sends no key, for he has none. What he has is permission.")
            .tell("Nobody kept the plaintext data key: it was wiped after the upload. What is left is its encrypted copy, beside the ciphertext."),
    }
}

fn take_disk(facts: &Facts<'_>) -> Story {
    let name = facts.name();
    Story::new(
        format!("{name} copies the whole disk"),
        "She did not ask the store. She has every byte of the message: the ciphertext, and the encrypted data key beside it.",
    )
    .tell("Stolen disks, lost backups, a bucket left open by mistake: encryption at rest is made for days like this.")
    .tell(format!("{name} is nobody in this account. She has an account of her own, as anybody can."))
    .term("encryption at rest", "Data is encrypted where it is kept, so that having the disk is not having the data.")
}

fn try_alone(facts: &Facts<'_>) -> Story {
    Story::new(
        format!("{} tries it without the KMS", facts.name()),
        "Every byte is there except one thing: a key that opens the envelope. Hers does not.",
    )
    .tell("The message says in the clear which KMS key wrapped its data key. That is no secret, and it does not help: the KMS key itself is not on the disk, and never was.")
    .tell("She could guess. The data key is 32 random bytes, and no guess is likelier than another: there are more possible keys than there are atoms in our galaxy.")
}

fn load(facts: &Facts<'_>) -> Story {
    match facts.act.kind {
        ActKind::ClientSide => Story::new(
            "The store hands out the message as it is",
            "There is nothing that the store could decrypt: it has neither the key nor a part in this.",
        )
        .tell("The store may check whether Bob may read the object. What is in the object is none of its business any more."),
        _ => Story::new(
            "The store reads both from its disk",
            "Ciphertext and encrypted data key were kept together, so nothing has to be looked up anywhere else.",
        )
        .tell("The store can not read the document either: it has the envelope, and not the key that opens it."),
    }
}

fn encrypt(facts: &Facts<'_>) -> Story {
    let recording = facts.recording;
    let frames = recording.frames_total();
    let pieces = match frames {
        1 => "It fits into one frame, which is encrypted and gets a tag.".to_owned(),
        _ => format!(
            "It is cut into {} frames of {} bytes, the last one shorter, and each is encrypted and gets a tag.",
            count(frames as usize),
            count(recording.frame_length as usize)
        ),
    };
    Story::new(
        format!("{} encrypts the document with the data key", facts.worker()),
        "This happens right here, as fast as the processor can. The KMS is not asked again, however large the document is.",
    )
    .tell(pieces)
    .tell("A tag belongs to exactly these bytes under exactly this key. If one bit of a frame is changed later, its tag no longer fits.")
    .tell("In front of the frames goes a header. The encrypted data key is in it, so whoever has the message has the envelope too.")
    .term("message", "What is stored in the end: a header with the encrypted data key, then the frames of ciphertext.")
}

fn verify(facts: &Facts<'_>) -> Story {
    Story::new(
        format!("{} checks the message before it decrypts anything", facts.worker()),
        "Is this the data key that the message was made with? Is its header still as it was written?",
    )
    .tell("Both questions have an answer that can be computed. The header carries a value that only the right data key gives, and a tag that only the unaltered header fits.")
    .tell("If either were wrong, this would end here, without one byte of plaintext.")
}

fn decrypt(facts: &Facts<'_>) -> Story {
    let counted = match facts.recording.frames_total() {
        1 => "One frame, one tag.".to_owned(),
        frames => format!("{0} frames, {0} tags.", count(frames as usize)),
    };
    Story::new(
        format!("{} decrypts the document, frame by frame", facts.worker()),
        "Each frame's tag is checked, and its place in the order. Nothing is handed out until all of them are right.",
    )
    .tell(format!("{counted} A frame that is missing, altered or in another place would be noticed."))
    .tell("What comes out here is the same document that went in, or nothing at all.")
}

fn wipe(facts: &Facts<'_>) -> Story {
    let worker = facts.worker();
    if facts
        .recording
        .failing_step(facts.step.act, super::super::steps::Depth::Story)
        .is_some_and(|failing| failing.range.end <= facts.step.range.start)
    {
        return Story::new(
            "The plaintext data key is wiped all the same",
            "A run that fails holds on to a key no longer than one that succeeds.",
        )
        .tell("Forgetting keys only when all goes well would leave them behind exactly when something is wrong.");
    }
    let story = Story::new(
        "The plaintext data key is wiped",
        format!("{worker} overwrites it with zeros. From here on only the KMS can make the document readable, for those who may."),
    )
    .tell("A key that is not there can not be stolen. Wiping means more than forgetting: the bytes in memory are overwritten.");
    match facts.recording.script.lesson {
        Lesson::Upload => story
            .tell("What remains is the encrypted data key. Whoever wants to read the document has to bring it to the KMS and be allowed to have it opened.")
            .today("the plaintext data is deleted", "The plaintext data key is wiped. What happens to the document in the clear is up to its owner."),
        Lesson::Read => story.tell("The next reader has to ask the KMS again, and the KMS decides again."),
    }
}

fn store_both(facts: &Facts<'_>) -> Story {
    let len = facts.recording.message.as_ref().map_or(0, |message| message.len());
    Story::new(
        "Ciphertext and encrypted data key go to the disk together",
        "The document's key lies right beside it, and that is safe: the envelope opens only inside the KMS.",
    )
    .tell(format!("The disk now holds {} bytes, and nothing that can be read: no plaintext, no plaintext data key, no KMS key.", count(len)))
    .tell("For ten thousand documents there would be ten thousand data keys, each beside its document, and still only one KMS key to look after.")
    .term("envelope encryption", "Encrypt the data with a data key of its own; wrap that data key with a KMS key; keep the two results together.")
}

fn deliver(facts: &Facts<'_>) -> Story {
    let (name, len) = (facts.name(), count(facts.document().len()));
    let same = facts.recording.decrypted.as_deref() == Some(&*facts.document().bytes);
    let exact = if same { format!("All {len} bytes are the same as before the upload.") } else { format!("It has {len} bytes.") };
    match (facts.act.kind, facts.person()) {
        (ActKind::ClientSide, _) => Story::new(format!("{name} has the document, and the store never saw it"), exact)
            .tell("In the first act the store held the plaintext for a moment, and one had to trust it with that. Here the only machine that ever saw it is Bob's.")
            .tell("The price: Bob's machine has to do the work, and the store can not search, preview or convert what it keeps."),
        (_, Person::Bob) => Story::new(format!("{name} has his document again"), exact)
            .tell("The store gave the plaintext to Bob and keeps nothing of it. On the disk all is as it was.")
            .tell("Bob never held a key. He had a permission, and the KMS acted on it."),
        (ActKind::Thief, _) => Story::new("Eve has the document, because the KMS allowed it", exact)
            .tell("The disk alone gave her nothing. Somebody had to allow her to use the key, and in this run somebody did."),
        _ => Story::new(format!("{name} has the document"), exact)
            .tell(format!("Now that the KMS allows {name} to use the key, reading works the same way as for Bob.")),
    }
}
