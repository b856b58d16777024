//! The `report` and `timeline` commands.

use std::{io, path::Path};

use callperf::{Api, Client, Interval, directory};
use callperf_history::{History, Reader};
use jiff::Timestamp;

use crate::{
    Failure,
    app::{
        self,
        targets::{Outcome, Rows, judge_report, judge_timeline},
    },
    args::{Command, ConnectionArgs, PeriodArgs, ReportArgs, ShownArgs, TimelineArgs},
    config,
    connection::{connect, memory, offline},
    console, explain,
    failure::Done,
    history,
    model::{
        comparison::Comparison,
        targets::{Targets, Written},
    },
    order::{Heat, Order},
    output::{self, Document},
    period,
    pull::{self, Operation, Plan, Wanted},
    question::Question,
    render::{Heading, Report, Timeline},
    words,
};

pub(super) async fn report(mut args: ReportArgs) -> Done {
    let clock = args.question.period.now;
    let now = args.question.period.now();
    let folder = args.shown.history.as_deref();
    let history = history(&args.connection, folder, &mut args.question.period)?;
    let memory = memory(&args.connection, now).filter(|_| history.is_none());
    let (question, mut wanted) = asked(&args, now)?;
    (wanted.history, wanted.memory) = (history, memory);
    let period = &args.question.period;
    let zone = zone_of_memory(&wanted, &Operation::Report, &question, &args.connection, period)?;
    let (question, wanted) = match zone {
        Some(zone) => {
            args.question.period.time_zone = Some(zone);
            // The period that it is compared with is cut in the same zone.
            let (question, again) = asked(&args, now)?;
            (question, Wanted { history: wanted.history, memory: wanted.memory, ..again })
        }
        None => (question, wanted),
    };
    if args.shown.explain {
        let operation = Operation::Report;
        return explained(question, &operation, &wanted, &args.shown, &args.connection, clock);
    }
    output::check(&args.shown.output)?;
    let client = answering(&args.connection, wanted.history.as_ref(), clock)?;
    let sources = (&client, wanted.history.as_ref());
    let held = held(&args.shown, &args.connection, &question, sources).await?;
    let mut report = answer(&client, question, &wanted, now).await?;
    let outcome = held.as_ref().map(|held| held.report(&mut report));
    tell(&report.heading.notices);
    output::show(&Document::Report(&report), &args.shown.output)?;
    judged(held, outcome)
}

pub(super) async fn timeline(mut args: TimelineArgs) -> Done {
    let clock = args.question.period.now;
    let now = args.question.period.now();
    let folder = args.shown.history.as_deref();
    let history = history(&args.connection, folder, &mut args.question.period)?;
    let memory = memory(&args.connection, now).filter(|_| history.is_none());
    let question = Question::new(&args.question, now)?;
    let heat = args.heat.as_deref().map(|text| Heat::parse(text, &question)).transpose()?;
    let interval = match &heat {
        Some(_) => Interval::Hour,
        None => words::interval(&args.interval)?,
    };
    let order = args.sort.as_deref().map(|text| Order::of_points(text, &question)).transpose()?;
    let top = args.top.and_then(|top| usize::try_from(top).ok());
    let mut wanted = Wanted { order, top, history, memory, ..wanted(&args.shown, &question)? };
    let operation = Operation::Timeline(interval.clone());
    let period = &args.question.period;
    let zone = zone_of_memory(&wanted, &operation, &question, &args.connection, period)?;
    let question = match zone {
        Some(zone) => {
            args.question.period.time_zone = Some(zone);
            let question = Question::new(&args.question, now)?;
            wanted.compare = comparison(&args.shown, &question)?;
            question
        }
        None => question,
    };
    if args.shown.explain {
        let operation = Operation::Timeline(interval);
        return explained(question, &operation, &wanted, &args.shown, &args.connection, clock);
    }
    match heat {
        Some(_) => output::check_heat(&args.shown.output)?,
        None => output::check(&args.shown.output)?,
    }
    let client = answering(&args.connection, wanted.history.as_ref(), clock)?;
    let sources = (&client, wanted.history.as_ref());
    let held = match heat {
        // It has sums alone, and targets are of figures.
        Some(_) => None,
        None => held(&args.shown, &args.connection, &question, sources).await?,
    };
    let mut timeline = series(&client, question, interval, &wanted, now).await?;
    let outcome = held.as_ref().map(|held| held.timeline(&mut timeline));
    tell(&timeline.heading.notices);
    if let Some(heat) = heat {
        return output::show_heat(&heat, &timeline, &args.shown.output);
    }
    output::show(&Document::Timeline(&timeline), &args.shown.output)?;
    judged(held, outcome)
}

/// The targets that a report is held against, if it is.
struct Held {
    targets: Targets,
    notices: Vec<String>,
    fails: bool,
}

impl Held {
    fn say(&self, heading: &mut Heading) {
        for notice in &self.notices {
            console::say_once(&mut heading.notices, notice.clone());
        }
    }

    fn report(&self, report: &mut Report) -> Outcome {
        self.say(&mut report.heading);
        judge_report(report, &self.targets)
    }

    fn timeline(&self, timeline: &mut Timeline) -> Outcome {
        self.say(&mut timeline.heading);
        judge_timeline(timeline, &self.targets)
    }
}

/// The targets, if the arguments or the configuration ask for them.
async fn held(
    shown: &ShownArgs,
    connection: &ConnectionArgs,
    question: &Question,
    sources: (&Client, Option<&Reader>),
) -> Result<Option<Held>, Failure> {
    let Some(written) = targets_of(shown, connection)? else { return Ok(None) };
    let rows = rows(question);
    let mut notices = Vec::new();
    let targets = Box::pin(app::targets::find(&written, &rows, sources, &mut notices)).await?;
    if shown.fail_on_target {
        app::targets::has_any(&targets, rows.figures)?;
        let absent = app::targets::not_checked(&written, &rows, &question.group_by);
        notices.extend(absent.map(|absent| format!("{}{absent}", pull::NOT_CHECKED)));
    }
    Ok(Some(Held { targets, notices, fails: shown.fail_on_target }))
}

fn targets_of(shown: &ShownArgs, connection: &ConnectionArgs) -> Result<Option<Written>, Failure> {
    written(shown.targets || shown.fail_on_target, connection)
}

/// What the configuration says of targets.
pub(super) fn written(
    is_asked: bool,
    connection: &ConnectionArgs,
) -> Result<Option<Written>, Failure> {
    let file = connection.profile.config.as_deref();
    if !is_asked && !config::has_place(file) {
        return Ok(None);
    }
    let written = match config::load(file) {
        Ok(loaded) => loaded.config.targets,
        Err(failure) if is_asked || file.is_some() => return Err(failure),
        Err(failure) => {
            // Credentials from elsewhere need no configuration.
            console::say(&format!("callperf: note: no targets: {failure}"));
            None
        }
    };
    Ok(written.or_else(|| is_asked.then(Written::default)))
}

fn rows(question: &Question) -> Rows<'_> {
    Rows {
        are_queues: question.kind_of_rows() == Some(directory::Kind::Queue),
        figures: question.kpis.kpis(),
        short_seconds: question.short_abandons.map(|it| it.as_secs()),
    }
}

/// Fails where a target was missed, if it is to.
fn judged(held: Option<Held>, outcome: Option<Outcome>) -> Done {
    let Some(outcome) = outcome.filter(|_| held.is_some_and(|held| held.fails)) else {
        return Ok(());
    };
    let mut notices = Vec::new();
    let done = outcome.check(&mut notices);
    tell(&notices);
    done
}

/// What the arguments of `report` ask.
pub(super) fn asked(args: &ReportArgs, now: Timestamp) -> Result<(Question, Wanted), Failure> {
    let question = Question::new(&args.question, now)?;
    let order = args.sort.as_deref().map(|text| Order::parse(text, &question)).transpose()?;
    let top = args.top.and_then(|top| usize::try_from(top).ok());
    let wanted = wanted(&args.shown, &question)?;
    Ok((question, Wanted { order, top, ..wanted }))
}

/// Whether the words of a command are known, as far as that can be said without an answer.
pub(super) fn check(command: &Command) -> Done {
    match command {
        Command::Report(args) => asked(args, args.question.period.now()).map(drop),
        Command::Timeline(args) => {
            let question = Question::new(&args.question, args.question.period.now())?;
            args.heat.as_deref().map(|text| Heat::parse(text, &question)).transpose()?;
            args.sort.as_deref().map(|text| Order::of_points(text, &question)).transpose()?;
            words::interval(&args.interval)?;
            wanted(&args.shown, &question).map(drop)
        }
        Command::Dashboard(args) => period::period(&args.period, args.period.now()).map(drop),
        _ => Ok(()),
    }
}

pub(super) fn wanted(args: &ShownArgs, question: &Question) -> Result<Wanted, Failure> {
    let compare = comparison(args, question)?;
    Ok(Wanted { compare, totals: args.totals, ..Wanted::default() })
}

/// What is compared with, its days cut in the question's time zone.
fn comparison(args: &ShownArgs, question: &Question) -> Result<Option<Comparison>, Failure> {
    let compare_to = args.compare_to.as_deref();
    let compare = compare_to.map(|text| Comparison::parse(text, &question.zone)).transpose()?;
    Ok(compare.or(args.compare.then_some(Comparison::Previous)))
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

/// The time zone of the configured history, if it answers because the API has forgotten the period,
/// and no zone was named: it can't cut days otherwise.
fn zone_of_memory(
    wanted: &Wanted,
    operation: &Operation,
    question: &Question,
    connection: &ConnectionArgs,
    period: &PeriodArgs,
) -> Result<Option<String>, Failure> {
    if wanted.memory.is_none() || period.time_zone.is_some() {
        return Ok(None);
    }
    // The names of extensions have nothing to do with it.
    let question = question.with_ids_for_names();
    let client = offline(connection, period.now)?;
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
    interval: Interval,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Timeline, Failure> {
    let operation = Operation::Timeline(interval.clone());
    let plan = planned(client, &operation, question, wanted, now).await?;
    plan.timeline(client, interval, wanted).await
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
    let written = targets_of(shown, connection)?.filter(|_| wanted.history.is_none());
    if written.is_some_and(|written| app::targets::needs_directory(&written, &rows(&question))) {
        let request = "the directory is requested first, for the queues' own goals";
        tell(&[request.to_owned()]);
    }
    let plan = Plan::new(&client, operation, question, wanted, now)?;
    let format = shown.output.format()?;
    if let Some(file) = &shown.output.out {
        console::note(&format!("note: --explain prints, so {} isn't written", file.display()));
    }
    explain::explain(&mut io::stdout().lock(), &client, operation, &plan, format)
}

pub(super) fn tell(notices: &[String]) {
    for notice in notices {
        // Silence is for what goes without saying, and not for what was asked for and is missing.
        if pull::is_missing_part(notice) {
            console::say(&format!("callperf: note: {notice}"));
        } else {
            console::note(&format!("note: {notice}"));
        }
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
