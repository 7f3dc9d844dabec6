//! The kinds of steps, and what they are called.

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
            Self::SendDataKey => ("send-data-key", "send envelope"),
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
