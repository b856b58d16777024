//! Why the program ends early, and with which code.

use std::{io, path::Path};

use callperf::{ErrorKind, rules, shown};
use serde_json::{Value as Json, json};

use crate::remedies::on_the_command_line;

/// What a command comes to.
pub(crate) type Done = Result<(), Failure>;

/// What ended the program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The arguments, the environment or a file can't be used. Code 2.
    #[error("{0}")]
    Usage(String),
    /// The API, or the way to it. Codes 2 to 6 by kind.
    #[error("{}", explained(.0))]
    Api(#[from] callperf::Error),
    /// The sandbox or its data can't be had as asked. Code 2.
    #[error("the sandbox: {0}")]
    Sandbox(#[from] callperf_sandbox::Error),
    /// Nothing can be written. Code 6.
    #[error("the output can't be written: {0}")]
    Output(#[from] std::io::Error),
    /// A file or a folder can't be written or read. Code 6.
    #[error("{0}")]
    File(String),
    /// The login in the browser was refused or didn't happen. Code 3.
    #[error("{0}")]
    Login(String),
    /// Another process holds the folder or the file. Code 4.
    #[error("{0}")]
    Busy(String),
    /// The quota or the budget ended before all was done; another run does the rest. Code 4.
    #[error("{0}")]
    Incomplete(String),
    /// A response can't be read, or earlier files are damaged or missing. Code 5.
    #[error("{0}")]
    Data(String),
    /// The API's names differ from those that are known. Code 5.
    #[error("{0}")]
    Drift(String),
    /// The server ignored a filter, so that its numbers are others than those asked for.
    /// Code 5.
    #[error("{0}")]
    Unfiltered(String),
    /// Figures missed their targets, and `--fail-on-target` was given; the report was written. Code 7.
    #[error("{}", missed(.0))]
    Missed(Vec<String>),
    /// Checks failed; what to say of them was printed. The code is the worst one's.
    #[error("{failed} of {all} checks failed")]
    Checks {
        /// How many failed.
        failed: usize,
        /// Of how many.
        all: usize,
        /// The worst one's code.
        code: u8,
    },
    /// Interrupted, as by Ctrl-C. Code 130.
    #[error("interrupted; {0}")]
    Interrupted(&'static str),
}

/// One line, and one for each target that was missed.
fn missed(targets: &[String]) -> String {
    let what = if targets.len() == 1 { "target was" } else { "targets were" };
    format!("{} {what} missed\n  {}", targets.len(), targets.join("\n  "))
}

impl Failure {
    /// 2 usage, 3 authentication or permission, 4 quota, deadline or another process holds the
    /// folder or file, 5 refused by the API or unreadable data, 6 network, server or file error,
    /// 7 a target was missed, 130 interrupted.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Sandbox(_) => 2,
            Self::Login(_) => 3,
            Self::Busy(_) | Self::Incomplete(_) => 4,
            Self::Data(_) | Self::Drift(_) | Self::Unfiltered(_) => 5,
            Self::Output(_) | Self::File(_) => 6,
            Self::Missed(_) => 7,
            Self::Checks { code, .. } => *code,
            Self::Interrupted(_) => 130,
            Self::Api(error) if is_of_a_file(error) => 6,
            Self::Api(error) => match error.kind() {
                ErrorKind::Query | ErrorKind::Settings => 2,
                ErrorKind::Authentication | ErrorKind::Permission => 3,
                ErrorKind::Quota | ErrorKind::Deadline => 4,
                ErrorKind::Refused | ErrorKind::Answer => 5,
                _ => 6,
            },
        }
    }

    /// About a file or a folder.
    pub(crate) fn file(place: &Path, error: &io::Error) -> Self {
        Self::File(format!("{}: {error}", place.display()))
    }

    /// In one word, for programs.
    fn kind(&self) -> String {
        match self {
            Self::Usage(_) => "usage".to_owned(),
            Self::Sandbox(_) => "sandbox".to_owned(),
            Self::Login(_) => "authentication".to_owned(),
            Self::Busy(_) => "busy".to_owned(),
            Self::Incomplete(_) => "incomplete".to_owned(),
            Self::Data(_) | Self::Drift(_) => "data".to_owned(),
            Self::Unfiltered(_) => "refused".to_owned(),
            Self::Output(_) => "output".to_owned(),
            Self::File(_) => "file".to_owned(),
            Self::Missed(_) => "target".to_owned(),
            Self::Checks { .. } => "checks".to_owned(),
            Self::Interrupted(_) => "interrupted".to_owned(),
            Self::Api(error) if is_of_a_file(error) => "file".to_owned(),
            Self::Api(error) => format!("{:?}", error.kind()).to_lowercase(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn next_step(&self) -> &'static str {
        match self {
            Self::Usage(_) => "change what the message names; --help explains the arguments",
            Self::Sandbox(_) => "choose another port or another instant",
            Self::Login(_) => "begin the login anew with `callperf login`",
            Self::Busy(_) => "wait until the other process has ended, and run it again",
            Self::Incomplete(_) => "run it again as the message says",
            Self::Data(_) => {
                "look at what the message names; what the API still has can be fetched again"
            }
            Self::Drift(_) => {
                "look for a newer version of callperf; if it reports the same, open an issue with the report"
            }
            Self::Unfiltered(_) => {
                "leave the filter out, or use a server whose revision of the API has it"
            }
            Self::Output(_) | Self::File(_) => {
                "see to space and rights at the place that the message names, and run it again"
            }
            Self::Missed(_) => "look at the rows that the message names; the report is complete",
            Self::Checks { .. } => "do what stands under each check that failed",
            Self::Interrupted(_) => "run it again",
            Self::Api(error) if is_of_a_file(error) => {
                "check free space and permissions at the place that the message names, and run it \
                 again"
            }
            Self::Api(error) if can_be_overridden(error) => {
                "change the arguments that the message names, or add --unchecked"
            }
            Self::Api(error) => next_step(error.kind()),
        }
    }

    /// One object for programs: what `--json-errors` prints.
    pub(crate) fn to_json(&self) -> Json {
        let api = match self {
            Self::Api(error) => Some(error),
            _ => None,
        };
        let api_errors = api.into_iter().flat_map(callperf::Error::api_errors);
        let codes: Vec<_> = api_errors.map(|error| error.code.as_str()).collect();
        json!({
            "kind": self.kind(),
            "message": self.to_string(),
            "exit_code": self.exit_code(),
            "status": api.and_then(callperf::Error::status),
            "request_id": api.and_then(callperf::Error::request_id),
            "api_codes": codes,
            "retry_after_seconds":
                api.and_then(callperf::Error::retry_after).map(|wait| wait.as_secs()),
            "next_step": self.next_step(),
        })
    }
}

pub(crate) fn next_step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Query => "change the arguments that the message names",
        ErrorKind::Settings => "change the setting that the message names",
        ErrorKind::Authentication => {
            "log in again with `callperf login`, or check client id, secret and JWT; `callperf \
             doctor` says which"
        }
        ErrorKind::Permission => {
            "give the application the Analytics permission, and the user a role that may see the \
             company's analytics"
        }
        ErrorKind::Quota => "wait before the next request: each one inside the penalty renews it",
        ErrorKind::Refused => "change the parameter that the message names",
        ErrorKind::Answer => {
            "do what the message names; without that, see whether a proxy answered in the server's \
             place"
        }
        ErrorKind::Network => "check the network, the server's address and the proxy",
        ErrorKind::Deadline | ErrorKind::Server => "try again later",
        _ => "`callperf doctor` checks the connection step by step",
    }
}

/// Whether --unchecked would send the query that the rules refuse.
fn can_be_overridden(error: &callperf::Error) -> bool {
    let is_overridable =
        |name: &str| rules::table().any(|rule| rule.name == name && rule.can_be_overridden);
    error.kind() == ErrorKind::Query
        && !error.problems().is_empty()
        && error.problems().iter().all(|problem| is_overridable(problem.rule()))
}

/// Whether the session store can't be used.
fn is_of_a_file(error: &callperf::Error) -> bool {
    let cause = std::error::Error::source(error);
    error.kind() == ErrorKind::Settings
        && cause.is_some_and(<dyn std::error::Error>::is::<io::Error>)
}

/// The error with its causes and what to do next.
fn explained(error: &callperf::Error) -> String {
    let message = error.to_string();
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes = causes.filter(|cause| !message.contains(&cause.to_string()));
    let wait = error
        .retry_after()
        .map(|wait| format!("wait {} seconds before the next request", wait.as_secs()));
    let excerpt = error.body_excerpt().map(str::trim).filter(|excerpt| !excerpt.is_empty());
    std::iter::once(error.to_string())
        .chain(causes.map(|cause| format!("caused by: {}", shown::text(&cause.to_string()))))
        .chain(wait)
        .chain(excerpt.map(|excerpt| format!("the answer began: {}", shown::text(excerpt))))
        .map(|part| on_the_command_line(&part))
        .collect::<Vec<_>>()
        .join("\n  ")
}
