//! The `history` command: what else there is to do with a folder of `sync`.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::PathBuf,
};

use callperf_history::{Dialect, Forgotten, History, views, views_of_days};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    Failure,
    console::{self, counted},
    history,
};

pub(crate) const HELP: &str = "\
Examples:
  Key figures by month in DuckDB:
    callperf history views history >views.sql
    duckdb -init views.sql -c 'FROM callperf_by_month'
  Erase what there is of a person who has left:
    callperf history forget history 900000101";

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
    /// Erase keys from a folder: all their rows, with their names and numbers. Later runs of `sync`
    /// leave them out; of each the folder keeps a digest
    Forget(ForgetArgs),
}

#[derive(Debug, Args)]
struct ForgetArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The keys: ids of extensions, or numbers of the company
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
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
    match &args.command {
        HistoryCommand::Views(args) => print_views(args),
        HistoryCommand::Forget(args) => forget(args),
    }
}

fn forget(ForgetArgs { folder, keys }: &ForgetArgs) -> Result<(), Failure> {
    let forgotten = History::open(folder).forget(keys.iter().cloned());
    let forgotten = forgotten.map_err(|error| history::failure(error, folder))?;
    let listed = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join(", ");
    if !forgotten.unknown.is_empty() {
        let unknown = listed(&forgotten.unknown);
        if forgotten.keys.is_empty() {
            return Err(Failure::Usage(format!("{} has no rows of {unknown}", folder.display())));
        }
        console::note(&format!("note: there are no rows of {unknown}"));
    }
    let Forgotten { files, rows, keys, .. } = &forgotten;
    Ok(writeln!(
        io::stdout().lock(),
        "erased {}: {} in {}; later runs of `callperf sync` leave them out",
        listed(keys),
        counted(*rows, "row"),
        counted(*files, "file")
    )?)
}

fn print_views(ViewsArgs { folder, engine }: &ViewsArgs) -> Result<(), Failure> {
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
