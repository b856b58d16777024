//! Sandboxes of any assumptions, and runs against them.

use std::{fs, path::Path};

use callperf::{Client, ClientBuilder, Credentials};
use callperf_sandbox::{Assumptions, Builder, Limits, Profile, Sandbox};
use jiff::Timestamp;

use crate::{
    Failure,
    calibrate::{Allowed, ClientSettings, Driver, Line, Outcomes, Setup, verdict::Verdict},
};

const NOW: &str = "2026-06-02T00:00:00Z";

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn setup() -> Setup {
    // Short, because large responses make up half of the time that a run takes.
    Setup { ladder: [1, 2], ..Setup::new(now()) }
}

/// Whose calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    Steady,
    ContactCentre,
    AfterHours,
}

impl Company {
    pub(super) const ALL: [Self; 3] = [Self::Steady, Self::ContactCentre, Self::AfterHours];

    pub(super) fn builder(self) -> Builder {
        // The period and the two days after it, with as many calls as make the test quick.
        let builder = Sandbox::builder().seed(7).now(now()).days(27);
        let builder = builder.limits(Limits::documented());
        match self {
            Self::Steady => builder,
            Self::ContactCentre => builder.profile(Profile::ContactCentre).calls(2500),
            Self::AfterHours => builder.profile(Profile::AfterHoursVoicemail),
        }
    }
}

/// One user, no queue and no call.
pub(super) fn quiet(folder: &Path) -> Builder {
    for (table, text) in [
        (
            "account",
            "schema_version,id,name,time_zone,calls_from,calls_to\n\
             3,1500100000,,UTC,2026-04-01T00:00:00Z,2026-06-02T00:00:00Z\n",
        ),
        ("hours", "day,opens,closes,queue\n"),
        (
            "extensions",
            "id,kind,extension_number,name,sla_seconds,sla_abandoned_seconds\n\
             1500200000,user,101,Ada,,\n",
        ),
        ("memberships", "extension,belongs_to\n"),
        ("numbers", "number,extension\n"),
        ("calls", "call_id,start,seconds,origin,number,ended_by\n"),
        ("legs", "call_id,leg,extension,queue,peer,direction,response,type,result,start,seconds\n"),
        ("segments", "call_id,leg,segment,start,seconds\n"),
        ("actions", "call_id,leg,action,start\n"),
    ] {
        fs::write(folder.join(format!("{table}.csv")), text).unwrap();
    }
    Sandbox::builder().data(folder)
}

fn builder_of(sandbox: &Sandbox) -> ClientBuilder {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let credentials = Credentials::jwt(id, secret, sandbox.jwt());
    let builder = Client::builder().server(sandbox.url()).credentials(credentials).no_proxy();
    builder.clock(now)
}

pub(super) fn line(
    sandbox: &Sandbox,
) -> Line<impl Fn(ClientSettings) -> Result<Client, Failure> + use<'_>> {
    Line::new(|with: ClientSettings| Ok(with(builder_of(sandbox)).build()?)).unwrap()
}

pub(super) const EVERYTHING: Allowed = Allowed { budget: 40, refusals: true, attempts: 1 };

pub(super) async fn calibrated(sandbox: &Sandbox, allowed: Allowed) -> Outcomes {
    let mut line = line(sandbox);
    let mut driver = Driver::new(setup(), allowed, &mut line);
    driver.run(|_| Ok::<_, ()>(())).await.unwrap();
    driver.outcomes().clone()
}

/// What comes of a sandbox with these assumptions. Nothing of it may be wrong.
pub(super) async fn of(builder: Builder, assumptions: &Assumptions, allowed: Allowed) -> Outcomes {
    let sandbox = builder.assumptions(assumptions.clone()).start().await.unwrap();
    let outcomes = calibrated(&sandbox, allowed).await;
    assert_nothing_is_wrong(&outcomes, assumptions);
    outcomes
}

pub(super) fn assert_nothing_is_wrong(outcomes: &Outcomes, assumptions: &Assumptions) {
    let options = assumptions.list();
    for option in Assumptions::vocabulary() {
        let set = options.iter().find(|(name, _)| *name == option.name);
        let is = set.map_or(&option.default, |(_, value)| value);
        match &outcomes.verdicts[option.name] {
            Verdict::Settled { value, evidence } => {
                assert_eq!(value, is, "{}: {evidence}\n{options:?}", option.name);
            }
            Verdict::Contradicted { evidence, response } => {
                panic!("{} is {is}: {evidence}: {response}\n{options:?}", option.name);
            }
            Verdict::Unsettled(_) => {}
        }
    }
}
