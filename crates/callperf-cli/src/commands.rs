//! The commands.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    path::Path,
};

use callperf::{Api, Client, ClientBuilder, Credentials, RetryPolicy};
use callperf_sandbox::Sandbox;
use jiff::Timestamp;
use schemars::schema_for;
use serde::Serialize;

use crate::{
    Failure,
    args::{
        Arguments, Command, ConnectionArgs, DataArgs, DemoArgs, Described, Format, QueryArgs,
        ReportArgs, SandboxArgs, SchemaArgs, TimelineArgs,
    },
    document::{self, Asked, Report, Timeline},
    glossary, render, words,
};

type Done = Result<(), Failure>;

pub(crate) async fn run(arguments: Arguments) -> Done {
    match arguments.command {
        Command::Report(args) => report(args).await,
        Command::Timeline(args) => timeline(args).await,
        Command::Sandbox(args) => sandbox(args).await,
        Command::Demo(args) => demo(args).await,
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

fn connect(args: &ConnectionArgs) -> Result<Client, Failure> {
    let builder = match &args.credentials {
        Some(file) => from_file(file)?,
        None => Client::builder_from_env().map_err(|error| {
            Failure::Usage(format!("{error}; set them, or name a file with --credentials"))
        })?,
    };
    let retry = RetryPolicy::default().attempts(args.attempts);
    let builder = builder.api(args.api()).strict(args.strict).retry(retry);
    Ok(builder.application(APPLICATION).build()?)
}

const APPLICATION: &str = concat!("callperf-cli/", env!("CARGO_PKG_VERSION"));

/// Settings from a file of the lines that `callperf sandbox` prints.
fn from_file(file: &Path) -> Result<ClientBuilder, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("--credentials: {name}: {error}")))?;
    let values: BTreeMap<&str, &str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_matches(['"', '\''])))
        .collect();
    let value = |wanted: &str| {
        values.get(wanted).copied().filter(|value| !value.is_empty()).ok_or_else(|| {
            Failure::Usage(format!("--credentials: {name}: there is no line {wanted}=…"))
        })
    };
    let builder = Client::builder().credentials(Credentials::jwt(
        value("RC_APP_CLIENT_ID")?,
        value("RC_APP_CLIENT_SECRET")?,
        value("RC_USER_JWT")?,
    ));
    Ok(match value("RC_SERVER_URL") {
        Ok(url) => builder.server(url),
        Err(_) => builder,
    })
}

async fn start(data: &DataArgs, port: u16) -> Result<Sandbox, Failure> {
    let builder = Sandbox::builder().seed(data.seed).port(port);
    let builder = match data.now {
        Some(now) => builder.now(now),
        None => builder,
    };
    Ok(builder.start().await?)
}

async fn sandbox(args: SandboxArgs) -> Done {
    let sandbox = start(&args.data, args.port).await?;
    {
        let mut out = io::stdout().lock();
        writeln!(out, "RC_SERVER_URL={}", sandbox.url())?;
        writeln!(out, "RC_APP_CLIENT_ID={}", sandbox.client_id())?;
        writeln!(out, "RC_APP_CLIENT_SECRET={}", sandbox.client_secret())?;
        writeln!(out, "RC_USER_JWT={}", sandbox.jwt())?;
        out.flush()?;
    }
    eprintln!("callperf: the sandbox serves until it is interrupted (Ctrl-C)");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn schema(args: &SchemaArgs) -> Done {
    let schema = match args.of {
        Described::Report => schema_for!(Report),
        Described::Timeline => schema_for!(Timeline),
    };
    Ok(print_json(&mut io::stdout().lock(), &schema)?)
}

/// The reports of the demo: as they are typed, less the connection.
const DEMO_REPORTS: [&str; 2] = [
    "report --group-by queues --last 7d --time-zone America/New_York \
     --calls all,by-result --time-spent by-segment --where direction=inbound",
    "report --group-by users --last 7d --time-zone America/New_York \
     --calls all,by-direction --time-spent all",
];
const DEMO_TIMELINE: &str = "timeline --interval day --group-by company --last 7d \
     --time-zone America/New_York --calls all,by-direction --time-spent all";

async fn demo(args: DemoArgs) -> Done {
    let sandbox = start(&args.data, 0).await?;
    let builder = Client::builder()
        .server(sandbox.url())
        .credentials(Credentials::jwt(sandbox.client_id(), sandbox.client_secret(), sandbox.jwt()))
        .api(args.api())
        .application(APPLICATION);
    let clock = args.data.now;
    let client = match clock {
        Some(now) => builder.clock(move || now).build()?,
        None => builder.build()?,
    };
    let now = clock.unwrap_or_else(Timestamp::now);
    let demo = Demo { client, now, format: args.output.format };
    let mut shown = Vec::new();
    for line in DEMO_REPORTS {
        shown.push(demo.show(line).await?);
    }
    if args.api() == Api::Beta {
        eprintln!("callperf: note: the beta has no timeline, so the demo leaves it out");
    } else {
        shown.push(demo.show(DEMO_TIMELINE).await?);
    }
    if args.output.format == Format::Json {
        print_json(&mut io::stdout().lock(), &shown)?;
    }
    epilogue(&args);
    Ok(())
}

struct Demo {
    client: Client,
    now: Timestamp,
    format: Format,
}

/// A report of the demo with the command that makes it.
#[derive(Serialize)]
struct Shown {
    command: String,
    answer: serde_json::Value,
}

impl Demo {
    /// Runs one command line of the program against the sandbox.
    async fn show(&self, line: &str) -> Result<Shown, Failure> {
        use clap::Parser as _;
        let mut command = format!("callperf {line}");
        if self.client.api() == Api::Beta {
            command.push_str(" --api beta");
        }
        let arguments = Arguments::try_parse_from(command.split_whitespace())
            .map_err(|error| Failure::Usage(error.to_string()))?;
        if self.format != Format::Json {
            writeln!(io::stdout(), "$ {}\n", broken(&command))?;
        }
        let answer = match arguments.command {
            Command::Report(args) => {
                let query = words::query(&args.query, self.now)?;
                let report = document::report(&self.client, &query, asked(&args.query)).await?;
                self.print(&report, show_report)?
            }
            Command::Timeline(TimelineArgs { interval, report: args }) => {
                let query = words::query(&args.query, self.now)?;
                let interval = words::interval(&interval)?;
                let asked = asked(&args.query);
                let timeline = document::timeline(&self.client, &query, interval, asked).await?;
                self.print(&timeline, show_timeline)?
            }
            _ => unreachable!("the demo's lines are reports and timelines"),
        };
        Ok(Shown { command, answer })
    }

    /// Shows a document at once, but for JSON, which is one document in the end.
    fn print<D: Serialize>(
        &self,
        document: &D,
        show: impl Fn(&D, Format) -> Done,
    ) -> Result<serde_json::Value, Failure> {
        if self.format == Format::Json {
            return Ok(serde_json::to_value(document).map_err(io::Error::from)?);
        }
        show(document, self.format)?;
        writeln!(io::stdout(), "\n")?;
        Ok(serde_json::Value::Null)
    }
}

/// A command line on several lines, as it can be pasted.
fn broken(command: &str) -> String {
    command.replace(" --calls", " \\\n    --calls").replace(" --time-zone", " \\\n    --time-zone")
}

fn epilogue(args: &DemoArgs) {
    eprintln!(
        "callperf: these calls are made up (seed {}). To try your own reports on them:\n\
         \x20 callperf sandbox --port 8080 --seed {} > sandbox.env &\n\
         \x20 callperf report --credentials sandbox.env --group-by users --last 7d --calls all",
        args.data.seed, args.data.seed
    );
}
