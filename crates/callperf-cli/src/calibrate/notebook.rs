//! What was asked so far, and what came of it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::verdict::Unsettled;

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Answered(Json),
    Refused(Refusal),
    /// It wasn't sent, or no response came that says something.
    Missing(String),
}

/// A status from 400 to 499, with the API's codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) codes: Vec<String>,
}

impl Refusal {
    pub(super) fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|other| other == code)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.codes.join(", "))
    }
}

/// The outcomes by the requests' names.
#[derive(Clone, Debug, Default)]
pub(super) struct Notebook {
    outcomes: BTreeMap<String, Outcome>,
    settled: BTreeMap<&'static str, String>,
    is_explaining: bool,
}

impl Notebook {
    /// One that only says what would be asked.
    pub(super) fn explaining() -> Self {
        Self { is_explaining: true, ..Self::default() }
    }

    pub(super) fn is_explaining(&self) -> bool {
        self.is_explaining
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.outcomes.contains_key(name)
    }

    pub(super) fn keep(&mut self, name: String, outcome: Outcome) {
        self.outcomes.insert(name, outcome);
    }

    pub(super) fn settle(&mut self, name: &'static str, value: String) {
        self.settled.insert(name, value);
    }

    /// What an earlier experiment settled.
    pub(super) fn settled(&self, name: &str) -> Option<&str> {
        self.settled.get(name).map(String::as_str)
    }

    /// The response to a request that has to be answered.
    pub(super) fn answer(&self, name: &str) -> Result<&Json, Unsettled> {
        match self.outcome(name)? {
            Ok(json) => Ok(json),
            Err(refusal) => Err(Unsettled::new(
                format!("the API refused the request `{name}`: {refusal}"),
                "an application and a user with the permission, and a request that the API takes",
            )),
        }
    }

    /// The response to a request, or its refusal.
    pub(super) fn outcome(&self, name: &str) -> Result<Result<&Json, &Refusal>, Unsettled> {
        let missing = |reason: &str| Unsettled::new(reason, "another run of `callperf calibrate`");
        match self.outcomes.get(name) {
            Some(Outcome::Answered(json)) => Ok(Ok(json)),
            Some(Outcome::Refused(refusal)) => Ok(Err(refusal)),
            Some(Outcome::Missing(reason)) => Err(missing(reason)),
            None => Err(missing("the request that it takes wasn't sent")),
        }
    }
}
