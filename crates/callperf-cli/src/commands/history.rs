//! The `history` command: what else there is to do with a history of `sync`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    path::Path,
};

use callperf_history::{DataFile, Dialect, Error, Forgotten, History};

use crate::{
    Failure,
    args::history::{
        Engine, FileList, FilesArgs, ForgetArgs, HistoryArgs, HistoryCommand, ViewsArgs,
    },
    console::{self, counted},
    history,
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
            let paths = quoted(paths, '\'', "''");
            format!(
                "CREATE OR REPLACE VIEW callperf_{table} AS FROM read_parquet([\n{paths}], \
                 hive_partitioning = true);\n"
            )
        }),
        FileList::Spark => of_tables(&files, |table, paths| {
            let base = quoted(&[folder.join(table).as_path()], '"', "\\\"");
            let paths = quoted(paths, '"', "\\\"");
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
fn quoted(paths: &[&Path], quote: char, escaped: &str) -> String {
    let line = |path: &&Path| {
        let path = path.to_string_lossy().replace(quote, escaped);
        format!("    {quote}{path}{quote},\n")
    };
    paths.iter().map(line).collect()
}

fn forget(ForgetArgs { folder, who }: &ForgetArgs) -> Result<(), Failure> {
    let failed = |error| history::failure(error, folder);
    let history = History::open(folder);
    let listed = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join(", ");
    // Before names are looked up: files that are half-way have some of them no more.
    let finished = history.finish_forgetting().map_err(failed)?;
    if !finished.is_empty() {
        console::note(&format!(
            "note: {}: an earlier run began to erase it, and that is finished now",
            listed(&finished)
        ));
    }
    let reader = history.reader().map_err(failed)?;
    let (mut keys, mut reasons) = (Vec::new(), Vec::new());
    for text in who {
        match reader.key_of(text) {
            Ok(key) => {
                if key != *text {
                    console::note(&format!("note: {text:?} is the key {key}"));
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
    let forgotten = history.forget(keys).map_err(failed)?;
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
    if !reader.has_figures() && !reader.has_agents() {
        console::note(&format!(
            "note: {folder} has no key figures, so the views are of its days alone; `callperf sync \
             --migrate` adds them"
        ));
    }
    let sql = reader.views(folder, dialect);
    Ok(io::stdout().lock().write_all(sql.as_bytes())?)
}
