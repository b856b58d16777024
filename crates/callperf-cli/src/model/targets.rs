//! What figures should be: a goal for each, for all rows or for one queue's.

use std::collections::BTreeMap;

use callperf::{
    GroupBy, Kpi,
    kpi::{Better, KpiUnit, KpiValue},
};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::words::{pick, spoken};

/// On which side of its goal a figure should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Direction {
    /// The goal or more.
    AtLeast,
    /// The goal or less.
    AtMost,
}

/// Where a goal is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// The configuration file.
    Config,
    /// The queue's own settings.
    Queue,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Target {
    /// The figure.
    #[serde(skip)]
    pub figure: Kpi,
    /// The goal in the figure's unit: calls, seconds, or a share of one.
    pub goal: f64,
    /// On which side of the goal the figure should be.
    pub direction: Direction,
    /// Where the goal is from.
    pub origin: Origin,
    /// Within how many seconds the queue should answer, where the goal is the queue's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub threshold_seconds: Option<u64>,
    /// How long a short abandoned call lasts, in seconds, for a figure without them.
    #[serde(skip)]
    pub(crate) short_seconds: Option<u64>,
}

impl Target {
    /// Whether a value, in the figure's unit, meets the goal.
    #[must_use]
    pub fn is_met(&self, value: f64) -> bool {
        match self.direction {
            Direction::AtLeast => value >= self.goal,
            Direction::AtMost => value <= self.goal,
        }
    }

    /// The figure's name and the side: `answer rate at least`.
    #[must_use]
    pub fn side(&self) -> &'static str {
        match self.direction {
            Direction::AtLeast => "at least",
            Direction::AtMost => "at most",
        }
    }
}

/// A figure's target, and whether the figure meets it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Verdict {
    /// What the figure should be.
    #[serde(flatten)]
    pub target: Target,
    /// Whether it is; absent if the figure is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub met: Option<bool>,
}

/// Writes verdicts as a map by figure.
pub(crate) fn by_figure<S: Serializer>(
    verdicts: &[Verdict],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(verdicts.len()))?;
    for verdict in verdicts {
        map.serialize_entry(verdict.target.figure.as_str(), verdict)?;
    }
    map.end()
}

/// The goals of a report's rows. A row's own counts before the one for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Targets {
    pub(crate) of_all: Vec<Target>,
    /// By the row's key.
    pub(crate) of_keys: BTreeMap<String, Vec<Target>>,
}

impl Targets {
    /// The target of a row's figure.
    pub(crate) fn of(&self, key: &str, figure: Kpi) -> Option<&Target> {
        let own = self.of_keys.get(key).into_iter().flatten();
        own.chain(&self.of_all).find(|target| target.figure == figure)
    }

    /// The targets of the figures that are shown, each with whether it is met.
    pub(crate) fn verdicts(&self, key: &str, shown: &[Kpi], values: &[KpiValue]) -> Vec<Verdict> {
        let verdict = |figure: &Kpi| {
            let target = *self.of(key, *figure)?;
            let value = values.iter().find(|value| value.kpi() == *figure);
            Some(Verdict { target, met: value.map(|value| target.is_met(value.as_f64())) })
        };
        shown.iter().filter_map(verdict).collect()
    }

    /// All targets, those of single rows first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Target> {
        self.of_keys.values().flatten().chain(&self.of_all)
    }

    /// The same without targets of figures over other calls.
    pub(crate) fn with_short(mut self, seconds: Option<u64>) -> Self {
        let fits = |target: &Target| target.short_seconds.is_none_or(|own| Some(own) == seconds);
        self.of_all.retain(fits);
        self.of_keys.values_mut().for_each(|targets| targets.retain(fits));
        self
    }
}

/// What figures should be, for `report --targets`: `answer-rate = "90%"` is a goal for all rows,
/// and a table `[targets.queues.Support]` has those of one queue. A text may begin with `>=` or
/// `<=`; without them, more is better of answers and service levels, and less of what callers
/// suffer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
pub(crate) struct Written {
    /// Whether the service level of a queue is held against the queue's own goal, from the
    /// company's directory; by default it is.
    #[serde(alias = "queue-goals")]
    pub(crate) queue_goals: Option<bool>,
    /// Goals of single queues, by the queue's name, extension number or key.
    #[serde(default)]
    pub(crate) queues: BTreeMap<String, BTreeMap<String, Goal>>,
    /// Goals of all rows, by figure.
    #[serde(flatten)]
    pub(crate) figures: BTreeMap<String, Goal>,
}

/// A goal as it is written: a text, or a number where the figure is one of calls.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a goal is a text such as \"90%\", or a number of calls; goals of one queue are in [targets.queues.NAME]"
)]
pub(crate) enum Goal {
    Text(String),
    Whole(i64),
    Number(f64),
}

impl Goal {
    /// As a text, of which it is said what is wrong with it.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Written {
    /// The same without the queues' own goals.
    pub(crate) fn without_queue_goals(&self) -> Self {
        Self { queue_goals: Some(false), ..self.clone() }
    }

    /// The first mistake, with the keys that lead to it.
    pub(crate) fn mistake(&self) -> Option<(Vec<&str>, String)> {
        let of_all = self.figures.iter().find_map(|(figure, goal)| {
            let reason = parse(figure, &goal.text()).err()?;
            Some((vec!["targets", figure.as_str()], reason))
        });
        let mut of_queues = self.queues.iter().flat_map(|(queue, goals)| {
            goals.iter().map(move |(figure, goal)| (queue, figure, goal))
        });
        of_all.or_else(|| {
            of_queues.find_map(|(queue, figure, goal)| {
                let reason = parse(figure, &goal.text()).and_then(of_a_queue).err()?;
                Some((vec!["targets", "queues", queue.as_str(), figure.as_str()], reason))
            })
        })
    }
}

/// The targets of a table of the configuration, which has been found to be right.
pub(crate) fn read(goals: &BTreeMap<String, Goal>) -> Result<Vec<Target>, String> {
    goals.iter().map(|(figure, goal)| parse(figure, &goal.text())).collect()
}

fn of_a_queue(target: Target) -> Result<Target, String> {
    if target.figure.fits(&GroupBy::queues()) {
        return Ok(target);
    }
    let name = spoken(target.figure.as_str());
    Err(format!("{name}: queues don't have this figure; write the target into [targets]"))
}

/// A target as it is written: the figure, and its goal.
pub(crate) fn parse(figure: &str, goal: &str) -> Result<Target, String> {
    let (kpi, short_seconds) = figure_of(figure)?;
    let text = goal.trim();
    let written = [(">=", Direction::AtLeast), ("<=", Direction::AtMost)]
        .into_iter()
        .find_map(|(sign, direction)| Some((direction, text.strip_prefix(sign)?.trim())));
    let (direction, text) = match (written, better(kpi)) {
        (Some((direction, text)), _) => (direction, text),
        (None, Some(direction)) => (direction, text),
        (None, None) => {
            return Err(format!(
                "{figure}: neither more nor less of it is better by itself; write \">= {text}\" or \
                 \"<= {text}\""
            ));
        }
    };
    let goal = number(kpi, text).map_err(|reason| format!("{figure}: {reason}"))?;
    let origin = Origin::Config;
    Ok(Target { figure: kpi, goal, direction, origin, threshold_seconds: None, short_seconds })
}

/// The figure, and how long a short abandoned call lasts.
fn figure_of(text: &str) -> Result<(Kpi, Option<u64>), String> {
    let (name, short) = text.split_once(':').map_or((text, None), |(name, it)| (name, Some(it)));
    let known: Vec<_> = Kpi::KNOWN.iter().map(|kpi| (spoken(kpi.as_str()), *kpi)).collect();
    let kpi = pick("figures", name, &known).map_err(|refusal| refusal.to_string())?;
    let is_without = kpi == Kpi::AbandonmentRateWithoutShort;
    match short {
        None if is_without => {
            Err(format!("{text}: write it as \"abandonment-rate:20s\", with the length"))
        }
        None => Ok((kpi, None)),
        Some(short) if is_without || kpi == Kpi::AbandonmentRate => {
            let seconds = short.parse::<SignedDuration>().map(|time| time.as_secs()).ok();
            let seconds = seconds.and_then(|time| u64::try_from(time).ok()).filter(|it| *it > 0);
            let seconds = seconds.ok_or_else(|| {
                format!("{text}: `{short}` isn't a time in whole seconds; write 20s")
            })?;
            Ok((Kpi::AbandonmentRateWithoutShort, Some(seconds)))
        }
        Some(_) => Err(format!("{text}: only abandonment-rate takes a time")),
    }
}

/// Which side is the better one, where everybody would say the same.
fn better(kpi: Kpi) -> Option<Direction> {
    match (kpi, kpi.better()) {
        // Less of it is better for a target, though a voicemail can be what a caller wants.
        (Kpi::VoicemailRate, _) | (_, Some(Better::Less)) => Some(Direction::AtMost),
        (_, Some(Better::More)) => Some(Direction::AtLeast),
        _ => None,
    }
}

/// A goal in its figure's unit.
fn number(kpi: Kpi, text: &str) -> Result<f64, String> {
    let read = match kpi.unit() {
        KpiUnit::Seconds => {
            let time = text.parse::<SignedDuration>().ok();
            time.map(|time| time.as_secs_f64()).ok_or("isn't a time; write 30s or 4m30s")
        }
        KpiUnit::Share => {
            let percent = text.strip_suffix('%').and_then(|it| it.trim().parse::<f64>().ok());
            percent.map(|percent| percent / 100.0).ok_or("isn't a percentage; write 90%")
        }
        _ => text.parse::<f64>().map_err(|_| "isn't a number; write 100"),
    };
    let goal = read.map_err(|why| format!("`{text}` {why}"))?;
    // Of these alone there can be more than of what they are compared with.
    let is_open = matches!(kpi, Kpi::TransferRate | Kpi::Occupancy);
    let most = if kpi.unit() == KpiUnit::Share && !is_open { 1.0 } else { f64::MAX };
    if (0.0..=most).contains(&goal) {
        return Ok(goal);
    }
    Err(format!("`{text}` can't be reached; write a goal that the figure can have"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(figure: &str, text: &str) -> (f64, Direction) {
        let target = parse(figure, text).unwrap();
        (target.goal, target.direction)
    }

    #[test]
    fn goals_are_written_as_people_say_them() {
        assert_eq!(goal("answer-rate", "90%"), (0.9, Direction::AtLeast));
        assert_eq!(goal("answer_rate", ">= 92.5 %"), (0.925, Direction::AtLeast));
        assert_eq!(goal("abandonment-rate", "5%"), (0.05, Direction::AtMost));
        assert_eq!(goal("average-speed-of-answer", "30s"), (30.0, Direction::AtMost));
        assert_eq!(goal("average-handle-time", "<= 4m30s"), (270.0, Direction::AtMost));
        assert_eq!(goal("offered", ">=100"), (100.0, Direction::AtLeast));
        let short = parse("abandonment-rate:20s", "3%").unwrap();
        assert_eq!(short.figure, Kpi::AbandonmentRateWithoutShort);
        assert_eq!(short.short_seconds, Some(20));
    }

    #[test]
    fn what_is_no_goal_is_refused_with_what_to_write() {
        for (figure, text, expected) in [
            (
                "offered",
                "100",
                "offered: neither more nor less of it is better by itself; write \
              \">= 100\" or \"<= 100\"",
            ),
            ("answer-rate", "0.9", "answer-rate: `0.9` isn't a percentage; write 90%"),
            (
                "answer-rate",
                "900%",
                "answer-rate: `900%` can't be reached; write a goal that the \
              figure can have",
            ),
            (
                "average-speed-of-answer",
                "30",
                "average-speed-of-answer: `30` isn't a time; write 30s \
              or 4m30s",
            ),
            (
                "answer-rat",
                "90%",
                "figures: no such word as `answer-rat`; did you mean answer-rate?",
            ),
            ("answer-rate:20s", "90%", "answer-rate:20s: only abandonment-rate takes a time"),
            (
                "abandonment-rate-without-short",
                "3%",
                "abandonment-rate-without-short: write it as \
              \"abandonment-rate:20s\", with the length",
            ),
        ] {
            assert_eq!(parse(figure, text).unwrap_err(), expected);
        }
        // Calls and time spent are no figures: they have no target.
        assert!(parse("calls", "100").unwrap_err().starts_with("figures: no such word as `calls`"));
    }

    #[test]
    fn a_number_is_a_goal_of_calls_and_is_refused_with_what_to_write_for_others() {
        let mistake = |text: &str| {
            let written: Written = toml::from_str(text).unwrap();
            written.mistake().map(|(keys, reason)| (keys.join("."), reason))
        };
        let refused = |key: &str, reason: &str| Some((key.to_owned(), reason.to_owned()));
        assert_eq!(
            mistake("answer-rate = 0.8"),
            refused("targets.answer-rate", "answer-rate: `0.8` isn't a percentage; write 90%")
        );
        assert_eq!(
            mistake("[queues.Support]\naverage-speed-of-answer = 30"),
            refused(
                "targets.queues.Support.average-speed-of-answer",
                "average-speed-of-answer: `30` isn't a time; write 30s or 4m30s"
            )
        );
        let written: Written = toml::from_str("longest-wait = '2m'\nreached = 100").unwrap();
        let goals: Vec<_> = written.figures.values().map(Goal::text).collect();
        assert_eq!(goals, ["2m", "100"]);
    }

    #[test]
    fn a_goal_is_met_on_its_side_and_at_the_goal_itself() {
        let target = parse("answer-rate", "95%").unwrap();
        assert!(target.is_met(19.0 / 20.0));
        assert!(!target.is_met(18.9 / 20.0));
        let target = parse("missed-rate", "5%").unwrap();
        assert!(target.is_met(1.0 / 20.0));
        assert!(!target.is_met(1.1 / 20.0));
    }

    #[test]
    fn a_rows_own_target_counts_before_the_one_for_all() {
        let own = parse("answer-rate", "95%").unwrap();
        let targets = Targets {
            of_all: vec![parse("answer-rate", "90%").unwrap()],
            of_keys: BTreeMap::from([("7".to_owned(), vec![own])]),
        };
        assert_eq!(targets.of("7", Kpi::AnswerRate).unwrap().goal.to_string(), "0.95");
        assert_eq!(targets.of("8", Kpi::AnswerRate).unwrap().goal.to_string(), "0.9");
        assert_eq!(targets.of("7", Kpi::MissedRate), None);
    }

    #[test]
    fn a_target_without_short_calls_is_one_of_that_length() {
        let short = parse("abandonment-rate:20s", "3%").unwrap();
        let targets = Targets { of_all: vec![short], of_keys: BTreeMap::new() };
        assert_eq!(targets.clone().with_short(Some(20)).of_all.len(), 1);
        assert_eq!(targets.clone().with_short(Some(10)).of_all.len(), 0);
        assert_eq!(targets.with_short(None).of_all.len(), 0);
    }
}
