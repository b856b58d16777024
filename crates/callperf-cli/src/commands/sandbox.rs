//! The `sandbox` command.

use std::error::Error as _;
use std::io::{self, Write};
use std::path::Path;

use callperf_sandbox::{
    Assumptions, Builder, Calibration, FaultError, Faults, Format, Profile, Sandbox,
};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    Failure,
    args::{
        CallProfile, DataArgs, DataFormat, DumpArgs, ProtocolArgs, SandboxArgs, SandboxCommand,
    },
    console::{is_quiet, note, say},
    failure::Done,
    output::{print_json, write_file},
    postman, target,
    text::read_text,
};

pub(super) async fn run(args: SandboxArgs) -> Done {
    if let Some(SandboxCommand::Dump(args)) = &args.command {
        return dump(args);
    }
    if let Some(file) = &args.postman {
        target::check("--postman", file)?;
    }
    let mut assumptions = calibrated(args.calibration.as_deref())?;
    for assumption in &args.assume {
        let (name, value) = assumption.split_once('=').unwrap_or((assumption, ""));
        assumptions = assumptions.set(name, value)?;
    }
    let builder = builder(&args.data).port(args.port).assumptions(assumptions);
    let builder = with_protocol(builder, &args.protocol)?;
    let builder = args.revision.into_iter().fold(builder, Builder::revision);
    // Before anything is printed: a program that reads the output may stop this one at once.
    let mut stop = Stop::new()?;
    let sandbox = builder.start().await?;
    if let Some(file) = &args.postman {
        write_file(file, |out| print_json(out, &postman::environment(&sandbox)))?;
    }
    {
        let mut out = io::stdout().lock();
        writeln!(out, "RC_SERVER_URL={}", sandbox.url())?;
        writeln!(out, "RC_APP_CLIENT_ID={}", sandbox.client_id())?;
        writeln!(out, "RC_APP_CLIENT_SECRET={}", sandbox.client_secret())?;
        writeln!(out, "RC_USER_JWT={}", sandbox.jwt())?;
        out.flush()?;
    }
    note_remarks(&sandbox);
    comment(&reference_note(&sandbox, args.postman.as_deref()));
    if args.protocol.control {
        comment(&format!("what is asked is shown at {}/sandbox", sandbox.url()));
    }
    comment("the sandbox serves until it is interrupted (Ctrl-C) or terminated");
    stop.signal().await?;
    Ok(())
}

/// What a file says, and the defaults without one.
fn calibrated(file: Option<&Path>) -> Result<Assumptions, Failure> {
    let Some(file) = file else { return Ok(Assumptions::default()) };
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::Usage(format!("--calibration: {}: {reason}", file.display()))
    };
    let text = read_text(file).map_err(|error| refused(&error))?;
    let calibration: Calibration = text.parse().map_err(|error| refused(&error))?;
    for difference in calibration.not_followed() {
        comment(&format!("note: the sandbox can't follow this: {difference}"));
    }
    Ok(calibration.assumptions())
}

/// A note that a shell passes over: both outputs may be in one file that it reads.
fn comment(text: &str) {
    if !is_quiet() {
        let lines: Vec<_> = text.lines().map(|line| format!("# callperf: {line}")).collect();
        say(&lines.join("\n"));
    }
}

fn reference_note(sandbox: &Sandbox, postman: Option<&Path>) -> String {
    let url = sandbox.url();
    let environment = postman.map_or_else(String::new, |file| format!(" and {}", file.display()));
    format!(
        "the API reference is at {url}/reference; Postman imports {url}/openapi/calls-v1.json{environment}"
    )
}

/// The signals that end the sandbox. As process 1, as in a container, a program gets only the signals that it handles.
#[cfg(unix)]
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> io::Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    async fn signal(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    #[allow(clippy::unnecessary_wraps, reason = "registering a signal can fail on Unix")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn signal(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

pub(super) async fn start(data: &DataArgs) -> Result<Sandbox, Failure> {
    let sandbox = builder(data).start().await?;
    note_remarks(&sandbox);
    Ok(sandbox)
}

fn note_remarks(sandbox: &Sandbox) {
    for remark in sandbox.remarks() {
        comment(&format!("note: {remark}"));
    }
}

fn dump(args: &DumpArgs) -> Done {
    let data = builder(&args.data).load()?;
    let format = match args.format {
        DataFormat::Csv => Format::Csv,
        DataFormat::Parquet => Format::Parquet,
    };
    data.write(&args.out, format).map_err(|error| match error.source() {
        Some(_) => Failure::File(error.to_string()),
        None => callperf_sandbox::Error::from(error).into(),
    })?;
    note(&format!("{} calls are in {}", data.calls(), args.out.display()));
    Ok(())
}

fn builder(data: &DataArgs) -> Builder {
    let mut builder = Sandbox::builder().seed(data.seed);
    if let Some(folder) = &data.data {
        builder = builder.data(folder);
    }
    if let Some(now) = data.now {
        builder = builder.now(now);
    }
    if let Some(calls) = data.calls {
        builder = builder.calls(calls);
    }
    if let Some(users) = data.users {
        builder = builder.users(users);
    }
    if let Some(days) = data.days {
        builder = builder.days(days);
    }
    if let Some(profile) = data.profile {
        builder = builder.profile(match profile {
            CallProfile::Steady => Profile::Steady,
            CallProfile::ContactCentre => Profile::ContactCentre,
            CallProfile::AfterHoursVoicemail => Profile::AfterHoursVoicemail,
        });
    }
    builder
}

fn with_protocol(builder: Builder, protocol: &ProtocolArgs) -> Result<Builder, Failure> {
    let builder = builder.limits(protocol.limits).refresh_tokens(protocol.refresh_tokens);
    let builder = builder.control(protocol.control);
    let builder = protocol.redirect_uri.iter().fold(builder, Builder::redirect_uri);
    let builder = protocol.allow_host.iter().fold(builder, Builder::allow_host);
    Ok(match &protocol.faults {
        Some(file) => builder.faults(faults(file)?),
        None => builder,
    })
}

fn faults(file: &Path) -> Result<Faults, Failure> {
    let script = read_text(file)
        .map_err(|error| Failure::Usage(format!("--faults {}: {error}", file.display())))?;
    script.parse().map_err(|error: FaultError| {
        Failure::Usage(format!("--faults {}: {error}", file.display()))
    })
}
