//! The commands.

pub(crate) mod completions;
mod demo;
mod doctor;
pub(crate) mod login;
pub(crate) mod logout;
mod sandbox;
pub(crate) mod status;
pub(crate) mod sync;

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use schemars::schema_for;
use serde::Serialize;

use crate::{
    Failure,
    args::{
        Arguments, Command, Described, Format, QueryArgs, ReportArgs, SchemaArgs, TimelineArgs,
    },
    config::Config,
    connection::connect,
    console,
    document::{self, Asked, Report, Timeline},
    glossary, render,
    sync::Row,
    words,
};

type Done = Result<(), Failure>;

/// Ctrl-C ends it wherever it waits; what it has written is whole by then.
pub(crate) async fn run(arguments: Arguments) -> Done {
    let interrupted = match arguments.command {
        // Its own way to end.
        Command::Sandbox(args) => return sandbox::run(args).await,
        Command::Login(_) => "nobody was logged in",
        Command::Sync(_) => "what is in the folder is whole, and the next run goes on from there",
        _ => "what was printed is whole, and nothing is half written",
    };
    tokio::select! {
        done = command(arguments.command) => done,
        signal = tokio::signal::ctrl_c() => {
            signal?;
            Err(Failure::Interrupted(interrupted))
        }
    }
}

async fn command(command: Command) -> Done {
    match command {
        Command::Report(args) => report(args).await,
        Command::Timeline(args) => timeline(args).await,
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Sync(args) => sync::run(args).await,
        Command::Login(args) => login::run(args).await,
        Command::Logout(args) => logout::run(args).await,
        Command::Status(args) => status::run(args).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Words(args) => glossary::print(&mut io::stdout().lock(), args.api.as_deref()),
        Command::Schema(args) => schema(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
    }
}

async fn report(args: ReportArgs) -> Done {
    let query = words::query(&args.query, Timestamp::now())?;
    let client = connect(&args.connection)?;
    let report = document::report(&client, &query, asked(&args.query)).await?;
    tell(&report.heading.notices);
    show_report(&report, args.output.format)
}

async fn timeline(TimelineArgs { interval, report: args }: TimelineArgs) -> Done {
    let query = words::query(&args.query, Timestamp::now())?;
    let interval = words::interval(&interval)?;
    let client = connect(&args.connection)?;
    let timeline = document::timeline(&client, &query, interval, asked(&args.query)).await?;
    tell(&timeline.heading.notices);
    show_timeline(&timeline, args.output.format)
}

fn asked(args: &QueryArgs) -> Asked<'_> {
    Asked { group_by: &args.group_by, time_zone: &args.time_zone }
}

fn tell(notices: &[String]) {
    for notice in notices {
        console::note(&format!("note: {notice}"));
    }
}

fn show_report(report: &Report, format: Format) -> Done {
    let mut out = io::stdout().lock();
    match format {
        Format::Table => render::report_table(&mut out, report, width())?,
        Format::Csv => render::report_csv(&mut out, report)?,
        Format::Json => print_json(&mut out, report)?,
    }
    Ok(())
}

fn show_timeline(timeline: &Timeline, format: Format) -> Done {
    let mut out = io::stdout().lock();
    match format {
        Format::Table => render::timeline_table(&mut out, timeline, width())?,
        Format::Csv => render::timeline_csv(&mut out, timeline)?,
        Format::Json => print_json(&mut out, timeline)?,
    }
    Ok(())
}

fn print_json(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// The columns of a terminal, or those of a page.
fn width() -> usize {
    const PAGE: usize = 80;
    if !io::stdout().is_terminal() {
        return PAGE;
    }
    terminal_size::terminal_size().map_or(PAGE, |(width, _)| usize::from(width.0))
}

fn schema(args: &SchemaArgs) -> Done {
    let schema = match args.of {
        Described::Report => schema_for!(Report),
        Described::Timeline => schema_for!(Timeline),
        Described::Sync => schema_for!(Row),
        Described::Config => schema_for!(Config),
    };
    Ok(print_json(&mut io::stdout().lock(), &schema)?)
}
