//! From a response of today's API to records.

use std::fmt;

use callperf_raw::{
    calls_v1::types::{self, AggregationResponseData as Data},
    old_names::OldNames,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::table;
use crate::{
    plan::Plan,
    report::{Info, Metric, Page, Point, Record, Series, Zone},
    wire::{
        beside,
        decode::{self, MetricBuilder},
        left_out,
        salvage::{self, Losses, Parts, Salvage},
    },
    words::{
        error::{ApiError, Error, ErrorKind, Result},
        metric::MetricName,
        redactor::Redactor,
        vocabulary::{Grouping, sealed::Sealed as _},
    },
};

pub(crate) fn read_aggregation_bytes(plan: &Plan, body: &[u8]) -> Result<Page<Record>> {
    read_aggregation(plan, decode::typed(body), &Redactor::default())
}

pub(crate) fn read_timeline_bytes(plan: &Plan, body: &[u8]) -> Result<Page<Series>> {
    read_timeline(plan, decode::typed(body), &Redactor::default())
}

pub(crate) fn read_aggregation(
    plan: &Plan,
    answer: decode::Answer<types::AggregationResponse>,
    redactor: &Redactor,
) -> Result<Page<Record>> {
    read_page(plan, answer, redactor, read_record)
}

/// Whether a response to a widened timeline has points that count calls outside of the
/// period, too. An older server may call its points otherwise.
pub(crate) fn is_mixed(plan: &Plan, answer: &mut decode::Answer<types::TimelineResponse>) -> bool {
    if let Ok(answer) = answer {
        // What differs is still there to be noticed when the page is read.
        answer.take_old_names(&mut Vec::new());
    }
    let records = answer.as_ref().ok().and_then(|answer| answer.data.as_ref()?.records.as_ref());
    let points = records.into_iter().flatten().filter_map(|record| record.points.as_ref());
    let starts = points.flatten().filter_map(|point| read_time(point).ok());
    beside::is_mixed(plan, starts)
}

pub(crate) fn read_timeline(
    plan: &Plan,
    answer: decode::Answer<types::TimelineResponse>,
    redactor: &Redactor,
) -> Result<Page<Series>> {
    let mut page = read_page(plan, answer, redactor, read_series)?;
    beside::take_out(plan, &mut page);
    left_out::take_out(plan, &mut page);
    Ok(page)
}

/// The two answers of today's API differ in their records only.
trait Answer: DeserializeOwned + OldNames {
    type Record: Salvage + OldNames;

    /// Where the records are.
    const RECORDS: [&str; 2];

    fn open(self) -> (Option<Vec<Self::Record>>, Envelope);
}

/// An answer without its records.
struct Envelope {
    grouped_by: Option<String>,
    paging: Option<types::ResponsePaging>,
    of_data: Extra,
    of_answer: Extra,
}

type Extra = serde_json::Map<String, serde_json::Value>;

macro_rules! answer {
    ($answer:ident, $data:ident of $record:ident) => {
        impl Answer for types::$answer {
            type Record = types::$record;

            const RECORDS: [&str; 2] = [Self::data, types::$data::records];

            fn open(self) -> (Option<Vec<Self::Record>>, Envelope) {
                let data = self.data.unwrap_or_default();
                let envelope = Envelope {
                    grouped_by: data.grouped_by,
                    paging: self.paging,
                    of_data: data.extra,
                    of_answer: self.extra,
                };
                (data.records, envelope)
            }
        }
    };
}

answer!(AggregationResponse, AggregationResponseData of AggregationResponseRecord);
answer!(TimelineResponse, TimelineResponseData of TimelineResponseRecord);

/// Makes a record of the generated one, and notes what can't be read of it.
type Read<A, T> = fn(&Plan, A, &dyn fmt::Display, &mut Losses<'_>) -> Option<T>;

fn read_page<A: Answer, T>(
    plan: &Plan,
    answer: decode::Answer<A>,
    redactor: &Redactor,
    read: Read<A::Record, T>,
) -> Result<Page<T>> {
    match answer {
        Ok(mut answer) => {
            let mut losses = Losses::new(redactor, A::RECORDS[0]);
            losses.take_old_names(&mut answer);
            let (records, envelope) = answer.open();
            let records = records.unwrap_or_default();
            let mut page = start_page(plan, envelope, records.is_empty(), redactor)?;
            page.records.reserve_exact(records.len());
            for (at, record) in records.into_iter().enumerate() {
                let record = read(plan, record, &Numbered(A::RECORDS, at), &mut losses);
                take(&mut page, &mut losses, record);
            }
            decode::finish(plan, page, losses)
        }
        Err(body) => {
            let salvaged = salvage::salvage::<A, A::Record>(&body, A::RECORDS, plan, redactor)?;
            let mut losses = salvaged.losses;
            let nothing_sent = salvaged.records.is_empty() && losses.records() == 0;
            let mut page = start_page(plan, salvaged.page.open().1, nothing_sent, redactor)?;
            for (place, record) in salvaged.records {
                let record = read(plan, record, &place.path, &mut losses);
                take(&mut page, &mut losses, record);
            }
            decode::finish(plan, page, losses)
        }
    }
}

/// The place of a record in the list.
struct Numbered([&'static str; 2], usize);

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([outer, inner], at) = self;
        write!(f, "{outer}.{inner}[{at}]")
    }
}

fn take<T>(page: &mut Page<T>, losses: &mut Losses<'_>, record: Option<T>) {
    match record {
        Some(record) => page.records.push(record),
        None => losses.leave_out(),
    }
}

/// The page without its records.
///
/// An answer without records that doesn't say what it is grouped by is
/// something else's answer, not an empty one.
fn start_page<T>(
    plan: &Plan,
    envelope: Envelope,
    nothing_sent: bool,
    redactor: &Redactor,
) -> Result<Page<T>> {
    if nothing_sent && envelope.grouped_by.is_none() {
        // A gateway may send the API's error with the status of a success.
        let errors = ApiError::list(&Json::Object(envelope.of_answer));
        let [grouped_by, records] = [Data::grouped_by, Data::records];
        let reason = format!(
            "the answer isn't understood: {}: neither `{grouped_by}` nor `{records}`",
            types::AggregationResponse::data
        );
        return Err(Error::new(ErrorKind::Answer, reason).with_api_errors(redactor.errors(errors)));
    }
    let paging = envelope.paging.unwrap_or_default();
    let mut extra = envelope.of_answer;
    extra.extend(envelope.of_data);
    extra.extend(paging.extra);
    Ok(Page {
        records: Vec::new(),
        page: decode::count(paging.page.as_ref()),
        per_page: decode::count(paging.per_page.as_ref()),
        total_pages: decode::count(paging.total_pages.as_ref()),
        total_records: decode::count(paging.total_elements.as_ref()),
        grouped_by: envelope.grouped_by.as_deref().map(Grouping::from_wire),
        period: plan.period,
        notices: Vec::new(),
        left_out: 0,
        extra,
    })
}

const ABSENT: &str = "absent";

const POINTS: &str = types::TimelineResponseRecord::points;
const TIME: &str = types::TimelineResponsePoint::time;

fn read_key(
    key: Option<String>,
    place: &dyn fmt::Display,
    losses: &mut Losses<'_>,
) -> Option<String> {
    if key.is_none() {
        losses.note(format_args!("{place}.{}", types::AggregationResponseRecord::key), ABSENT);
    }
    key
}

fn read_record(
    plan: &Plan,
    raw: types::AggregationResponseRecord,
    place: &dyn fmt::Display,
    losses: &mut Losses<'_>,
) -> Option<Record> {
    Some(Record {
        key: read_key(raw.key, place, losses)?,
        info: raw.info.map(read_info),
        calls: read_counters(plan, raw.counters),
        time_spent: read_timers(plan, raw.timers),
        extra: raw.extra,
        fingerprint: plan.fingerprint,
    })
}

/// A point that can't be read is missing in its series, which is left out only
/// if no point is left.
fn read_series(
    plan: &Plan,
    raw: types::TimelineResponseRecord,
    place: &dyn fmt::Display,
    losses: &mut Losses<'_>,
) -> Option<Series> {
    let key = read_key(raw.key, place, losses)?;
    let sent = raw.points.unwrap_or_default();
    let has_points = !sent.is_empty();
    let mut points = Vec::with_capacity(sent.len());
    for (at, point) in sent.into_iter().enumerate() {
        let Ok(point) = read_point(plan, point).map_err(|reason| {
            losses.note(format_args!("{place}.{POINTS}[{at}].{TIME}"), reason);
        }) else {
            continue;
        };
        match beside::checked(plan, point) {
            Ok(point) => points.push(point),
            Err(reason) => losses.note(format_args!("{place}.{POINTS}[{at}]"), reason),
        }
    }
    if has_points && points.is_empty() {
        return None;
    }
    Some(Series {
        key,
        info: raw.info.map(read_info),
        points,
        extra: raw.extra,
        fingerprint: plan.fingerprint,
    })
}

fn read_point(
    plan: &Plan,
    raw: types::TimelineResponsePoint,
) -> std::result::Result<Point, String> {
    let time = read_time(&raw)?;
    Ok(Point {
        time_text: raw.time.unwrap_or_default(),
        time,
        zone: Zone::from(plan.time_zone.clone()),
        calls: read_counters(plan, raw.counters),
        time_spent: read_timers(plan, raw.timers),
        extra: raw.extra,
    })
}

fn read_time(raw: &types::TimelineResponsePoint) -> std::result::Result<Timestamp, String> {
    let text = raw.time.as_deref().ok_or(ABSENT)?;
    text.parse().map_err(|error: jiff::Error| error.to_string())
}

impl Parts for types::AggregationResponseRecord {
    const METRICS: &[&str] = &[Self::counters, Self::timers];
    const OTHERS: &[&str] = &[Self::info];
}

impl Parts for types::TimelineResponseRecord {
    const METRICS: &[&str] = &[];
    const OTHERS: &[&str] = &[Self::info];
}

impl Parts for types::TimelineResponsePoint {
    const METRICS: &[&str] = &[Self::counters, Self::timers];
    const OTHERS: &[&str] = &[];
}

impl Salvage for types::AggregationResponseRecord {
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        salvage::with_metrics(json, place, losses)
    }
}

impl Salvage for types::TimelineResponseRecord {
    fn salvage(mut json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        let points = json.get_mut(POINTS).filter(|points| points.is_array()).map(Json::take);
        let mut series: Self = salvage::part_by_part(&mut json, place, losses)?;
        let Some(Json::Array(points)) = points else { return Some(series) };
        let has_points = !points.is_empty();
        let read = points.into_iter().enumerate().filter_map(|(at, point)| {
            let place = format!("{place}.{POINTS}[{at}]");
            let time = point.get(TIME).and_then(Json::as_str).and_then(|time| time.parse().ok());
            losses.of_point(time, |losses| {
                types::TimelineResponsePoint::salvage(point, &place, losses)
            })
        });
        let read: Vec<_> = read.collect();
        if has_points && read.is_empty() {
            return None;
        }
        series.points = Some(read);
        Some(series)
    }
}

impl Salvage for types::TimelineResponsePoint {
    /// Looks at the time, too: the points that are left have other places.
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        let point = salvage::with_metrics(json, place, losses)?;
        match read_time(&point) {
            Ok(_) => Some(point),
            Err(reason) => {
                losses.note(format_args!("{place}.{TIME}"), reason);
                None
            }
        }
    }
}

fn read_info(raw: types::KeyInfo) -> Info {
    Info { extension_number: raw.extension_number, name: raw.name, extra: raw.extra }
}

fn read_counters(plan: &Plan, raw: Option<types::CallsCounters>) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::Calls, plan);
    if let Some(raw) = raw {
        table::read_counters(&mut metric, raw);
    }
    metric.build()
}

fn read_timers(plan: &Plan, raw: Option<types::CallsTimers>) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::TimeSpent, plan);
    if let Some(raw) = raw {
        table::read_timers(&mut metric, raw);
    }
    metric.build()
}
