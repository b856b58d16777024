//! Numbers of responses.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    period::{HOUR, HOURS, Setup},
    verdict::Unsettled,
};

/// Two shares or averages that differ by rounding only.
const TOLERANCE: f64 = 0.01;

pub(super) fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= TOLERANCE
}

pub(super) fn is_zero(number: f64) -> bool {
    number.abs() < f64::EPSILON
}

pub(super) fn records(answer: &Json) -> Result<&[Json], Unsettled> {
    let records = answer.pointer("/data/records").and_then(Json::as_array);
    records.map(Vec::as_slice).ok_or_else(|| {
        Unsettled::new("a response has no `data.records`", "a server that speaks this API")
    })
}

/// Whether a response is a report: one that isn't would read as one without calls.
pub(super) fn is_report(answer: &Json) -> bool {
    let is_number = |it: &Json| it.is_number() || it.is_null();
    let is_measure = |it: &Json| match it.get("values") {
        Some(Json::Object(words)) => words.values().all(is_number),
        Some(other) => is_number(other),
        None => true,
    };
    let has_numbers = |holder: &Json| {
        let measures = holder.get("counters").and_then(Json::as_object);
        measures.is_none_or(|them| them.values().all(is_measure))
    };
    records(answer).is_ok_and(|records| {
        let points = records.iter().filter_map(|it| it.get("points")?.as_array()).flatten();
        records.iter().chain(points).all(has_numbers)
    })
}

/// The only record of a company's response.
pub(super) fn company(answer: &Json) -> Result<&Json, Unsettled> {
    records(answer)?.first().ok_or_else(|| Unsettled::new("the company had no calls", CALLS))
}

pub(super) const CALLS: &str = "an account with calls in the period";

/// A number of one field of a page's numbers.
pub(super) fn paging(answer: &Json, name: &str) -> Option<u64> {
    answer.pointer(&format!("/paging/{name}")).and_then(whole)
}

fn whole(number: &Json) -> Option<u64> {
    let number = number.as_f64().filter(|number| *number >= 0.0 && is_zero(number.fract()))?;
    number.to_string().parse().ok()
}

/// A sum that is 0 if there is nothing, and not -0.
pub(super) fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers.into_iter().fold(0.0, |sum, number| sum + number)
}

/// A key of digits, which can't lead elsewhere in a path.
pub(super) fn digits(key: Option<&Json>) -> Option<String> {
    let key = match key? {
        Json::String(key) => key.clone(),
        Json::Number(key) => key.to_string(),
        _ => return None,
    };
    (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())).then_some(key)
}

/// So many calls, in words.
pub(super) fn counted(calls: f64) -> String {
    if is_zero(calls - 1.0) { "1 call".to_owned() } else { format!("{calls} calls") }
}

/// All calls of a record or a point.
pub(super) fn total(record: &Json) -> Option<f64> {
    record.pointer("/counters/allCalls/values").and_then(Json::as_f64)
}

/// A breakdown's numbers by their words; `None` if there is no such breakdown.
pub(super) fn words<'a>(record: &'a Json, breakdown: &str) -> Option<BTreeMap<&'a str, f64>> {
    let words = record.pointer(&format!("/counters/{breakdown}/values"))?.as_object()?;
    Some(
        words.iter().filter_map(|(word, number)| Some((word.as_str(), number.as_f64()?))).collect(),
    )
}

/// A point of a timeline: when, as it was written, and how many calls.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) at: i64,
    pub(super) time: String,
    pub(super) calls: f64,
}

/// The points of the company.
pub(super) fn points(answer: &Json) -> Result<Vec<Point>, Unsettled> {
    let unreadable =
        || Unsettled::new("a timeline's points can't be read", "a server that speaks this API");
    let points = company(answer)?.get("points").and_then(Json::as_array).ok_or_else(unreadable)?;
    let point = |point: &Json| {
        let time = point.get("time")?.as_str()?;
        let at: Timestamp = time.parse().ok()?;
        Some(Point { at: at.as_second(), time: time.to_owned(), calls: total(point)? })
    };
    points.iter().map(point).collect::<Option<_>>().ok_or_else(unreadable)
}

/// The calls of each unit of a period, and whether it has a point; `None` if a point is elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    pub(super) calls: Vec<f64>,
    pub(super) has_point: Vec<bool>,
}

impl Series {
    pub(super) fn new(setup: &Setup, points: &[Point], unit: i64) -> Option<Self> {
        let length = usize::try_from((setup.to() - setup.from) / unit).ok()?;
        let mut series = Self { calls: vec![0.0; length], has_point: vec![false; length] };
        for point in points {
            let since = point.at - setup.from;
            let place = usize::try_from(since / unit).ok()?;
            if since % unit != 0 || place >= length {
                return None;
            }
            series.calls[place] += point.calls;
            series.has_point[place] = true;
        }
        Some(series)
    }

    pub(super) fn sum(&self) -> f64 {
        sum(self.calls.iter().copied())
    }
}

/// The company's hours by a request's response.
pub(super) fn hours(setup: &Setup, answer: &Json) -> Result<Series, Unsettled> {
    Series::new(setup, &points(answer)?, HOUR).ok_or_else(|| {
        Unsettled::new("an hour's point isn't at a full hour of the period", "an API that cuts so")
    })
}

/// All places of the hours, with the hour of the day.
pub(super) fn hours_of_day() -> impl Iterator<Item = (usize, usize)> {
    let all = usize::try_from(HOURS).unwrap_or_default();
    (0..all).map(|place| (place, place % 24))
}
