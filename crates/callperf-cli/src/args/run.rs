//! The arguments of `run` and `reports`.

use std::path::PathBuf;

use clap::Args;

pub(super) const RUN_HELP: &str = "\
A saved report is a table of the configuration file, with the options of the command line by
their long names:

  [reports.monday]
  preset = \"queues\"
  last-week = true
  compare-to = \"previous\"
  targets = true
  out = \"monday.xlsx\"

A queue of agents-of or queue-hours is `of = \"Support\"`. Options after the name take the place of the saved ones:
  callperf run monday --month 2026-10 --out october.xlsx

Every Monday at seven, by cron, and never two at once:
  0 7 * * 1  flock -n /tmp/monday.lock callperf run monday --quiet";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A configuration file at another than its usual place
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The saved report's name
    pub(crate) name: String,
    /// Options that take the place of the saved ones
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    pub(crate) more: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SavedArgs {
    /// A configuration file at another than its usual place
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
