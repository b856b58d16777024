//! The `history` command: what else there is to do with a folder of `sync`.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::PathBuf,
};

use callperf_history::{Dialect, Error, Forgotten, History};
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
    callperf history forget history \"Jane Doe\"";

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
    /// leave them out; of each the folder keeps a digest. To erase a key again does nothing
    Forget(ForgetArgs),
}

#[derive(Debug, Args)]
struct ForgetArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What to erase: keys, extension numbers or names as the folder has them, or phone numbers of
    /// the company
    #[arg(value_name = "WHO", required = true)]
    who: Vec<String>,
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

fn forget(ForgetArgs { folder, who }: &ForgetArgs) -> Result<(), Failure> {
    let failed = |error| history::failure(error, folder);
    let history = History::open(folder);
    let reader = history.reader().map_err(failed)?;
    let mut keys = Vec::new();
    for text in who {
        match reader.key_of(text) {
            Ok(key) => {
                if key != *text {
                    console::note(&format!("note: {text:?} is the key {key}"));
                }
                keys.push(key);
            }
            // It may have been erased before, or it is the company's.
            Err(Error::NoKey { .. }) => keys.push(text.clone()),
            Err(error) => return Err(failed(error)),
        }
    }
    let forgotten = history.forget(keys).map_err(failed)?;
    let listed = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join(", ");
    if !forgotten.unknown.is_empty() {
        let unknown = listed(&forgotten.unknown);
        if forgotten.keys.is_empty() {
            let place = folder.display();
            return Err(Failure::Usage(format!(
                "{place} has no rows of {unknown}; what was erased before is known by its key"
            )));
        }
        console::note(&format!("note: there are no rows of {unknown}"));
    }
    if !forgotten.before.is_empty() {
        let before = listed(&forgotten.before);
        console::note(&format!("note: {before} was erased before, and nothing is left of it"));
    }
    let Forgotten { files, rows, keys, .. } = &forgotten;
    if keys.is_empty() {
        return Ok(());
    }
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
    if !reader.has_figures() {
        console::note(&format!(
            "note: {folder} has no key figures, so the views are of its days alone; `callperf sync \
             --migrate` adds them"
        ));
    }
    let sql = reader.views(folder, dialect);
    Ok(io::stdout().lock().write_all(sql.as_bytes())?)
}
