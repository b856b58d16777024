//! Arguments that several commands have in common.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct GlobalArgs {
    /// No notes and no progress, only data and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// An error as one JSON object on standard error; implies --quiet
    #[arg(long, global = true)]
    pub(crate) json_errors: bool,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ProfileArgs {
    /// The profile of the configuration file, as `callperf login` made it
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// A configuration file at another than its usual place
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
