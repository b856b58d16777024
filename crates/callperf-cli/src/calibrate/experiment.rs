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
    /// The assumptions that it is about, and what tells their options apart.
    pub(super) tells: &'static [Tells],
    /// Whether a request may be refused, so that it is sent only if that is allowed.
    pub(super) may_be_refused: bool,
    /// The requests that are needed as far as is known; those that were sent are among them or
    /// not. An experiment may ask again for more, once there is a response.
    pub(super) requests: fn(&Setup, &Notebook) -> Vec<Request>,
    /// That it may send more requests like the last one.
    pub(super) repeats: Option<Repeats>,
    /// What the responses mean, of each assumption.
    pub(super) verdicts: fn(&Setup, &Notebook) -> Vec<Concluded>,
    /// What they show besides.
    pub(super) findings: fn(&Setup, &Notebook) -> Vec<Found>,
}

impl Experiment {
    /// The assumptions that it is about.
    pub(super) fn settles(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.tells.iter().map(|tells| tells.assumption)
    }
}

/// How responses tell the options of an assumption apart. `docs/experiments.md` has them all.
pub(super) struct Tells {
    pub(super) assumption: &'static str,
    /// Each option, and what the responses show if the API has it so.
    pub(super) options: &'static [(&'static str, &'static str)],
    /// What leaves it open.
    pub(super) open: &'static str,
}

/// The option of an assumption that is a number.
pub(super) const A_NUMBER: &str = "a number";

/// More requests that depend on responses.
#[derive(Clone, Copy)]
pub(super) struct Repeats {
    /// How many there are at most.
    pub(super) most: u32,
    /// What they are for, for a person.
    pub(super) purpose: &'static str,
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
