//! From a trace to the steps on the deck: a pure grouping of consecutive events, the same for every operation. No lesson scripts its own.

use std::ops::Range;

use waxseal_base::event::{Actor, Event, Kind, OperationResult, SecretName, Source, Verified};

use super::act::{Act, ActKind};

/// A named group of consecutive events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Unique in the recording: act, kind and a count, such as `0-check-permission` or `0-frame-2`.
    pub id: String,
    /// A few words for the deck.
    pub label: String,
    /// What happens in it.
    pub kind: StepKind,
    /// Its events.
    pub range: Range<usize>,
    /// Which act of the recording it belongs to.
    pub act: usize,
    /// Whether a check fails in it.
    pub fails: bool,
}

/// How finely a trace is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Depth {
    /// As one would tell it: derivation and commitment are part of encrypting.
    #[default]
    Story,
    /// As it is done.
    Detail,
}

/// What happens in a step. The first group is told at story depth; the second replaces parts of it at detail depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// Something was changed before the run.
    Change,
    /// A person hands a document to the store.
    Upload,
    /// A person asks the store for a document.
    AskDocument,
    /// Somebody copies the disk, past the store.
    TakeDisk,
    /// Somebody without a KMS tries to open a message.
    TryAlone,
    /// The store reads the message from the disk.
    Load,
    /// A request for a new data key travels to the KMS.
    AskDataKey,
    /// An encrypted data key travels to the KMS.
    SendDataKey,
    /// The KMS checks who asks, and whether they may.
    CheckPermission,
    /// The KMS draws a data key and wraps it.
    MakeDataKey,
    /// The KMS unwraps a data key.
    UnwrapDataKey,
    /// The KMS answers with a data key twice.
    ReturnBoth,
    /// The KMS answers with the plaintext data key.
    ReturnDataKey,
    /// The KMS answers with a refusal.
    Refuse,
    /// The document is encrypted.
    Encrypt,
    /// The message is checked before anything of it is decrypted.
    Verify,
    /// The document is decrypted.
    Decrypt,
    /// The last secrets are wiped.
    WipeKey,
    /// The message goes to the disk.
    StoreBoth,
    /// The document reaches who asked for it.
    Deliver,
    /// The run ends without what was asked for.
    Stop,

    /// Detail: the KMS sees who asks.
    Identify,
    /// Detail: the KMS finds the key.
    ResolveKey,
    /// Detail: one statement or grant is compared with the request.
    Statement,
    /// Detail: allow or deny.
    Verdict,
    /// Detail: the state of the key is looked at.
    KeyState,
    /// Detail: random bytes become a data key.
    DrawDataKey,
    /// Detail: the data key is wrapped.
    WrapDataKey,
    /// Detail: the KMS wipes its own copies.
    KmsWipe,
    /// Detail: the KMS writes down what changed.
    Persist,
    /// Detail: the KMS writes down the call.
    Audit,
    /// Detail: a random message id is drawn.
    DrawMessageId,
    /// Detail: the message key is derived from the data key.
    DeriveMessageKey,
    /// Detail: the commitment is derived from the data key.
    DeriveCommitment,
    /// Detail: the commitment of the header is compared.
    CompareCommitment,
    /// Detail: the data key is wiped, its message key goes on.
    WipeDataKey,
    /// Detail: the header is written and sealed.
    SealHeader,
    /// Detail: the header's tag is checked.
    VerifyHeader,
    /// Detail: one frame is encrypted, or many in the middle.
    SealFrame,
    /// Detail: one frame is decrypted, or many in the middle.
    OpenFrame,
}

/// Cuts a trace into steps.
pub fn steps(events: &[Event], acts: &[Act], depth: Depth) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, act) in acts.iter().enumerate() {
        let Some(events) = events.get(act.range.clone()) else { continue };
        let first_of_act = steps.len();
        let mut reader = Reader::new(act);
        for (offset, event) in events.iter().enumerate() {
            let place = act.range.start + offset;
            let ahead = events.get(offset + 1..).unwrap_or_default();
            let read = reader.read(event, ahead);
            let kind = match depth {
                Depth::Story => read.story,
                Depth::Detail => read.detail,
            };
            match steps.get_mut(first_of_act..).and_then(<[Step]>::last_mut) {
                Some(step) if step.kind == kind && !starts_alone(event, ahead, depth, &read) => {
                    step.range.end = place + 1;
                    step.fails |= read.fails;
                }
                _ => steps.push(Step {
                    id: String::new(),
                    label: String::new(),
                    kind,
                    range: place..place + 1,
                    act: number,
                    fails: read.fails,
                }),
            }
        }
    }
    name(&mut steps, events, acts);
    steps
}

/// Whether an event begins a step of its own though the one before is of the same kind: at detail depth each statement, the frame after the
/// first, the last frame, and a frame that fails.
fn starts_alone(event: &Event, ahead: &[Event], depth: Depth, read: &Read) -> bool {
    if depth == Depth::Story || read.detail == StepKind::Change {
        return false;
    }
    match &event.kind {
        Kind::StatementEvaluated { .. } => true,
        Kind::FrameSealed { sequence, .. } | Kind::FrameOpened { sequence, .. } => {
            let is_last = !ahead.first().is_some_and(|next| matches!(next.kind, Kind::FrameSealed { .. } | Kind::FrameOpened { .. }));
            *sequence == 2 || is_last
        }
        _ => read.fails && read.detail == StepKind::OpenFrame,
    }
}

fn name(steps: &mut [Step], events: &[Event], acts: &[Act]) {
    let mut counts = std::collections::BTreeMap::new();
    for step in steps {
        let Some(act) = acts.get(step.act) else { continue };
        let count = counts.entry((step.act, step.kind)).or_insert(0_u32);
        *count += 1;
        let name = step.kind.id();
        step.id = if *count == 1 { format!("{}-{name}", step.act) } else { format!("{}-{name}-{count}", step.act) };
        step.label = label(step, events, act);
    }
}

fn label(step: &Step, events: &[Event], act: &Act) -> String {
    let person = act.person.name();
    let here = events.get(step.range.clone()).unwrap_or_default();
    match step.kind {
        StepKind::Upload => format!("{person} uploads"),
        StepKind::AskDocument => format!("{person} asks"),
        StepKind::TakeDisk => format!("{person} copies the disk"),
        StepKind::TryAlone => format!("{person} tries alone"),
        StepKind::Deliver => format!("{person} has it"),
        StepKind::SealFrame | StepKind::OpenFrame => frames_label(here, events.get(..step.range.start).unwrap_or_default()),
        StepKind::Statement => match here.iter().find_map(|event| match &event.kind {
            Kind::StatementEvaluated { finding } => Some(finding),
            _ => None,
        }) {
            Some(finding) if finding.id.source == Source::Grant => "a grant".into(),
            Some(finding) => format!("statement {}", finding.id.index + 1),
            None => "statement".into(),
        },
        kind => kind.label().into(),
    }
}

fn frames_label(events: &[Event], before: &[Event]) -> String {
    let sequence = |event: &Event| match event.kind {
        Kind::FrameSealed { sequence, .. } | Kind::FrameOpened { sequence, .. } => Some(sequence),
        _ => None,
    };
    match (events.iter().find_map(sequence), events.iter().rev().find_map(sequence)) {
        (Some(first), Some(last)) if first != last => format!("frames {first}–{last}"),
        (Some(first), _) => format!("frame {first}"),
        _ => match before.last().and_then(sequence) {
            Some(last) => format!("frame {} fails", last.saturating_add(1)),
            None => "frame 1 fails".into(),
        },
    }
}

/// What one event is, at both depths.
struct Read {
    detail: StepKind,
    story: StepKind,
    fails: bool,
}

/// Reads the events of one act in order and remembers what later ones depend on.
struct Reader<'a> {
    act: &'a Act,
    detail: StepKind,
    story: StepKind,
    /// The KMS operation that is going on or was the last.
    kms_operation: String,
    /// A check failed in the operation that is going on.
    failed: bool,
    decrypting: bool,
    alone: bool,
}

impl<'a> Reader<'a> {
    fn new(act: &'a Act) -> Self {
        let (detail, story) = (StepKind::Upload, StepKind::Upload);
        Self { act, detail, story, kms_operation: String::new(), failed: false, decrypting: false, alone: false }
    }

    fn read(&mut self, event: &Event, ahead: &[Event]) -> Read {
        let failed_before = self.failed;
        self.failed |= is_failure(&event.kind);
        self.detail = match event.by {
            _ if self.act.kind == ActKind::Change => StepKind::Change,
            Actor::Store if !matches!(event.kind, Kind::ChangePersisted { .. }) => self.store(&event.kind),
            Actor::Caller => self.caller(event, ahead),
            Actor::Kms | Actor::Store => self.kms(&event.kind),
        };
        self.story = self.fold();
        Read { detail: self.detail, story: self.story, fails: self.failed && !failed_before }
    }

    fn store(&self, kind: &Kind) -> StepKind {
        match kind {
            Kind::OperationStarted { operation, .. } if operation == PUT_OBJECT => StepKind::Upload,
            Kind::OperationStarted { operation, .. } if operation == GET_OBJECT => StepKind::AskDocument,
            Kind::OperationStarted { .. } => StepKind::TakeDisk,
            Kind::MessageLoaded { .. } if self.detail != StepKind::TakeDisk => StepKind::Load,
            Kind::MessageStored { .. } => StepKind::StoreBoth,
            Kind::OperationFinished { result: OperationResult::Failed { .. }, .. } => StepKind::Stop,
            _ => self.detail,
        }
    }

    fn caller(&mut self, event: &Event, ahead: &[Event]) -> StepKind {
        match &event.kind {
            Kind::OperationStarted { operation, .. } => {
                self.decrypting = operation == DECRYPT;
                self.failed = false;
                let rest = ahead.iter().take_while(|next| !ends(next, event));
                self.alone = !rest.into_iter().any(|next| matches!(next.kind, Kind::KmsRequestSent { .. }));
                match () {
                    () if self.alone => StepKind::TryAlone,
                    () if self.decrypting => StepKind::SendDataKey,
                    () if self.detail == StepKind::Upload => StepKind::Upload,
                    () => StepKind::AskDataKey,
                }
            }
            _ if self.alone => StepKind::TryAlone,
            Kind::KmsRequestSent { operation, .. } if operation == "Decrypt" => StepKind::SendDataKey,
            Kind::KmsRequestSent { .. } => StepKind::AskDataKey,
            Kind::RandomDrawn { .. } => StepKind::DrawMessageId,
            Kind::KeyDerived { label, .. } if label.starts_with("DERIVEKEY") => StepKind::DeriveMessageKey,
            Kind::KeyDerived { .. } => StepKind::DeriveCommitment,
            Kind::CommitmentChecked { .. } => StepKind::CompareCommitment,
            Kind::HeaderSealed { .. } => StepKind::SealHeader,
            Kind::HeaderVerified { .. } => StepKind::VerifyHeader,
            Kind::FrameSealed { .. } => StepKind::SealFrame,
            Kind::FrameOpened { .. } => StepKind::OpenFrame,
            Kind::SecretWiped { .. } => {
                let works_on =
                    ahead.iter().take_while(|next| !ends(next, event)).any(|next| !matches!(next.kind, Kind::SecretWiped { .. }));
                if works_on { StepKind::WipeDataKey } else { StepKind::WipeKey }
            }
            Kind::VerificationFailed { what } => match what {
                Verified::Commitment => StepKind::CompareCommitment,
                Verified::Frame => StepKind::OpenFrame,
                Verified::MessageFormat if matches!(self.detail, StepKind::VerifyHeader | StepKind::OpenFrame) => StepKind::OpenFrame,
                Verified::Header | Verified::MessageFormat | Verified::EncryptionContext => StepKind::VerifyHeader,
                Verified::EncryptedDataKey | Verified::KeyState => self.detail,
            },
            Kind::OperationFinished { result: OperationResult::Failed { .. }, .. } => StepKind::Stop,
            Kind::OperationFinished { .. } if self.decrypting => StepKind::Deliver,
            _ => self.detail,
        }
    }

    fn kms(&mut self, kind: &Kind) -> StepKind {
        let answer = match (self.failed, self.kms_operation.as_str()) {
            (true, _) => StepKind::Refuse,
            (false, "Decrypt") => StepKind::ReturnDataKey,
            (false, _) => StepKind::ReturnBoth,
        };
        match kind {
            Kind::OperationStarted { operation, .. } => {
                self.kms_operation.clone_from(operation);
                self.failed = false;
                StepKind::Identify
            }
            Kind::RequestVerified { .. } => StepKind::Identify,
            Kind::KeyResolved { .. } => StepKind::ResolveKey,
            Kind::StatementEvaluated { .. } => StepKind::Statement,
            Kind::Authorized { .. } | Kind::Denied { .. } => StepKind::Verdict,
            Kind::KeyStateChecked { .. } | Kind::VerificationFailed { what: Verified::KeyState } => StepKind::KeyState,
            Kind::MaterialChosen { .. } | Kind::DataKeyUnwrapped { .. } | Kind::VerificationFailed { .. }
                if self.kms_operation == "Decrypt" =>
            {
                StepKind::UnwrapDataKey
            }
            Kind::DataKeyGenerated { .. } => StepKind::DrawDataKey,
            Kind::RandomDrawn { .. } if self.detail != StepKind::WrapDataKey => StepKind::DrawDataKey,
            Kind::MaterialChosen { .. } | Kind::DataKeyWrapped { .. } => StepKind::WrapDataKey,
            Kind::SecretWiped { secret: SecretName::DataKey, .. } if !self.failed => StepKind::KmsWipe,
            Kind::ChangePersisted { .. } => StepKind::Persist,
            Kind::AuditRecorded { .. } => StepKind::Audit,
            Kind::KmsResponseSent { .. } => answer,
            _ => self.detail,
        }
    }

    /// The story's kind of the event whose detail was just read.
    fn fold(&self) -> StepKind {
        use StepKind as K;
        match self.detail {
            K::Identify | K::ResolveKey | K::Statement | K::Verdict | K::KeyState => K::CheckPermission,
            K::DrawDataKey | K::WrapDataKey => K::MakeDataKey,
            K::Persist | K::Audit if self.failed => K::Refuse,
            K::Persist | K::Audit if self.kms_operation == "Decrypt" => K::ReturnDataKey,
            K::Persist | K::Audit => K::ReturnBoth,
            K::DrawMessageId | K::SealHeader | K::SealFrame => K::Encrypt,
            K::DeriveMessageKey | K::DeriveCommitment if !self.decrypting => K::Encrypt,
            K::DeriveMessageKey | K::DeriveCommitment | K::CompareCommitment | K::VerifyHeader => K::Verify,
            K::OpenFrame => K::Decrypt,
            K::KmsWipe | K::WipeDataKey => self.story,
            other => other,
        }
    }
}

fn is_failure(kind: &Kind) -> bool {
    match kind {
        Kind::Denied { .. } | Kind::VerificationFailed { .. } => true,
        Kind::KeyStateChecked { allowed, .. } => !allowed,
        Kind::CommitmentChecked { matches } => !matches,
        _ => false,
    }
}

/// Whether `event` ends the operation that `of` belongs to.
fn ends(event: &Event, of: &Event) -> bool {
    event.span == of.span && matches!(event.kind, Kind::OperationFinished { .. })
}

impl StepKind {
    /// Its name in ids.
    pub fn id(self) -> &'static str {
        self.names().0
    }

    /// A few words for the deck, where they do not depend on who acts.
    pub fn label(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Change => ("change", "what changed"),
            Self::Upload => ("upload", "upload"),
            Self::AskDocument => ("ask-document", "ask"),
            Self::TakeDisk => ("take-disk", "copy the disk"),
            Self::TryAlone => ("try-alone", "try alone"),
            Self::Load => ("load", "load both"),
            Self::AskDataKey => ("ask-data-key", "ask for a data key"),
            Self::SendDataKey => ("send-data-key", "send encrypted key"),
            Self::CheckPermission => ("check-permission", "check permission"),
            Self::MakeDataKey => ("make-data-key", "make key"),
            Self::UnwrapDataKey => ("unwrap-data-key", "unwrap"),
            Self::ReturnBoth => ("return-both", "return both"),
            Self::ReturnDataKey => ("return-data-key", "return"),
            Self::Refuse => ("refuse", "refuse"),
            Self::Encrypt => ("encrypt", "encrypt"),
            Self::Verify => ("verify", "verify"),
            Self::Decrypt => ("decrypt", "decrypt"),
            Self::WipeKey => ("wipe-key", "wipe key"),
            Self::StoreBoth => ("store-both", "store both"),
            Self::Deliver => ("deliver", "deliver"),
            Self::Stop => ("stop", "stop"),
            Self::Identify => ("identify", "who asks"),
            Self::ResolveKey => ("resolve-key", "find key"),
            Self::Statement => ("statement", "statement"),
            Self::Verdict => ("verdict", "verdict"),
            Self::KeyState => ("key-state", "key state"),
            Self::DrawDataKey => ("draw-data-key", "draw key"),
            Self::WrapDataKey => ("wrap-data-key", "wrap key"),
            Self::KmsWipe => ("kms-wipe", "KMS wipes its copy"),
            Self::Persist => ("persist", "write down"),
            Self::Audit => ("audit", "log"),
            Self::DrawMessageId => ("draw-message-id", "draw message id"),
            Self::DeriveMessageKey => ("derive-message-key", "derive message key"),
            Self::DeriveCommitment => ("derive-commitment", "derive commitment"),
            Self::CompareCommitment => ("compare-commitment", "compare commitment"),
            Self::WipeDataKey => ("wipe-data-key", "wipe data key"),
            Self::SealHeader => ("seal-header", "seal header"),
            Self::VerifyHeader => ("verify-header", "verify header"),
            Self::SealFrame => ("seal-frame", "frame"),
            Self::OpenFrame => ("open-frame", "frame"),
        }
    }
}

/// The store's operation that takes a document.
pub const PUT_OBJECT: &str = "PutObject";
/// The store's operation that hands out a document.
pub const GET_OBJECT: &str = "GetObject";
const DECRYPT: &str = "decrypt";

#[cfg(test)]
mod tests;
