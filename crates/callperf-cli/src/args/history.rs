//! The arguments of `history`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(crate) const HELP: &str = "\
Examples:
  Key figures by month in DuckDB:
    callperf history views history >views.sql
    duckdb -init views.sql -c 'FROM callperf_by_month'
  The files of a history in an object store, as a view of DuckDB:
    callperf history files s3://bucket/calls --format duckdb >files.sql
  Erase what there is of a person who has left:
    callperf history forget history \"Jane Doe\" --dry-run
    callperf history forget history \"Jane Doe\"";

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(subcommand)]
    pub(crate) command: HistoryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// List the files that a history consists of now: what an engine may read while a sync runs
    Files(FilesArgs),
    /// Print SQL that makes views of a folder: its rows, the newest names, the sums that key
    /// figures are computed from, and key figures by day and by month
    Views(ViewsArgs),
    /// Erase people from a folder: all their rows, with their names and numbers. Later runs of `sync`
    /// leave them out; of each the folder keeps a digest. To erase a key again does nothing
    Forget(ForgetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct FilesArgs {
    /// The folder, or the location in an object store
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Print a list as JSON, or what reads them in an engine
    #[arg(long, value_enum, default_value_t = FileList::Json)]
    pub(crate) format: FileList,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FileList {
    /// An array with an object for each file
    Json,
    /// SQL that makes a view of each table
    Duckdb,
    /// Python that makes a data frame of each table
    Spark,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    /// The folder, or the location in an object store
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Whom to erase: keys, extension numbers or names as the folder has them; with --yes queues,
    /// sites and phone numbers of the company, too
    #[arg(value_name = "WHO", required = true)]
    pub(crate) who: Vec<String>,
    /// Say what would be erased, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Erase also what isn't a user, whose rows are the calls of many: a queue, a site, an IVR menu
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ViewsArgs {
    /// The folder or the location, as the engine names it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write the SQL of this engine
    #[arg(long, value_enum, default_value_t = Engine::Duckdb)]
    pub(crate) engine: Engine,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    Duckdb,
    Spark,
}
