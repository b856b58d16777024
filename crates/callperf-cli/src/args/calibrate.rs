//! The arguments of `calibrate`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

pub(crate) const CALIBRATE_HELP: &str = "\
All requests only read: they get numbers of calls, as reports do, and change nothing. --explain
prints each of them and sends none. About 30 requests are sent, or 40 with --with-refusals, which
fits into one minute of the documented quota. Each attempt of --attempts is one.

The exit code is 4 if the budget or the quota was used up before all requests were sent: the file is
valid, and a run with more of it settles more. It is 0 if all were sent, even if the account's calls
don't settle something; the file and the report say what and why. It is 3, 5 or 6 if nothing was
answered: the login was refused, the reports were, or the server wasn't reached.

The file has what is settled, with the numbers that settle it, what fits nothing that is known, and
what stays open and why. It has no names, keys, phone numbers and ids in it. It is written after
each experiment, so that an interrupted run leaves what it found out, and not at all if nothing is
settled or contradicted. Of an earlier file of the same server, it keeps what this run doesn't find
out, with the day on which that was found; what this run finds otherwise, it has beside that. A file
of another server is refused, and so is one that another run is about to write.

Use it with --calibration FILE, with `calibration` in a profile, or for a sandbox that behaves like
your account's API: callperf sandbox --calibration FILE";

#[derive(Debug, Args)]
pub(crate) struct CalibrationArgs {
    /// How many requests may be sent; by default 40, or 50 with --with-refusals
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..))]
    budget: Option<u32>,
    /// The file to write; what a calibration of the same server that is there has settled is kept
    #[arg(long, value_name = "FILE", default_value = "calibration.toml")]
    pub(crate) out: PathBuf,
    /// Print all requests and what they are for, and send none
    #[arg(long)]
    pub(crate) explain: bool,
    /// Also send the requests that the API may refuse; refusals (4xx) count against an
    /// application's approval
    #[arg(long)]
    pub(crate) with_refusals: bool,
    /// Take this to be the time, as for a sandbox whose clock stands still; reports reach back 184 days
    #[arg(long, value_name = "WHEN")]
    pub(crate) now: Option<Timestamp>,
}

impl CalibrationArgs {
    /// Enough for all requests, and for some that are tried again.
    pub(crate) fn budget(&self) -> u32 {
        self.budget.unwrap_or(if self.with_refusals { 50 } else { 40 })
    }
}
