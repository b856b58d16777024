//! The targets of a report: from the configuration, and from the queues' own settings.

use std::collections::BTreeMap;

use callperf::{
    Client, ErrorKind, GroupBy, Kpi,
    directory::{Entry, Kind, Listing, ServiceLevel},
    kpi::KpiValue,
    vocabulary::Grouping,
};
use callperf_history::Reader;

use crate::{
    Failure,
    console::say_once,
    history,
    lookup::{self, Names},
    model::targets::{Direction, Origin, Target, Targets, Verdict, Written, read},
    render::{Report, Timeline, shown_goal},
    words::{Parsed, spoken},
};

/// What targets are found for.
pub(crate) struct Rows<'a> {
    /// Whether the rows are queues.
    pub(crate) are_queues: bool,
    /// The figures that are shown.
    pub(crate) figures: &'a [Kpi],
    /// How long a short abandoned call lasts, in seconds, if such calls are left out.
    pub(crate) short_seconds: Option<u64>,
}

/// The targets of a report's rows. What a reader should know goes to `notices`.
///
/// # Errors
/// A queue of the configuration that the directory doesn't have, and failures of its request.
pub(crate) async fn find(
    written: &Written,
    rows: &Rows<'_>,
    (client, history): (&Client, Option<&Reader>),
    notices: &mut Vec<String>,
) -> Result<Targets, Failure> {
    let mut targets = Targets {
        of_all: read(&written.figures).map_err(Failure::Usage)?,
        of_keys: BTreeMap::new(),
    };
    if needs_directory(written, rows) {
        let wants_goals = wants_goals(written, rows);
        let listing = listing((client, history), wants_goals, notices).await?;
        of_queues(written, listing.as_ref(), &mut targets, notices)?;
        if wants_goals && let Some(listing) = &listing {
            add_goals(listing, &mut targets);
        }
    }
    Ok(targets.with_short(rows.short_seconds))
}

/// What `--fail-on-target` can't hold: the goals of all rows whose figures the report doesn't show.
pub(crate) fn not_checked(
    written: &Written,
    rows: &Rows<'_>,
    group_by: &GroupBy,
) -> Option<String> {
    let goals = read(&written.figures).ok()?;
    let is_shown = |goal: &Target| {
        let has_length = goal.short_seconds.is_none_or(|own| Some(own) == rows.short_seconds);
        rows.figures.contains(&goal.figure) && has_length
    };
    let absent = goals.iter().filter(|goal| !is_shown(goal));
    let (can, cannot): (Vec<_>, Vec<_>) = absent.partition(|goal| goal.figure.fits(group_by));
    let names = |goals: &[&Target]| goals.iter().map(|goal| name(goal)).collect::<Vec<_>>();
    let shown_by = (!can.is_empty()).then(|| {
        let names = names(&can);
        let (listed, option) = (names.join(" and "), names.join(","));
        format!("the report doesn't show {listed}; --kpis {option} shows it, and holds it against its target")
    });
    let shown_nowhere = (!cannot.is_empty())
        .then(|| format!("these rows don't have {}", names(&cannot).join(" and ")));
    let all: Vec<_> = shown_by.into_iter().chain(shown_nowhere).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// A goal's figure as it is written: `abandonment-rate:20s`.
fn name(goal: &Target) -> String {
    match goal.short_seconds {
        Some(seconds) => format!("{}:{seconds}s", spoken(Kpi::AbandonmentRate.as_str())),
        None => spoken(goal.figure.as_str()),
    }
}

/// Whether it is looked up who the queues are, and what their own goals.
pub(crate) fn needs_directory(written: &Written, rows: &Rows<'_>) -> bool {
    rows.are_queues && (wants_goals(written, rows) || !written.queues.is_empty())
}

fn wants_goals(written: &Written, rows: &Rows<'_>) -> bool {
    written.queue_goals.unwrap_or(true) && rows.figures.contains(&Kpi::ServiceLevelOfAnswered)
}

/// The queues that there are, from what answers the report; `None` if that isn't known. Where their
/// goals are wanted and aren't known, a notice says why.
///
/// # Errors
/// Failures of the directory's request, and files of the history that can't be read.
async fn listing(
    (client, history): (&Client, Option<&Reader>),
    wants_goals: bool,
    notices: &mut Vec<String>,
) -> Result<Option<Listing>, Failure> {
    match history {
        Some(reader) => of_history(reader, wants_goals, notices),
        None => of_directory(client, notices).await,
    }
}

fn of_history(
    reader: &Reader,
    wants_goals: bool,
    notices: &mut Vec<String>,
) -> Result<Option<Listing>, Failure> {
    if wants_goals && !reader.has_directory() {
        let notice = "the queues' own goals aren't known, because the history doesn't have the \
                      directory; `callperf sync --directory yes` keeps it";
        say_once(notices, notice.to_owned());
    }
    let listing = reader.listing(&Grouping::Queues);
    let listing = listing.map_err(|error| history::failure(error, reader.path()))?;
    if listing.is_none() {
        let notice = "the history has no names of queues yet, so [targets.queues] of the configuration \
                      holds for the queues that it has by their keys";
        say_once(notices, notice.to_owned());
    }
    Ok(listing)
}

/// `None`, with a notice, if the application may not read it.
async fn of_directory(
    client: &Client,
    notices: &mut Vec<String>,
) -> Result<Option<Listing>, Failure> {
    match lookup::listing(client, Some(Kind::Queue)).await {
        Ok(listing) => {
            for notice in &listing.notices {
                say_once(notices, notice.to_string());
            }
            Ok(Some(listing))
        }
        Err(error) if error.kind() == ErrorKind::Permission => {
            let notice = "the queues' own goals aren't known, because the application may not read \
                          the directory; they take its ReadAccounts permission";
            say_once(notices, notice.to_owned());
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Adds the targets of single queues. Without a directory, a queue is taken by its key.
fn of_queues(
    written: &Written,
    listing: Option<&Listing>,
    targets: &mut Targets,
    notices: &mut Vec<String>,
) -> Parsed<()> {
    const REMEDY: &str = "change it in the configuration file";
    for (text, goals) in &written.queues {
        let key = match listing {
            Some(listing) => {
                let names = Names { listing, otherwise: REMEDY };
                lookup::key(&names, "[targets.queues]", text, Some(Kind::Queue), notices)?
            }
            None => text.clone(),
        };
        let goals = read(goals).map_err(Failure::Usage)?;
        let own = targets.of_keys.entry(key).or_default();
        if let Some(twice) = goals.iter().find(|goal| own.iter().any(|it| it.figure == goal.figure))
        {
            return Err(Failure::Usage(format!(
                "[targets.queues]: {} stands for a queue that has a target for {} already; {REMEDY}",
                callperf::shown::quoted(text),
                spoken(twice.figure.as_str())
            )));
        }
        own.extend(goals);
    }
    Ok(())
}

/// Adds the queues' own goals, where the configuration has none of theirs.
fn add_goals(listing: &Listing, targets: &mut Targets) {
    let figure = Kpi::ServiceLevelOfAnswered;
    let is_set = targets.of_all.iter().any(|target| target.figure == figure);
    for (key, goal) in listing.entries.iter().filter_map(own_goal) {
        let own = targets.of_keys.entry(key).or_default();
        if !is_set && own.iter().all(|target| target.figure != figure) {
            own.push(goal);
        }
    }
}

fn own_goal(queue: &Entry) -> Option<(String, Target)> {
    let level = queue.service_level.as_ref()?;
    let target = Target {
        figure: Kpi::ServiceLevelOfAnswered,
        goal: goal_of_answered(level)?,
        direction: Direction::AtLeast,
        origin: Origin::Queue,
        threshold_seconds: level.threshold_seconds,
        short_seconds: None,
    };
    Some((queue.key.clone(), target))
}

/// The goal as a share of the answered calls; `None` if the queue counts abandoned ones, too.
fn goal_of_answered(level: &ServiceLevel) -> Option<f64> {
    let counts_abandoned = level.counts_abandoned.unwrap_or(false);
    level.goal_percent.filter(|_| !counts_abandoned).map(|percent| percent / 100.0)
}

/// Holds the rows against the targets, and says which were missed.
pub(crate) fn judge_report(report: &mut Report, targets: &Targets) -> Outcome {
    let mut outcome = Outcome::default();
    for entry in report.entries.iter_mut().chain(&mut report.total) {
        entry.targets = targets.verdicts(&entry.key, &report.kpis, &entry.numbers.kpis);
        outcome.add(|| entry.label().to_owned(), &entry.targets, &entry.numbers.kpis);
    }
    outcome
}

/// The same of each point of a timeline.
pub(crate) fn judge_timeline(timeline: &mut Timeline, targets: &Targets) -> Outcome {
    let mut outcome = Outcome::default();
    for series in timeline.entries.iter_mut().chain(&mut timeline.total) {
        let name = series.label().to_owned();
        for point in &mut series.points {
            point.targets = targets.verdicts(&series.key, &timeline.kpis, &point.numbers.kpis);
            let label = || format!("{name}, {}", point.time_text);
            outcome.add(label, &point.targets, &point.numbers.kpis);
        }
    }
    outcome
}

/// How many figures have a target, and which missed it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    judged: usize,
    missed: Vec<String>,
}

impl Outcome {
    fn add(&mut self, label: impl Fn() -> String, verdicts: &[Verdict], values: &[KpiValue]) {
        self.judged += verdicts.iter().filter(|verdict| verdict.met.is_some()).count();
        for verdict in verdicts.iter().filter(|verdict| verdict.met == Some(false)) {
            let target = &verdict.target;
            let value = values.iter().find(|value| value.kpi() == target.figure);
            let value = value.map(|value| shown_goal(target.figure, value.as_f64()));
            self.missed.push(format!(
                "{}: {} {}, target {} {}",
                label(),
                spoken(target.figure.as_str()),
                value.unwrap_or_default(),
                target.side(),
                shown_goal(target.figure, target.goal)
            ));
        }
    }

    /// Fails where a target was missed. Where there was no number to hold against one, it says so.
    pub(crate) fn check(self, notices: &mut Vec<String>) -> Result<(), Failure> {
        if self.judged == 0 {
            say_once(notices, "no figure of these rows could be held against a target".to_owned());
        }
        if self.missed.is_empty() { Ok(()) } else { Err(Failure::Missed(self.missed)) }
    }
}

/// Refuses `--fail-on-target` where no figure has a target, so that it could never fail.
pub(crate) fn has_any(targets: &Targets, figures: &[Kpi]) -> Parsed<()> {
    if targets.all().any(|target| figures.contains(&target.figure)) {
        return Ok(());
    }
    let mut known: Vec<_> = targets.all().map(|target| spoken(target.figure.as_str())).collect();
    known.sort();
    known.dedup();
    let known = if known.is_empty() {
        "there is none in [targets] of the configuration file".to_owned()
    } else {
        format!("there are targets for {}", known.join(", "))
    };
    let shown: Vec<_> = figures.iter().map(|kpi| spoken(kpi.as_str())).collect();
    let shown = if shown.is_empty() { "no key figures".to_owned() } else { shown.join(", ") };
    Err(Failure::Usage(format!(
        "--fail-on-target: the report has no figure with a target; it shows {shown}, and {known}"
    )))
}
