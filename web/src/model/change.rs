//! "Change something": what a learner can change before a lesson is run again, for real. Where a change makes the run stop is not
//! written here; it comes out of the run.

use super::lesson::Lesson;
use super::people::Person;

/// One change of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Dana disables the KMS key.
    DisableKey,
    /// Dana adds a Deny for Bob to the key policy.
    AddDeny,
    /// Dana takes Bob out of the key policy.
    RevokeBob,
    /// Dana takes Bob out of the key policy and gives him a grant.
    GrantInstead,
    /// Eve alters the encryption context inside the stored message.
    AlterContext,
    /// Eve flips one bit of the stored ciphertext.
    FlipCiphertextByte,
    /// Eve puts the encrypted data key of another document into the stored message.
    SwapDataKey,
    /// Eve steals the disk and asks the KMS herself.
    StealDiskAsEve,
}

impl Change {
    /// All changes, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::DisableKey,
        Self::AddDeny,
        Self::RevokeBob,
        Self::GrantInstead,
        Self::AlterContext,
        Self::FlipCiphertextByte,
        Self::SwapDataKey,
        Self::StealDiskAsEve,
    ];

    /// Its name in links and test ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::DisableKey => "disable-key",
            Self::AddDeny => "add-deny",
            Self::RevokeBob => "revoke-bob",
            Self::GrantInstead => "grant-instead",
            Self::AlterContext => "alter-context",
            Self::FlipCiphertextByte => "flip-ciphertext-byte",
            Self::SwapDataKey => "swap-data-key",
            Self::StealDiskAsEve => "steal-disk-as-eve",
        }
    }

    /// The change of that name.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.id() == id)
    }

    /// Its name in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::DisableKey => "Disable the key",
            Self::AddDeny => "Add a Deny",
            Self::RevokeBob => "Take Bob's permission away",
            Self::GrantInstead => "Give Bob a grant instead",
            Self::AlterContext => "Alter the encryption context",
            Self::FlipCiphertextByte => "Flip one bit of the ciphertext",
            Self::SwapDataKey => "Swap the encrypted data key",
            Self::StealDiskAsEve => "Steal the disk, ask as Eve",
        }
    }

    /// What is done, in one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::DisableKey => "Dana, who looks after the key, disables it.",
            Self::AddDeny => "Dana adds a second statement to the key policy: Bob may not use the key. The first still says that he may.",
            Self::RevokeBob => "Dana takes Bob out of the key policy. Nothing takes its place.",
            Self::GrantInstead => {
                "Dana takes Bob out of the key policy and gives him a grant: permission kept beside the key, without touching its policy again."
            }
            Self::AlterContext => {
                "Eve gets at the disk and edits the stored message: the name of the document in its header is now another one."
            }
            Self::FlipCiphertextByte => "Eve gets at the disk and flips one single bit of the encrypted document.",
            Self::SwapDataKey => "Eve gets at the disk and puts the encrypted data key of another document into this one's message.",
            Self::StealDiskAsEve => "Eve gets hold of the disk. She has every byte of the message and asks the KMS under her own name.",
        }
    }

    /// The lessons that offer it: a message has to be on the disk before somebody can tamper with it.
    pub fn lessons(self) -> &'static [Lesson] {
        match self {
            Self::DisableKey | Self::AddDeny | Self::RevokeBob | Self::GrantInstead => &[Lesson::Upload, Lesson::Read],
            Self::AlterContext | Self::FlipCiphertextByte | Self::SwapDataKey | Self::StealDiskAsEve => &[Lesson::Read],
        }
    }

    /// Whether it is done to the bytes on the disk, by somebody without any permission.
    pub fn is_tampering(self) -> bool {
        matches!(self, Self::AlterContext | Self::FlipCiphertextByte | Self::SwapDataKey)
    }

    /// The changes that a lesson offers.
    pub fn offered_in(lesson: Lesson) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |change| change.lessons().contains(&lesson))
    }
}

/// The smallest change that would allow what was denied; offered beside a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// Add a statement for the person to the key policy.
    AllowInPolicy(Person),
    /// Give the person a grant.
    GiveGrant(Person),
    /// Remove the Deny statement.
    RemoveDeny,
    /// Enable the key.
    EnableKey,
}

impl Fix {
    /// Its name in links and test ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::AllowInPolicy(_) => "allow-in-policy",
            Self::GiveGrant(_) => "give-grant",
            Self::RemoveDeny => "remove-deny",
            Self::EnableKey => "enable-key",
        }
    }

    /// What the button says.
    pub fn label(self) -> String {
        match self {
            Self::AllowInPolicy(person) => format!("Allow {} in the key policy", person.name()),
            Self::GiveGrant(person) => format!("Give {} a grant", person.name()),
            Self::RemoveDeny => "Remove the Deny".into(),
            Self::EnableKey => "Enable the key".into(),
        }
    }

    /// What it does, in one sentence.
    pub fn sentence(self) -> String {
        match self {
            Self::AllowInPolicy(person) => format!("Dana adds a statement to the key policy that lets {} use the key.", person.name()),
            Self::GiveGrant(person) => format!("Dana gives {} a grant on the key and leaves its policy as it is.", person.name()),
            Self::RemoveDeny => "Dana takes the Deny statement out of the key policy again.".into(),
            Self::EnableKey => "Dana enables the key again.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_lessons_offer_what_fits() {
        for change in Change::ALL {
            assert_eq!(Change::of_id(change.id()), Some(change));
        }
        assert_eq!(Change::offered_in(Lesson::Upload).count(), 4);
        assert_eq!(Change::offered_in(Lesson::Read).count(), 8);
    }
}
