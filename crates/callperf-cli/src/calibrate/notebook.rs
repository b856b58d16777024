//! What was asked so far, and what came of it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value as Json;

use super::verdict::Unsettled;

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Answered(Json),
    Refused(Refusal),
    /// It wasn't sent, or no response came that says something.
    Missing(Unsettled),
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
        f.write_str(format!("{} {}", self.status, self.codes.join(", ")).trim_end())
    }
}

/// What the head of a response says, and how long the response took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) took: Option<Duration>,
    /// The group of operations, how many requests it allows, and how many it says are left.
    pub(crate) quota: Option<(String, u32, u32)>,
}

/// The outcomes by the requests' names.
#[derive(Clone, Debug, Default)]
pub(super) struct Notebook {
    outcomes: BTreeMap<String, Outcome>,
    settled: BTreeMap<&'static str, String>,
    /// In the order of the requests that were sent.
    heads: Vec<(String, Head)>,
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

    pub(super) fn keep_head(&mut self, name: &str, head: Head) {
        self.heads.push((name.to_owned(), head));
    }

    /// What the responses said of the quota, in their order.
    pub(super) fn quotas(&self) -> impl Iterator<Item = &(String, u32, u32)> {
        self.heads.iter().filter_map(|(_, head)| head.quota.as_ref())
    }

    /// How long a response took.
    pub(super) fn took(&self, name: &str) -> Option<Duration> {
        self.heads.iter().find(|(other, _)| other == name)?.1.took
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
            Err(refusal) => Err(Unsettled::unasked(
                format!("the API refused the request `{name}`: {refusal}"),
                "an API that takes this request; please report the refusal, since none is expected",
            )),
        }
    }

    /// The response to a request, or its refusal.
    pub(super) fn outcome(&self, name: &str) -> Result<Result<&Json, &Refusal>, Unsettled> {
        match self.outcomes.get(name) {
            Some(Outcome::Answered(json)) => Ok(Ok(json)),
            Some(Outcome::Refused(refusal)) => Ok(Err(refusal)),
            Some(Outcome::Missing(unsettled)) => Err(unsettled.clone()),
            None => Err(Unsettled::unasked(
                "an earlier response lacks what its request needs",
                "a server that speaks this API",
            )),
        }
    }
}
