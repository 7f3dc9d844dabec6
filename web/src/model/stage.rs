//! The stage: which things are where and in what state, read from the events up to the cursor and from nothing else. A pure fold, so
//! stepping back really goes back, and a trace that lacks an event shows another picture.

mod scene;
mod things;

use waxseal_base::event::{Actor, Event, Kind, OperationResult, SecretName, Source, Verified};

use super::act::ActKind;
use super::people::{Person, Place};
use super::steps::{GET_OBJECT, PUT_OBJECT};
pub use scene::Scene;
pub use things::{Card, CardKind, Commitment, DataKey, Disk, Failure, Frames, Gate, Header, KmsKey, Light, Stamp, Tick};

/// Everything on the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Who wants something.
    pub person: Person,
    /// Where data keys and plaintext are handled.
    pub works: Place,
    /// Where the document is in the clear. At each place there is at most one.
    pub document: Vec<Place>,
    /// The request or answer that is or was last on its way.
    pub card: Option<Card>,
    /// The gate of the KMS.
    pub gate: Gate,
    /// The KMS key.
    pub kms_key: KmsKey,
    /// Where random bytes were drawn last, until what comes of them is there.
    pub dice: Option<Place>,
    /// Plaintext data keys, the newest last. A wiped one stays, faded.
    pub data_keys: Vec<DataKey>,
    /// Where encrypted data keys are, apart from the disk.
    pub envelopes: Vec<Place>,
    /// The commitment to the data key, at the place of work.
    pub commitment: Commitment,
    /// The message's header, at the place of work.
    pub header: Header,
    /// The frames, at the place of work.
    pub frames: Frames,
    /// Where the message is as a whole, apart from the disk.
    pub message: Vec<Place>,
    /// What the disk holds.
    pub disk: Disk,
    /// Lines of the KMS's log in this act.
    pub log_lines: usize,
    /// Where and over what the run stopped.
    pub failure: Option<Failure>,
    /// The last event's place: where to look.
    pub focus: Option<Place>,
}

impl Stage {
    /// The stage after these events of one act.
    pub fn read(events: &[Event], scene: &Scene) -> Self {
        let mut stage = Self::empty(scene);
        for event in events {
            stage.apply(event);
        }
        stage
    }

    /// The stage before the act's first event.
    fn empty(scene: &Scene) -> Self {
        Self {
            person: scene.person,
            works: scene.works,
            document: if scene.kind == ActKind::Upload { vec![Place::Person] } else { Vec::new() },
            card: None,
            gate: Gate::default(),
            kms_key: KmsKey::default(),
            dice: None,
            data_keys: Vec::new(),
            envelopes: Vec::new(),
            commitment: Commitment::default(),
            header: Header::default(),
            frames: Frames { total: scene.frames_total, ..Frames::default() },
            message: Vec::new(),
            disk: Disk { ciphertext: scene.stored_before, envelope: scene.stored_before, ..Disk::default() },
            log_lines: 0,
            failure: None,
            focus: None,
        }
    }

    fn apply(&mut self, event: &Event) {
        self.focus = Some(self.place_of(event.by));
        match event.by {
            Actor::Kms => self.apply_kms(&event.kind),
            Actor::Store => self.apply_store(&event.kind),
            Actor::Caller => self.apply_caller(&event.kind),
        }
        self.apply_failure(event);
    }

    fn place_of(&self, actor: Actor) -> Place {
        match actor {
            Actor::Kms => Place::Kms,
            Actor::Store => Place::Disk,
            Actor::Caller => self.works,
        }
    }

    fn apply_store(&mut self, kind: &Kind) {
        match kind {
            Kind::OperationStarted { operation, .. } if operation == PUT_OBJECT => {
                self.focus = Some(Place::Store);
                put(&mut self.document, Place::Store);
            }
            Kind::OperationStarted { operation, .. } if operation == GET_OBJECT => {
                self.focus = Some(Place::Store);
                self.card = Some(Card { operation: operation.clone(), at: Place::Store, kind: CardKind::Request });
            }
            Kind::OperationStarted { .. } => self.disk.stolen = true,
            Kind::MessageLoaded { .. } => {
                put(&mut self.message, self.works);
                put(&mut self.envelopes, self.works);
                self.header = Header::Unchecked;
            }
            Kind::MessageStored { .. } => {
                self.disk.altered = self.disk.ciphertext;
                (self.disk.ciphertext, self.disk.envelope) = (true, true);
                self.message.clear();
                self.envelopes.clear();
                self.header = Header::Absent;
                self.frames = Frames { total: self.frames.total, ..Frames::default() };
                self.document.retain(|place| *place == Place::Person);
            }
            Kind::OperationFinished { operation, result: OperationResult::Succeeded { .. } } if operation == GET_OBJECT => {
                self.focus = Some(Place::Person);
                if self.document.contains(&Place::Store) {
                    self.document = vec![Place::Person];
                }
            }
            _ => {}
        }
    }

    fn apply_kms(&mut self, kind: &Kind) {
        match kind {
            Kind::OperationStarted { .. } => {
                (self.gate, self.kms_key) = (Gate::default(), KmsKey::default());
                if let Some(card) = &mut self.card {
                    card.at = Place::Kms;
                }
            }
            Kind::RequestVerified { principal, via_service, .. } => {
                self.gate.principal = Some(principal.clone());
                self.gate.via_service.clone_from(via_service);
            }
            Kind::KeyResolved { .. } => self.kms_key.lit = true,
            Kind::StatementEvaluated { finding } => {
                let place = match finding.id.source {
                    Source::KeyPolicy => format!("statement {}", finding.id.index.saturating_add(1)),
                    Source::IdentityPolicy => "a policy of the caller".into(),
                    Source::PermissionsBoundary => "the caller's boundary".into(),
                    Source::SessionPolicy => "a policy of the session".into(),
                    Source::ServiceControlPolicy => "a policy of the organization".into(),
                    Source::Grant => "a grant".into(),
                };
                self.gate.ticks.push(Tick { label: finding.name.clone().unwrap_or(place), outcome: finding.outcome });
            }
            Kind::Authorized { reason, .. } => self.gate.stamp = Some(Stamp { allowed: true, reason: reason.clone() }),
            Kind::Denied { reason, .. } => self.gate.stamp = Some(Stamp { allowed: false, reason: reason.clone() }),
            Kind::KeyStateChecked { state, allowed } => {
                self.kms_key.state = Some(state.clone());
                self.kms_key.usable = *allowed;
            }
            Kind::RandomDrawn { purpose, .. } if purpose.contains("data key") => self.dice = Some(Place::Kms),
            Kind::DataKeyGenerated { data_key, .. } => self.data_key_mut(&data_key.fingerprint).in_kms = Light::Lit,
            Kind::DataKeyWrapped { .. } => {
                self.kms_key.works = true;
                put(&mut self.envelopes, Place::Kms);
            }
            Kind::MaterialChosen { .. } => self.kms_key.works = true,
            Kind::DataKeyUnwrapped { data_key, .. } => {
                self.kms_key.works = true;
                self.data_key_mut(&data_key.fingerprint).in_kms = Light::Lit;
            }
            Kind::SecretWiped { secret: SecretName::DataKey, identity } => {
                if let Some(key) = self.data_keys.iter_mut().find(|key| key.fingerprint == identity.fingerprint) {
                    key.in_kms = Light::Wiped;
                }
            }
            Kind::AuditRecorded { .. } => self.log_lines = self.log_lines.saturating_add(1),
            Kind::KmsResponseSent { operation, result } => self.answer(operation, result),
            _ => {}
        }
    }

    /// The answer leaves the KMS: what was made inside is now at the place of work too.
    fn answer(&mut self, operation: &str, result: &OperationResult) {
        let succeeded = matches!(result, OperationResult::Succeeded { .. });
        let kind = if succeeded { CardKind::Answer } else { CardKind::Refusal };
        self.card = Some(Card { operation: operation.into(), at: self.works, kind });
        (self.kms_key.works, self.dice) = (false, None);
        let works = self.works;
        if succeeded {
            for place in &mut self.envelopes {
                if *place == Place::Kms {
                    *place = works;
                }
            }
            self.envelopes.dedup();
            if let Some(key) = self.data_keys.last_mut() {
                key.at_work = Light::Lit;
            }
        } else {
            self.envelopes.retain(|place| *place != Place::Kms);
        }
    }

    fn apply_caller(&mut self, kind: &Kind) {
        match kind {
            // Another try: where the last one stopped is over.
            Kind::OperationStarted { .. } => self.failure = None,
            Kind::KmsRequestSent { operation, .. } => {
                self.card = Some(Card { operation: operation.clone(), at: self.works, kind: CardKind::Request });
                if operation == "Decrypt" {
                    put(&mut self.envelopes, Place::Kms);
                }
            }
            Kind::RandomDrawn { .. } => self.dice = Some(self.works),
            Kind::KeyDerived { label, from, to, .. } => {
                self.dice = None;
                if label.starts_with("DERIVEKEY") {
                    let key = self.data_key_mut(&from.fingerprint);
                    key.split = true;
                    key.message_key = Some(to.fingerprint.clone());
                } else {
                    self.commitment = Commitment::Derived;
                }
            }
            Kind::CommitmentChecked { matches } => {
                self.commitment = if *matches { Commitment::Matches } else { Commitment::Differs };
            }
            Kind::SecretWiped { identity, .. } => self.wipe(&identity.fingerprint),
            Kind::HeaderSealed { .. } => {
                self.header = Header::Sealed;
                put(&mut self.message, self.works);
            }
            Kind::HeaderVerified { .. } => self.header = Header::Verified,
            Kind::FrameSealed { sequence, is_final, .. } => {
                self.frames.sealed = *sequence;
                if *is_final {
                    self.frames.total = *sequence;
                }
            }
            Kind::FrameOpened { sequence, .. } => self.frames.opened = *sequence,
            Kind::OperationFinished { operation, result: OperationResult::Succeeded { .. } } if operation == "decrypt" => {
                put(&mut self.document, self.works);
            }
            _ => {}
        }
    }

    fn wipe(&mut self, fingerprint: &str) {
        for key in &mut self.data_keys {
            key.wiped |= key.fingerprint == fingerprint;
            key.message_key.take_if(|message_key| message_key == fingerprint);
            if key.at_work == Light::Lit && key.wiped && key.message_key.is_none() {
                key.at_work = Light::Wiped;
            }
        }
    }

    fn apply_failure(&mut self, event: &Event) {
        let place = self.place_of(event.by);
        let what = match &event.kind {
            Kind::Denied { .. } => "denied",
            Kind::KeyStateChecked { allowed: false, .. } => "the key can not be used",
            Kind::CommitmentChecked { matches: false } => "the commitment differs",
            Kind::VerificationFailed { what } => {
                if *what == Verified::Frame {
                    self.frames.broken = Some(self.frames.opened.saturating_add(1));
                }
                verified(*what)
            }
            _ => return,
        };
        self.failure.get_or_insert(Failure { place, what: what.into() });
    }

    fn data_key_mut(&mut self, fingerprint: &str) -> &mut DataKey {
        let at = match self.data_keys.iter().position(|key| key.fingerprint == fingerprint) {
            Some(at) => at,
            None => {
                self.data_keys.push(DataKey {
                    fingerprint: fingerprint.into(),
                    in_kms: Light::Absent,
                    at_work: Light::Absent,
                    split: false,
                    wiped: false,
                    message_key: None,
                });
                self.data_keys.len() - 1
            }
        };
        &mut self.data_keys[at]
    }
}

fn put(places: &mut Vec<Place>, place: Place) {
    if !places.contains(&place) {
        places.push(place);
    }
}

fn verified(what: Verified) -> &'static str {
    match what {
        Verified::MessageFormat => "the message is malformed",
        Verified::EncryptionContext => "the encryption context differs",
        Verified::KeyState => "the key can not be used",
        Verified::EncryptedDataKey => "the envelope does not open",
        Verified::Commitment => "the commitment differs",
        Verified::Header => "the header's tag is wrong",
        Verified::Frame => "the frame's tag is wrong",
        Verified::Signature => "the signature is wrong",
    }
}

#[cfg(test)]
mod tests;
