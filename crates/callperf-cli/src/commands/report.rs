//! The `report` and `timeline` commands.

use std::{io, path::Path};

use callperf::{Api, Client};
use callperf_history::{History, Reader};
use jiff::Timestamp;

use super::Done;
use crate::{
    Failure,
    args::{ConnectionArgs, PeriodArgs, ReportArgs, ShownArgs, TimelineArgs},
    connection::{connect, memory, offline},
    console, explain, history,
    order::Order,
    output::{self, Document},
    pull::{Operation, Plan, Wanted},
    question::Question,
    render::{Report, Timeline},
    target, words,
};

pub(super) async fn report(mut args: ReportArgs) -> Done {
    let clock = args.question.period.now;
    let now = args.question.period.now();
    let folder = args.shown.history.as_deref();
    let history = history(&args.connection, folder, &mut args.question.period)?;
    let memory = memory(&args.connection, now).filter(|_| history.is_none());
    let (question, mut wanted) = asked(&args, now)?;
    (wanted.history, wanted.memory) = (history, memory);
    let zone = zone_of_memory(&wanted, &Operation::Report, &question, &args.connection, clock)?;
    let (question, wanted) = match zone.filter(|_| args.question.period.time_zone.is_none()) {
        Some(zone) => {
            args.question.period.time_zone = Some(zone);
            let question = asked(&args, now)?.0;
            (question, wanted)
        }
        None => (question, wanted),
    };
    if args.shown.explain {
        let operation = Operation::Report;
        return explained(question, &operation, &wanted, &args.shown, &args.connection, clock);
    }
    check_out(&args.shown)?;
    let client = answering(&args.connection, wanted.history.as_ref(), clock)?;
    let report = answer(&client, question, &wanted, now).await?;
    tell(&report.heading.notices);
    output::show(&Document::Report(&report), &args.shown.output)
}

pub(super) async fn timeline(mut args: TimelineArgs) -> Done {
    let clock = args.question.period.now;
    let now = args.question.period.now();
    let folder = args.shown.history.as_deref();
    let history = history(&args.connection, folder, &mut args.question.period)?;
    let memory = memory(&args.connection, now).filter(|_| history.is_none());
    let question = Question::new(&args.question, now)?;
    let interval = words::interval(&args.interval)?;
    let wanted = Wanted { history, memory, ..wanted(&args.shown) };
    let operation = Operation::Timeline(interval.clone());
    let zone = zone_of_memory(&wanted, &operation, &question, &args.connection, clock)?;
    let question = match zone.filter(|_| args.question.period.time_zone.is_none()) {
        Some(zone) => {
            args.question.period.time_zone = Some(zone);
            Question::new(&args.question, now)?
        }
        None => question,
    };
    if args.shown.explain {
        let operation = Operation::Timeline(interval);
        return explained(question, &operation, &wanted, &args.shown, &args.connection, clock);
    }
    check_out(&args.shown)?;
    let client = answering(&args.connection, wanted.history.as_ref(), clock)?;
    let timeline = series(&client, question, interval, &wanted, now).await?;
    tell(&timeline.heading.notices);
    output::show(&Document::Timeline(&timeline), &args.shown.output)
}

/// What the arguments of `report` ask.
pub(super) fn asked(args: &ReportArgs, now: Timestamp) -> Result<(Question, Wanted), Failure> {
    let question = Question::new(&args.question, now)?;
    let order = args.sort.as_deref().map(|text| Order::parse(text, &question)).transpose()?;
    let top = args.top.and_then(|top| usize::try_from(top).ok());
    Ok((question, Wanted { order, top, ..wanted(&args.shown) }))
}

pub(super) fn wanted(args: &ShownArgs) -> Wanted {
    Wanted { compare: args.compare, totals: args.totals, ..Wanted::default() }
}

/// What answers in the API's place, if a folder is named. Its time zone is that of the question,
/// unless another one is named.
pub(super) fn history(
    connection: &ConnectionArgs,
    folder: Option<&Path>,
    period: &mut PeriodArgs,
) -> Result<Option<Reader>, Failure> {
    let Some(folder) = folder else { return Ok(None) };
    if connection.api() != Api::CallsV1 {
        return Err(Failure::Usage(
            "--history: a history holds calls-v1, not the beta; leave out --api".to_owned(),
        ));
    }
    let reader = History::open(folder).reader_at(period.now());
    let reader = reader.map_err(|error| history::unreadable(error, folder))?;
    period.time_zone.get_or_insert_with(|| reader.time_zone().to_owned());
    Ok(Some(reader))
}

/// The time zone of the configured history, if it answers because the API has forgotten the period:
/// it can't cut days otherwise.
fn zone_of_memory(
    wanted: &Wanted,
    operation: &Operation,
    question: &Question,
    connection: &ConnectionArgs,
    clock: Option<Timestamp>,
) -> Result<Option<String>, Failure> {
    if wanted.memory.is_none() {
        return Ok(None);
    }
    // The names of extensions have nothing to do with it.
    let question = question.with_ids_for_names();
    let client = offline(connection, clock)?;
    let memory = wanted.for_forgotten(&client, operation, &question);
    Ok(memory.map(|memory| memory.time_zone().to_owned()))
}

/// The client; one that sends nothing if a history answers.
pub(super) fn answering(
    connection: &ConnectionArgs,
    history: Option<&Reader>,
    clock: Option<Timestamp>,
) -> Result<Client, Failure> {
    match history {
        Some(_) => offline(connection, clock),
        None => connect(connection, clock),
    }
}

pub(super) async fn answer(
    client: &Client,
    question: Question,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Report, Failure> {
    let plan = planned(client, &Operation::Report, question, wanted, now).await?;
    plan.report(client, wanted).await
}

pub(super) async fn series(
    client: &Client,
    question: Question,
    interval: callperf::Interval,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Timeline, Failure> {
    let operation = Operation::Timeline(interval.clone());
    planned(client, &operation, question, wanted, now).await?.timeline(client, interval).await
}

/// What is asked, with the extensions that are named looked up once all else is
/// found to be right.
async fn planned(
    client: &Client,
    operation: &Operation,
    question: Question,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Plan, Failure> {
    let has_names = question.names_extensions();
    let checked = question.clone();
    let checked = if has_names { checked.with_ids_for_names() } else { checked };
    let plan = Plan::new(client, operation, checked, wanted, now)?;
    if let Some(history) = &plan.history {
        return Plan::new(client, operation, question.looked_up_in(history)?, wanted, now);
    }
    if !has_names {
        return Ok(plan);
    }
    Plan::new(client, operation, question.looked_up(client).await?, wanted, now)
}

fn check_out(shown: &ShownArgs) -> Done {
    shown.output.format()?;
    shown.output.out.as_deref().map_or(Ok(()), |out| target::check("--out", out))
}

fn explained(
    question: Question,
    operation: &Operation,
    wanted: &Wanted,
    shown: &ShownArgs,
    connection: &ConnectionArgs,
    clock: Option<Timestamp>,
) -> Done {
    let now = clock.unwrap_or_else(Timestamp::now);
    let (client, question) = if let Some(history) = &wanted.history {
        (offline(connection, clock)?, question.looked_up_in(history)?)
    } else {
        let client = explain::client(connection, clock)?;
        let question = unlooked(&client, operation, question, wanted, now)?;
        (client, question)
    };
    let plan = Plan::new(&client, operation, question, wanted, now)?;
    let format = shown.output.format()?;
    explain::explain(&mut io::stdout().lock(), &client, operation, &plan, format)
}

pub(super) fn tell(notices: &[String]) {
    for notice in notices {
        console::note(&format!("note: {notice}"));
    }
}

/// A question whose names stay names: what else it asks is checked here.
fn unlooked(
    client: &Client,
    operation: &Operation,
    mut question: Question,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Question, Failure> {
    if question.has_names_in_filters() {
        Plan::new(client, operation, question.with_ids_for_names(), wanted, now)?;
        question.unchecked = true;
    }
    Ok(question)
}
