//! Hand-made traces for tests that must not depend on a run, written in the order a run writes them.

use std::collections::BTreeMap;

use waxseal_base::event::{
    Actor, Effect, Event, Finding, FindingId, FindingOutcome, Kind, NamedBy, OperationResult, PublicBytes, SecretName, SecretView, Source,
    Span, StoredPart, Verdict, Verified,
};
use waxseal_base::time::Timestamp;

use super::act::{Act, ActKind};
use super::people::{Person, Place};
use super::stage::{Light, Scene, Stage};

pub(super) struct Maker {
    pub(super) events: Vec<Event>,
    by: Actor,
    span: Span,
    spans: u64,
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { events: Vec::new(), by: Actor::Caller, span: Span { id: 0, parent: None }, spans: 0 }
    }

    /// From here on, events are of a new span and by `by`.
    pub(super) fn enter(&mut self, by: Actor) -> (Actor, Span) {
        let before = (self.by, self.span);
        self.spans += 1;
        (self.by, self.span) = (by, Span { id: self.spans, parent: Some(self.span.id) });
        before
    }

    pub(super) fn leave(&mut self, (by, span): (Actor, Span)) {
        (self.by, self.span) = (by, span);
    }

    pub(super) fn tell(&mut self, kind: Kind) {
        let seq = self.events.len() as u64;
        self.events.push(Event { seq, at: Timestamp::default(), by: self.by, span: self.span, kind });
    }

    pub(super) fn store(&mut self, kind: Kind) {
        let before = (self.by, self.span);
        self.by = Actor::Store;
        self.tell(kind);
        self.leave(before);
    }

    pub(super) fn start(&mut self, operation: &str) {
        self.tell(Kind::OperationStarted { operation: operation.into(), input_len: None });
    }

    pub(super) fn finish(&mut self, operation: &str, result: OperationResult) {
        self.tell(Kind::OperationFinished { operation: operation.into(), result });
    }

    pub(super) fn wipe(&mut self, secret: SecretName, fingerprint: &str) {
        self.tell(Kind::SecretWiped { secret, identity: secret_view(fingerprint) });
    }

    /// The KMS's part of a call: what is done inside, between the check and the answer.
    pub(super) fn kms_call(&mut self, operation: &str, allowed: bool, state: &str, act: impl FnOnce(&mut Self) -> OperationResult) {
        self.tell(Kind::KmsRequestSent { operation: operation.into(), key_id: None, encryption_context: BTreeMap::new() });
        let before = self.enter(Actor::Kms);
        self.start(operation);
        self.tell(Kind::RequestVerified { principal: Person::Bob.arn().into(), via_service: None, scheme: "in-process".into() });
        self.tell(Kind::KeyResolved { named_by: NamedBy::Arn, key_arn: "arn".into() });
        self.tell(Kind::StatementEvaluated { finding: finding(allowed) });
        let action = format!("kms:{operation}");
        let result = if !allowed {
            let reason = "no statement allows it".into();
            self.tell(Kind::Denied { action, verdict: Verdict::ImplicitDeny, reason, decided_by: None });
            failed("AccessDeniedException")
        } else {
            self.tell(Kind::Authorized { action, reason: "statement 1 allows it".into(), decided_by: Some(finding(true).id) });
            self.tell(Kind::KeyStateChecked { state: state.into(), allowed: state == "Enabled" });
            if state == "Enabled" { act(self) } else { failed("DisabledException") }
        };
        self.tell(Kind::AuditRecorded { event_id: "event-1".into() });
        self.tell(Kind::KmsResponseSent { operation: operation.into(), result: result.clone() });
        self.finish(operation, result);
        self.leave(before);
    }
}

pub(super) fn secret_view(fingerprint: &str) -> SecretView {
    SecretView { len: 32, fingerprint: fingerprint.into(), revealed: None }
}

pub(super) fn succeeded() -> OperationResult {
    OperationResult::Succeeded { output_len: None }
}

pub(super) fn failed(code: &str) -> OperationResult {
    OperationResult::Failed { code: code.into(), message: "no".into() }
}

fn finding(allows: bool) -> Finding {
    Finding {
        id: FindingId { source: Source::KeyPolicy, document: 0, index: 0, grant_id: None },
        name: Some("Bob may use the key".into()),
        effect: Effect::Allow,
        outcome: if allows { FindingOutcome::Allows } else { FindingOutcome::DoesNotMatch },
        elements: Vec::new(),
    }
}

fn bytes() -> PublicBytes {
    PublicBytes(vec![1])
}

fn parts() -> Vec<StoredPart> {
    vec![StoredPart { label: "ciphertext".into(), len: 1 }, StoredPart { label: "encrypted data key".into(), len: 1 }]
}

fn derived(label: &str, to: &str) -> Kind {
    Kind::KeyDerived { label: label.into(), from: secret_view("dk"), to: secret_view(to), suite: "0478".into() }
}

/// Bob uploads a document of that many frames.
pub(super) fn upload(frames: u32) -> Vec<Event> {
    let mut make = Maker::new();
    make.store(Kind::OperationStarted { operation: "PutObject".into(), input_len: Some(9) });
    make.enter(Actor::Caller);
    make.start("encrypt");
    make.kms_call("GenerateDataKey", true, "Enabled", |make| {
        make.tell(Kind::RandomDrawn { purpose: "data key".into(), len: 32 });
        make.tell(Kind::DataKeyGenerated { spec: "AES_256".into(), data_key: secret_view("dk") });
        make.tell(Kind::MaterialChosen { material_id: "m".into(), current: true });
        let encryption_context = BTreeMap::new();
        let (data_key, encrypted_data_key) = (secret_view("dk"), bytes());
        make.tell(Kind::DataKeyWrapped { data_key, encrypted_data_key, material_id: None, encryption_context });
        make.wipe(SecretName::WrappingKey, "wk");
        make.wipe(SecretName::DataKey, "dk");
        succeeded()
    });
    make.tell(Kind::RandomDrawn { purpose: "message id".into(), len: 32 });
    make.tell(derived("DERIVEKEY", "mk"));
    make.tell(derived("COMMITKEY", "ck"));
    make.wipe(SecretName::DataKey, "dk");
    make.tell(Kind::HeaderSealed { header: bytes() });
    for sequence in 1..=frames {
        let (iv, tag) = (bytes(), bytes());
        make.tell(Kind::FrameSealed { sequence, is_final: sequence == frames, plaintext_len: 1, iv, tag });
    }
    make.wipe(SecretName::MessageKey, "mk");
    make.finish("encrypt", succeeded());
    make.store(Kind::MessageStored { name: "n".into(), parts: parts() });
    make.store(Kind::OperationFinished { operation: "PutObject".into(), result: succeeded() });
    make.events
}

/// Where a reading stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stops {
    Never,
    Denied,
    Disabled,
    Commitment,
    /// At that frame.
    Frame(u32),
}

/// Bob reads a document of that many frames.
pub(super) fn read(frames: u32, stops: Stops) -> Vec<Event> {
    let mut make = Maker::new();
    make.store(Kind::OperationStarted { operation: "GetObject".into(), input_len: None });
    make.store(Kind::MessageLoaded { name: "n".into(), parts: parts() });
    make.enter(Actor::Caller);
    make.start("decrypt");
    let state = if stops == Stops::Disabled { "Disabled" } else { "Enabled" };
    make.kms_call("Decrypt", stops != Stops::Denied, state, |make| {
        make.tell(Kind::MaterialChosen { material_id: "m".into(), current: true });
        make.tell(Kind::DataKeyUnwrapped { encrypted_data_key: bytes(), data_key: secret_view("dk"), material_id: None });
        make.wipe(SecretName::DataKey, "dk");
        succeeded()
    });
    let result = match stops {
        Stops::Denied => failed("AccessDeniedException"),
        Stops::Disabled => failed("DisabledException"),
        _ => open(&mut make, frames, stops),
    };
    make.finish("decrypt", result.clone());
    make.store(Kind::OperationFinished { operation: "GetObject".into(), result });
    make.events
}

fn open(make: &mut Maker, frames: u32, stops: Stops) -> OperationResult {
    make.tell(derived("DERIVEKEY", "mk"));
    make.tell(derived("COMMITKEY", "ck"));
    make.tell(Kind::CommitmentChecked { matches: stops != Stops::Commitment });
    if stops == Stops::Commitment {
        make.tell(Kind::VerificationFailed { what: Verified::Commitment });
        make.wipe(SecretName::MessageKey, "mk");
        make.wipe(SecretName::DataKey, "dk");
        return failed("DecryptionFailed");
    }
    make.wipe(SecretName::DataKey, "dk");
    make.tell(Kind::HeaderVerified { header: bytes() });
    for sequence in 1..=frames {
        if stops == Stops::Frame(sequence) {
            make.tell(Kind::VerificationFailed { what: Verified::Frame });
            make.wipe(SecretName::MessageKey, "mk");
            return failed("DecryptionFailed");
        }
        let (iv, tag) = (bytes(), bytes());
        make.tell(Kind::FrameOpened { sequence, is_final: sequence == frames, plaintext_len: 1, iv, tag });
    }
    make.wipe(SecretName::MessageKey, "mk");
    succeeded()
}

pub(super) fn act(kind: ActKind, events: &[Event]) -> Act {
    Act { kind, title: kind.title().into(), range: 0..events.len(), person: Person::Bob, works: Place::Store }
}

pub(super) fn scene(kind: ActKind, frames_total: u32) -> Scene {
    let stored_before = kind != ActKind::Upload;
    Scene { kind, person: Person::Bob, works: Place::Store, document: "n".into(), document_len: 9, frames_total, stored_before }
}

/// Whether any plaintext data key, or a key derived from it, is still there.
pub(super) fn holds_secrets(stage: &Stage) -> bool {
    stage.data_keys.iter().any(|key| key.in_kms == Light::Lit || key.at_work == Light::Lit)
}
