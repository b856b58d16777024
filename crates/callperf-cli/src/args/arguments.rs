//! The commands, with the arguments of each.

use std::{ffi::OsString, path::PathBuf};

use callperf::Api;
use callperf_sandbox::Limits;
use clap::{
    Arg, ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use jiff::Timestamp;

use super::{
    calibrate::{CALIBRATE_HELP, CalibrationArgs},
    completions::{CompletionsArgs, ManArgs},
    connection::{ConnectionArgs, api},
    dashboard::DashboardArgs,
    details,
    history::{self, HistoryArgs},
    login::{self, LoginArgs},
    report::{MORE, ReportArgs, TimelineArgs},
    run::{RUN_HELP, RunArgs, SavedArgs},
    session::{LogoutArgs, StatusArgs},
    sync::{self, SyncArgs},
};
use crate::{
    directory::{self, CompanyArgs},
    format::Format,
    options::GlobalArgs,
};

const AFTER_HELP: &str = "\
Try it without an account:
  callperf demo                      reports on made-up calls, and the commands for them
  callperf sandbox --port 8080       a local server that behaves like the API

With an account, set RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT (and
RC_SERVER_URL for another server than production), or name a file of such lines
with --credentials, or log in once with `callperf login`. If that doesn't work,
`callperf doctor` says why.

A proxy comes from the profile, or from HTTPS_PROXY or ALL_PROXY in the
environment, unless NO_PROXY lists the server; NO_PROXY=* turns proxies off.

Exit codes: 0 ok, 2 usage, 3 authentication or permission, 4 quota, deadline or
another process holds the folder or file, 5 refused by the API or unreadable data,
6 network, server or file error, 7 a target was missed (--fail-on-target), 130 interrupted.
An interrupted report prints nothing.";

const SANDBOX_HELP: &str = "\
Examples:
  A contact centre of 200 users, a quarter of a year of its calls:
    callperf sandbox --port 8080 --users 200 --days 90 --profile contact-centre

  The same calls in files, and served from there, perhaps after a change to them:
    callperf sandbox dump --users 200 --days 90 --profile contact-centre --out calls
    callperf sandbox --port 8080 --data calls

  Requests in Postman: import the file as an environment, then the address
  http://127.0.0.1:8080/openapi/calls-v1.json as a collection:
    callperf sandbox --port 8080 --postman sandbox.json

The API reference is at /reference in the browser, and as OpenAPI 3.0 at
/openapi/calls-v1.json and /openapi/beta.json, or of one revision as in
/openapi/calls-v1/2023-03-27.json. The documentation of callperf_sandbox::Data has the files' columns.

Ctrl-C (SIGINT) or SIGTERM ends the sandbox, with exit code 0.";

/// Reports on how your company's calls went, from RingCentral's Call
/// Performance API.
#[derive(Debug, Parser)]
#[command(name = "callperf", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report one row per queue, user, site …: its calls and time spent over a period
    #[command(after_help = MORE)]
    Report(ReportArgs),
    /// Report one row per hour, day, week or month for each of them
    #[command(after_help = MORE)]
    Timeline(TimelineArgs),
    /// Run a report that is saved in the configuration file
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// List the saved reports, each with its command
    Reports(SavedArgs),
    /// Write one HTML file with everything at a glance; it needs no network
    Dashboard(DashboardArgs),
    /// List queues, users, sites …: their keys, names and numbers, and who belongs to them
    #[command(after_help = directory::HELP)]
    Directory(DirectoryArgs),
    /// Keep the history of calls in Parquet files, hour by hour and day by day
    #[command(after_help = sync::HELP)]
    Sync(SyncArgs),
    /// Print SQL views of a folder of `sync`, key figures included, or erase keys from it
    #[command(after_help = history::HELP)]
    History(HistoryArgs),
    /// Log in with a browser or a JWT, for later runs
    #[command(after_help = login::HELP)]
    Login(LoginArgs),
    /// End the session at the server and remove it here
    Logout(LogoutArgs),
    /// Show who is logged in, where, and for how long; send nothing
    Status(StatusArgs),
    /// Check settings, login, permissions, clock, quota and the connection to the server
    #[command(after_help = DOCTOR_HELP)]
    Doctor(DoctorArgs),
    /// Find out by requests to a real account what the API's documents leave open, and write a
    /// calibration file
    #[command(after_help = CALIBRATE_HELP)]
    Calibrate(CalibrateArgs),
    /// Run a local server that behaves like the API, with made-up calls or your own
    #[command(after_help = SANDBOX_HELP)]
    Sandbox(SandboxArgs),
    /// Print reports on a sandbox's calls, and the commands that made them
    Demo(DemoArgs),
    /// List the words of reports: what each means and which API has it
    Words(WordsArgs),
    /// Print the JSON Schema of what the program prints, writes or reads
    Schema(SchemaArgs),
    /// Print the script that completes this program's arguments in a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}

const DOCTOR_HELP: &str = "\
With --drift: sends about 25 requests, prints nothing and exits with 0 if each name in the
responses is known. Otherwise prints a report for an issue, which has the API's names and
none of your numbers, keys and names, and exits with 5.";

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// Request all that the API has, and report names that this version doesn't know
    #[arg(long)]
    pub(crate) drift: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub(crate) calibration: CalibrationArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DirectoryArgs {
    #[command(flatten)]
    pub(crate) company: CompanyArgs,
    /// Take this to be the time, as for a sandbox whose clock stands still
    #[arg(long, value_name = "WHEN")]
    pub(crate) now: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

impl Arguments {
    /// Reads the arguments. The help of reports is a page of what is used most.
    pub(crate) fn read<T: Into<OsString> + Clone>(
        args: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let mut command = Self::command()
            .mut_subcommand("report", |command| brief(command, "report"))
            .mut_subcommand("timeline", |command| brief(command, "timeline"));
        let mut matches = command.try_get_matches_from_mut(args)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }
}

fn brief(command: clap::Command, name: &str) -> clap::Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let is_there = |command: &clap::Command, id: &str| {
        command.get_arguments().any(|argument| argument.get_id() == id)
    };
    let rare: Vec<_> = details::RARE.iter().filter(|id| is_there(&command, id)).collect();
    rare.into_iter()
        .fold(command, |command, id| command.mut_arg(id, |argument| argument.hide(true)))
        .disable_help_flag(true)
        .arg(help.hide(true))
        .override_usage(format!("callperf {name} PRESET [QUEUE] PERIOD [OPTION]…"))
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SandboxArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    /// Listen on this port of 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The revision of an API to speak, as in 2023-03-27 or beta@2021-07-19;
    /// once for each API
    #[arg(long, value_name = "DATE")]
    pub(crate) revision: Vec<String>,
    /// What the documents leave open, as in week-start=sunday; repeatable. An
    /// unknown name lists all of them
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) assume: Vec<String>,
    /// Answer as `callperf calibrate` found that the API does, by its file; --assume counts
    /// before it
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// Write an environment for Postman: the address, the credentials, and an
    /// access token that is good for a day
    #[arg(long, value_name = "FILE")]
    pub(crate) postman: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,
}

/// How the sandbox treats its clients: quotas, faults and the like.
#[derive(Debug, Args)]
pub(crate) struct ProtocolArgs {
    /// The quotas: documented, off, or those of the groups light, medium, heavy
    /// and auth as requests in a window with a penalty, as in
    /// light=50/60s/60s,auth=5/60s/60s
    #[arg(long, value_name = "LIMITS", default_value_t = Limits::documented())]
    pub(crate) limits: Limits,
    /// A script of faults, one per line, as in `quota on=timelines times=2` or
    /// `random rate=0.1`
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Show requests, and change the sandbox, at /sandbox in the browser
    #[arg(long)]
    pub(crate) control: bool,
    /// Give refresh tokens with logins, as an app can be set up for
    #[arg(long)]
    pub(crate) refresh_tokens: bool,
    /// Another address that a login in the browser may lead back to, besides any
    /// on this machine
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) redirect_uri: Vec<String>,
    /// Allow requests that name this host, as those through a tunnel do; may be
    /// repeated. Otherwise only localhost and loopback addresses are allowed,
    /// so that no web page can use the sandbox
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Write the calls that would be served to files
    Dump(DumpArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    /// The folder to make; it must not be there yet or be empty
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// What the files are written in
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DataFormat,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum DataFormat {
    /// Comma-separated values: for people and spreadsheets. Names are written as they
    /// are, also one that a spreadsheet would run as a formula
    #[default]
    Csv,
    /// Parquet: smaller, and faster to load
    Parquet,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CallProfile {
    /// An office: about 150 calls on a working day for 24 users
    Steady,
    /// Four times as many, nearly all received, with peaks when callers wait long
    ContactCentre,
    /// Most calls come when the company is closed, and end in a mailbox
    AfterHoursVoicemail,
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Calls from files, such as `callperf sandbox dump` writes, instead of made-up
    /// ones; the server's clock stands where they end
    #[arg(long, value_name = "DIR", conflicts_with_all = ["calls", "users", "days", "profile"])]
    pub(crate) data: Option<PathBuf>,
    /// Which calls to make up; the same seed gives the same calls
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The instant before which the calls were; the server's clock stands still
    /// there. By default the calls end today at 00:00 UTC and the clock runs
    #[arg(long, value_name = "WHEN")]
    pub(crate) now: Option<Timestamp>,
    /// How many calls to make up; unless it is set as the users and profile bring
    #[arg(long, value_name = "NUMBER")]
    pub(crate) calls: Option<u32>,
    /// How many users the company has: 24 to 20000
    #[arg(long, value_name = "NUMBER")]
    pub(crate) users: Option<u32>,
    /// How many days the calls are from: 1 to 365, by default 184
    #[arg(long, value_name = "NUMBER")]
    pub(crate) days: Option<u32>,
    /// What the calls are like, by default steady
    #[arg(long, value_enum)]
    pub(crate) profile: Option<CallProfile>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The API to speak
    #[arg(long, value_name = "API", default_value = "calls-v1", value_parser = ["beta", "calls-v1"])]
    pub(crate) api: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// How to show the reports
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// The page to write; by default callperf-demo.html, and none with --format json. A
    /// file of this name that isn't such a page is left alone
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

impl DemoArgs {
    /// The page's file: programs that read JSON want none beside it.
    pub(crate) fn page(&self) -> Option<PathBuf> {
        let default = || (self.format != Format::Json).then(|| "callperf-demo.html".into());
        self.out.clone().or_else(default)
    }

    pub(crate) fn api(&self) -> Api {
        api(&self.api)
    }
}

#[derive(Debug, Args)]
pub(crate) struct WordsArgs {
    /// Only the words of this API
    #[arg(long, value_name = "API", value_parser = ["beta", "calls-v1"])]
    pub(crate) api: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// What it describes
    #[arg(value_enum)]
    pub(crate) of: Described,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Described {
    /// What `report --format json` prints
    Report,
    /// What `timeline --format json` prints
    Timeline,
    /// A row of the files that `sync` writes
    Sync,
    /// A row of the directory that `sync` keeps
    SyncDirectory,
    /// The configuration file
    Config,
    /// A query in a file of your own, as programs on the SDK keep it
    Query,
    /// What `directory --format json` prints
    Directory,
}
