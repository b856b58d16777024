//! What an experiment is.

use super::{
    notebook::Notebook,
    period::Setup,
    request::Request,
    verdict::{Finding, Unsettled, Verdict},
};

/// Requests, and what their responses mean. Both are pure.
pub(super) struct Experiment {
    /// What is to be found out, for a person.
    pub(super) question: &'static str,
    /// The assumptions that it is about.
    pub(super) settles: &'static [&'static str],
    /// Whether a request may be refused, so that it is sent only if that is allowed.
    pub(super) may_be_refused: bool,
    /// The requests that are needed as far as is known; those that were sent are among them or
    /// not. An experiment may ask again for more, once there is a response.
    pub(super) requests: fn(&Setup, &Notebook) -> Vec<Request>,
    /// That it may send more requests like the first, and how many.
    pub(super) repeats: Option<&'static str>,
    /// What the responses mean, of each assumption.
    pub(super) verdicts: fn(&Setup, &Notebook) -> Vec<Concluded>,
    /// What they show besides.
    pub(super) findings: fn(&Setup, &Notebook) -> Vec<Found>,
}

/// An assumption by its name, and what is known of it.
pub(super) type Concluded = (&'static str, Verdict);
/// A finding by its name.
pub(super) type Found = (&'static str, Result<Finding, Unsettled>);

pub(super) fn no_findings(_: &Setup, _: &Notebook) -> Vec<Found> {
    Vec::new()
}

pub(super) fn no_verdicts(_: &Setup, _: &Notebook) -> Vec<Concluded> {
    Vec::new()
}
