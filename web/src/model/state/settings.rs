//! How the learner likes to see it: how fast, which tab, light or dark.

/// How fast the steps follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// Half as fast.
    Half,
    /// As one reads.
    #[default]
    Normal,
    /// Twice as fast.
    Double,
    /// Four times as fast.
    Quadruple,
}

impl Speed {
    /// What the button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Half => "0.5×",
            Self::Normal => "1×",
            Self::Double => "2×",
            Self::Quadruple => "4×",
        }
    }

    /// The next faster, and after the fastest the slowest.
    #[must_use]
    pub fn cycled(self) -> Self {
        match self {
            Self::Half => Self::Normal,
            Self::Normal => Self::Double,
            Self::Double => Self::Quadruple,
            Self::Quadruple => Self::Half,
        }
    }
}

/// A tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// What happened, in plain words.
    #[default]
    Story,
    /// The bytes of the moment.
    Bytes,
    /// Why it was allowed or denied.
    Why,
    /// What the KMS wrote down.
    Audit,
    /// How one does it.
    Code,
}

impl Tab {
    /// All tabs, in order.
    pub const ALL: [Self; 5] = [Self::Story, Self::Bytes, Self::Why, Self::Audit, Self::Code];

    /// Its name in links and test ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Bytes => "bytes",
            Self::Why => "why",
            Self::Audit => "audit",
            Self::Code => "code",
        }
    }

    /// The tab of that name.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.id() == id)
    }

    /// What it says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Story => "Story",
            Self::Bytes => "Bytes",
            Self::Why => "Why",
            Self::Audit => "Audit",
            Self::Code => "Code",
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
