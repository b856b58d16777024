//! Why a sandbox can't run.

use jiff::Timestamp;

use crate::data::files::DataError;
use crate::hint::did_you_mean;

/// Why a sandbox can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program has the port.
    #[error(
        "port {port} is taken by another program: choose another one, or 0 for any that is free"
    )]
    PortTaken {
        /// The port that was asked for.
        port: u16,
    },
    /// The port can't be had for another reason.
    #[error("cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The calendar ends too near to the given time.
    #[error("no calls can be placed before {now}: it is outside the years 1971 to 9998")]
    TimeOutOfRange {
        /// The time that was given.
        now: Timestamp,
    },
    /// No API has such a revision.
    #[error("there is no revision `{revision}`: there are {known}")]
    UnknownRevision {
        /// What was asked for.
        revision: String,
        /// Those that there are.
        known: String,
    },
    /// There is no such assumption.
    #[error(
        "there is no assumption `{name}`{}: there are {known}",
        did_you_mean(.name, .known.split(", "))
    )]
    UnknownAssumption {
        /// What was given.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// An assumption has no such value.
    #[error("`{name}` can't be `{value}`: expected is {known}")]
    UnknownChoice {
        /// The assumption.
        name: &'static str,
        /// What was given.
        value: String,
        /// The values that there are.
        known: String,
    },
    /// A calibration file can't be followed.
    #[error("{problem}")]
    Calibration {
        /// What is wrong, and on which line.
        problem: String,
    },
    /// What calls to invent was said in a way that isn't possible.
    #[error("{setting}: {reason}")]
    Setting {
        /// The method of [`Builder`](crate::Builder).
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The data can't be loaded or written.
    #[error("{0}")]
    Data(#[from] DataError),
}
