//! The things on the stage and the states they can be in.

use waxseal_base::event::FindingOutcome;

use crate::model::people::Place;

/// A request or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The operation: of the KMS, or `GetObject` of the store.
    pub operation: String,
    /// Where it is.
    pub at: Place,
    /// What it is.
    pub kind: CardKind,
}

/// What a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// A request.
    Request,
    /// An answer with what was asked for.
    Answer,
    /// A refusal.
    Refusal,
}

/// The gate: authorization as it happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The ARN of who asks, once verified.
    pub principal: Option<String>,
    /// The service through which they ask.
    pub via_service: Option<String>,
    /// Each statement or grant that was compared, in order.
    pub ticks: Vec<Tick>,
    /// The verdict.
    pub stamp: Option<Stamp>,
}

/// A statement or grant that was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Its Sid or name, else where it stands.
    pub label: String,
    /// What it means for the request.
    pub outcome: FindingOutcome,
}

/// Allow or deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Why.
    pub reason: String,
}

/// The hexagon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KmsKey {
    /// Whether the request's key was found.
    pub lit: bool,
    /// Whether it wraps or unwraps right now.
    pub works: bool,
    /// The state on its lamp, once looked at.
    pub state: Option<String>,
    /// Whether that state lets it be used.
    pub usable: bool,
}

/// One plaintext data key: in the KMS, at the place of work, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKey {
    /// Which one: the trace's fingerprint.
    pub fingerprint: String,
    /// The copy inside the KMS.
    pub in_kms: Light,
    /// The copy at the place of work. It stays lit until the data key and the message key derived from it are both wiped.
    pub at_work: Light,
    /// Whether a message key was derived from it.
    pub split: bool,
    /// The data key's own copy at the place of work is wiped.
    pub(super) wiped: bool,
    /// The message key's fingerprint, while that is not wiped.
    pub(super) message_key: Option<String>,
}

/// The light of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// It is not there and was not.
    Absent,
    /// It is there: it glows.
    Lit,
    /// It was there; its bytes are zeros.
    Wiped,
}

/// The commitment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commitment {
    /// Not derived.
    #[default]
    Absent,
    /// Derived from the data key.
    Derived,
    /// It equals the one in the header.
    Matches,
    /// It does not.
    Differs,
}

/// The header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Not there.
    #[default]
    Absent,
    /// Read, its tag not yet checked.
    Unchecked,
    /// Written with its tag.
    Sealed,
    /// Its tag is right.
    Verified,
}

/// The strips of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// How many there are.
    pub total: u32,
    /// How many are encrypted, of those being encrypted.
    pub sealed: u32,
    /// How many are decrypted again.
    pub opened: u32,
    /// The frame that failed, from 1.
    pub broken: Option<u32>,
}

/// The disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// The ciphertext is on it.
    pub ciphertext: bool,
    /// The encrypted data key is on it.
    pub envelope: bool,
    /// Somebody altered what is on it.
    pub altered: bool,
    /// Somebody carried it away.
    pub stolen: bool,
}

/// Where the run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The place, in rose.
    pub place: Place,
    /// A few words.
    pub what: String,
}
