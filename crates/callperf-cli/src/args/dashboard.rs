//! The arguments of `dashboard`.

use std::path::PathBuf;

use clap::Args;

use super::{connection::ConnectionArgs, report::PeriodArgs};

#[derive(Debug, Args)]
pub(crate) struct DashboardArgs {
    /// The file to write, whole or not at all; one that is there is replaced
    #[arg(long, value_name = "FILE", required_unless_present = "explain")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// Count a key that a response leaves out as zero calls; by default its
    /// numbers are unknown, and absent
    #[arg(long)]
    pub(crate) missing_is_zero: bool,
    /// Answer from this folder of `callperf sync`, and send nothing: the page has all days that
    /// it keeps. Busy hours are there if it keeps hours
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    /// Show only these queues: by key, extension number or name, with commas between them
    #[arg(long, value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Show so many of the best and of the worst users at first; the others are behind a button
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: u32,
    /// Call the page so, instead of after the company
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Print how many requests the page takes, and how long. Send nothing
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
