//! Makes the experiments: sends their requests, keeps the budget, and stops where more would be
//! useless.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value as Json;

use super::{
    experiment::Experiment,
    experiments,
    notebook::{Head, Notebook, Outcome, Refusal},
    period::Setup,
    reading::is_report,
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
    /// How often a request is tried when the server or the network fails.
    pub(crate) attempts: u32,
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
    /// A failure of the server or the network that may pass, and how long the server asks to wait.
    Failing {
        reason: String,
        retry_after: Option<Duration>,
        /// Whether it counts as an error of the client's, as 408 does.
        is_refused: bool,
    },
    /// Any other failure; the next request may be answered.
    Failed(String),
    /// A response, and not of this API; another one may be.
    Unreadable,
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

    /// Waits before a request is tried again.
    fn wait(&mut self, failed: &Attempt<'_>) -> impl Future<Output = ()>;
}

/// An attempt that failed and is made again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) number: u32,
    pub(crate) reason: &'a str,
    pub(crate) delay: Duration,
}

/// So many requests that failed one after the other show that the server is down: before the first
/// answer, the run ends, and later the next ones are tried once each.
const MOST_FAILURES: u32 = 2;

/// After the first attempt, as the vendor advises; it doubles with each one.
const FIRST_DELAY: Duration = Duration::from_secs(2);
/// Who reads the report waits for no more than this.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

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
    /// Whether the server has said anything, and why the last request failed.
    is_heard: bool,
    failure: Option<String>,
    /// How many requests have failed since the last response.
    failed_in_a_row: u32,
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
            failure: None,
            failed_in_a_row: 0,
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
        self.conclude();
        keep(&self.outcomes)
    }

    /// What ended the run.
    pub(crate) fn end(&self) -> End {
        if !self.is_heard && self.failure.is_some() {
            End::Unreached
        } else if self.no_access.is_some() {
            End::NoAccess
        } else if !self.has_report && !self.refused.is_empty() {
            End::Refused
        } else if self.closed.contains(&Family::Reports) {
            End::NoQuota
        } else if self.is_cut_short {
            End::NoBudget
        } else {
            End::Done
        }
    }

    pub(crate) fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    async fn make(&mut self, experiment: &Experiment) {
        if let Some(unsettled) = self.reason_not_to(experiment) {
            self.outcomes.leave_open(experiment.settles(), &unsettled);
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
            return Some(no_access(reason));
        }
        if experiments::is_quiet(&self.notebook) {
            return Some(experiments::period_has_calls());
        }
        (experiment.may_be_refused && !self.allowed.refusals).then(|| {
            let reason = "its request may be refused, so it wasn't sent";
            Unsettled::unasked(reason, "a run with --with-refusals")
        })
    }

    async fn outcome(&mut self, request: &Request) -> Outcome {
        if let Some(reason) = self.reason_not_to_send(request.family) {
            return Outcome::Missing(reason);
        }
        let mut number = 1;
        let reply = loop {
            let reply = self.reply(request).await;
            let Reply::Failing { reason, retry_after, .. } = &reply else { break reply };
            let delay = retry_after.unwrap_or(FIRST_DELAY * 2_u32.saturating_pow(number - 1));
            if number >= self.attempts() || delay > LONGEST_DELAY || self.is_budget_used_up() {
                break reply;
            }
            self.sender.wait(&Attempt { number, reason, delay }).await;
            number += 1;
        };
        let reply = match reply {
            Reply::Answered(answer) if !is_readable(request, &answer) => Reply::Unreadable,
            reply => reply,
        };
        self.heard(request.family, reply)
    }

    /// Why a request can't be sent.
    fn reason_not_to_send(&mut self, family: Family) -> Option<Unsettled> {
        if self.closed.contains(&family) {
            return Some(no_quota());
        }
        if self.is_budget_used_up() {
            self.is_cut_short = true;
            let needs = match self.larger_budget() {
                Some(budget) => format!("a run with --budget {budget}"),
                None => "another run".to_owned(),
            };
            return Some(Unsettled::unasked("the budget of requests is used up", needs));
        }
        if !self.is_heard && self.failed_in_a_row >= MOST_FAILURES {
            return self.failure.as_deref().map(unreached);
        }
        if !self.has_report && self.refused.len() >= MOST_REFUSALS {
            return self.refused.last().map(all_refused);
        }
        None
    }

    fn is_budget_used_up(&self) -> bool {
        self.outcomes.requests >= self.allowed.budget
    }

    /// The budget that all requests would fit in, if this one is smaller.
    fn larger_budget(&self) -> Option<u32> {
        let most = most_requests(&self.setup, self.allowed.refusals);
        Some(most).filter(|most| *most > self.allowed.budget)
    }

    fn attempts(&self) -> u32 {
        if self.failed_in_a_row >= MOST_FAILURES { 1 } else { self.allowed.attempts }
    }

    async fn reply(&mut self, request: &Request) -> Reply {
        self.outcomes.requests += 1;
        let Request { path, query, body, is_about_encoding, .. } = request;
        let reply = if *is_about_encoding {
            self.sender.encoding(path, query, body.as_ref()).await
        } else {
            self.sender.send(path, query, body.as_ref()).await
        };
        self.notebook.keep_head(&request.name, self.sender.head());
        let is_refused = matches!(&reply, Reply::Failing { is_refused: true, .. });
        self.outcomes.refusals += u32::from(is_refused);
        reply
    }

    /// What the last reply to a request comes to.
    fn heard(&mut self, family: Family, reply: Reply) -> Outcome {
        let has_failed = matches!(reply, Reply::Failing { .. } | Reply::Failed(_));
        self.failed_in_a_row = if has_failed { self.failed_in_a_row + 1 } else { 0 };
        self.is_heard |= !has_failed && !matches!(reply, Reply::Unreadable);
        match reply {
            Reply::Answered(answer) => {
                self.has_report |= family == Family::Reports;
                Outcome::Answered(answer)
            }
            Reply::Refused { status, codes } => {
                self.outcomes.refusals += 1;
                let refusal = Refusal { status, codes };
                if family == Family::Reports {
                    self.refused.push(refusal.clone());
                }
                Outcome::Refused(refusal)
            }
            Reply::NoQuota { was_refused } => {
                self.outcomes.refusals += u32::from(was_refused);
                self.closed.insert(family);
                Outcome::Missing(no_quota())
            }
            Reply::NoAccess(reason) => {
                self.outcomes.refusals += 1;
                let missing = match family {
                    Family::Reports => no_access(&reason),
                    Family::Account => no_account(&reason),
                };
                // Who has got a report may get others.
                if family == Family::Reports && !self.has_report {
                    self.no_access = Some(reason);
                }
                Outcome::Missing(missing)
            }
            Reply::Failing { reason, .. } | Reply::Failed(reason) => self.failed(reason),
            Reply::Unreadable => self.failed("the response can't be read".to_owned()),
        }
    }

    fn failed(&mut self, reason: String) -> Outcome {
        let missing = request_failed(&reason);
        self.failure = Some(reason);
        Outcome::Missing(missing)
    }

    /// Adds what the responses show besides their numbers.
    pub(crate) fn find(&mut self, name: &'static str, value: String, evidence: &str) {
        let evidence = evidence.to_owned();
        self.outcomes.findings.insert(name, Ok(Finding { value, evidence }));
    }

    /// Says what the run was. If nothing was answered, everything is open for that one reason.
    fn conclude(&mut self) {
        let reason = match self.end() {
            End::Unreached => self.failure.as_deref().map(unreached),
            End::NoAccess => self.no_access.as_deref().map(no_access),
            End::Refused => self.refused.last().map(all_refused),
            End::NoQuota if !self.has_report => Some(no_quota()),
            _ => None,
        };
        if let Some(reason) = reason {
            self.outcomes.leave_all_open(&reason);
        }
        let note = if experiments::is_quiet(&self.notebook) {
            "The account had no calls in the period, so that nothing can be observed.".to_owned()
        } else {
            match self.what_is_left() {
                Some(what) => format!("This run is incomplete: {what}."),
                None => return,
            }
        };
        self.outcomes.notes.push(note);
    }

    /// What kept requests from being sent that another run can send, and what to do.
    pub(crate) fn what_is_left(&self) -> Option<String> {
        match self.end() {
            End::NoQuota => Some(
                "the quota was used up before all requests were sent; run it again in a few minutes"
                    .to_owned(),
            ),
            End::NoBudget => {
                let what = "the budget of requests was used up before all were sent";
                Some(match self.larger_budget() {
                    Some(budget) => format!("{what}; --budget {budget} is enough for all"),
                    None => format!("{what}, because some failed; run it again"),
                })
            }
            _ => None,
        }
    }
}

/// What is about the encoding has its own form, and the account's is read where it is needed.
fn is_readable(request: &Request, answer: &Json) -> bool {
    request.is_about_encoding || request.family != Family::Reports || is_report(answer)
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All that could be sent was sent.
    Done,
    /// No request got a response.
    Unreached,
    /// The login is refused.
    NoAccess,
    /// All reports were refused.
    Refused,
    /// The quota was used up.
    NoQuota,
    /// The budget was used up.
    NoBudget,
}

/// How many requests a run sends at most if each is answered at once.
pub(crate) fn most_requests(setup: &Setup, refusals: bool) -> u32 {
    let notebook = Notebook::explaining();
    let mut names = BTreeSet::new();
    let mut more = 0;
    for experiment in experiments::ALL.iter().filter(|it| refusals || !it.may_be_refused) {
        let requests = (experiment.requests)(setup, &notebook);
        names.extend(requests.into_iter().map(|request| request.name));
        more += experiment.repeats.map_or(0, |repeats| repeats.most);
    }
    u32::try_from(names.len()).map_or(u32::MAX, |count| count + more)
}

fn no_quota() -> Unsettled {
    Unsettled::unasked("the quota is used up", "another run in a few minutes")
}

fn no_access(reason: &str) -> Unsettled {
    let needs = "a login that the API accepts and that may see analytics; `callperf doctor` says \
                 what is missing";
    Unsettled::unasked(format!("the API refuses to answer this login: {reason}"), needs)
}

fn no_account(reason: &str) -> Unsettled {
    let needs = "an application with the permission ReadAccounts, and a user that may read the \
                 account and its queues";
    Unsettled::unasked(format!("the API refuses to show this login the account: {reason}"), needs)
}

fn unreached(reason: &str) -> Unsettled {
    let needs = "a server that answers; `callperf doctor` says what is wrong";
    Unsettled::unasked(format!("no request was answered: {reason}"), needs)
}

fn all_refused(refusal: &Refusal) -> Unsettled {
    let needs = "a server that answers reports; its error and `callperf doctor` say what is wrong";
    Unsettled::unasked(format!("the API refused the first requests: {refusal}"), needs)
}

fn request_failed(reason: &str) -> Unsettled {
    Unsettled::unasked(format!("the request failed: {reason}"), "another run, later")
}
