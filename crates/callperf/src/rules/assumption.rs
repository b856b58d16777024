//! What an assumption is.

/// Something that no document says and that had to be decided, by this crate or by the sandbox.
///
/// A calibration file ([`Calibration`](super::Calibration)) has the same names and options, and
/// so has the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumption {
    /// Its name.
    pub name: &'static str,
    /// What is assumed.
    pub text: &'static str,
    /// How to have it otherwise.
    pub option: &'static str,
    /// What an API could do.
    pub choices: Choices,
    /// The choice that holds until it is settled.
    pub default: &'static str,
    /// Why it is the default, and who says otherwise.
    pub evidence: &'static str,
    /// Whether `callperf calibrate` can settle it.
    pub settling: Settling,
    /// How `callperf calibrate` settles it, or why it can't.
    pub experiment: &'static str,
}

/// The choices of an [`Assumption`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choices {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number.
    Number {
        /// The least that it can be.
        least: u32,
        /// The most that it can be.
        most: u32,
    },
}

impl Choices {
    /// Whether a value is one of them.
    #[must_use]
    pub fn has(&self, value: &str) -> bool {
        match self {
            Self::Words(words) => words.contains(&value),
            Self::Number { least, most } => {
                value.parse().is_ok_and(|number: u32| (*least..=*most).contains(&number))
            }
        }
    }
}

impl std::fmt::Display for Choices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words(words) => f.write_str(&words.join(", ")),
            Self::Number { least, most } => write!(f, "a whole number from {least} to {most}"),
        }
    }
}

/// Whether `callperf calibrate` can settle an assumption by requests of a real account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Settling {
    /// By requests that every API answers, if the account has the calls for it.
    Observable,
    /// By a request that an API may refuse: one choice or all of them are a refusal. It is sent
    /// only if the user allows it, because errors count against an application's approval.
    WithRefusals,
    /// By no request.
    Never,
}

impl Settling {
    /// Its name in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observable => "observable",
            Self::WithRefusals => "with refusals",
            Self::Never => "never",
        }
    }
}
