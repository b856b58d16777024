use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::catalogue::Api;
use xtask::error::Result;
use xtask::generate::generate;
use xtask::import::{Import, import};
use xtask::workspace::Workspace;

/// Keeps the specification and the generated client.
///
/// Exit codes: 0 done, 2 usage, 3 the input is wrong and nothing was changed, 4 a generated file is
/// stale.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[arg(long, global = true, hide = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."))]
    workspace: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take a vendor document in as a revision: its interface, without its prose.
    Import {
        #[arg(help = "OpenAPI 3.0 as JSON or YAML; a slice or the vendor's whole document")]
        file: PathBuf,
        #[arg(long)]
        api: Api,
        /// The day it was published.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
        date: String,
    },
    /// Write the lowered documents and the clients in callperf-raw.
    Generate {
        /// Write nothing; exit with 4 if a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::new(arguments.workspace.clone());
    match &arguments.command {
        Command::Import { file, api, date } => match import(&workspace, file, *api, date)? {
            Import::Unchanged => println!("{api} {date} is already there, unchanged"),
            Import::New(changes) => {
                changes.commit(&workspace)?;
                println!("{api} {date} is new");
            }
        },
        Command::Generate { check } => {
            let changes = generate(&workspace)?;
            if *check {
                changes.check(&workspace, "cargo xtask generate")?;
            } else {
                changes.commit(&workspace)?;
            }
        }
    }
    Ok(())
}

fn date(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.split('-').collect();
    let number = |i: usize, digits: usize| -> Option<u32> {
        let part = parts.get(i).filter(|p| p.len() == digits)?;
        part.parse().ok()
    };
    let is_date = parts.len() == 3
        && number(0, 4).is_some()
        && number(1, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(2, 2).is_some_and(|day| (1..=31).contains(&day));
    if is_date { Ok(text.to_owned()) } else { Err("is not a date like 2025-03-11".to_owned()) }
}
