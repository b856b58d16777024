//! The `history` command: what else there is to do with a history of `sync`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    path::Path,
};

use callperf::shown::quoted;
use callperf_history::{DataFile, Dialect, Error, Forgotten, History, Kinds};

use crate::{
    Failure,
    args::history::{
        Engine, FileList, FilesArgs, ForgetArgs, HistoryArgs, HistoryCommand, ViewsArgs,
    },
    console::{self, counted},
    history, words,
};

pub(super) fn run(args: &HistoryArgs) -> Result<(), Failure> {
    match &args.command {
        HistoryCommand::Files(args) => print_files(args),
        HistoryCommand::Views(args) => print_views(args),
        HistoryCommand::Forget(args) => forget(args),
    }
}

fn print_files(FilesArgs { folder, format }: &FilesArgs) -> Result<(), Failure> {
    let reader = History::open(folder).reader();
    let files = reader.map_err(|error| history::failure(error, folder))?.files();
    let text = match format {
        FileList::Json => {
            let text = serde_json::to_string_pretty(&files);
            text.map_err(io::Error::other)? + "\n"
        }
        FileList::Duckdb => of_tables(&files, |table, paths| {
            let paths = in_quotes(paths, '\'', "''");
            format!(
                "CREATE OR REPLACE VIEW callperf_{table} AS FROM read_parquet([\n{paths}], \
                 hive_partitioning = true);\n"
            )
        }),
        FileList::Spark => of_tables(&files, |table, paths| {
            let base = in_quotes(&[folder.join(table).as_path()], '"', "\\\"");
            let paths = in_quotes(paths, '"', "\\\"");
            let base = base.trim().trim_end_matches(',');
            format!("{table} = spark.read.option(\"basePath\", {base}).parquet(\n{paths})\n")
        }),
    };
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

fn of_tables(files: &[DataFile], text: impl Fn(&str, &[&Path]) -> String) -> String {
    let mut tables = BTreeMap::<_, Vec<_>>::new();
    for file in files {
        tables.entry(file.table.as_str()).or_default().push(Path::new(&file.path));
    }
    tables.iter().map(|(table, paths)| text(table, paths)).collect()
}

/// A line for each path.
fn in_quotes(paths: &[&Path], quote: char, escaped: &str) -> String {
    let line = |path: &&Path| {
        let path = path.to_string_lossy().replace(quote, escaped);
        format!("    {quote}{path}{quote},\n")
    };
    paths.iter().map(line).collect()
}

fn forget(args: &ForgetArgs) -> Result<(), Failure> {
    let folder = args.folder.as_path();
    let failed = |error| history::failure(error, folder);
    let history = History::open(folder);
    // Before names are looked up: files that are half-way have some of them no more.
    let finished = if args.dry_run { Ok(BTreeSet::new()) } else { history.finish_forgetting() };
    let finished = finished.map_err(failed)?;
    if !finished.is_empty() {
        console::note(&format!(
            "note: {}: an earlier run began to erase it, and that is finished now",
            listed(&finished)
        ));
    }
    let (keys, reasons) = keys_of(&history, args)?;
    let forgotten = match (args.dry_run, args.yes) {
        (true, _) => history.would_forget(keys),
        (false, true) => history.forget(keys),
        (false, false) => history.forget_users(keys),
    };
    let forgotten = forgotten.map_err(|error| match error {
        Error::NotUsers { kinds } => Failure::Usage(format!(
            "{}; --yes erases such, too, and --dry-run says what that would be",
            not_users(&kinds)
        )),
        error => failed(error),
    })?;
    if !forgotten.unknown.is_empty() {
        let unknown = listed(&forgotten.unknown);
        // What was finished has its names no more: it may have been meant.
        if forgotten.keys.is_empty() && finished.is_empty() {
            let place = folder.display();
            let reasons = reasons.join("\n  ");
            return Err(Failure::Usage(format!(
                "{place} has no rows of {unknown}; what was erased before is known by its key\n  \
                 {reasons}"
            )));
        }
        console::note(&format!("note: there are no rows of {unknown}"));
    }
    if !forgotten.before.is_empty() {
        let before = listed(&forgotten.before);
        console::note(&format!("note: {before} was erased before, and nothing is left of it"));
    }
    if forgotten.keys.is_empty() { Ok(()) } else { say_forgotten(args, &forgotten) }
}

/// Says what was erased, or would be.
fn say_forgotten(args: &ForgetArgs, forgotten: &Forgotten) -> Result<(), Failure> {
    let Forgotten { files, rows, keys, kinds, .. } = forgotten;
    let mut others = kinds.clone();
    others.retain(|_, kinds| !kinds.is_empty() && !kinds.contains(USERS));
    if args.dry_run && !args.yes && !others.is_empty() {
        console::note(&format!("note: {}, so it takes --yes", not_users(&others)));
    }
    let (keys, counted) = (listed(keys), (counted(*rows, "row"), counted(*files, "file")));
    let (rows, files) = counted;
    let line = if args.dry_run {
        format!("would erase {keys}: {rows} in {files}; nothing was changed")
    } else {
        format!("erased {keys}: {rows} in {files}; later runs of `callperf sync` leave them out")
    };
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

const USERS: &str = "Users";

fn listed(keys: &BTreeSet<String>) -> String {
    keys.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn not_users(kinds: &Kinds) -> String {
    let each = |(key, kinds): (&String, &BTreeSet<String>)| {
        let kinds: Vec<_> = kinds.iter().map(|kind| words::spoken(kind)).collect();
        format!("{key} isn't a user: it is one of the {}", kinds.join(" and "))
    };
    kinds.iter().map(each).collect::<Vec<_>>().join("; ")
}

/// The keys of those who are named, and why texts stand for none.
fn keys_of(history: &History, args: &ForgetArgs) -> Result<(Vec<String>, Vec<String>), Failure> {
    let failed = |error| history::failure(error, &args.folder);
    let reader = history.reader().map_err(failed)?;
    let (mut keys, mut reasons) = (Vec::new(), Vec::new());
    for text in &args.who {
        match reader.key_of(text) {
            Ok(key) => {
                if key != *text {
                    console::note(&format!("note: {} is the key {key}", quoted(text)));
                }
                keys.push(key);
            }
            // It may have been erased before, or it is the company's.
            Err(Error::NoKey { reason, .. }) => {
                reasons.push(reason);
                keys.push(text.clone());
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Ok((keys, reasons))
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
    if !reader.has_figures() && !reader.has_agents() {
        console::note(&format!(
            "note: {folder} has no key figures, so the views are of its days alone; `callperf sync \
             --migrate` adds them"
        ));
    }
    let sql = reader.views(folder, dialect);
    Ok(io::stdout().lock().write_all(sql.as_bytes())?)
}
