//! The APIs that this crate speaks.

use std::fmt;

use super::error::{Error, ErrorKind};

/// The API that a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Api {
    /// The 2021 private beta: sums by group, no timeline.
    Beta,
    /// What the beta became, live today ("Business Analytics").
    #[default]
    CallsV1,
}

impl Api {
    /// The APIs that this crate speaks.
    pub const KNOWN: &'static [Self] = &[Self::Beta, Self::CallsV1];

    /// The API's name, as the specification folder and the command line say it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::CallsV1 => "calls-v1",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Api {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::KNOWN.iter().copied().find(|api| api.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::KNOWN.iter().map(Self::as_str).collect();
            Error::new(
                ErrorKind::Settings,
                format!("no API is called `{text}`; there are {}", known.join(", ")),
            )
        })
    }
}
