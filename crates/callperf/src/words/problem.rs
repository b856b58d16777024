//! What is wrong with a query, and who says so.

use std::{collections::BTreeSet, fmt, sync::Mutex};

use serde::{Deserialize, Deserializer, Serialize, de};

/// Who says that a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's OpenAPI document.
    Specification,
    /// The vendor's documentation, now or before it was deleted.
    Documentation,
    /// One third party's observation.
    ThirdParty,
    /// This crate: the request couldn't say what was asked, or can't have an answer.
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

/// The names of rules that were read, and are kept: a rule may be another version's.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
/// There are no more rules in all versions, so that a file can't fill the memory with names.
const MOST_NAMES: usize = 1000;

fn kept(rule: &str) -> Result<&'static str, String> {
    let is_name = (1..=64).contains(&rule.len())
        && rule
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_name {
        return Err(format!("{rule:?} is not the name of a rule"));
    }
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(name) = names.get(rule) {
        return Ok(name);
    }
    if names.len() >= MOST_NAMES {
        return Err(format!("{rule}: more than {MOST_NAMES} names of rules were read"));
    }
    let name: &'static str = Box::leak(rule.into());
    names.insert(name);
    Ok(name)
}

impl Problem {
    /// A problem that was written, read again.
    pub(crate) fn stored(
        rule: &str,
        word: String,
        remedy: String,
        evidence: Evidence,
    ) -> Result<Self, String> {
        Ok(Self { rule: kept(rule)?, word, remedy, evidence })
    }
}

#[derive(Deserialize)]
struct StoredProblem {
    rule: String,
    word: String,
    remedy: String,
    evidence: Evidence,
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredProblem { rule, word, remedy, evidence } =
            StoredProblem::deserialize(deserializer)?;
        Self::stored(&rule, word, remedy, evidence).map_err(de::Error::custom)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.word, self.remedy, self.rule)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_is_read_as_it_was_written() {
        let stored = |rule: &str| json!({"rule": rule, "word": "w", "remedy": "r", "evidence": "third_party"});
        let problem: Problem = serde_json::from_value(stored("of-tomorrow")).unwrap();
        assert_eq!(problem.rule(), "of-tomorrow");
        assert_eq!(serde_json::to_value(&problem).unwrap(), stored("of-tomorrow"));
        for rule in ["", "Not a name", &"a".repeat(65)] {
            assert!(serde_json::from_value::<Problem>(stored(rule)).is_err(), "{rule}");
        }
    }
}
