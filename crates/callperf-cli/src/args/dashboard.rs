//! The arguments of `dashboard`.

use std::path::PathBuf;

use clap::Args;

use super::{ConnectionArgs, PeriodArgs};

#[derive(Debug, Args)]
pub(crate) struct DashboardArgs {
    /// The file to write, whole or not at all; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// Take a key that an answer leaves out to have no such calls; by default
    /// what can't be told is absent
    #[arg(long)]
    pub(crate) missing_is_zero: bool,
    /// Answer from this folder of `callperf sync`, and send nothing. It has no busy hours, because
    /// hours of inbound calls aren't kept
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
