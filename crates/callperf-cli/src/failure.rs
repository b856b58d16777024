//! Why the program ends early, and with which code.

use callperf::ErrorKind;

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
}

impl Failure {
    /// 2 usage, 3 authentication or permission, 4 quota or deadline, 5 refused
    /// by the API or an answer that makes no sense, 6 network or server fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Sandbox(_) => 2,
            Self::Output(_) => 6,
            Self::Api(error) => match error.kind() {
                ErrorKind::Query | ErrorKind::Settings => 2,
                ErrorKind::Authentication | ErrorKind::Permission => 3,
                ErrorKind::Quota | ErrorKind::Deadline => 4,
                ErrorKind::Refused | ErrorKind::Answer => 5,
                _ => 6,
            },
        }
    }
}

/// The error with its causes and what to do next.
fn explained(error: &callperf::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let wait = error
        .retry_after()
        .map(|wait| format!("wait {} seconds before the next request", wait.as_secs()));
    let excerpt = error.body_excerpt().map(str::trim).filter(|excerpt| !excerpt.is_empty());
    std::iter::once(error.to_string())
        .chain(causes.map(|cause| format!("caused by: {cause}")))
        .chain(wait)
        .chain(excerpt.map(|excerpt| format!("the answer began: {excerpt}")))
        .collect::<Vec<_>>()
        .join("\n  ")
}
