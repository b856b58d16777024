//! Which command does what.

use std::{
    io::{self, Write as _},
    path::Path,
};

use callperf::{PRODUCTION, Query};
use schemars::schema_for;

use super::{
    calibrate, completions, dashboard, demo, doctor, history, login, logout, report, sandbox,
    status, sync,
};
use crate::{
    Failure,
    app::saved,
    args::{
        Arguments, CalibrateArgs, Command, Described, DirectoryArgs, RunArgs, SavedArgs, SchemaArgs,
    },
    calibrate::ClientSettings,
    config::{self, Config},
    connection::{connect, connect_uncalibrated},
    console,
    directory::{self, CompanyFormat},
    failure::Done,
    glossary,
    output::{print_json, write_file},
    render::{Company, Report, Timeline},
    settings::Settings,
    target,
};

/// Ctrl-C ends it wherever it waits; what it has written is whole by then.
pub(crate) async fn run(arguments: Arguments) -> Done {
    let interrupted = match arguments.command {
        // Its own way to end.
        Command::Sandbox(args) => return sandbox::run(args).await,
        Command::Login(_) => "there is no new session",
        Command::Calibrate(_) => "the file, if there is one, has what was settled until then",
        Command::Sync(_) => "what is in the folder is whole, and the next run goes on from there",
        _ => "what was printed is whole, and nothing is half written",
    };
    tokio::select! {
        // First, because a user may press Ctrl-C in reply to what the command prints.
        biased;
        signal = tokio::signal::ctrl_c() => {
            signal?;
            Err(Failure::Interrupted(interrupted))
        }
        done = command(arguments.command) => done,
    }
}

async fn command(command: Command) -> Done {
    match command {
        Command::Report(args) => report::report(args).await,
        Command::Timeline(args) => report::timeline(args).await,
        Command::Run(args) => Box::pin(saved(args)).await,
        Command::Reports(args) => reports(&args),
        Command::Dashboard(args) => dashboard::run(args).await,
        Command::Directory(args) => directory(&args).await,
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Sync(args) => sync::run(args).await,
        Command::History(args) => history::run(&args),
        Command::Login(args) => login::run(args).await,
        Command::Logout(args) => logout::run(args).await,
        Command::Status(args) => status::run(args).await,
        Command::Calibrate(args) => calibrate_account(args).await,
        Command::Doctor(args) => doctor::run(&args).await,
        Command::Words(args) => glossary::print(&mut io::stdout().lock(), args.api.as_deref()),
        Command::Schema(args) => schema(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
    }
}

/// Makes a saved report, as if its options had been given.
async fn saved(args: RunArgs) -> Done {
    let RunArgs { config, name, mut more } = args;
    let named = config.as_deref().or(config_among(&more));
    let loaded = config::load(named)?;
    match (saved::missing_config(&loaded.config.reports, &name), named) {
        (Some(missing), None) => return Err(Failure::Usage(missing)),
        (Some(missing), Some(_)) => console::note(&format!("note: {missing}")),
        (None, _) => {}
    }
    if let Some(file) = &config {
        more.push(format!("--config={}", file.display()));
    }
    let arguments = saved::arguments(&loaded.config.reports, &loaded.file, &name, &more)?;
    let arguments = match read(&arguments) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => return Ok(error.print()?),
        Err(error) => return Err(refused(&name, &error)),
    };
    console::set_quiet(console::is_quiet() || arguments.global.quiet);
    Box::pin(command(arguments.command)).await
}

fn read(arguments: &[String]) -> Result<Arguments, clap::Error> {
    let program = std::iter::once("callperf".to_owned());
    Arguments::read(program.chain(arguments.iter().cloned()))
}

/// Why the options of a saved report can't be read.
fn refused(name: &str, error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let text = text.split("\n\nUsage:").next().unwrap_or_default();
    let text = text.trim().trim_start_matches("error: ");
    Failure::Usage(format!("[reports.{name}]: {text}"))
}

fn of_saved(name: &str, failure: &Failure) -> Failure {
    Failure::Usage(format!("[reports.{name}]: {failure}"))
}

/// The configuration file that is named after the report.
fn config_among(options: &[String]) -> Option<&Path> {
    let place = options.iter().rposition(|it| it == "--config" || it.starts_with("--config="))?;
    let file = options[place].strip_prefix("--config=");
    file.or_else(|| options.get(place + 1).map(String::as_str)).map(Path::new)
}

/// Lists the saved reports.
fn reports(args: &SavedArgs) -> Done {
    let loaded = config::load(args.config.as_deref())?;
    let reports = &loaded.config.reports;
    let named = args.config.iter().map(|file| format!("--config={}", file.display()));
    let named: Vec<_> = named.collect();
    if reports.is_empty() {
        console::note(&format!("note: {} has no saved reports", loaded.file.display()));
    }
    let mut out = io::stdout().lock();
    for name in reports.keys() {
        // One that can't be run is listed with the reason.
        let arguments = saved::arguments(reports, &loaded.file, name, &named);
        let arguments = arguments.and_then(|arguments| match read(&arguments) {
            Err(error) if error.use_stderr() => Err(refused(name, &error)),
            Err(_) => Ok(arguments),
            Ok(read) => {
                let checked = report::check(&read.command);
                checked.map_err(|failure| of_saved(name, &failure)).map(|()| arguments)
            }
        });
        let missing = saved::missing_config(reports, name).map(Failure::Usage);
        let line = match missing.map_or(arguments, Err) {
            Ok(arguments) => format!("callperf {}", saved::line(&arguments)),
            Err(failure) => failure.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        };
        writeln!(out, "{name}\t{}", callperf::shown::text(&line))?;
    }
    Ok(())
}

async fn calibrate_account(args: CalibrateArgs) -> Done {
    let CalibrateArgs { calibration, connection } = args;
    if connection.calibration.is_some() {
        return Err(Failure::Usage(
            "--calibration: `calibrate` follows none; leave it out, and name the file to write with \
             --out"
                .to_owned(),
        ));
    }
    let settings = Settings::find(connection.credentials.as_deref(), &connection.profile);
    let is_named = connection.credentials.is_some() || connection.profile.profile.is_some();
    let address = match settings {
        Ok(settings) => settings.server,
        // Who only reads what would be sent need not have logged in.
        Err(_) if calibration.explain && !is_named => PRODUCTION.to_owned(),
        Err(failure) => return Err(failure),
    };
    let now = calibration.now;
    let server = calibrate::Server {
        address,
        api: connection.api(),
        attempts: connection.attempts,
        connect: |with: ClientSettings| connect_uncalibrated(&connection, now, with),
    };
    calibrate::run(calibration, server).await
}

async fn directory(args: &DirectoryArgs) -> Done {
    let format = args.company.format()?;
    let out = &args.company.out;
    out.as_deref().map_or(Ok(()), |out| target::check("--out", out))?;
    let client = connect(&args.connection, args.now)?;
    let company = directory::fetch(&client, &args.company).await?;
    report::tell(&company.notices);
    match out {
        Some(file) => write_file(file, |out| write_company(out, &company, format)),
        None => Ok(write_company(&mut io::stdout().lock(), &company, format)?),
    }
}

fn write_company(
    out: &mut impl io::Write,
    company: &Company,
    format: CompanyFormat,
) -> io::Result<()> {
    match format {
        CompanyFormat::Table => company.write_table(out),
        CompanyFormat::Json => print_json(out, company),
        CompanyFormat::Ndjson => company.write_ndjson(out),
        CompanyFormat::Csv => company.write_csv(out),
        CompanyFormat::Markdown => company.write_markdown(out),
    }
}

fn schema(args: &SchemaArgs) -> Done {
    let schema = match args.of {
        Described::Report => schema_for!(Report),
        Described::Timeline => schema_for!(Timeline),
        Described::Sync => schema_for!(callperf_history::Row),
        Described::SyncDirectory => schema_for!(callperf_history::DirectoryRow),
        Described::Config => schema_for!(Config),
        Described::Query => schema_for!(Query),
        Described::Directory => schema_for!(Company),
    };
    Ok(print_json(&mut io::stdout().lock(), &schema)?)
}
