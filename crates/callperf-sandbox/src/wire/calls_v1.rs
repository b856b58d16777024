//! The calls API, version 1, as of 2025-03-11: aggregation and timeline.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::read::{Field, Problems};
use super::{Cells, Form, Numbers, Options, Paging, Range, Request, Scope, Values};
use crate::assumptions::Assumptions;
use crate::directory::{Directory, Entry, Grouping};
use crate::errors::Failure;
use crate::filter::{Filter, SegmentFilter};
use crate::query::{
    Aggregation, Metric, Of, PageRequest, Period, Query, Spread, Table, Unit, World,
};
use crate::time::{self, Interval};
use crate::words::Word;

type Names = &'static [(&'static str, Word)];

// The filters' words.
const DIRECTIONS: Names = &[("Inbound", Word::Inbound), ("Outbound", Word::Outbound)];
const ORIGINS: Names = &[("Internal", Word::Internal), ("External", Word::External)];
const RESPONSES: Names = &[
    ("Answered", Word::Answered),
    ("NotAnswered", Word::NotAnswered),
    ("Connected", Word::Connected),
    ("NotConnected", Word::NotConnected),
];
const RESULTS: Names = &[
    ("Completed", Word::Completed),
    ("Abandoned", Word::Abandoned),
    ("Voicemail", Word::LeftVoicemail),
    ("Unknown", Word::Unknown),
    ("Missed", Word::Missed),
    ("Accepted", Word::Accepted),
];
const SEGMENTS: Names = &[
    ("Ringing", Word::Ringing),
    ("LiveTalk", Word::LiveTalk),
    ("Hold", Word::Hold),
    ("Park", Word::Park),
    ("Transfer", Word::Transfer),
    ("IvrPrompt", Word::IvrPrompt),
    ("Voicemail", Word::Voicemail),
    ("VmGreeting", Word::VmGreeting),
    ("Setup", Word::Setup),
];
const ACTIONS: Names = &[
    ("HoldOff", Word::HoldOff),
    ("HoldOn", Word::HoldOn),
    ("ParkOn", Word::ParkOn),
    ("ParkOff", Word::ParkOff),
    ("BlindTransfer", Word::BlindTransfer),
    ("WarmTransfer", Word::WarmTransfer),
    ("DTMFTransfer", Word::DtmfTransfer),
];
const COMPANY_HOURS: Names =
    &[("BusinessHours", Word::BusinessHours), ("AfterHours", Word::AfterHours)];
const QUEUE_SLA: Names = &[("InSla", Word::InSla), ("OutSla", Word::OutOfSla)];
const TYPES: Names = &[
    ("Direct", Word::Direct),
    ("FromQueue", Word::FromQueue),
    ("ParkRetrieval", Word::ParkRetrieval),
    ("Transferred", Word::Transferred),
    ("Outbound", Word::Placed),
    ("Overflow", Word::Overflow),
];

const GROUPINGS: &[(&str, Grouping)] = &[
    ("Company", Grouping::Company),
    ("CompanyNumbers", Grouping::CompanyNumbers),
    ("Users", Grouping::Users),
    ("Queues", Grouping::Queues),
    ("IVRs", Grouping::Ivrs),
    ("SharedLines", Grouping::SharedLines),
    ("UserGroups", Grouping::UserGroups),
    ("Sites", Grouping::Sites),
    ("Departments", Grouping::Departments),
];
const MEMBERS_GROUPINGS: &[(&str, Grouping)] = &[
    ("Department", Grouping::Departments),
    ("UserGroup", Grouping::UserGroups),
    ("Queue", Grouping::Queues),
    ("Site", Grouping::Sites),
];
const DAYS: &[(&str, Weekday)] = &[
    ("Sunday", Weekday::Sunday),
    ("Monday", Weekday::Monday),
    ("Tuesday", Weekday::Tuesday),
    ("Wednesday", Weekday::Wednesday),
    ("Thursday", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("Saturday", Weekday::Saturday),
];
const INTERVALS: &[(&str, Interval)] = &[
    ("Hour", Interval::Hour),
    ("Day", Interval::Day),
    ("Week", Interval::Week),
    ("Month", Interval::Month),
];

// The breakdowns' words in responses.
const BY_DIRECTION: Of = Of::Words(&[("inbound", Word::Inbound), ("outbound", Word::Outbound)]);
const BY_ORIGIN: Of = Of::Words(&[("internal", Word::Internal), ("external", Word::External)]);
const BY_RESPONSE: Of = Of::Words(&[
    ("answered", Word::Answered),
    ("notAnswered", Word::NotAnswered),
    ("connected", Word::Connected),
    ("notConnected", Word::NotConnected),
]);
const BY_SEGMENT: Of = Of::Words(&[
    ("ringing", Word::Ringing),
    ("liveTalk", Word::LiveTalk),
    ("hold", Word::Hold),
    ("park", Word::Park),
    ("transfer", Word::Transfer),
    ("ivrPrompt", Word::IvrPrompt),
    ("voicemail", Word::Voicemail),
    ("vmGreeting", Word::VmGreeting),
    ("setup", Word::Setup),
]);
const BY_RESULT: Of = Of::Words(&[
    ("completed", Word::Completed),
    ("abandoned", Word::Abandoned),
    ("voicemail", Word::LeftVoicemail),
    ("unknown", Word::Unknown),
    ("missed", Word::Missed),
    ("accepted", Word::Accepted),
]);
const BY_COMPANY_HOURS: Of =
    Of::Words(&[("businessHours", Word::BusinessHours), ("afterHours", Word::AfterHours)]);
const BY_QUEUE_SLA: Of = Of::Words(&[("inSla", Word::InSla), ("outOfSla", Word::OutOfSla)]);
const BY_ACTION: Of = Of::Words(&[
    ("parkOn", Word::ParkOn),
    ("parkOff", Word::ParkOff),
    ("holdOn", Word::HoldOn),
    ("holdOff", Word::HoldOff),
    ("blindTransfer", Word::BlindTransfer),
    ("warmTransfer", Word::WarmTransfer),
    ("dtmfTransfer", Word::DtmfTransfer),
]);
const BY_TYPE: Of = Of::Words(&[
    ("direct", Word::Direct),
    ("fromQueue", Word::FromQueue),
    ("parkRetrieval", Word::ParkRetrieval),
    ("transferred", Word::Transferred),
    ("outbound", Word::Placed),
    ("overflow", Word::Overflow),
]);

const COUNTERS: Options = &[
    ("allCalls", "allCalls", Of::Total),
    ("callsByDirection", "callsByDirection", BY_DIRECTION),
    ("callsByOrigin", "callsByOrigin", BY_ORIGIN),
    ("callsByResponse", "callsByResponse", BY_RESPONSE),
    ("callsSegments", "callsSegments", BY_SEGMENT),
    ("callsByResult", "callsByResult", BY_RESULT),
    ("callsByCompanyHours", "callsByCompanyHours", BY_COMPANY_HOURS),
    ("callsByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
    ("callsByActions", "callsActions", BY_ACTION),
    ("callsByType", "callsByType", BY_TYPE),
    ("queueOpportunities", "queueOpportunities", Of::Opportunities),
];
const TIMERS: Options = &[
    ("allCallsDuration", "allCalls", Of::Total),
    ("callsDurationByDirection", "callsByDirection", BY_DIRECTION),
    ("callsDurationByOrigin", "callsByOrigin", BY_ORIGIN),
    ("callsDurationByResponse", "callsByResponse", BY_RESPONSE),
    ("callsSegmentsDuration", "callsSegments", BY_SEGMENT),
    ("callsDurationByResult", "callsByResult", BY_RESULT),
    ("callsDurationByCompanyHours", "callsByCompanyHours", BY_COMPANY_HOURS),
    ("callsDurationByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
    ("callsDurationByType", "callsByType", BY_TYPE),
];

/// What an aggregation is taken of, or over.
#[derive(Clone, Copy)]
enum Kind {
    /// All calls of a record.
    Of(Aggregation),
    /// Intervals, or calls.
    Over(Spread),
}

const AGGREGATIONS: &[(&str, Kind)] = &[
    ("Sum", Kind::Of(Aggregation::Sum)),
    ("Average", Kind::Over(Spread::Average)),
    ("Max", Kind::Over(Spread::Max)),
    ("Min", Kind::Over(Spread::Min)),
    ("Percent", Kind::Of(Aggregation::Percent)),
];

/// How many records come back when the request doesn't say: documented only for the beta, which had 100.
const AGGREGATION_PAGE: u64 = 100;
const MOST_ON_AGGREGATION_PAGE: u64 = 200;
const MOST_ON_TIMELINE_PAGE: u64 = 20;

/// Answers `aggregation/fetch`.
pub(crate) fn aggregation(
    world: &World,
    request: &Request,
    assumptions: &Assumptions,
) -> Result<Vec<u8>, Failure> {
    let mut reader = Reader::new(world, request);
    let most = Some(MOST_ON_AGGREGATION_PAGE);
    let page = request.page(&mut reader.problems, AGGREGATION_PAGE, most);
    reader.aggregations();
    let query = reader.finish(page, None)?;
    let table = world.answer(&query, assumptions);
    let entries = world.directory.entries(query.grouping);
    let record = |(row, key)| {
        let cells = cells(&table, row, 0, assumptions);
        Record {
            key: key_of(entries, key),
            info: Info::of(entries, key),
            counters: Values::new(Unit::Calls, &query.metrics, cells, Value::new),
            timers: Values::new(Unit::Seconds, &query.metrics, cells, Value::new),
        }
    };
    let records = (0..).zip(table.keys.iter().copied()).map(record).collect();
    Ok(written(&query, &table, records))
}

fn cells<'a>(table: &'a Table, row: usize, bucket: usize, assumptions: &Assumptions) -> Cells<'a> {
    Cells { table, row, bucket, form: Form::Double, undefined: assumptions.undefined_values }
}

/// Answers `timeline/fetch`.
pub(crate) fn timeline(
    world: &World,
    request: &Request,
    assumptions: &Assumptions,
) -> Result<Vec<u8>, Failure> {
    let mut reader = Reader::new(world, request);
    let most = Some(MOST_ON_TIMELINE_PAGE);
    let page = request.page(&mut reader.problems, MOST_ON_TIMELINE_PAGE, most);
    let interval = reader.interval();
    reader.timeline_choices();
    let query = reader.finish(page, interval)?;
    let table = world.answer(&query, assumptions);
    let entries = world.directory.entries(query.grouping);
    let starts = table.points.iter().flat_map(|cut| &cut.starts);
    let times: Vec<String> = starts.map(|start| label(*start, &query)).collect();
    let point = |row, bucket: usize| {
        let cells = cells(&table, row, bucket, assumptions);
        Point {
            time: &times[bucket],
            counters: Values::new(Unit::Calls, &query.metrics, cells, Value::new),
            timers: Values::new(Unit::Seconds, &query.metrics, cells, Value::new),
        }
    };
    let record = |(row, key)| TimelineRecord {
        key: key_of(entries, key),
        info: Info::of(entries, key),
        points: table.points_of(row).map(|bucket| point(row, bucket)).collect(),
    };
    let records = (0..).zip(table.keys.iter().copied()).map(record).collect();
    Ok(written(&query, &table, records))
}

/// A bucket's start by the clocks of the requested time zone.
fn label(start: i64, query: &Query) -> String {
    let start = time::timestamp(start);
    let offset = query.period.zone.to_offset(start);
    start.display_with_offset(offset).to_string()
}

/// Understands a request, and collects what it can't.
struct Reader<'a> {
    world: &'a World,
    request: &'a Request,
    root: Field<'a>,
    problems: Problems,
    /// Nothing, if the grouping can't be understood; then no rule that depends on it is checked.
    scope: Option<Scope>,
    metrics: Vec<Metric>,
}

impl<'a> Reader<'a> {
    fn new(world: &'a World, request: &'a Request) -> Reader<'a> {
        let mut problems = Problems::default();
        let root = Field::root(&request.body).object(&mut problems);
        let scope = scope(&mut problems, &world.directory, &root);
        Reader { world, request, root, problems, scope, metrics: Vec::new() }
    }

    fn finish(mut self, page: PageRequest, points: Option<Interval>) -> Result<Query, Failure> {
        let period = self.period();
        let filter = self.filter();
        let understood = period.zip(self.scope).filter(|_| self.problems.0.is_empty());
        let Some((period, scope)) = understood else {
            return Err(Failure::invalid(self.problems.0));
        };
        Ok(Query {
            grouping: scope.grouping,
            keys: scope.keys,
            keys_are_named: scope.keys_are_named,
            period,
            filter,
            metrics: self.metrics,
            points,
            page,
        })
    }

    fn interval(&mut self) -> Option<Interval> {
        let text = self.request.parameter("interval");
        let named = |(name, _): &&(&str, Interval)| Some(*name) == text;
        let interval = INTERVALS.iter().find(named).map(|(_, interval)| *interval);
        if interval.is_none() {
            let why = "expected is one of Hour, Day, Week, Month";
            self.problems.invalid("interval", text, why);
        }
        interval
    }

    fn period(&mut self) -> Option<Period> {
        let problems = &mut self.problems;
        let settings = self.root.child("timeSettings").required(problems).object(problems);
        if !settings.is_present() {
            return None;
        }
        let zone = settings.child("timeZone").required(problems);
        let zone = named_zone(problems, &zone);
        let range = settings.child("timeRange").required(problems).object(problems);
        let range = if range.is_present() {
            super::range(problems, &range, self.request.now)
        } else {
            None
        };
        let advanced = settings.child("advancedTimeSettings").object(problems);
        let days = advanced.child("includeDays").items(problems);
        let days = days.iter().filter_map(|day| day.one_of(problems, DAYS)).collect();
        let hours = advanced.child("includeHours").items(problems);
        let hours = hours.into_iter().filter_map(|window| hours_of(problems, window)).collect();
        let Range { floor, first, last } = range?;
        Some(Period { floor, first, last, zone: zone?, days, hours })
    }

    fn filter(&mut self) -> Filter {
        let directory = &self.world.directory;
        let problems = &mut self.problems;
        let filters = self.root.child("callFilters").object(problems);
        let lists = [
            ("directions", DIRECTIONS),
            ("origins", ORIGINS),
            ("callResponses", RESPONSES),
            ("callResults", RESULTS),
            ("callActions", ACTIONS),
            ("companyHours", COMPANY_HOURS),
            ("queueSla", QUEUE_SLA),
            ("callTypes", TYPES),
        ];
        let words = lists.map(|(name, names)| filters.child(name).words(problems, names));
        let segments = filters.child("callSegments").items(problems);
        let segments: Vec<_> =
            segments.into_iter().filter_map(|segment| segment_filter(problems, segment)).collect();
        let extensions = filters.child("extensionFilters").object(problems);
        let from = extensions.child("fromIds");
        let to = extensions.child("toIds");
        if let Some(scope) = &self.scope {
            scope.check_sla(problems, &filters.child("queueSla"));
            scope.check_callers(problems, &from, &to);
        }
        let extension = |id: &str| directory.find_extension(id);
        let queue = |key: &str| super::queue_extension(directory, key);
        let number = |key: &str| directory.find(Grouping::CompanyNumbers, key);
        Filter {
            words: words.into_iter().flatten().collect(),
            segments: (!segments.is_empty()).then_some(segments),
            call_duration: filters.child("callDuration").bounds(
                problems,
                "minSeconds",
                "maxSeconds",
            ),
            time_spent: filters.child("timeSpent").bounds(problems, "minSeconds", "maxSeconds"),
            from: super::places(&from.texts(problems), extension),
            to: super::places(&to.texts(problems), extension),
            queues: super::places(&filters.child("queues").texts(problems), queue),
            numbers: super::places(&filters.child("calledNumbers").texts(problems), number),
        }
    }

    fn aggregations(&mut self) {
        for (option, metric) in super::asked(&mut self.problems, &self.root, COUNTERS, TIMERS) {
            if let Some(scope) = &self.scope {
                scope.check(&mut self.problems, &option, &metric);
            }
            let option = option.object(&mut self.problems);
            if option.is_present() {
                let aggregation = self.aggregation(&option, &metric);
                self.metrics
                    .extend(aggregation.map(|aggregation| Metric { aggregation, ..metric }));
            }
        }
    }

    fn aggregation(&mut self, option: &Field<'_>, metric: &Metric) -> Option<Aggregation> {
        let problems = &mut self.problems;
        let is_opportunities = metric.of == Of::Opportunities;
        let known = if is_opportunities { &AGGREGATIONS[..1] } else { AGGREGATIONS };
        let kind = option.child("aggregationType").required(problems).one_of(problems, known);
        let field = option.child("aggregationInterval");
        let interval = field.one_of(problems, INTERVALS);
        let spread = match kind? {
            Kind::Over(spread) => spread,
            Kind::Of(aggregation) => {
                if field.is_present() {
                    field.refuse(problems, "Sum and Percent take none");
                }
                return Some(aggregation);
            }
        };
        match interval {
            Some(interval) => Some(Aggregation::Per(interval, spread)),
            None if metric.unit == Unit::Seconds => Some(Aggregation::PerCall(spread)),
            None => {
                field.refuse(problems, "it is required with Average, Min and Max of counters");
                None
            }
        }
    }

    fn timeline_choices(&mut self) {
        for (option, metric) in super::asked(&mut self.problems, &self.root, COUNTERS, TIMERS) {
            if !option.truth(&mut self.problems) {
                continue;
            }
            if let Some(scope) = &self.scope {
                scope.check(&mut self.problems, &option, &metric);
            }
            self.metrics.push(metric);
        }
    }
}

fn scope(problems: &mut Problems, directory: &Directory, root: &Field<'_>) -> Option<Scope> {
    let field = root.child("grouping");
    if !field.is_present() {
        // The document requires a grouping; the guide says what it means to leave it out.
        return Some(Scope::company());
    }
    let grouping = field.object(problems);
    if !grouping.is_present() {
        return None;
    }
    let keys_field = grouping.child("keys");
    let keys = keys_field.texts(problems);
    let direct = grouping.child("groupBy");
    let members = grouping.child("groupByMembers");
    match (direct.is_present(), members.is_present()) {
        (true, true) => grouping.refuse(problems, "groupBy and groupByMembers exclude each other"),
        (false, false) => direct.refuse(problems, "it is required, or else groupByMembers"),
        (true, false) => {
            let named = direct.one_of(problems, GROUPINGS)?;
            if named == Grouping::Company && !keys.is_empty() {
                let message = "Grouping by 'Company' cannot contain group identifiers";
                keys_field.refuse_as(problems, message);
            }
            return Some(Scope::direct(directory, named, &keys));
        }
        (false, true) => {
            let sets = members.one_of(problems, MEMBERS_GROUPINGS)?;
            return Some(Scope::members(directory, sets, &keys));
        }
    }
    None
}

fn named_zone(problems: &mut Problems, field: &Field<'_>) -> Option<TimeZone> {
    let zone = time::zone(field.text(problems)?);
    if zone.is_none() {
        field.refuse(problems, "the name of an IANA time zone is expected");
    }
    zone
}

fn hours_of(problems: &mut Problems, window: Field<'_>) -> Option<(u16, u16)> {
    let window = window.object(problems);
    if !window.is_present() {
        return None;
    }
    let from = window.child("from").required(problems).minute_of_day(problems);
    let to = window.child("to").required(problems).minute_of_day(problems);
    from.zip(to)
}

fn segment_filter(problems: &mut Problems, filter: Field<'_>) -> Option<SegmentFilter> {
    let filter = filter.object(problems);
    if !filter.is_present() {
        return None;
    }
    let length = filter.child("length").bounds(problems, "minSeconds", "maxSeconds");
    let segment = filter.child("segment").required(problems).one_of(problems, SEGMENTS)?;
    Some(SegmentFilter { segment, length })
}

#[derive(Serialize)]
struct Answer<R> {
    paging: Paging,
    data: Data<R>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<R> {
    grouped_by: &'static str,
    records: Vec<R>,
}

#[derive(Serialize)]
struct Record<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<Info<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<Values<'a, Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timers: Option<Values<'a, Value<'a>>>,
}

#[derive(Serialize)]
struct TimelineRecord<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<Info<'a>>,
    points: Vec<Point<'a>>,
}

#[derive(Serialize)]
struct Point<'a> {
    time: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<Values<'a, Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timers: Option<Values<'a, Value<'a>>>,
}

/// What is known of a key besides the key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl<'a> Info<'a> {
    fn of(entries: &'a [Entry], key: u16) -> Option<Info<'a>> {
        let entry = &entries[usize::from(key)];
        let extension_number = entry.extension_number.as_deref();
        let name = entry.name.as_deref();
        (extension_number.is_some() || name.is_some()).then_some(Info { extension_number, name })
    }
}

fn key_of(entries: &[Entry], key: u16) -> &str {
    &entries[usize::from(key)].key
}

fn written<R: Serialize>(query: &Query, table: &Table, records: Vec<R>) -> Vec<u8> {
    let named = |(_, grouping): &&(&str, Grouping)| *grouping == query.grouping;
    let answer = Answer {
        paging: Paging::new(query.page, table),
        data: Data {
            grouped_by: GROUPINGS.iter().find(named).map_or("Company", |(name, _)| name),
            records,
        },
    };
    serde_json::to_vec(&answer).expect("every key is a string")
}

/// A metric's numbers and their unit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Value<'a> {
    value_type: &'static str,
    values: Numbers<'a>,
}

impl<'a> Value<'a> {
    fn new(metric: &Metric, values: Numbers<'a>) -> Value<'a> {
        let value_type = match (metric.aggregation, metric.unit) {
            (Aggregation::Percent, _) => "Percent",
            (_, Unit::Calls) => "Instances",
            (_, Unit::Seconds) => "Seconds",
        };
        Value { value_type, values }
    }
}
