//! The `calibrate` command.

use std::io;

use callperf::{Api, Client, shown};
use jiff::Timestamp;

use crate::{
    Failure,
    args::calibrate::CalibrationArgs,
    calibrate::{
        Allowed, ClientSettings, Driver, Earlier, Line, Outcomes, Setup, code, explain, save,
        written,
    },
    console::note,
};

/// Whose answers are calibrated.
pub(super) struct Server<C> {
    pub(super) address: String,
    pub(super) api: Api,
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
    let allowed = Allowed { budget: args.budget, refusals: args.with_refusals };
    let address = shown::address(&server.address);
    if args.explain {
        return Ok(explain(&mut io::stdout().lock(), &setup, &address, allowed)?);
    }
    let earlier = Earlier::read(&args.out, &address)?;
    let mut line = Line::new(server.connect)?;
    let client = line.client().clone();
    let mut driver = Driver::new(setup.clone(), allowed, &mut line);
    // A run without a result leaves the file as it is.
    let is_left = |outcomes: &Outcomes| earlier.has_settled() && !outcomes.has_shown();
    let keep = |outcomes: &Outcomes| {
        if is_left(outcomes) {
            return Ok(());
        }
        save(&args.out, &written(outcomes, &setup, &address, &earlier))
    };
    driver.run(keep).await?;
    if driver.outcomes().has_shown() {
        driver.find("rate-limits", rate_limits(&client), "the headers of the responses");
        if let Some(ahead) = client.clock_skew().filter(|_| args.now.is_none()) {
            let value = format!("{} seconds", ahead.as_secs());
            driver.find("clock-skew", value, "the server's clock, ahead of this machine's");
        }
        keep(driver.outcomes())?;
    }
    driver.outcomes().write(&mut io::stdout().lock(), &setup, &earlier)?;
    let file = args.out.display();
    note(&if is_left(driver.outcomes()) {
        format!("note: {file} is kept as it was, because this run settled nothing")
    } else {
        format!("the file is {file}")
    });
    if let Some(reason) = driver.failure() {
        return Err(Failure::File(format!(
            "no request was answered ({reason}); `callperf doctor` says why"
        )));
    }
    if let Some(reason) = driver.no_access() {
        return Err(Failure::Login(format!(
            "the API refuses to answer this login: {reason}; `callperf doctor` says why"
        )));
    }
    if let Some(refusal) = driver.refused() {
        return Err(Failure::Data(format!(
            "the API refused all requests, the last one with {refusal}; `callperf doctor` says why"
        )));
    }
    // A script has to know that another run would settle more.
    driver.ended_early().map_or(Ok(()), |reason| Err(Failure::Busy(reason.to_owned())))
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
