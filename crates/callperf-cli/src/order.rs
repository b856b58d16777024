//! The order of a report's rows.

use std::cmp::Ordering;

use callperf::{Breakdown, Kpi, Measure, kpi::KpiUnit};

use crate::{
    Failure,
    question::Question,
    render::{Entry, MetricName, PointEntry, SeriesEntry, Which, words_of},
    words::{self, Parsed, spoken},
};

/// By what the rows are put in order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    by: By,
    ascending: bool,
}

#[derive(Clone, Debug)]
enum By {
    Name,
    Time,
    Number(Which),
}

impl Order {
    /// From a column's name, with `:asc` or `:desc`: a figure, a metric
    /// (`calls`, `time-spent`), a word of a breakdown that is asked for
    /// (`missed`), or one with its breakdown or metric where several have it
    /// (`by-result.missed`, `time-spent.by-result.missed`).
    pub(crate) fn parse(text: &str, question: &Question) -> Parsed<Self> {
        Self::among(&candidates(question), text)
    }

    /// The same of the rows of a timeline, which have a time, too: `time:desc`.
    pub(crate) fn of_points(text: &str, question: &Question) -> Parsed<Self> {
        let mut known = candidates(question);
        known.insert(1, ("time".to_owned(), By::Time));
        Self::among(&known, text)
    }

    fn among(known: &[(String, By)], text: &str) -> Parsed<Self> {
        let (name, direction) = match text.rsplit_once(':') {
            Some((name, "asc")) => (name, Some(true)),
            Some((name, "desc")) => (name, Some(false)),
            _ => (text, None),
        };
        let by = words::pick("--sort", name, known)?;
        let ascending = direction.unwrap_or(matches!(by, By::Name | By::Time));
        Ok(Self { by, ascending })
    }

    pub(crate) fn apply(&self, entries: &mut [Entry]) {
        match &self.by {
            By::Name => self.sort_by_name(entries, |entry| entry.label()),
            // A report's rows have no time.
            By::Time => {}
            By::Number(which) => entries.sort_by(|one, other| {
                let number = |entry: &Entry| which.number(&entry.numbers);
                self.compare(number(one), number(other))
            }),
        }
    }

    /// Puts the rows of each series in order; by name, the series.
    pub(crate) fn apply_points(&self, entries: &mut [SeriesEntry]) {
        match &self.by {
            By::Name => self.sort_by_name(entries, |entry| entry.label()),
            By::Time => {
                for entry in entries {
                    entry.points.sort_by_key(|point| point.time);
                    if !self.ascending {
                        entry.points.reverse();
                    }
                }
            }
            By::Number(which) => {
                let number = |point: &PointEntry| which.number(&point.numbers);
                for entry in entries {
                    entry.points.sort_by(|one, other| self.compare(number(one), number(other)));
                }
            }
        }
    }

    fn sort_by_name<T>(&self, entries: &mut [T], label: impl Fn(&T) -> &str) {
        entries.sort_by_cached_key(|entry| label(entry).to_lowercase());
        if !self.ascending {
            entries.reverse();
        }
    }

    /// What is absent comes last, whichever comes first.
    fn compare(&self, one: Option<f64>, other: Option<f64>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) if self.ascending => one.total_cmp(&other),
            (Some(one), Some(other)) => other.total_cmp(&one),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}

/// Every name that a column can be called by; the short ones first, so that they
/// are the ones that a refusal lists.
fn candidates(question: &Question) -> Vec<(String, By)> {
    let mut short = vec![("name".to_owned(), By::Name)];
    for kpi in question.kpis.kpis() {
        short.push((spoken(kpi.as_str()), By::Number(Which::Kpi(*kpi))));
    }
    let mut long = Vec::new();
    let metrics =
        [(MetricName::Calls, &question.calls), (MetricName::TimeSpent, &question.time_spent)];
    for (metric, measures) in metrics {
        for breakdown in measures.iter().map(Measure::breakdown) {
            let which = |word: Option<&str>| {
                let (breakdown, word) = (breakdown.clone(), word.map(str::to_owned));
                By::Number(Which::Metric { metric, breakdown, word })
            };
            let metric_name = spoken(metric.as_str());
            if *breakdown == Breakdown::Total {
                short.push((metric_name, which(None)));
                continue;
            }
            let breakdown_name = spoken(breakdown.as_str());
            let words = words_of(breakdown);
            if words.is_empty() {
                short.push((breakdown_name, which(None)));
                continue;
            }
            for word in words {
                let spoken = spoken(word);
                short.push((spoken.clone(), which(Some(word))));
                long.push((format!("{breakdown_name}.{spoken}"), which(Some(word))));
                long.push((format!("{metric_name}.{breakdown_name}.{spoken}"), which(Some(word))));
            }
        }
    }
    short.extend(long);
    short
}

/// The number that a table of weekdays and hours adds up.
#[derive(Clone, Debug)]
pub(crate) struct Heat(pub(crate) Which);

impl Heat {
    /// The column of this name, or all calls for an empty one.
    ///
    /// # Errors
    /// A column that isn't asked for, and one whose numbers don't add up.
    pub(crate) fn parse(text: &str, question: &Question) -> Parsed<Self> {
        let known: Vec<_> = candidates(question)
            .into_iter()
            .filter_map(|(name, by)| match by {
                By::Number(which) => Some((name, which)),
                By::Name | By::Time => None,
            })
            .collect();
        let name = if text.is_empty() { default_column(question)? } else { text };
        let which = words::pick("--heat", name, &known)?;
        if matches!(&which, Which::Kpi(kpi) if kpi.unit() != KpiUnit::Calls) {
            return Err(Failure::Usage(format!(
                "--heat: {name} of several hours isn't the sum of theirs; choose a number of calls \
                 or a time spent"
            )));
        }
        Ok(Self(which))
    }
}

fn default_column(question: &Question) -> Parsed<&'static str> {
    let is_all = |measure: &Measure| *measure.breakdown() == Breakdown::Total;
    if question.calls.iter().any(is_all) {
        return Ok("calls");
    }
    if question.kpis.kpis().contains(&Kpi::Offered) {
        return Ok("offered");
    }
    Err(Failure::Usage(
        "--heat: which number? The timeline has neither all calls nor those offered; add --calls \
         all, or write --heat=COLUMN"
            .to_owned(),
    ))
}
