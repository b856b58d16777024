//! The arguments of `logout` and `status`.

use clap::Args;

use crate::options::ProfileArgs;

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
