//! The `calibrate` command.

use std::io;

use callperf::{Api, Client, ErrorKind, shown};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::{
    Failure,
    args::calibrate::CalibrationArgs,
    calibrate::{
        Allowed, Driver, Outcomes, Reply, Sender, Setup, check_target, explain, save, written,
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
    C: FnOnce() -> Result<Client, Failure>,
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
    let before = check_target(&args.out)?;
    let client = (server.connect)()?;
    let mut driver = Driver::new(setup.clone(), allowed, &client);
    // What an earlier run has settled isn't given up for less.
    let keep = |outcomes: &Outcomes| {
        if outcomes.settled_count() < before {
            return Ok(());
        }
        save(&args.out, &written(outcomes, &setup, &address))
    };
    driver.run(keep).await?;
    if driver.outcomes().has_settled() {
        driver.find("rate-limits", rate_limits(&client), "the headers of the responses");
        if let Some(ahead) = client.clock_skew().filter(|_| args.now.is_none()) {
            let value = format!("{} seconds", ahead.as_secs());
            driver.find("clock-skew", value, "the server's clock, ahead of this machine's");
        }
        keep(driver.outcomes())?;
    }
    driver.outcomes().write(&mut io::stdout().lock(), &setup)?;
    let (settled, file) = (driver.outcomes().settled_count(), args.out.display());
    note(&if settled < before {
        format!(
            "note: {file} is kept as it was: it has {before} settled, and this run {settled}; \
             name another file with --out for these"
        )
    } else {
        format!("the file is {file}")
    });
    if let Some(reason) = driver.failure() {
        return Err(Failure::File(format!(
            "no request was answered ({reason}); `callperf doctor` says why"
        )));
    }
    driver.no_access().map_or(Ok(()), |reason| {
        Err(Failure::Login(format!(
            "the API refuses to answer this login: {reason}; `callperf doctor` says why"
        )))
    })
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

impl Sender for &Client {
    async fn send(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match Client::send(self, path, &query, body).await {
            Ok(answer) => Reply::Answered(answer),
            Err(error) => reply(&error),
        }
    }
}

/// Of who asks, and not of what is asked.
const OF_PERMISSION: [&str; 6] = ["CMN-109", "CMN-401", "CMN-402", "CMN-403", "CMN-405", "CMN-408"];

fn reply(error: &callperf::Error) -> Reply {
    let codes: Vec<_> = error.api_errors().iter().map(|error| code(&error.code)).collect();
    let status = error.status();
    let is_of_permission = codes.iter().any(|code| OF_PERMISSION.contains(&code.as_str()));
    match (error.kind(), status) {
        (ErrorKind::Quota, _) => Reply::NoQuota { was_refused: status.is_some() },
        // It waited for the quota, or for others who use it.
        (ErrorKind::Deadline, None) if error.attempts() == 0 => {
            Reply::NoQuota { was_refused: false }
        }
        (ErrorKind::Authentication, _) => Reply::NoAccess(said(status, &codes)),
        (_, Some(status @ 400..500)) if is_of_permission => {
            Reply::NoAccess(said(Some(status), &codes))
        }
        (_, Some(status @ 400..500)) => Reply::Refused { status, codes },
        (kind, status) => Reply::Failed(match status {
            Some(status) => format!("HTTP {status}"),
            None => format!("{kind:?}").to_lowercase(),
        }),
    }
}

fn said(status: Option<u16>, codes: &[String]) -> String {
    let status = status.map_or_else(|| "the login".to_owned(), |status| format!("HTTP {status}"));
    format!("{status} {}", codes.join(", ")).trim_end().to_owned()
}

/// A code that looks like one; anything else may be a name.
fn code(code: &str) -> String {
    let is_code =
        code.len() <= 32 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_code { code.to_owned() } else { "…".to_owned() }
}
