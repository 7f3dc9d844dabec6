//! Reads the events of an act one by one: which kind of step each belongs to, at both depths.

use waxseal_base::event::{Actor, Event, Kind, OperationResult, SecretName, Verified};

use super::{GET_OBJECT, PUT_OBJECT, StepKind};
use crate::model::act::{Act, ActKind};

/// What one event is, at both depths.
pub(super) struct Read {
    pub(super) detail: StepKind,
    pub(super) story: StepKind,
    pub(super) fails: bool,
}

/// Reads the events of one act in order and remembers what later ones depend on.
pub(super) struct Reader<'a> {
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
    pub(super) fn new(act: &'a Act) -> Self {
        let (detail, story) = (StepKind::Upload, StepKind::Upload);
        Self { act, detail, story, kms_operation: String::new(), failed: false, decrypting: false, alone: false }
    }

    pub(super) fn read(&mut self, event: &Event, ahead: &[Event]) -> Read {
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
                Verified::EncryptedDataKey | Verified::KeyState | Verified::Signature | Verified::Mac => self.detail,
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
            // The KMS wipes its copy when the answer is made: it belongs to the giving away, not to the making.
            K::KmsWipe | K::Persist | K::Audit if self.kms_operation == "Decrypt" => K::ReturnDataKey,
            K::KmsWipe | K::Persist | K::Audit => K::ReturnBoth,
            K::DrawMessageId | K::SealHeader | K::SealFrame => K::Encrypt,
            K::DeriveMessageKey | K::DeriveCommitment if !self.decrypting => K::Encrypt,
            K::DeriveMessageKey | K::DeriveCommitment | K::CompareCommitment | K::VerifyHeader => K::Verify,
            K::OpenFrame => K::Decrypt,
            K::WipeDataKey => self.story,
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

const DECRYPT: &str = "decrypt";
