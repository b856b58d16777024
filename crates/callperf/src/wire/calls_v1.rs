//! Today's API: from a query to its request, and from its answer to records.

use std::fmt;

use callperf_raw::calls_v1::types;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{
    decode::{self, MetricBuilder, Sent, words},
    left_out,
    salvage::{self, Losses, Salvage},
    spelling,
};
use crate::{
    plan::Plan,
    query::{Dimension, Filter, Length, Measure, SegmentFilter},
    report::{Info, Metric, Page, Point, Record, Series},
    words::{
        api::Api,
        error::{ApiError, Error, ErrorKind, Result},
        metric::MetricName,
        redactor::Redactor,
        vocabulary::{
            Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
            Direction, Grouping, Origin, QueueSla, sealed::Sealed as _,
        },
    },
};

const RECORDS: [&str; 2] = ["data", "records"];

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

pub(crate) fn read_timeline(
    plan: &Plan,
    answer: decode::Answer<types::TimelineResponse>,
    redactor: &Redactor,
) -> Result<Page<Series>> {
    let mut page = read_page(plan, answer, redactor, read_series)?;
    left_out::take_out(plan, &mut page);
    Ok(page)
}

/// Sets an option of calls, in either of two generated types with the same fields.
macro_rules! ask_calls {
    ($options:ident, $breakdown:expr, $option:ident) => {
        match $breakdown {
            Breakdown::Total => $options.all_calls = Some($option),
            Breakdown::Direction => $options.calls_by_direction = Some($option),
            Breakdown::Origin => $options.calls_by_origin = Some($option),
            Breakdown::Response => $options.calls_by_response = Some($option),
            Breakdown::Type => $options.calls_by_type = Some($option),
            Breakdown::Result => $options.calls_by_result = Some($option),
            Breakdown::Segment => $options.calls_segments = Some($option),
            Breakdown::Action => $options.calls_by_actions = Some($option),
            Breakdown::CompanyHours => $options.calls_by_company_hours = Some($option),
            Breakdown::QueueSla => $options.calls_by_queue_sla = Some($option),
            Breakdown::QueueOpportunities => $options.queue_opportunities = Some($option),
            Breakdown::Other(name) => {
                $options.extra.insert(name.to_string(), decode::as_json(&$option));
            }
        }
    };
}

/// The same for an option of time spent.
macro_rules! ask_time_spent {
    ($options:ident, $breakdown:expr, $option:ident) => {
        match $breakdown {
            Breakdown::Total => $options.all_calls_duration = Some($option),
            Breakdown::Direction => $options.calls_duration_by_direction = Some($option),
            Breakdown::Origin => $options.calls_duration_by_origin = Some($option),
            Breakdown::Response => $options.calls_duration_by_response = Some($option),
            Breakdown::Type => $options.calls_duration_by_type = Some($option),
            Breakdown::Result => $options.calls_duration_by_result = Some($option),
            Breakdown::Segment => $options.calls_segments_duration = Some($option),
            Breakdown::CompanyHours => $options.calls_duration_by_company_hours = Some($option),
            Breakdown::QueueSla => $options.calls_duration_by_queue_sla = Some($option),
            // The rules refuse these two: the API has no such option.
            Breakdown::Action | Breakdown::QueueOpportunities => {}
            Breakdown::Other(name) => {
                $options.extra.insert(name.to_string(), decode::as_json(&$option));
            }
        }
    };
}

pub(crate) fn aggregation_request(plan: &Plan) -> types::AggregationRequest {
    let query = &plan.query;
    let mut counters = types::AggregationResponseOptionsCounters::default();
    for Measure { breakdown, aggregation, interval } in &query.calls {
        let option = types::AggregationResponseOptionsCountersItem {
            aggregation_type: Some(aggregation.to_string()),
            aggregation_interval: interval.as_ref().map(ToString::to_string),
            ..Default::default()
        };
        ask_calls!(counters, breakdown, option);
    }
    let mut timers = types::AggregationResponseOptionsTimers::default();
    for Measure { breakdown, aggregation, interval } in &query.time_spent {
        let option = types::AggregationResponseOptionsTimersItem {
            aggregation_type: Some(aggregation.to_string()),
            aggregation_interval: interval.as_ref().map(ToString::to_string),
            ..Default::default()
        };
        ask_time_spent!(timers, breakdown, option);
    }
    types::AggregationRequest {
        grouping: Some(grouping(plan)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(types::AggregationResponseOptions {
            counters: (!query.calls.is_empty()).then_some(counters),
            timers: (!query.time_spent.is_empty()).then_some(timers),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub(crate) fn timeline_request(plan: &Plan) -> types::TimelineRequest {
    let query = &plan.query;
    let mut counters = types::TimelineResponseOptionsCounters::default();
    let yes = true;
    for Measure { breakdown, .. } in &query.calls {
        ask_calls!(counters, breakdown, yes);
    }
    let mut timers = types::TimelineResponseOptionsTimers::default();
    for Measure { breakdown, .. } in &query.time_spent {
        ask_time_spent!(timers, breakdown, yes);
    }
    types::TimelineRequest {
        grouping: Some(grouping(plan)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(types::TimelineResponseOptions {
            counters: (!query.calls.is_empty()).then_some(counters),
            timers: (!query.time_spent.is_empty()).then_some(timers),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn grouping(plan: &Plan) -> types::Grouping {
    let group_by = &plan.query.group_by;
    let keys = group_by.keys.clone();
    match &group_by.dimension {
        Dimension::Each(grouping) => {
            types::Grouping { group_by: Some(grouping.to_string()), keys, ..Default::default() }
        }
        Dimension::Members(members) => types::Grouping {
            group_by_members: Some(members.to_string()),
            keys,
            ..Default::default()
        },
    }
}

fn time_settings(plan: &Plan) -> types::TimeSettings {
    let query = &plan.query;
    let narrowed = !query.days.is_empty() || !query.hours.is_empty();
    types::TimeSettings {
        time_zone: Some(query.time_zone.clone()),
        time_range: Some(types::TimeRange {
            time_from: Some(plan.time_from),
            time_to: Some(plan.time_to),
            ..Default::default()
        }),
        advanced_time_settings: narrowed.then(|| types::AdvancedTimeSettings {
            include_days: query.days.iter().map(ToString::to_string).collect(),
            include_hours: query
                .hours
                .iter()
                .map(|hours| types::HoursInterval {
                    from: Some(hours.from.clone()),
                    to: Some(hours.to.clone()),
                    ..Default::default()
                })
                .collect(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn call_filters(filters: &[Filter]) -> Option<types::CallFilters> {
    if filters.is_empty() {
        return None;
    }
    let mut out = types::CallFilters::default();
    for filter in filters {
        put_filter(&mut out, filter);
    }
    Some(out)
}

fn put_filter(out: &mut types::CallFilters, filter: &Filter) {
    let words = || spelling::spelled(Api::CallsV1, filter);
    match filter {
        Filter::Direction(_) => out.directions = words(),
        Filter::Origin(_) => out.origins = words(),
        Filter::Response(_) => out.call_responses = words(),
        Filter::Result(_) => out.call_results = words(),
        Filter::Type(_) => out.call_types = words(),
        Filter::Action(_) => out.call_actions = words(),
        Filter::CompanyHours(_) => out.company_hours = words(),
        Filter::QueueSla(_) => out.queue_sla = words(),
        Filter::Segment(segments) => {
            out.call_segments = segments.iter().zip(words()).map(segment_filter).collect();
        }
        Filter::CallDuration(length) => {
            let Length { min_seconds, max_seconds } = *length;
            out.call_duration = Some(types::CallDurationFilter {
                min_seconds: min_seconds.map(Into::into),
                max_seconds: max_seconds.map(Into::into),
                ..Default::default()
            });
        }
        Filter::TimeSpent(length) => {
            let Length { min_seconds, max_seconds } = *length;
            out.time_spent = Some(types::TimeSpentFilter {
                min_seconds: min_seconds.map(Into::into),
                max_seconds: max_seconds.map(Into::into),
                ..Default::default()
            });
        }
        Filter::FromExtensions(ids) => {
            out.extension_filters.get_or_insert_default().from_ids.clone_from(ids);
        }
        Filter::ToExtensions(ids) => {
            out.extension_filters.get_or_insert_default().to_ids.clone_from(ids);
        }
        Filter::CalledNumbers(numbers) => out.called_numbers.clone_from(numbers),
        Filter::Queues(ids) => out.queues.clone_from(ids),
        Filter::Wire { name, value } => {
            out.extra.insert(name.clone(), value.clone());
        }
    }
}

fn segment_filter((filter, word): (&SegmentFilter, String)) -> types::CallSegmentFilter {
    types::CallSegmentFilter {
        segment: Some(word),
        length: filter.length.map(|length| types::CallSegmentLengthFilter {
            min_seconds: length.min_seconds.map(Into::into),
            max_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The two answers of today's API differ in their records only.
trait Answer: DeserializeOwned {
    type Record: Salvage;

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
    ($answer:ident of $record:ident) => {
        impl Answer for types::$answer {
            type Record = types::$record;

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

answer!(AggregationResponse of AggregationResponseRecord);
answer!(TimelineResponse of TimelineResponseRecord);

/// Makes a record of the generated one, and notes what can't be read of it.
type Read<A, T> = fn(&Plan, A, &dyn fmt::Display, &mut Losses<'_>) -> Option<T>;

fn read_page<A: Answer, T>(
    plan: &Plan,
    answer: decode::Answer<A>,
    redactor: &Redactor,
    read: Read<A::Record, T>,
) -> Result<Page<T>> {
    match answer {
        Ok(answer) => {
            let (records, envelope) = answer.open();
            let records = records.unwrap_or_default();
            let mut page = start_page(plan, envelope, records.is_empty(), redactor)?;
            let mut losses = Losses::new(redactor);
            page.records.reserve_exact(records.len());
            for (at, record) in records.into_iter().enumerate() {
                let record = read(plan, record, &Numbered(at), &mut losses);
                take(&mut page, &mut losses, record);
            }
            decode::finish(plan, page, losses)
        }
        Err(body) => {
            let salvaged = salvage::salvage::<A, A::Record>(&body, RECORDS, redactor)?;
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
struct Numbered(usize);

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [outer, inner] = RECORDS;
        write!(f, "{outer}.{inner}[{}]", self.0)
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
        return Err(Error::new(
            ErrorKind::Answer,
            "the answer isn't understood: data: neither `groupedBy` nor `records`",
        )
        .with_api_errors(redactor.errors(errors)));
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

fn read_key(
    key: Option<String>,
    place: &dyn fmt::Display,
    losses: &mut Losses<'_>,
) -> Option<String> {
    if key.is_none() {
        losses.note(format_args!("{place}.key"), ABSENT);
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
        match read_point(plan, point) {
            Ok(point) => points.push(point),
            Err(reason) => losses.note(format_args!("{place}.points[{at}].time"), reason),
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
        calls: read_counters(plan, raw.counters),
        time_spent: read_timers(plan, raw.timers),
        extra: raw.extra,
    })
}

fn read_time(raw: &types::TimelineResponsePoint) -> std::result::Result<Timestamp, String> {
    let text = raw.time.as_deref().ok_or(ABSENT)?;
    text.parse().map_err(|error: jiff::Error| error.to_string())
}

impl Salvage for types::AggregationResponseRecord {
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        salvage::with_metrics(json, place, losses)
    }
}

impl Salvage for types::TimelineResponseRecord {
    fn salvage(mut json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        let points = json.get_mut("points").filter(|points| points.is_array()).map(Json::take);
        let mut series: Self = salvage::part_by_part(&mut json, place, losses)?;
        let Some(Json::Array(points)) = points else { return Some(series) };
        let has_points = !points.is_empty();
        let read = points.into_iter().enumerate().filter_map(|(at, point)| {
            types::TimelineResponsePoint::salvage(point, &format!("{place}.points[{at}]"), losses)
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
                losses.note(format_args!("{place}.time"), reason);
                None
            }
        }
    }
}

fn read_info(raw: types::KeyInfo) -> Info {
    Info { extension_number: raw.extension_number, name: raw.name, extra: raw.extra }
}

/// The breakdowns that calls and time spent both have, of two generated types
/// with the same fields.
macro_rules! read_shared {
    ($metric:ident, $raw:ident) => {
        read_total(&mut $metric, $raw.all_calls);
        $metric.breakdown(Breakdown::Direction, "callsByDirection", $raw.calls_by_direction);
        $metric.breakdown(Breakdown::Origin, "callsByOrigin", $raw.calls_by_origin);
        $metric.breakdown(Breakdown::Response, "callsByResponse", $raw.calls_by_response);
        $metric.breakdown(Breakdown::Type, "callsByType", $raw.calls_by_type);
        $metric.breakdown(Breakdown::Result, "callsByResult", $raw.calls_by_result);
        $metric.breakdown(Breakdown::Segment, "callsSegments", $raw.calls_segments);
        $metric.breakdown(
            Breakdown::CompanyHours,
            "callsByCompanyHours",
            $raw.calls_by_company_hours,
        );
        $metric.breakdown(Breakdown::QueueSla, "callsByQueueSla", $raw.calls_by_queue_sla);
        $metric.unknown($raw.extra);
    };
}

fn read_counters(plan: &Plan, raw: Option<types::CallsCounters>) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::Calls, plan);
    let Some(raw) = raw else { return metric.build() };
    read_shared!(metric, raw);
    metric.breakdown(Breakdown::Action, "callsActions", raw.calls_actions);
    if let Some(sent) = raw.queue_opportunities {
        let wire = "queueOpportunities";
        let unit = sent.value_type.as_deref();
        metric.number(Breakdown::QueueOpportunities, wire, unit, sent.values);
        metric.keep(wire, sent.extra);
    }
    metric.build()
}

fn read_timers(plan: &Plan, raw: Option<types::CallsTimers>) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::TimeSpent, plan);
    let Some(raw) = raw else { return metric.build() };
    read_shared!(metric, raw);
    metric.build()
}

fn read_total(metric: &mut MetricBuilder<'_>, sent: Option<types::AllCalls>) {
    let Some(sent) = sent else { return };
    metric.number(Breakdown::Total, "allCalls", sent.value_type.as_deref(), sent.values);
    metric.keep("allCalls", sent.extra);
}

macro_rules! breakdown {
    ($type:ident { $($word:path => $field:ident),+ $(,)? }) => {
        impl From<types::$type> for Sent {
            fn from(sent: types::$type) -> Self {
                let values = sent.values.unwrap_or_default();
                Self {
                    unit: sent.value_type,
                    words: words!(values, $($word => $field),+),
                    other_words: values.extra,
                    extra: sent.extra,
                }
            }
        }
    };
}

breakdown!(CallsByDirection {
    Direction::Inbound => inbound,
    Direction::Outbound => outbound,
});
breakdown!(CallsByOrigin {
    Origin::Internal => internal,
    Origin::External => external,
});
breakdown!(CallsByResponse {
    CallResponse::Answered => answered,
    CallResponse::NotAnswered => not_answered,
    CallResponse::Connected => connected,
    CallResponse::NotConnected => not_connected,
});
breakdown!(CallsByType {
    CallType::Direct => direct,
    CallType::FromQueue => from_queue,
    CallType::ParkRetrieval => park_retrieval,
    CallType::Transferred => transferred,
    CallType::Outbound => outbound,
    CallType::Overflow => overflow,
});
breakdown!(CallsByResult {
    CallResult::Completed => completed,
    CallResult::Abandoned => abandoned,
    CallResult::Voicemail => voicemail,
    CallResult::Missed => missed,
    CallResult::Accepted => accepted,
    CallResult::Unknown => unknown,
});
breakdown!(CallsBySegments {
    CallSegment::Setup => setup,
    CallSegment::Ringing => ringing,
    CallSegment::IvrPrompt => ivr_prompt,
    CallSegment::LiveTalk => live_talk,
    CallSegment::Hold => hold,
    CallSegment::Park => park,
    CallSegment::Transfer => transfer,
    CallSegment::VmGreeting => vm_greeting,
    CallSegment::Voicemail => voicemail,
});
breakdown!(CallsByActions {
    CallAction::HoldOn => hold_on,
    CallAction::HoldOff => hold_off,
    CallAction::ParkOn => park_on,
    CallAction::ParkOff => park_off,
    CallAction::BlindTransfer => blind_transfer,
    CallAction::WarmTransfer => warm_transfer,
    CallAction::DtmfTransfer => dtmf_transfer,
});
breakdown!(CallsByCompanyHours {
    CompanyHours::BusinessHours => business_hours,
    CompanyHours::AfterHours => after_hours,
});
breakdown!(CallsByQueueSla {
    QueueSla::InSla => in_sla,
    QueueSla::OutOfSla => out_of_sla,
});
