//! Who acts in the lessons, and where.

use serde::Serialize;

/// Somebody of the lessons' world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Person {
    /// Owns the documents: may use the bucket and the key.
    Bob,
    /// A colleague: may read the bucket, but not use the key.
    Alice,
    /// A stranger with an account of her own.
    Eve,
    /// Looks after the key.
    Dana,
}

impl Person {
    /// Everybody, in the order of the side panel.
    pub const ALL: [Self; 4] = [Self::Bob, Self::Alice, Self::Eve, Self::Dana];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bob => "Bob",
            Self::Alice => "Alice",
            Self::Eve => "Eve",
            Self::Dana => "Dana",
        }
    }

    /// Who that is, in a few words.
    pub fn role(self) -> &'static str {
        match self {
            Self::Bob => "owns the document",
            Self::Alice => "a colleague",
            Self::Eve => "a stranger",
            Self::Dana => "looks after the key",
        }
    }

    /// The initial, for a badge.
    pub fn initial(self) -> &'static str {
        &self.name()[..1]
    }

    /// The principal, as policies name it.
    pub fn arn(self) -> &'static str {
        match self {
            Self::Bob => "arn:aws:iam::111122223333:user/bob",
            Self::Alice => "arn:aws:iam::111122223333:user/alice",
            Self::Eve => "arn:aws:iam::444455556666:user/eve",
            Self::Dana => "arn:aws:iam::111122223333:user/dana",
        }
    }

    /// The person of that principal.
    pub fn of_arn(arn: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|person| person.arn() == arn)
    }
}

/// A place of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Where the person sits: Bob's, Alice's or Eve's own machine.
    Person,
    /// The object store, which acts for the person.
    Store,
    /// The KMS, behind its boundary.
    Kms,
    /// What the store keeps.
    Disk,
}

/// A thing that the stage shows and a field of bytes can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    /// The document in the clear: paper.
    Document,
    /// The KMS key: the indigo hexagon.
    KmsKey,
    /// A plaintext data key: the amber key.
    DataKey,
    /// An encrypted data key: the amber key in an indigo envelope.
    EncryptedDataKey,
    /// The key that encrypts the message, derived from the data key.
    MessageKey,
    /// The commitment to the data key.
    Commitment,
    /// The encryption context.
    EncryptionContext,
    /// The header of the message.
    Header,
    /// The frames of ciphertext.
    Frames,
}

/// The account that owns the bucket and the key.
pub const ACCOUNT: &str = "111122223333";
/// The region of the KMS.
pub const REGION: &str = "us-east-1";
/// The store, as `kms:ViaService` names it.
pub const STORE_SERVICE: &str = "s3.us-east-1.amazonaws.com";
/// The bucket of the lessons.
pub const BUCKET: &str = "contracts";
/// What people call the key.
pub const KEY_LABEL: &str = "documents";
