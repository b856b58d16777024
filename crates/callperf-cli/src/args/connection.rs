//! The arguments that say whom to ask.

use std::path::PathBuf;

use callperf::Api;
use clap::Args;

use crate::{options::ProfileArgs, server_revision::ServerRevision};

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// The API to speak
    #[arg(long, value_name = "API", default_value = "calls-v1", value_parser = ["beta", "calls-v1"])]
    pub(crate) api: String,
    /// The revision of the API that an older server speaks, as in 2023-03-27 or beta@2021-07-19:
    /// requests have its names, and what it lacks is refused
    #[arg(long, value_name = "DATE")]
    pub(crate) server_revision: Option<ServerRevision>,
    /// A file of the lines that `callperf sandbox` prints, for the environment
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub(crate) credentials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// How often a request is tried when the server or the network fails
    #[arg(long, value_name = "TIMES", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) attempts: u32,
    /// Follow what `callperf calibrate` settled, by its file; by default that of the profile. One of
    /// another server is followed with a warning
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// Fail on a record that can't be understood, instead of leaving it out
    #[arg(long)]
    pub(crate) strict: bool,
}

impl ConnectionArgs {
    pub(crate) fn api(&self) -> Api {
        api(&self.api)
    }
}

/// The parser has let known names pass only.
pub(crate) fn api(name: &str) -> Api {
    name.parse().unwrap_or_default()
}
