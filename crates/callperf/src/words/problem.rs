//! What is wrong with a query, and who says so.

use std::fmt;

use serde::Serialize;

/// Who says that a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's OpenAPI document.
    Specification,
    /// The vendor's documentation, now or before it was deleted.
    Documentation,
    /// One third party's observation.
    ThirdParty,
    /// This crate: the request couldn't say what was asked.
    Crate,
}

impl Evidence {
    pub(crate) fn forbids(self) -> bool {
        self != Self::ThirdParty
    }
}

/// One thing that is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) word: String,
    pub(crate) remedy: String,
    pub(crate) evidence: Evidence,
}

impl Problem {
    /// The rule's name.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// The word of the query that breaks the rule.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// What is wrong with it, and what would be right.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// Who says that the rule holds.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.word, self.remedy, self.rule)
    }
}
