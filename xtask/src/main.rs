use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use xtask::adopt::{Adopted, Adoption, adopt, adopt_all};
use xtask::bench::{Bench, NAMES, bench};
use xtask::browser::browser;
use xtask::catalogue::Api;
use xtask::coverage::{UNCOVERED, coverage};
use xtask::diff::{self, Format, compare, sources};
use xtask::error::{Error, Problem, Result};
use xtask::fetch::{self, Fetch, fetch};
use xtask::generate::generate;
use xtask::import::{Import, doubt, import};
use xtask::matrix::{matrix, target, write_responses};
use xtask::public_api::public_api;
use xtask::responses::responses;
use xtask::shown::shown;
use xtask::workspace::{self, Changes, Workspace};

/// Keeps the specification and the generated client.
///
/// Exit codes of all commands but `diff`: 0 done, 2 usage, 3 the input is wrong and nothing was changed, 4
/// something is stale or does not go together; of `fetch` alone, 5 a document is new, 6 the network failed.
///
/// Exit codes of `diff`: 0 nothing or documentation only, 1 additive, 2 breaking, 3 failed or usage.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    /// The workspace that cargo runs this in, unless it is given.
    #[arg(long, global = true, hide = true, default_value_os_t = workspace::root())]
    workspace: PathBuf,
    /// The day that it is, for tests.
    #[arg(long, global = true, hide = true, value_parser = date, default_value_t = today())]
    today: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the demo's dashboard in Chromium and try what its readers do.
    ///
    /// Needs node, npm and Debian's chromium; everything else, and the screenshots, are below
    /// target/browser.
    Browser,
    /// Take a vendor document in as a revision: its interface, without its prose.
    Import {
        #[arg(
            help = "OpenAPI 3.0, 3.1 or 3.2 as JSON or YAML; a slice or the vendor's whole document"
        )]
        file: PathBuf,
        #[arg(long)]
        api: Api,
        /// The day it was published.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
        date: String,
    },
    /// Measure what has an aim, side by side with what it is compared with.
    ///
    /// Prints a table; xtask/src/bench/README.md has the last one. Everything is below target/bench. The
    /// official clients are installed there, with npm and pip.
    Bench {
        #[arg(value_name = "NAME", help = format!("Rows to measure: {}; by default all", NAMES.join(", ")))]
        names: Vec<String>,
        /// Write the table as JSON, too.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// How often each competitor has its turn.
        #[arg(long, value_name = "N", default_value_t = 5)]
        rounds: usize,
        /// The vendor's whole document, for the row `adopt`.
        #[arg(long, value_name = "FILE")]
        platform: Option<PathBuf>,
        /// Build and test everything after adopting it, too: many minutes.
        #[arg(long, requires = "platform")]
        rebuild: bool,
        /// Exit with 4 if an aim is missed.
        #[arg(long)]
        check: bool,
    },
    /// Import a vendor document and make it the one that the client is generated from.
    Adopt {
        #[arg(
            help = "OpenAPI 3.0, 3.1 or 3.2 as JSON or YAML; a slice or the vendor's whole document"
        )]
        file: PathBuf,
        /// Adopt it for this api only [default: each api that it has every operation of]
        #[arg(long)]
        api: Option<Api>,
        /// The day it was published.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
        date: String,
        /// Go back to an older revision.
        #[arg(long)]
        force: bool,
    },
    /// Bring the vendor's newest document and compare it with the newest revisions.
    ///
    /// Prints `fresh` or `changed` first. Exit codes: 0 fresh, 5 changed, 3 it is no document of an api, 6 the
    /// network failed. Nothing is written after 3 and 6. No other command uses the network.
    Fetch {
        #[arg(
            value_name = "URL|FILE",
            help = "https address or file; by default the address in openapi/revisions.toml"
        )]
        from: Option<String>,
        /// Write the document here [default: below target/fetch].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = fetch::Format::Text)]
        format: fetch::Format,
        /// Give up after this time.
        #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
        timeout: Duration,
    },
    /// Write the lowered documents and the clients in callperf-raw.
    Generate {
        /// Write nothing; exit with 4 if a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Print what the documents have and the vocabulary of crates/callperf lacks.
    Coverage {
        #[arg(long)]
        api: Option<Api>,
    },
    /// Print what changed from one revision or document to another.
    ///
    /// Exit codes: 0 nothing or documentation only, 1 additive, 2 breaking, 3 failed or usage.
    Diff {
        #[arg(value_names = ["API@DATE|FILE"])]
        old: String,
        #[arg(value_names = ["API@DATE|FILE"])]
        new: String,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Build a client of every revision and let it read the full responses of all others.
    ///
    /// Everything is below target/matrix. Exits with 4 unless every client keeps every value.
    Matrix,
    /// List the public API of callperf.
    PublicApi {
        /// Write nothing; exit with 4 if the list is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Write the full responses of every revision.
    Responses {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    // A generator that panics quotes the document.
    panic::set_hook(Box::new(|panicked| {
        panicked.to_string().lines().for_each(|line| eprintln!("{}", shown(line)));
    }));
    let arguments = Arguments::try_parse().unwrap_or_else(|error| refuse(&error));
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// A usage error of `diff` must not look like a breaking change.
fn refuse(error: &clap::Error) -> ! {
    let is_diff = std::env::args().any(|argument| argument == "diff");
    if error.use_stderr() && is_diff {
        let _ = error.print();
        std::process::exit(3);
    }
    error.exit()
}

fn run(arguments: &Arguments) -> Result<u8> {
    let workspace = Workspace::new(arguments.workspace.clone());
    match &arguments.command {
        Command::Browser => browser(&workspace, &target(&workspace))?,
        Command::Import { file, api, date } => match import(&workspace, file, *api, date)? {
            Import::Unchanged => println!("{api} {date} is already there, unchanged"),
            Import::New(changes) => {
                changes.commit(&workspace)?;
                warn_of(date, &arguments.today);
                println!("{api} {date} is new");
            }
        },
        Command::Adopt { file, api: Some(api), date, force } => {
            let adoption = adopt(&workspace, file, *api, date, *force)?;
            adoption.changes.commit(&workspace)?;
            warn_of(date, &arguments.today);
            report(&adoption);
        }
        Command::Adopt { file, api: None, date, force } => {
            let adopted = adopt_all(&workspace, file, date, *force)?;
            adopted.changes.commit(&workspace)?;
            warn_of(date, &arguments.today);
            report_all(&adopted);
        }
        Command::Bench { names, json, rounds, platform, rebuild, check } => {
            let (names, platform) = (names.clone(), platform.clone());
            let settings = Bench { names, rounds: *rounds, platform, rebuild: *rebuild };
            let measured = bench(&workspace, &target(&workspace), &settings)?;
            print!("{}", measured.markdown);
            if let Some(file) = json {
                std::fs::write(file, measured.json).map_err(|e| Problem::unwritable(file, &e))?;
            }
            if *check && !measured.missed.is_empty() {
                return Err(Error::Mismatch(measured.missed));
            }
        }
        Command::Fetch { from, out, format, timeout } => {
            let (from, out, timeout) = (from.as_deref(), out.as_deref(), *timeout);
            let fetched = fetch(&workspace, &target(&workspace), &Fetch { from, out, timeout })?;
            print!("{}", fetched.formatted(*format));
            return Ok(fetched.exit_code());
        }
        Command::Generate { check } => {
            finish(&workspace, &generate(&workspace)?, *check, "cargo xtask generate")?;
        }
        Command::PublicApi { check } => {
            let changes = public_api(&workspace, &target(&workspace))?;
            finish(&workspace, &changes, *check, "cargo xtask public-api")?;
        }
        Command::Coverage { api } => {
            let coverage = coverage(&workspace, *api)?;
            coverage.missing.iter().for_each(|place| println!("{}", shown(&place.to_string())));
            eprintln!("{} listed in {UNCOVERED}", coverage.listed.len());
            coverage.check()?;
        }
        Command::Diff { old, new, format } => {
            let (old, new) = sources(&workspace, old, new)?;
            let differences = compare(&workspace, &old, &new)?;
            print!("{}", diff::format((&old.label, &new.label), &differences, *format));
            return Ok(diff::exit_code(&differences));
        }
        Command::Matrix => print!("{}", matrix(&workspace, &target(&workspace))?),
        Command::Responses { out } => write_responses(&responses(&workspace)?, out)?,
    }
    Ok(0)
}

/// Writes what is to be written, or says that it isn't there yet.
fn finish(
    workspace: &Workspace,
    changes: &Changes,
    check: bool,
    command: &'static str,
) -> Result<()> {
    if check { changes.check(workspace, command) } else { changes.commit(workspace) }
}

fn warn_of(date: &str, today: &str) {
    if let Some(doubt) = doubt(date, today) {
        eprintln!("{doubt}");
    }
}

fn today() -> String {
    jiff::ZonedDateTime::now().date().to_string()
}

fn report_all(adopted: &Adopted) {
    for api in &adopted.fresh {
        println!("{api}: nothing is new");
    }
    for (api, problem) in &adopted.lacking {
        println!("{api}: not adopted: {problem}");
    }
    for (api, adoption) in &adopted.apis {
        print!("{api}: ");
        report(adoption);
    }
}

fn report(adoption: &Adoption) {
    if let Some(forced) = &adoption.forced {
        eprintln!("{forced}");
    }
    println!("{}", diff::summary(&adoption.differences));
    println!("to do:");
    if adoption.to_do.is_empty() {
        println!("  nothing");
    }
    adoption.to_do.iter().for_each(|line| println!("  {}", shown(line)));
}

fn date(text: &str) -> Result<String, String> {
    let refusal = "is not a date like 2025-03-11";
    xtask::date::is_date(text).then(|| text.to_owned()).ok_or_else(|| refusal.to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds
        .filter(|it| !it.is_zero())
        .ok_or_else(|| "is not a number of seconds like 120".to_owned())
}
