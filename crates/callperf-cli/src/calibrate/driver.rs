//! Makes the experiments: sends their requests, keeps the budget, and stops where more would be
//! useless.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{
    experiment::Experiment,
    experiments,
    notebook::{Head, Notebook, Outcome, Refusal},
    period::Setup,
    report::Outcomes,
    request::{Family, Request},
    verdict::{Finding, Unsettled},
};

/// What a run may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    /// How many requests may be sent.
    pub(crate) budget: u32,
    /// Whether requests may be sent that the API may refuse.
    pub(crate) refusals: bool,
}

/// A response as the driver needs it.
#[derive(Debug)]
pub(crate) enum Reply {
    Answered(Json),
    /// A status from 400 to 499 about what was asked, with its codes.
    Refused {
        status: u16,
        codes: Vec<String>,
    },
    /// The quota of the operation is used up; perhaps the server had to say so.
    NoQuota {
        was_refused: bool,
    },
    /// The login is refused, so that nothing can be asked.
    NoAccess(String),
    /// Any other failure; the next request may be answered.
    Failed(String),
}

/// Sends one request: path, query and body.
pub(crate) trait Sender {
    fn send(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> impl Future<Output = Reply>;

    /// Sends one request, and replies how the response was compressed in place of the response:
    /// `{"encoding": "gzip"}`, or `null` if it wasn't.
    fn encoding(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> impl Future<Output = Reply>;

    /// What the head of the last response said.
    fn head(&self) -> Head;
}

/// How many requests may fail before the first answer. Each is tried several times.
const MOST_FAILURES: usize = 2;

/// How many requests of reports may be refused before the first report. Refusals count against an
/// application's approval.
const MOST_REFUSALS: usize = 3;

/// A run. Its outcomes are valid at any time.
pub(crate) struct Driver<S> {
    setup: Setup,
    allowed: Allowed,
    sender: S,
    notebook: Notebook,
    outcomes: Outcomes,
    /// Those whose quota is used up.
    closed: BTreeSet<Family>,
    no_access: Option<String>,
    has_report: bool,
    /// Whether a request wasn't sent for the budget.
    is_cut_short: bool,
    /// Whether the server has said anything, and why requests failed.
    is_heard: bool,
    failures: Vec<String>,
    /// The refusals of reports.
    refused: Vec<Refusal>,
}

impl<S: Sender> Driver<S> {
    pub(crate) fn new(setup: Setup, allowed: Allowed, sender: S) -> Self {
        Self {
            setup,
            allowed,
            sender,
            notebook: Notebook::default(),
            outcomes: Outcomes::unasked(),
            closed: BTreeSet::new(),
            no_access: None,
            has_report: false,
            is_cut_short: false,
            is_heard: false,
            failures: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Makes all experiments. `keep` is called with what is known after each of them.
    pub(crate) async fn run<E>(
        &mut self,
        mut keep: impl FnMut(&Outcomes) -> Result<(), E>,
    ) -> Result<(), E> {
        for experiment in experiments::ALL {
            self.make(experiment).await;
            keep(&self.outcomes)?;
        }
        self.say_what_it_was();
        keep(&self.outcomes)
    }

    /// What ended the run before all was asked, if something did, and what to do.
    pub(crate) fn ended_early(&self) -> Option<&'static str> {
        if self.is_cut_short {
            Some(
                "the budget of requests was used up before all were sent; allow more with --budget",
            )
        } else if self.closed.contains(&Family::Reports) {
            Some(
                "the quota was used up before all requests were sent; run it again in a few minutes",
            )
        } else {
            None
        }
    }

    pub(crate) fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// Why the API refused all that was asked, if it did.
    pub(crate) fn no_access(&self) -> Option<&str> {
        self.no_access.as_deref()
    }

    /// Why no request got an answer, if none did.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failures.last().map(String::as_str).filter(|_| !self.is_heard)
    }

    /// The last refusal, if reports were refused and none was answered.
    pub(crate) fn refused(&self) -> Option<String> {
        self.refused.last().filter(|_| !self.has_report).map(ToString::to_string)
    }

    async fn make(&mut self, experiment: &Experiment) {
        if let Some(unsettled) = self.reason_not_to(experiment) {
            self.outcomes.leave_open(experiment.settles, &unsettled);
            return;
        }
        while let Some(request) = self.next(experiment) {
            let outcome = self.outcome(&request).await;
            self.notebook.keep(request.name, outcome);
        }
        self.outcomes.conclude(experiment, &self.setup, &mut self.notebook);
    }

    fn next(&self, experiment: &Experiment) -> Option<Request> {
        let requests = (experiment.requests)(&self.setup, &self.notebook);
        requests.into_iter().find(|request| !self.notebook.has(&request.name))
    }

    fn reason_not_to(&self, experiment: &Experiment) -> Option<Unsettled> {
        if let Some(reason) = &self.no_access {
            let needs = "an application and a user that may see analytics";
            return Some(Unsettled::new(format!("the API refuses to answer: {reason}"), needs));
        }
        if experiments::is_quiet(&self.notebook) {
            return Some(experiments::period_has_calls());
        }
        (experiment.may_be_refused && !self.allowed.refusals).then(|| {
            let reason = "its request may be refused, so it wasn't sent";
            Unsettled::new(reason, "a run with --with-refusals")
        })
    }

    async fn outcome(&mut self, request: &Request) -> Outcome {
        if self.closed.contains(&request.family) {
            return Outcome::Missing("the quota is used up".to_owned());
        }
        if self.outcomes.requests >= self.allowed.budget {
            self.is_cut_short = true;
            return Outcome::Missing("the budget of requests is used up".to_owned());
        }
        if !self.is_heard && self.failures.len() == MOST_FAILURES {
            return Outcome::Missing("the server isn't reached".to_owned());
        }
        if !self.has_report && self.refused.len() == MOST_REFUSALS {
            return Outcome::Missing("the API refused the first requests".to_owned());
        }
        self.outcomes.requests += 1;
        let Request { path, query, body, is_about_encoding, .. } = request;
        let reply = if *is_about_encoding {
            self.sender.encoding(path, query, body.as_ref()).await
        } else {
            self.sender.send(path, query, body.as_ref()).await
        };
        self.notebook.keep_head(&request.name, self.sender.head());
        self.is_heard |= !matches!(reply, Reply::Failed(_));
        match reply {
            Reply::Answered(answer) => {
                self.has_report |= request.family == Family::Reports;
                Outcome::Answered(answer)
            }
            Reply::Refused { status, codes } => {
                self.outcomes.refusals += 1;
                let refusal = Refusal { status, codes };
                if request.family == Family::Reports {
                    self.refused.push(refusal.clone());
                }
                Outcome::Refused(refusal)
            }
            Reply::NoQuota { was_refused } => {
                self.outcomes.refusals += u32::from(was_refused);
                self.closed.insert(request.family);
                Outcome::Missing("the quota is used up".to_owned())
            }
            Reply::NoAccess(reason) => {
                self.outcomes.refusals += 1;
                // Who has got a report may get others.
                if request.family == Family::Reports && !self.has_report {
                    self.no_access = Some(reason.clone());
                }
                Outcome::Missing(format!("the API refuses to answer: {reason}"))
            }
            Reply::Failed(reason) => {
                let missing = format!("the request failed: {reason}");
                self.failures.push(reason);
                Outcome::Missing(missing)
            }
        }
    }

    /// Adds what the responses show besides their numbers.
    pub(crate) fn find(&mut self, name: &'static str, value: String, evidence: &str) {
        let evidence = evidence.to_owned();
        self.outcomes.findings.insert(name, Ok(Finding { value, evidence }));
    }

    fn say_what_it_was(&mut self) {
        let note = if experiments::is_quiet(&self.notebook) {
            "The account had no calls in the period, so that nothing can be observed."
        } else if self.is_cut_short {
            "The budget was used up before all was asked; --budget allows more requests."
        } else if self.closed.contains(&Family::Reports) {
            "The quota is used up; run it again in a few minutes."
        } else {
            return;
        };
        self.outcomes.notes.push(note.to_owned());
    }
}
