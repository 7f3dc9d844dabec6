//! The Bytes tab: the bytes of a moment, field by field, from the structures' own `fields()`, and how to get the same bytes again.

mod derivation;
mod message;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use waxseal_base::codec::{Field, Part};
use waxseal_base::event::{Event, Kind, OperationResult, SecretName, SecretView};
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::act::{Act, ActKind};
use super::change::Change;
use super::people::Thing;
use super::recording::Recording;
use super::steps::{Depth, PUT_OBJECT, Step, StepKind};

/// A structure or a secret, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteView {
    /// What it is.
    pub title: String,
    /// One sentence about it.
    pub note: String,
    /// All its bytes.
    pub bytes: Rc<[u8]>,
    /// Its rows, in order. Joined, their ranges are all its bytes.
    pub rows: Vec<ByteRow>,
    /// How to get the same bytes again.
    pub derivation: Option<Derivation>,
}

/// A row of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByteRow {
    /// A field.
    Field(ByteField),
    /// What is not listed field by field.
    Gap {
        /// Its bytes.
        range: Range<usize>,
        /// What it is, such as `frames 3 to 1279`.
        label: String,
    },
}

/// A field of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteField {
    /// Where it is in the view's bytes.
    pub range: Range<usize>,
    /// Its name in the standard.
    pub label: String,
    /// What it means.
    pub note: String,
    /// What it belongs to, for its colour.
    pub look: Look,
    /// Its thing on the stage.
    pub thing: Option<Thing>,
}

/// The colour of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As its part of a message or blob.
    Part(Part),
    /// A secret: amber.
    Secret,
    /// Plaintext: paper.
    Plaintext,
}

/// Inputs and a command that gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// What it does, in one sentence.
    pub sentence: String,
    /// A command to paste into a terminal.
    pub command: String,
}

/// The bytes of a step. A step without bytes of its own shows those of the last one before it in its act that had some.
pub fn views(recording: &Recording, step: &Step, depth: Depth) -> Vec<ByteView> {
    let Some(act) = recording.act_of(step) else { return Vec::new() };
    let up_to = recording.steps(depth).iter().filter(|earlier| earlier.act == step.act && earlier.range.start <= step.range.start);
    let mut found =
        up_to.rev().map(|step| own_views(&Source { recording, act, step, depth })).find(|views| !views.is_empty()).unwrap_or_default();
    let mut titles = BTreeSet::new();
    // The newest bytes of a title are the ones that count, in the order in which the titles first appeared.
    found.reverse();
    found.retain(|view| titles.insert(view.title.clone()));
    found.reverse();
    found
}

fn own_views(source: &Source<'_>) -> Vec<ByteView> {
    let (recording, step) = (source.recording, source.step);
    let mut views: Vec<ByteView> = recording.events_of(step).iter().flat_map(|event| source.of_event(event)).collect();
    let frames = matches!(step.kind, StepKind::Encrypt | StepKind::Decrypt | StepKind::SealFrame | StepKind::OpenFrame);
    if frames || matches!(step.kind, StepKind::Verify) {
        views.extend(source.message(&sequences(recording.events_of(step))));
    }
    views
}

/// Where the bytes of a step come from.
struct Source<'a> {
    recording: &'a Recording,
    act: &'a Act,
    step: &'a Step,
    depth: Depth,
}

impl Source<'_> {
    /// Whether the encryption context is shown. The story does not speak of it unless a change is about it.
    fn shows_context(&self) -> bool {
        let is_about_it = matches!(self.recording.script.change, Some(Change::AlterContext | Change::SwapDataKey));
        self.depth == Depth::Detail || is_about_it
    }

    fn of_event(&self, event: &Event) -> Vec<ByteView> {
        // What the story folds into one step is shown piece by piece at detail depth.
        let is_folded = matches!(self.step.kind, StepKind::Encrypt | StepKind::Verify | StepKind::Decrypt);
        match &event.kind {
            Kind::OperationStarted { operation, .. } if operation == PUT_OBJECT => vec![self.document()],
            Kind::OperationFinished { operation, result: OperationResult::Succeeded { .. } } if operation == "decrypt" => {
                vec![self.document()]
            }
            Kind::MessageStored { .. } | Kind::MessageLoaded { .. } => self.message(&[]).into_iter().collect(),
            Kind::KmsRequestSent { operation, encryption_context, .. } if operation == "Decrypt" => {
                let context = self.shows_context().then(|| context_view(encryption_context)).flatten();
                self.sent_envelope().into_iter().chain(context).collect()
            }
            Kind::DataKeyGenerated { data_key, .. } => data_key_view(data_key).into_iter().collect(),
            Kind::DataKeyWrapped { data_key, encrypted_data_key, .. } | Kind::DataKeyUnwrapped { data_key, encrypted_data_key, .. } => {
                data_key_view(data_key).into_iter().chain([envelope_view(&encrypted_data_key.0)]).collect()
            }
            Kind::KmsResponseSent { result: OperationResult::Succeeded { .. }, .. } => self.answered(event),
            _ if is_folded => Vec::new(),
            Kind::KeyDerived { label, from, to, .. } => self.derived(label, from, to),
            Kind::CommitmentChecked { .. } | Kind::HeaderVerified { .. } | Kind::HeaderSealed { .. } => {
                self.header(event).into_iter().collect()
            }
            Kind::SecretWiped { identity, secret: SecretName::DataKey | SecretName::MessageKey } if self.is_about_wiping() => {
                vec![wiped_view(identity)]
            }
            _ => Vec::new(),
        }
    }

    fn is_about_wiping(&self) -> bool {
        matches!(self.step.kind, StepKind::WipeKey | StepKind::WipeDataKey | StepKind::KmsWipe)
    }

    fn document(&self) -> ByteView {
        let document = &self.recording.script.document;
        let is_back = self.act.kind != ActKind::Upload;
        let bytes = if is_back { self.recording.decrypted.clone() } else { None }.unwrap_or_else(|| document.bytes.clone());
        let note = if is_back { "What came out of decrypting." } else { "As Bob handed it over." };
        whole(&document.name, note, bytes, "plaintext", "the document, readable by whoever holds it", Look::Plaintext, Thing::Document)
    }

    /// The message that the act stores or reads, with the frames of these numbers listed.
    fn message(&self, frames: &[u32]) -> Option<ByteView> {
        let bytes = self.recording.messages.get(self.step.act)?.clone()?;
        message::view(bytes, frames, self.shows_context())
    }

    /// The encrypted data key that the act sends to the KMS.
    fn sent_envelope(&self) -> Option<ByteView> {
        let message = self.recording.messages.get(self.step.act)?.as_ref()?;
        let header = waxseal::message::Header::read_from(message).ok()?;
        header.encrypted_data_keys.first().map(|key| envelope_view(&key.ciphertext))
    }

    /// What an answer carries: the last data key that the KMS made or unwrapped before it, and for a new one its envelope.
    fn answered(&self, answer: &Event) -> Vec<ByteView> {
        let events = self.recording.events.get(self.act.range.clone()).unwrap_or_default();
        let before = events.iter().rev().filter(|event| event.span == answer.span && event.seq < answer.seq);
        let made = before.into_iter().find_map(|event| match &event.kind {
            Kind::DataKeyWrapped { data_key, encrypted_data_key, .. } => Some((data_key, Some(encrypted_data_key))),
            Kind::DataKeyUnwrapped { data_key, .. } => Some((data_key, None)),
            _ => None,
        });
        let Some((data_key, envelope)) = made else { return Vec::new() };
        data_key_view(data_key).into_iter().chain(envelope.map(|envelope| envelope_view(&envelope.0))).collect()
    }

    fn derived(&self, label: &str, from: &SecretView, to: &SecretView) -> Vec<ByteView> {
        let (Some(from), Some(revealed)) = (&from.revealed, &to.revealed) else { return Vec::new() };
        let message_id = self
            .recording
            .messages
            .get(self.step.act)
            .and_then(Option::as_ref)
            .and_then(|message| waxseal::message::Header::read_from(message).ok().map(|header| header.message_id));
        let derivation = message_id.map(|id| derivation::hkdf(label, &from.0, id.as_bytes()));
        let view = if label.starts_with("DERIVEKEY") {
            let note = "Derived from the data key and the message id. It encrypts this message and nothing else.";
            whole(
                "message key",
                note,
                Rc::from(&*revealed.0),
                "message key",
                "secret; wiped after the last frame",
                Look::Secret,
                Thing::MessageKey,
            )
        } else {
            let note = "Derived from the data key and the message id. It stands in the header, for everybody to see.";
            let look = Look::Part(Part::Commitment);
            whole("commitment", note, Rc::from(&*revealed.0), "commit key", "only this data key gives it", look, Thing::Commitment)
        };
        let source = whole("data key", "What it is derived from.", Rc::from(&*from.0), "data key", "secret", Look::Secret, Thing::DataKey);
        vec![source, ByteView { derivation, ..view }]
    }

    /// The header of an event that carries it, or of the act's message.
    fn header(&self, event: &Event) -> Option<ByteView> {
        let bytes: Rc<[u8]> = match &event.kind {
            Kind::HeaderSealed { header } | Kind::HeaderVerified { header } => Rc::from(&*header.0),
            _ => message::header_of(self.recording.messages.get(self.step.act)?.as_ref()?)?.into(),
        };
        let fields = waxseal::message::Header::fields(&bytes).ok()?;
        let rows = fields.into_iter().map(|field| ByteRow::Field(message::byte_field(field))).collect();
        let derivation = self.message_key(event).map(|key| derivation::header_tag(&key, &bytes));
        let note = "Everybody can read it. Its tag shows whether somebody changed it.";
        Some(ByteView { title: "header".into(), note: note.into(), bytes, rows, derivation })
    }

    /// The message key that was derived before an event.
    fn message_key(&self, before: &Event) -> Option<Vec<u8>> {
        let events = self.recording.events.get(self.act.range.clone())?;
        events.iter().rev().filter(|event| event.seq < before.seq).find_map(|event| match &event.kind {
            Kind::KeyDerived { label, to, .. } if label.starts_with("DERIVEKEY") => to.revealed.as_ref().map(|key| key.0.clone()),
            _ => None,
        })
    }
}

fn data_key_view(data_key: &SecretView) -> Option<ByteView> {
    let bytes = Rc::from(&*data_key.revealed.as_ref()?.0);
    let note = "Pure chance: no command gives these bytes again. In a real system nobody gets to see them.";
    Some(whole("plaintext data key", note, bytes, "data key", "drawn at random, for this one document", Look::Secret, Thing::DataKey))
}

fn wiped_view(identity: &SecretView) -> ByteView {
    let note = format!("The key with the fingerprint {} was here. Its bytes were overwritten.", identity.fingerprint);
    let bytes = vec![0; identity.len].into();
    whole("wiped key", &note, bytes, "zeros", "what is left in memory", Look::Secret, Thing::DataKey)
}

fn envelope_view(bytes: &[u8]) -> ByteView {
    let look = |part: Part| match part {
        Part::Ciphertext | Part::Tag => Look::Part(Part::EncryptedDataKey),
        other => Look::Part(other),
    };
    let rows = match waxseal_kms::blob::fields(bytes) {
        Ok(fields) => fields
            .into_iter()
            .map(|field| {
                let Field { range, label, note, part } = field;
                ByteRow::Field(ByteField { range, label, note, look: look(part), thing: Some(Thing::EncryptedDataKey) })
            })
            .collect(),
        Err(_) => Vec::new(),
    };
    let note = "Its layout is waxseal's own, since Amazon does not publish the one of its KMS. Only the KMS can open it.";
    ByteView { title: "encrypted data key".into(), note: note.into(), bytes: bytes.into(), rows, derivation: None }
}

fn context_view(context: &BTreeMap<String, String>) -> Option<ByteView> {
    let context: EncryptionContext = context.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let bytes = context.to_canonical_bytes().ok()?;
    let fields = EncryptionContext::fields(&bytes).ok()?;
    let rows = fields.into_iter().map(|field| ByteRow::Field(message::byte_field(field))).collect();
    let note = "Travels along in the clear: it is no secret. The envelope opens only together with the same context.";
    Some(ByteView { title: "encryption context".into(), note: note.into(), bytes: bytes.into(), rows, derivation: None })
}

/// A view of one field.
fn whole(title: &str, note: &str, bytes: Rc<[u8]>, label: &str, meaning: &str, look: Look, thing: Thing) -> ByteView {
    let field = ByteField { range: 0..bytes.len(), label: label.into(), note: meaning.into(), look, thing: Some(thing) };
    ByteView { title: title.into(), note: note.into(), bytes, rows: vec![ByteRow::Field(field)], derivation: None }
}

/// The numbers of the frames that events are about.
fn sequences(events: &[Event]) -> Vec<u32> {
    let number = |event: &Event| match event.kind {
        Kind::FrameSealed { sequence, .. } | Kind::FrameOpened { sequence, .. } => Some(sequence),
        _ => None,
    };
    let failed = events.iter().any(|event| matches!(event.kind, Kind::VerificationFailed { .. }));
    let last = events.iter().rev().find_map(number);
    let broken = failed.then(|| last.unwrap_or(0).saturating_add(1));
    [events.iter().find_map(number), last, broken].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
