//! The `sync` command: keeps history in Parquet files.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use callperf::{Api, Grouping};
use callperf_history::{DirectoryChecked, History, Keep, Lacking, PlannedStep, SeriesChecked};
use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::Done;
use crate::{
    Failure,
    args::ConnectionArgs,
    console::{Meter, counted},
    explain::REQUESTS,
    history, period,
    settings::Settings,
    words,
};

pub(crate) const HELP: &str = "\
The first run fetches the whole days that the API still has, about 183; each later
one the days since, and the last two once more, for late data. If a run is ended, the
next one goes on from there. `callperf schema sync` describes the columns.

  DIR/hourly/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/daily/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/figures/scope=answered/grouping=Users/date=2026-11-23/part-0.parquet
  DIR/agents/queue=1503200033/scope=answered/grouping=Users/date=…    with --queue-agents
  DIR/directory/date=2026-11-23/part-0.parquet

Read one of the tables at a time: a call is in each. Figures have the days of inbound
calls, of those that were answered, and of those abandoned and never answered: what key
figures are computed from. The directory has who the keys are, queues' service-level
settings and members among it: of each day on which it changed, what became other
(`callperf schema sync-directory`). It takes the application's ReadAccounts permission.

Examples:
  Every night, from cron:
    callperf sync --out history --time-zone America/New_York --quiet
  Hours of queues, days of users only, which are many:
    callperf sync --out history --hourly company,queues --daily queues,users
  Agents' figures of each queue's own calls, too, in this run and all later ones:
    callperf sync --out history --queue-agents
  Is everything there?
    callperf sync --out history --check";

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// The folder to keep up to date
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Groupings to keep hour by hour, or none; at first company, queues and users,
    /// later what the folder has. Each takes a request for 20 keys and a few days
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    hourly: Option<Vec<String>>,
    /// Groupings to keep day by day, or none; at first the same, and sites, unless one of
    /// these options says what is kept. Each takes a request for 20 keys and many days, or
    /// for 200 keys and one day, as takes fewer
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    daily: Option<Vec<String>>,
    /// How days and hours are cut: an IANA name; at first UTC, later the folder's
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The first day, where not all that the API has is wanted; a folder that begins later begins
    /// there from now on
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// Groupings to keep the key figures of, day by day, or none; at first company, queues,
    /// users and sites, unless --hourly or --daily says what is kept. Their days are kept, too
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',')]
    figures: Option<Vec<String>>,
    /// Add days up from their hours where these are kept, instead of requesting them: if you know
    /// that they add up on your account
    #[arg(long)]
    days_from_hours: bool,
    /// Keep the calls that were abandoned within this time, too, for abandonment-rate:20s, of the
    /// groupings whose key figures are kept. It takes as many requests as their days
    #[arg(long, value_name = "TIME", value_parser = short)]
    short_abandons: Option<Duration>,
    /// Keep the key figures of each queue's agents, too: of its own calls, by user. Each queue takes
    /// three requests for 20 agents, and all together one that lists them
    #[arg(long)]
    queue_agents: bool,
    /// Whether to keep the company's directory: at first it is, unless --hourly, --daily or
    /// --figures says what is kept, later if the folder has it. `no` leaves it out of this run
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    directory: Option<bool>,
    /// How many days of hours one request asks for at most; by default as many as a
    /// response of the largest size takes
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=31))]
    days_per_request: Option<u32>,
    /// Take a folder of an earlier version forward: keep the figures of all groupings whose days
    /// it has, and days and figures of sites if it has company, queues and users, from its first
    /// day that the API still has; and the directory from today. Its files stay as they are; earlier versions refuse the folder
    /// from then on
    #[arg(long)]
    migrate: bool,
    #[command(flatten)]
    instead: InsteadArgs,
    /// Take this to be the time, as for a sandbox whose clock stands still
    #[arg(long, value_name = "WHEN")]
    now: Option<Timestamp>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What is done instead of a sync.
#[derive(Debug, Args)]
struct InsteadArgs {
    /// Print what would be requested, and how long that takes; nothing is sent or changed
    #[arg(long)]
    explain: bool,
    /// Report gaps, overlaps, damage and hours that don't add up instead, and the days that
    /// lack a breakdown; nothing is sent or changed. Gaps that the API has forgotten are named,
    /// and are no problem
    #[arg(long)]
    check: bool,
    /// List the partitions that the last run added or changed instead; nothing is sent or changed
    #[arg(long, conflicts_with = "check")]
    changed: bool,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
}

fn short(text: &str) -> Result<Duration, String> {
    let time = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    let whole = time.filter(|time| time.as_secs() > 0 && time.subsec_nanos() == 0);
    whole.ok_or_else(|| "write whole seconds as 20s".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day as 2026-11-01".to_owned())
}

pub(super) async fn run(args: SyncArgs) -> Done {
    if args.instead.check {
        let now = args.now.unwrap_or_else(Timestamp::now);
        return check(&args.out, now, &mut io::stdout().lock());
    }
    if args.instead.changed {
        let changed = History::open(&args.out).changed();
        let changed = changed.map_err(|error| history::failure(error, &args.out))?;
        let mut to = io::stdout().lock();
        return Ok(changed.iter().try_for_each(|place| writeln!(to, "{}", place.display()))?);
    }
    if args.connection.api() != Api::CallsV1 {
        let message = "--api: the beta has no timeline, and sync keeps those of calls-v1";
        return Err(Failure::Usage(message.to_owned()));
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let keep = keep(&args)?.now(now);
    if args.instead.explain {
        return explain(&args.out, &keep, &mut io::stdout().lock());
    }
    let credentials = args.connection.credentials.as_deref();
    let settings = Settings::find(credentials, &args.connection.profile)?;
    // What isn't understood must not be left out in silence.
    let mut builder = settings.client(&args.connection)?.strict(true);
    if let Some(now) = args.now {
        builder = builder.clock(move || now);
    }
    match History::open(&args.out).sync(&builder.build()?, &keep).await {
        Ok(synced) => history::say(&synced),
        Err(error) => {
            if let callperf_history::Error::Lost { synced, .. } = &error {
                history::say(synced);
            }
            return Err(history::failure(error, &args.out));
        }
    }
    Ok(())
}

fn keep(args: &SyncArgs) -> Result<Keep, Failure> {
    let meter = Meter::counting("sync", "files");
    let mut keep = Keep::new().on_event(move |event| history::show(&meter, event));
    if let Some(days) = args.days_per_request {
        keep = keep.days_per_request(days);
    }
    if let Some(name) = &args.time_zone {
        period::zone(name)?;
        keep = keep.time_zone(name);
    }
    if let Some(from) = args.from {
        keep = keep.from(from);
    }
    if args.migrate {
        keep = keep.migrate();
    }
    if args.days_from_hours {
        keep = keep.days_from_hours();
    }
    if args.queue_agents {
        keep = keep.queue_agents();
    }
    if let Some(is_kept) = args.directory {
        keep = keep.directory(is_kept);
    }
    if let Some(within) = args.short_abandons {
        keep = keep.short_abandons(within);
    }
    if let Some(groupings) = groupings("--hourly", args.hourly.as_deref())? {
        keep = keep.hourly(groupings);
    }
    if let Some(groupings) = groupings("--daily", args.daily.as_deref())? {
        keep = keep.daily(groupings);
    }
    if let Some(groupings) = groupings("--figures", args.figures.as_deref())? {
        keep = keep.figures(groupings);
    }
    Ok(keep)
}

/// Prints what a sync would request.
fn explain(out: &Path, keep: &Keep, to: &mut impl Write) -> Done {
    let planned = History::open(out).plan(keep).map_err(|error| history::failure(error, out))?;
    for step in &planned.steps {
        let PlannedStep { first, last, days, requests, .. } = step;
        let kind = match (step.is_from_hours, step.is_timeline) {
            (true, _) => "added up from hours",
            (false, true) => "timeline",
            (false, false) => "aggregation",
        };
        let (days, requests) = (counted(*days, "day"), counted(*requests, "request"));
        writeln!(to, "{step}: {kind} from {first} to {last}, {days}: {requests}")?;
    }
    let minutes = planned.requests.div_ceil(REQUESTS);
    writeln!(
        to,
        "{} at least, the one for the account included: {minutes} min at {REQUESTS} a \
         minute, as the API's documents say; how long the server takes to answer adds to it",
        counted(planned.requests, "request")
    )?;
    if let Some(requests) = planned.directory {
        let more = if planned.knows_directory { "" } else { ", and one for each queue" };
        let requests = counted(requests, "request");
        writeln!(to, "the directory, which counts apart: {requests}{more}")?;
    }
    if planned.lacks_queues {
        writeln!(
            to,
            "agents of queues: nothing is kept yet that says which queues there are; each takes \
             three requests for 20 agents"
        )?;
    }
    if !planned.unknown.is_empty() {
        let names: Vec<_> = planned.unknown.iter().map(String::as_str).collect();
        let names = names.join(", ");
        writeln!(
            to,
            "{names}: nothing is kept yet that says how many keys they have; each twenty more take \
             as many requests again"
        )?;
    }
    Ok(())
}

/// Prints what there is and what is wrong with it.
///
/// # Errors
/// [`Failure::Data`] if something is wrong.
fn check(out: &Path, now: Timestamp, to: &mut impl Write) -> Done {
    let checked = History::open(out).check_at(now).map_err(|error| history::failure(error, out))?;
    for series in &checked.series {
        let SeriesChecked { first, rows, .. } = series;
        match series.last {
            Some(last) => writeln!(
                to,
                "{series}: from {first} to {last}, {}, {rows} rows",
                counted(series.days, "day")
            )?,
            None => writeln!(to, "{series}: from {first}, nothing yet")?,
        }
        for Lacking { first, last, days, breakdowns, .. } in &series.lacking {
            let (names, days) = (breakdowns.join(", "), counted(*days, "day"));
            writeln!(to, "  without {names}: from {first} to {last}, {days}")?;
        }
    }
    if let Some(DirectoryChecked { first, last, days, rows, .. }) = &checked.directory {
        match first.zip(*last) {
            Some((first, last)) => writeln!(
                to,
                "directory: from {first} to {last}, changed on {}, {rows} rows",
                counted(*days, "day")
            )?,
            None => writeln!(to, "directory: nothing yet")?,
        }
    }
    for problem in checked.forgotten.iter().chain(&checked.problems) {
        writeln!(to, "{problem}")?;
    }
    if checked.problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Data(format!(
        "{} in {}; `callperf sync` fetches missing and damaged days again while the API has them; \
         if hours don't add up, delete both files of that day first; delete files that overlap",
        counted(checked.problems.len() as u64, "problem"),
        out.display()
    )))
}

fn groupings(what: &str, names: Option<&[String]>) -> Result<Option<Vec<Grouping>>, Failure> {
    let Some(names) = names else { return Ok(None) };
    if names == ["none"] {
        return Ok(Some(Vec::new()));
    }
    if names.iter().any(|name| name == "none") {
        return Err(Failure::Usage(format!(
            "{what}: none stands alone; leave it out, or the groupings beside it"
        )));
    }
    names.iter().map(|name| words::grouping(what, name)).collect::<Result<_, _>>().map(Some)
}
