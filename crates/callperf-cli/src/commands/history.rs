//! The `history` command: what else there is to do with a folder of `sync`.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use callperf_history::{Dialect, History, views, views_of_days};
use clap::{Args, Subcommand, ValueEnum};

use crate::{Failure, console, history};

pub(crate) const HELP: &str = "\
Examples:
  Key figures by month in DuckDB:
    callperf history views history >views.sql
    duckdb -init views.sql -c 'FROM callperf_by_month'";

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(subcommand)]
    command: HistoryCommand,
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// Print SQL that makes views of a folder: its rows, the newest names, the sums that key
    /// figures are computed from, and key figures by day and by month
    Views(ViewsArgs),
}

#[derive(Debug, Args)]
struct ViewsArgs {
    /// The folder, as the engine names it
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write the SQL of this engine
    #[arg(long, value_enum, default_value_t = Engine::Duckdb)]
    engine: Engine,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    Duckdb,
    Spark,
}

pub(super) fn run(args: &HistoryArgs) -> Result<(), Failure> {
    let HistoryCommand::Views(ViewsArgs { folder, engine }) = &args.command;
    let reader = History::open(folder).reader();
    let reader = reader.map_err(|error| history::failure(error, folder))?;
    if !reader.has_days() {
        return Err(Failure::Usage(format!(
            "{} has no days, which views are of; `callperf sync --daily GROUPINGS` keeps them",
            folder.display()
        )));
    }
    let dialect = match engine {
        Engine::Duckdb => Dialect::DuckDb,
        Engine::Spark => Dialect::Spark,
    };
    let Some(folder) = folder.to_str() else {
        return Err(Failure::Usage(format!(
            "{}: its name isn't UTF-8; rename the folder",
            folder.display()
        )));
    };
    let sql = if reader.has_figures() {
        views(folder, dialect)
    } else {
        console::note(&format!(
            "note: {folder} has no key figures, so the views are of its days alone; `callperf sync \
             --migrate` adds them"
        ));
        views_of_days(folder, dialect)
    };
    Ok(io::stdout().lock().write_all(sql.as_bytes())?)
}
