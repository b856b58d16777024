//! The `sync` command: keeps history in Parquet files.

use std::{
    io::{self, Write},
    path::Path,
};

use callperf::{Api, Grouping};
use callperf_history::{DirectoryChecked, History, Keep, Lacking, PlannedStep, SeriesChecked};
use jiff::Timestamp;

use crate::{
    Failure,
    args::sync::SyncArgs,
    connection::connect_with,
    console::{Meter, counted},
    explain::REQUESTS,
    failure::Done,
    history, period, words,
};

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
    // What isn't understood must not be left out in silence.
    let client = connect_with(&args.connection, args.now, |builder| builder.strict(true))?;
    match History::open(&args.out).sync(&client, &keep).await {
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
