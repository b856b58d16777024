//! The `calibrate` command.

use std::{io, path::Path};

use callperf::{Api, Client, shown};
use jiff::Timestamp;

use crate::{
    Failure,
    args::calibrate::CalibrationArgs,
    calibrate::{
        Allowed, ClientSettings, Driver, Earlier, End, Line, Lock, Outcomes, Setup, Target, code,
        explain, written,
    },
    console::note,
};

/// Whose answers are calibrated.
pub(super) struct Server<C> {
    pub(super) address: String,
    pub(super) api: Api,
    /// How often a request is tried.
    pub(super) attempts: u32,
    pub(super) connect: C,
}

pub(super) async fn run<C>(args: CalibrationArgs, server: Server<C>) -> Result<(), Failure>
where
    C: Fn(ClientSettings) -> Result<Client, Failure>,
{
    if server.api != Api::CallsV1 {
        return Err(Failure::Usage(
            "--api: only calls-v1 can be calibrated; the beta can't be reached any more".to_owned(),
        ));
    }
    let setup = Setup::new(args.now.unwrap_or_else(Timestamp::now));
    let allowed =
        Allowed { budget: args.budget(), refusals: args.with_refusals, attempts: server.attempts };
    let address = shown::address(&server.address);
    if args.explain {
        return Ok(explain(&mut io::stdout().lock(), &setup, &address, allowed)?);
    }
    check_time(&args, &setup, &address)?;
    if args.out.as_os_str() == "-" {
        return Err(Failure::Usage(
            "--out: `-` isn't a file, and the report is on standard output; name a file, or \
             /dev/stdout to have the file there in its place"
                .to_owned(),
        ));
    }
    // First, so that no other run writes the file after it is read.
    let _lock = Lock::hold(&args.out)?;
    let earlier = Earlier::read(&args.out, &address)?;
    let mut target = Target::new(&args.out);
    let mut line = Line::new(server.connect)?;
    let client = line.client().clone();
    let mut driver = Driver::new(setup.clone(), allowed, &mut line);
    let text = |outcomes: &Outcomes| written(outcomes, &setup, &address, &earlier);
    let mut kept = driver
        .run(|outcomes| if outcomes.has_shown() { target.keep(|| text(outcomes)) } else { Ok(()) })
        .await;
    if driver.outcomes().has_shown() {
        driver.find("rate-limits", rate_limits(&client), "the headers of the responses");
        if let Some(ahead) = client.clock_skew().filter(|_| args.now.is_none()) {
            let value = format!("{} seconds", ahead.as_secs());
            driver.find("clock-skew", value, "the server's clock, ahead of this machine's");
        }
    }
    if kept.is_ok() && (driver.outcomes().has_shown() || !target.needs_a_result()) {
        kept = target.finish(&text(driver.outcomes()));
    }
    // What was found out isn't lost if the file can't be written.
    report(driver.outcomes(), &target, &setup, &earlier)?;
    kept?;
    let (end, what_is_left) = (driver.end(), driver.what_is_left());
    say_of_file(&args.out, &target);
    let nothing = match end {
        End::Unreached => "no request was answered",
        End::NoAccess => "the API refuses to answer this login",
        End::Refused => "the API refused all reports",
        // A script has to know that another run would settle more.
        End::NoQuota | End::NoBudget => {
            return what_is_left.map_or(Ok(()), |what| Err(Failure::Incomplete(what)));
        }
        End::Done => return Ok(()),
    };
    note(&format!("nothing is settled, because {nothing}; `callperf doctor` says what is wrong"));
    Err(line.into_error().map_or_else(|| Failure::Data(nothing.to_owned()), Failure::Api))
}

/// Refuses a time at which the API would refuse all requests. A sandbox on this machine may have that
/// time.
fn check_time(args: &CalibrationArgs, setup: &Setup, server: &str) -> Result<(), Failure> {
    let Some(now) = args.now.filter(|_| !is_of_this_machine(server)) else { return Ok(()) };
    match setup.problem_at(Timestamp::now()) {
        Some(problem) => Err(Failure::Usage(format!(
            "--now: {server} would refuse the requests of {now}: {problem}; leave --now out, \
             which is for a sandbox"
        ))),
        None => Ok(()),
    }
}

fn is_of_this_machine(server: &str) -> bool {
    let host = server.split_once("://").map_or(server, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own))
}

fn report(
    outcomes: &Outcomes,
    target: &Target,
    setup: &Setup,
    earlier: &Earlier,
) -> io::Result<()> {
    if target.is_standard_output() {
        outcomes.write(&mut io::stderr().lock(), setup, earlier)
    } else {
        outcomes.write(&mut io::stdout().lock(), setup, earlier)
    }
}

fn say_of_file(file: &Path, target: &Target) {
    let name = file.display();
    note(&if target.is_written() {
        format!("the file is {name}")
    } else if file.exists() {
        format!("note: {name} is kept as it was, because this run settled nothing")
    } else {
        format!("note: {name} isn't written, because this run settled nothing")
    });
}

/// The groups, and how many requests each allows.
fn rate_limits(client: &Client) -> String {
    let groups = client.budget();
    if groups.is_empty() {
        return "no headers".to_owned();
    }
    let each = groups.iter().map(|budget| {
        let group = code(&budget.group);
        format!("{group}: {} in {} seconds", budget.limit, budget.window.as_secs())
    });
    each.collect::<Vec<_>>().join(", ")
}
