//! The company by day and by week.

use serde_json::Value as Json;

use crate::calibrate::{
    experiment::{Concluded, Experiment, Tells, no_findings, no_verdicts},
    notebook::Notebook,
    period::{DAY, DAYS as LENGTH, Setup, is_local, is_utc},
    reading::{CALLS, Point, Series, company, hours, is_near, is_zero, points, sum, total},
    redact::redacted,
    request::Request,
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const DAYS: Experiment = Experiment {
    question: "When does a point of a timeline begin, and how is its time written?",
    tells: &[
        Tells {
            assumption: "points-begin-their-interval",
            options: &[
                ("yes", "a point at the start of the period, and none at its end"),
                ("no", "a point at the end of the period, and none at its start"),
            ],
            open: "neither the first nor the last day has a point, because they had no calls",
        },
        Tells {
            assumption: "point-times",
            options: &[
                ("local", "the offset of the requested time zone, -07:00"),
                ("utc", "the offset of UTC"),
            ],
            open: "there are no points",
        },
    ],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the company's calls of each day";
        vec![Request::timeline(setup, "days", purpose, ("Company", "Day"))]
    },
    repeats: None,
    verdicts: |setup, notebook| {
        vec![
            ("points-begin-their-interval", beginning(setup, notebook).into()),
            ("point-times", times(notebook).into()),
        ]
    },
    findings: no_findings,
};

/// Whether the account had no calls, so that nothing can be observed.
pub(crate) fn is_quiet(notebook: &Notebook) -> bool {
    let Ok(answer) = notebook.answer("days") else { return false };
    match points(answer) {
        Ok(points) => points.iter().all(|point| is_zero(point.calls)),
        Err(_) => {
            answer.pointer("/data/records").and_then(Json::as_array).is_some_and(Vec::is_empty)
        }
    }
}

/// Why nothing is asked of a quiet account.
pub(crate) fn period_has_calls() -> Unsettled {
    Unsettled::new("the account had no calls in the period", CALLS)
}

/// The points by day of an account that isn't quiet.
fn of_calls(notebook: &Notebook) -> Result<Vec<Point>, Unsettled> {
    if is_quiet(notebook) {
        return Err(period_has_calls());
    }
    points(notebook.answer("days")?)
}

fn beginning(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer("days")?;
    let points = of_calls(notebook)?;
    let has = |at: i64| points.iter().any(|point| point.at == at);
    let is_inside = |point: &Point| (setup.from..=setup.to()).contains(&point.at);
    let (begins, ends) = (has(setup.from), has(setup.to()));
    let evidence = format!(
        "of {} points by day, {} at the start of the period and {} at its end",
        points.len(),
        u8::from(begins),
        u8::from(ends)
    );
    if !begins && !ends && points.iter().all(is_inside) {
        let needs = "calls on the first and on the last day of the period";
        return Ok(Verdict::Unsettled(Unsettled::new(evidence, needs)));
    }
    let choices = [("yes", begins && !ends), ("no", ends && !begins)];
    Ok(Verdict::only(&choices, evidence, CALLS, || redacted(answer)))
}

fn times(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer("days")?;
    let points = of_calls(notebook)?;
    let all = |is: fn(&str) -> bool| points.iter().all(|point| is(&point.time));
    let choices = [("local", all(is_local)), ("utc", all(is_utc))];
    let evidence = format!(
        "{} points in a time zone 7 hours behind UTC: {} have its offset, {} have UTC's",
        points.len(),
        points.iter().filter(|point| is_local(&point.time)).count(),
        points.iter().filter(|point| is_utc(&point.time)).count()
    );
    Ok(Verdict::only(&choices, evidence, CALLS, || redacted(answer)))
}

/// The calls of each day, if points begin their days.
fn by_day(setup: &Setup, notebook: &Notebook) -> Result<Vec<f64>, Unsettled> {
    let series = Series::new(setup, &points(notebook.answer("days")?)?, DAY);
    let series = series.filter(|_| notebook.settled("points-begin-their-interval") == Some("yes"));
    series.map(|series| series.calls).ok_or_else(|| {
        Unsettled::new("the days of a timeline don't begin as assumed", "points at local midnights")
    })
}

pub(super) const WEEKS: Experiment = Experiment {
    question: "On which day do weeks start, and is a week there that the period cuts?",
    tells: &[
        Tells {
            assumption: "week-start",
            options: &[
                (
                    "monday",
                    "weeks whose calls are the sums of the days from one Monday to the next",
                ),
                (
                    "tuesday",
                    "weeks whose calls are the sums of the days from one Tuesday to the next",
                ),
                (
                    "wednesday",
                    "weeks whose calls are the sums of the days from one Wednesday to the next",
                ),
                (
                    "thursday",
                    "weeks whose calls are the sums of the days from one Thursday to the next",
                ),
                (
                    "friday",
                    "weeks whose calls are the sums of the days from one Friday to the next",
                ),
                (
                    "saturday",
                    "weeks whose calls are the sums of the days from one Saturday to the next",
                ),
                (
                    "sunday",
                    "weeks whose calls are the sums of the days from one Sunday to the next",
                ),
            ],
            open: "the days around the ends of weeks had so few calls that two ways of cutting have the same sums",
        },
        Tells {
            assumption: "partial-buckets",
            options: &[
                ("cut", "sums of parts of weeks at the ends of the period, which the period cuts"),
                ("omitted", "whole weeks alone"),
            ],
            open: "the days of the cut weeks had no calls",
        },
    ],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the same calls of each week";
        vec![Request::timeline(setup, "weeks", purpose, ("Company", "Week"))]
    },
    repeats: None,
    verdicts: weeks,
    findings: no_findings,
};

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const PARTIAL: [&str; 2] = ["cut", "omitted"];

fn weeks(setup: &Setup, notebook: &Notebook) -> Vec<Concluded> {
    match fitting_weeks(setup, notebook) {
        Ok((fits, evidence, response)) => {
            let day = |name: &str| fits.iter().any(|(day, _)| *day == name);
            let partial = |name: &str| fits.iter().any(|(_, partial)| *partial == name);
            let needs = "calls on most days of the period";
            let week_start = WEEKDAYS.map(|name| (name, day(name)));
            let partial_buckets = PARTIAL.map(|name| (name, partial(name)));
            let verdict = |choices: &[(&str, bool)]| {
                Verdict::only(choices, evidence.clone(), needs, || response.clone())
            };
            vec![
                ("week-start", verdict(&week_start)),
                ("partial-buckets", verdict(&partial_buckets)),
            ]
        }
        Err(unsettled) => vec![
            ("week-start", Verdict::Unsettled(unsettled.clone())),
            ("partial-buckets", Verdict::Unsettled(unsettled)),
        ],
    }
}

type Weeks = (&'static str, &'static str);

/// The ways of cutting that would give these weeks of these days.
fn fitting_weeks(
    setup: &Setup,
    notebook: &Notebook,
) -> Result<(Vec<Weeks>, String, String), Unsettled> {
    let days = by_day(setup, notebook)?;
    let answer = notebook.answer("weeks")?;
    let mut seen: Vec<(i64, f64)> =
        points(answer)?.iter().map(|point| (point.at, point.calls)).collect();
    // Whether empty weeks are there is another question.
    seen.retain(|(_, calls)| !is_zero(*calls));
    let mut fits = Vec::new();
    for (start, day) in (0..).zip(WEEKDAYS) {
        for partial in PARTIAL {
            if is_same(&cut(setup, &days, start, partial == "omitted"), &seen) {
                fits.push((day, partial));
            }
        }
    }
    let ways = fits.iter().map(|(day, partial)| format!("from {day} on, {partial} by the period"));
    let ways = ways.collect::<Vec<_>>().join(", or ");
    let evidence = format!(
        "{} weeks with calls add up to {} of the {} calls of {LENGTH} days; they are {}",
        seen.len(),
        sum(seen.iter().map(|(_, calls)| *calls)),
        sum(days.iter().copied()),
        if ways.is_empty() { "no sums of these days" } else { &ways }
    );
    Ok((fits, evidence, redacted(answer)))
}

/// The weeks that start on a day of the week, each with its calls, those without left out.
fn cut(setup: &Setup, days: &[f64], start: i64, without_partial: bool) -> Vec<(i64, f64)> {
    let before = (setup.weekday(0) - start).rem_euclid(7);
    let mut weeks = Vec::new();
    let mut first = -before;
    while first < LENGTH {
        let is_whole = first >= 0 && first + 7 <= LENGTH;
        let places = (first.max(0)..(first + 7).min(LENGTH))
            .filter_map(|day| days.get(usize::try_from(day).ok()?).copied());
        let calls = sum(places);
        if !is_zero(calls) && (is_whole || !without_partial) {
            weeks.push((setup.from + first * DAY, calls));
        }
        first += 7;
    }
    weeks
}

fn is_same(one: &[(i64, f64)], other: &[(i64, f64)]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| one.0 == other.0 && is_near(one.1, other.1))
}

/// What several experiments look at.
pub(super) const COMPANY: &str = "company";

pub(super) const SUMS: Experiment = Experiment {
    question: "Do hours add up to days, and days to the whole?",
    tells: &[],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the company's calls of the whole period";
        let request = Request::aggregation(setup, COMPANY, purpose, "Company");
        vec![request.counting(&["allCalls"], "Sum")]
    },
    repeats: None,
    verdicts: no_verdicts,
    findings: |setup, notebook| {
        vec![
            ("hours-add-up-to-days", hours_add_up(setup, notebook)),
            ("days-add-up", days_add_up(setup, notebook)),
        ]
    },
};

fn hours_add_up(setup: &Setup, notebook: &Notebook) -> Result<Finding, Unsettled> {
    let days = by_day(setup, notebook)?;
    let hours = hours(setup, notebook.answer("hours")?)?;
    let sums = hours.calls.chunks(24).map(|day| day.iter().sum::<f64>());
    let equal = sums.zip(&days).filter(|(sum, day)| is_near(*sum, **day)).count();
    Ok(yes(
        equal == days.len(),
        format!("{equal} of {} days are the sum of their hours", days.len()),
    ))
}

fn days_add_up(setup: &Setup, notebook: &Notebook) -> Result<Finding, Unsettled> {
    let days = sum(by_day(setup, notebook)?);
    let answer = company(notebook.answer(COMPANY)?)?;
    let all = total(answer).ok_or_else(period_has_calls)?;
    Ok(yes(is_near(days, all), format!("days add up to {days} calls, and the period has {all}")))
}

fn yes(is: bool, evidence: String) -> Finding {
    Finding { value: if is { "yes" } else { "no" }.to_owned(), evidence }
}
