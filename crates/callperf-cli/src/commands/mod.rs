//! The commands.

mod demo;
mod sandbox;

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use schemars::schema_for;
use serde::Serialize;

use crate::{
    Failure,
    args::{
        Arguments, Command, Described, Format, QueryArgs, ReportArgs, SchemaArgs, TimelineArgs,
    },
    connection::connect,
    document::{self, Asked, Report, Timeline},
    glossary, render, words,
};

type Done = Result<(), Failure>;

pub(crate) async fn run(arguments: Arguments) -> Done {
    match arguments.command {
        Command::Report(args) => report(args).await,
        Command::Timeline(args) => timeline(args).await,
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Words(args) => glossary::print(&mut io::stdout().lock(), args.api.as_deref()),
        Command::Schema(args) => schema(&args),
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
        eprintln!("callperf: note: {notice}");
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
    };
    Ok(print_json(&mut io::stdout().lock(), &schema)?)
}
