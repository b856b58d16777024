//! The `demo` command: the program's own commands, against a sandbox.

use std::io::{self, Write};

use callperf::{Api, Client, Credentials};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    dashboard,
    report::{answer, asked, series, tell, wanted},
    sandbox,
};
use crate::{
    Failure,
    args::{Arguments, Command, DemoArgs, OutputArgs},
    console::{self, note},
    failure::Done,
    format::Format,
    output::{self, Document, print_json},
    question::Question,
    text::APPLICATION,
    words,
};

/// The reports of the demo: as they are typed, less the connection.
const DEMO_REPORTS: [&str; 3] = [
    "report queues --last 7d --time-zone America/New_York",
    "report --group-by queues --last 7d --time-zone America/New_York \
     --calls all,by-result --time-spent by-segment --where direction=inbound",
    "report agents --last 7d --time-zone America/New_York --sort answered --top 10",
];
const DEMO_TIMELINE: &str = "timeline --interval day --group-by company --last 7d \
     --time-zone America/New_York --calls all,by-direction,by-ending-party --time-spent all";

pub(super) async fn run(args: DemoArgs) -> Done {
    let in_a_file = match args.format {
        Format::Parquet => Some(("parquet", "a Parquet file")),
        Format::Xlsx => Some(("xlsx", "a workbook")),
        _ => None,
    };
    if let Some((name, what)) = in_a_file {
        return Err(Failure::Usage(format!(
            "--format {name}: {what} holds one report; write one with \
             `callperf report --format {name} --out FILE`"
        )));
    }
    let page = args.page();
    page.as_deref().map_or(Ok(()), dashboard::check_demo)?;
    let sandbox = sandbox::start(&args.data).await?;
    let builder = Client::builder()
        .server(sandbox.url())
        .credentials(Credentials::jwt(sandbox.client_id(), sandbox.client_secret(), sandbox.jwt()))
        .api(args.api())
        .application(APPLICATION);
    // The clock stands where the calls of files end.
    let clock = args.data.now.or_else(|| args.data.data.is_some().then(|| sandbox.now()));
    let client = match clock {
        Some(now) => builder.clock(move || now).build()?,
        None => builder.build()?,
    };
    let now = clock.unwrap_or_else(Timestamp::now);
    let output = OutputArgs { format: Some(args.format), ..OutputArgs::default() };
    let demo = Demo { client, now, output };
    let mut shown = Vec::new();
    for line in DEMO_REPORTS {
        shown.push(demo.show(line).await?);
    }
    if args.api() == Api::Beta {
        note("note: the beta has no timeline, so the demo leaves it out");
    } else {
        shown.push(demo.show(DEMO_TIMELINE).await?);
    }
    if args.format == Format::Json {
        print_json(&mut io::stdout().lock(), &shown)?;
    }
    if let Some(page) = page {
        dashboard::write_demo(&demo.client, demo.now, &page).await?;
    }
    epilogue(&args);
    Ok(())
}

struct Demo {
    client: Client,
    now: Timestamp,
    output: OutputArgs,
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
        if self.output.format != Some(Format::Json) && !console::is_quiet() {
            writeln!(io::stdout(), "$ {}\n", broken(&command))?;
        }
        let answer = match arguments.command {
            Command::Report(args) => {
                let (question, wanted) = asked(&args, self.now)?;
                let report = answer(&self.client, question, &wanted, self.now).await?;
                tell(&report.heading.notices);
                self.print(&report, &Document::Report(&report))?
            }
            Command::Timeline(args) => {
                let question = Question::new(&args.question, self.now)?;
                let interval = words::interval(&args.interval)?;
                let wanted = wanted(&args.shown, &question)?;
                let timeline = series(&self.client, question, interval, &wanted, self.now).await?;
                tell(&timeline.heading.notices);
                self.print(&timeline, &Document::Timeline(&timeline))?
            }
            _ => unreachable!("the demo's lines are reports and timelines"),
        };
        Ok(Shown { command, answer })
    }

    /// Shows a document at once, but for JSON, which is one document in the end.
    fn print<D: Serialize>(
        &self,
        json: &D,
        document: &Document<'_>,
    ) -> Result<serde_json::Value, Failure> {
        if self.output.format == Some(Format::Json) {
            return Ok(serde_json::to_value(json).map_err(io::Error::from)?);
        }
        // The page is what a quiet demo is for.
        if !console::is_quiet() {
            output::show(document, &self.output)?;
            writeln!(io::stdout(), "\n")?;
        }
        Ok(serde_json::Value::Null)
    }
}

/// A command line on several lines, as it can be pasted.
fn broken(command: &str) -> String {
    command.replace(" --calls", " \\\n    --calls").replace(" --time-zone", " \\\n    --time-zone")
}

fn epilogue(args: &DemoArgs) {
    note(&format!(
        "these calls are made up (seed {}). To try your own reports on them:\n\
         \x20 callperf sandbox --port 8080 --seed {} > sandbox.env &\n\
         \x20 callperf report --credentials sandbox.env --group-by users --last 7d --calls all",
        args.data.seed, args.data.seed
    ));
}
