//! Filters by hours: which minutes they include, and which hours are there.

use crate::calibrate::{
    experiment::{Experiment, Tells, no_findings},
    notebook::Notebook,
    period::{HOUR, Setup},
    reading::{Series, company, hours, hours_of_day, is_zero, total},
    redact::redacted,
    request::Request,
    verdict::{Unsettled, Verdict},
};

pub(super) const FILTERED: Experiment = Experiment {
    question: "Does an hours filter include its last minute, and is an hour there without calls?",
    tells: &[
        Tells {
            assumption: "hours-end",
            options: &[
                (
                    "included",
                    "calls in the hour after each window that ends at a full hour, and none missing of one that ends at minute 59",
                ),
                ("excluded", "no calls in that hour, and those of minute 59 missing"),
            ],
            open: "no call began in the minutes in question",
        },
        Tells {
            assumption: "empty-points",
            options: &[
                ("none", "no hour without calls"),
                (
                    "included",
                    "all hours of the filter, with calls or without, and no hour that it leaves out",
                ),
                ("all", "all hours of the period"),
            ],
            open: "every hour of the filter had calls, or the account had calls around the clock",
        },
    ],
    may_be_refused: false,
    requests: |setup, _| {
        let all = Request::timeline(
            setup,
            "hours",
            "the company's calls of each hour",
            ("Company", "Hour"),
        );
        let filtered = Request::timeline(
            setup,
            "filtered hours",
            "the same of some hours of the day, each up to the next or to its minute 59",
            ("Company", "Hour"),
        );
        vec![all, filtered.hours(&windows())]
    },
    repeats: None,
    verdicts: |setup, notebook| {
        vec![
            ("hours-end", end(setup, notebook).into()),
            ("empty-points", empty_points(setup, notebook).into()),
        ]
    },
    findings: no_findings,
};

/// What an hour of the day is in the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Asked for up to the next full hour.
    ToTheNext,
    /// After such an hour: its first minute tells whether an end is included.
    After,
    /// Asked for up to its minute 59: its last minute tells it, too.
    ToTheLastMinute,
    /// Not asked for in any reading.
    Never,
}

fn kind(hour: usize) -> Kind {
    match hour % 4 {
        0 => Kind::ToTheNext,
        1 => Kind::After,
        2 => Kind::ToTheLastMinute,
        _ => Kind::Never,
    }
}

fn windows() -> Vec<(String, String)> {
    let window = |hour: usize| match kind(hour) {
        Kind::ToTheNext => Some((format!("{hour:02}:00"), format!("{:02}:00", hour + 1))),
        Kind::ToTheLastMinute => Some((format!("{hour:02}:00"), format!("{hour:02}:59"))),
        Kind::After | Kind::Never => None,
    };
    (0..24).filter_map(window).collect()
}

struct Both {
    all: Series,
    filtered: Series,
}

fn both(setup: &Setup, notebook: &Notebook) -> Result<Both, Unsettled> {
    let all = hours(setup, notebook.answer("hours")?)?;
    let filtered = hours(setup, notebook.answer("filtered hours")?)?;
    Ok(Both { all, filtered })
}

impl Both {
    /// The places of a kind of hour.
    fn places(&self, sought: Kind) -> impl Iterator<Item = usize> {
        let length = self.all.calls.len();
        hours_of_day()
            .filter(move |(place, hour)| *place < length && kind(*hour) == sought)
            .map(|(place, _)| place)
    }

    /// The calls that the filter takes out of hours of a kind.
    fn left_out(&self, kind: Kind) -> f64 {
        self.places(kind).map(|place| self.all.calls[place] - self.filtered.calls[place]).sum()
    }

    fn kept(&self, kind: Kind) -> f64 {
        self.places(kind).map(|place| self.filtered.calls[place]).sum()
    }

    /// The hours that are asked for in any reading, without calls.
    fn empty_inside(&self) -> Vec<usize> {
        let inside = self.places(Kind::ToTheNext).chain(self.places(Kind::ToTheLastMinute));
        inside.filter(|place| is_zero(self.filtered.calls[*place])).collect()
    }
}

fn end(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let both = both(setup, notebook)?;
    let after = both.kept(Kind::After);
    let missing = both.left_out(Kind::ToTheLastMinute);
    let strange = !is_zero(both.kept(Kind::Never)) || !is_zero(both.left_out(Kind::ToTheNext));
    let evidence = format!(
        "of hours up to a full one, {after} calls are in the minute of that hour; of hours up to \
         minute 59, {missing} calls are missing"
    );
    if !strange && is_zero(after) && is_zero(missing) {
        let needs = "more calls in the first and the last minutes of hours";
        return Err(Unsettled::new(evidence, needs));
    }
    let choices = [
        ("included", !strange && after > 0.0 && is_zero(missing)),
        ("excluded", !strange && missing > 0.0 && is_zero(after)),
    ];
    let answer = notebook.answer("filtered hours")?;
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
}

fn empty_points(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let both = both(setup, notebook)?;
    let has = |place: &usize| both.filtered.has_point[*place];
    let outside: Vec<_> = both.places(Kind::Never).collect();
    let inside = both.empty_inside();
    let (outside_there, inside_there) =
        (outside.iter().filter(|it| has(it)).count(), inside.iter().filter(|it| has(it)).count());
    let empty_there = (0..both.filtered.calls.len())
        .filter(|place| has(place) && is_zero(both.filtered.calls[*place]))
        .count();
    let all_inside = inside_there == inside.len();
    let choices = [
        ("none", empty_there == 0),
        ("included", outside_there == 0 && all_inside),
        ("all", outside_there == outside.len() && all_inside),
    ];
    let evidence = format!(
        "{outside_there} of {} hours that the filter leaves out are there, and {inside_there} of {} \
         of its own hours without calls",
        outside.len(),
        inside.len()
    );
    let answer = notebook.answer("filtered hours")?;
    let needs = "hours of the day without calls";
    Ok(Verdict::only(&choices, evidence, needs, || redacted(answer)))
}

pub(super) const AVERAGE: Experiment = Experiment {
    question: "Which hours does an average by hour count?",
    tells: &[Tells {
        assumption: "empty-intervals",
        options: &[
            ("none", "the calls divided by the hours that had calls"),
            ("included", "the calls divided by the hours of the filter"),
            ("all", "the calls divided by all hours of the period"),
        ],
        open: "two of these numbers of hours are the same, because every hour had calls",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the average an hour of the same calls";
        let request = Request::aggregation(setup, "hourly average", purpose, "Company");
        let option =
            serde_json::json!({"aggregationType": "Average", "aggregationInterval": "Hour"});
        vec![request.hours(&windows()).with("/responseOptions/counters/allCalls", option)]
    },
    repeats: None,
    verdicts: |setup, notebook| vec![("empty-intervals", intervals(setup, notebook).into())],
    findings: no_findings,
};

fn intervals(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let both = both(setup, notebook)?;
    let answer = notebook.answer("hourly average")?;
    let average = total(company(answer)?).filter(|average| *average > 0.0);
    let needs = "an account with calls in the period";
    let average = average.ok_or_else(|| Unsettled::new("the average is nothing", needs))?;
    let sum = both.filtered.sum();
    let counted = sum / average;
    let busy = both.filtered.calls.iter().filter(|calls| !is_zero(**calls)).count();
    let inside = both.places(Kind::ToTheNext).count() + both.places(Kind::ToTheLastMinute).count();
    let after = both.places(Kind::After).count();
    let is = |hours: usize| (hours_as_number(hours) - counted).abs() < 1e-6 * counted.max(1.0);
    let included = match notebook.settled("hours-end") {
        Some("included") => is(inside + after),
        Some(_) => is(inside),
        None => is(inside + after) || is(inside),
    };
    let choices = [("none", is(busy)), ("included", included), ("all", is(both.all.calls.len()))];
    let evidence = format!(
        "{sum} calls are {average:.3} an hour, which makes {counted:.1} hours; {busy} had calls, {inside} \
         are asked for (and {after} for a minute, if ends are included), the period has {}",
        both.all.calls.len()
    );
    let needs = "hours of the day without calls";
    Ok(Verdict::only(&choices, evidence, needs, || redacted(answer)))
}

fn hours_as_number(hours: usize) -> f64 {
    u32::try_from(hours).map_or(f64::MAX, f64::from)
}

/// A minute that has calls, and how many: its first second. The hours filter shows it for nothing.
pub(super) fn busy_minute(setup: &Setup, notebook: &Notebook) -> Option<(i64, f64)> {
    let both = both(setup, notebook).ok()?;
    let calls_of = |place: usize| match notebook.settled("hours-end") {
        Some("included") => both.filtered.calls[place],
        _ => both.all.calls[place] - both.filtered.calls[place],
    };
    let (kind, minute) = match notebook.settled("hours-end")? {
        "included" => (Kind::After, 0),
        _ => (Kind::ToTheLastMinute, 59),
    };
    let minutes = both.places(kind).map(|place| (place, calls_of(place)));
    let (place, calls) = minutes.max_by(|one, other| one.1.total_cmp(&other.1))?;
    let hour = i64::try_from(place).ok()?;
    (calls > 0.0).then_some((setup.from + hour * HOUR + minute * 60, calls))
}

/// The calls of the period, and those that began in an hour of the day.
pub(super) fn all_and_hour(
    setup: &Setup,
    notebook: &Notebook,
    hour: usize,
) -> Result<(f64, f64), Unsettled> {
    let all = hours(setup, notebook.answer("hours")?)?;
    let calls: f64 = hours_of_day()
        .filter(|(_, other)| *other == hour)
        .filter_map(|(place, _)| all.calls.get(place))
        .sum();
    Ok((all.sum(), calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_windows_end_at_a_full_hour_and_none_touches_another() {
        let windows = windows();
        assert_eq!(windows.len(), 12);
        assert_eq!(windows[0], ("00:00".to_owned(), "01:00".to_owned()));
        assert_eq!(windows[11], ("22:00".to_owned(), "22:59".to_owned()));
        assert_eq!(windows.iter().filter(|(_, to)| to.ends_with(":59")).count(), 6);
    }
}
