//! The calls API, version 1: aggregation and timeline.

use std::ops::Range;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::bounds::PeriodBounds;
use super::numbers::{Cells, Form, Numbers, Values};
use super::options::{Counted, Options};
use super::paging::{Paging, check_page};
use super::read::{Field, Findings};
use super::request::{Most, Request};
use super::scope::{NO_HOURS, NO_SLA, Scope, places, queue_extension};
use super::service::{Dialect, Reply, Service};
use super::{bounds, options};
use crate::aggregate::filter::{Filter, SegmentFilter};
use crate::aggregate::period::Period;
use crate::aggregate::query::{Aggregation, Metric, Of, PageRequest, Query, Spread, Unit};
use crate::aggregate::world::{Table, World};
use crate::assumptions::{
    HoursEnd, MOST_PER_AGGREGATION_PAGE, MOST_PER_TIMELINE_PAGE, OvernightHours, PointTimes,
    TimelinePageLimit, TimelineRange,
};
use crate::data::calls::NO_ENDINGS;
use crate::data::directory::{Directory, Entry, Grouping};
use crate::data::era::Era;
use crate::data::time::{self, Interval};
use crate::data::words::{Word, Words};
use crate::wire::failure::Failure;
use crate::wire::revision::{Api, Shape};

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
    ("Transferred", Word::PassedOn),
    ("PickedUp", Word::PickedUp),
    ("Forwarded", Word::Forwarded),
    ("AnsweredElsewhere", Word::AnsweredElsewhere),
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
    ("Forwarding", Word::Forwarding),
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
const QUEUE_HOURS: Names =
    &[("BusinessHours", Word::QueueBusinessHours), ("AfterHours", Word::QueueAfterHours)];
const ENDING_PARTIES: Names = &[
    ("Caller", Word::EndedByCaller),
    ("Callee", Word::EndedByCallee),
    ("System", Word::EndedBySystem),
];
const TYPES: Names = &[
    ("Direct", Word::Direct),
    ("FromQueue", Word::FromQueue),
    ("ParkRetrieval", Word::ParkRetrieval),
    ("Transferred", Word::Transferred),
    ("Outbound", Word::Placed),
    ("Overflow", Word::Overflow),
    ("QueueCallPickup", Word::QueueCallPickup),
];

const GROUPINGS: &[(&str, Grouping)] = &[
    ("Company", Grouping::Company),
    ("CompanyNumbers", Grouping::CompanyNumbers),
    ("Users", Grouping::Users),
    ("Queues", Grouping::Queues),
    ("IVRs", Grouping::Ivrs),
    ("IVAs", Grouping::Ivas),
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
const BY_DIRECTION: Counted =
    Counted::Words(&[("inbound", Word::Inbound), ("outbound", Word::Outbound)]);
const BY_ORIGIN: Counted =
    Counted::Words(&[("internal", Word::Internal), ("external", Word::External)]);
const BY_RESPONSE: Counted = Counted::Words(&[
    ("answered", Word::Answered),
    ("notAnswered", Word::NotAnswered),
    ("connected", Word::Connected),
    ("notConnected", Word::NotConnected),
]);
const BY_SEGMENT: Counted = Counted::Words(&[
    ("ringing", Word::Ringing),
    ("liveTalk", Word::LiveTalk),
    ("hold", Word::Hold),
    ("park", Word::Park),
    ("transfer", Word::Transfer),
    ("ivrPrompt", Word::IvrPrompt),
    ("voicemail", Word::Voicemail),
    ("vmGreeting", Word::VmGreeting),
    ("setup", Word::Setup),
    ("forwarding", Word::Forwarding),
]);
const BY_RESULT: Counted = Counted::Words(&[
    ("completed", Word::Completed),
    ("abandoned", Word::Abandoned),
    ("voicemail", Word::LeftVoicemail),
    ("unknown", Word::Unknown),
    ("missed", Word::Missed),
    ("accepted", Word::Accepted),
    ("transferred", Word::PassedOn),
    ("pickedUp", Word::PickedUp),
    ("forwarded", Word::Forwarded),
    ("answeredElsewhere", Word::AnsweredElsewhere),
]);
const BY_COMPANY_HOURS: Counted =
    Counted::Words(&[("businessHours", Word::BusinessHours), ("afterHours", Word::AfterHours)]);
const BY_QUEUE_SLA: Counted =
    Counted::Words(&[("inSla", Word::InSla), ("outOfSla", Word::OutOfSla)]);
const BY_QUEUE_HOURS: Counted = Counted::Words(&[
    ("businessHours", Word::QueueBusinessHours),
    ("afterHours", Word::QueueAfterHours),
]);
const BY_ENDING_PARTY: Counted = Counted::Words(&[
    ("caller", Word::EndedByCaller),
    ("callee", Word::EndedByCallee),
    ("system", Word::EndedBySystem),
]);
const BY_ACTION: Counted = Counted::Words(&[
    ("parkOn", Word::ParkOn),
    ("parkOff", Word::ParkOff),
    ("holdOn", Word::HoldOn),
    ("holdOff", Word::HoldOff),
    ("blindTransfer", Word::BlindTransfer),
    ("warmTransfer", Word::WarmTransfer),
    ("dtmfTransfer", Word::DtmfTransfer),
]);
const BY_TYPE: Counted = Counted::Words(&[
    ("direct", Word::Direct),
    ("fromQueue", Word::FromQueue),
    ("parkRetrieval", Word::ParkRetrieval),
    ("transferred", Word::Transferred),
    ("outbound", Word::Placed),
    ("overflow", Word::Overflow),
    ("queueCallPickup", Word::QueueCallPickup),
]);

const COUNTERS: Options = &[
    ("allCalls", "allCalls", Counted::Total),
    ("callsByDirection", "callsByDirection", BY_DIRECTION),
    ("callsByOrigin", "callsByOrigin", BY_ORIGIN),
    ("callsByResponse", "callsByResponse", BY_RESPONSE),
    ("callsSegments", "callsSegments", BY_SEGMENT),
    ("callsByResult", "callsByResult", BY_RESULT),
    ("callsByCompanyHours", "callsByCompanyHours", BY_COMPANY_HOURS),
    ("callsByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
    ("callsByActions", "callsActions", BY_ACTION),
    ("callsByType", "callsByType", BY_TYPE),
    ("queueOpportunities", "queueOpportunities", Counted::Opportunities),
    ("callsByEndingParty", "callsByEndingParty", BY_ENDING_PARTY),
    ("callsByQueueHours", "callsByQueueHours", BY_QUEUE_HOURS),
];
const TIMERS: Options = &[
    ("allCallsDuration", "allCalls", Counted::Total),
    ("callsDurationByDirection", "callsByDirection", BY_DIRECTION),
    ("callsDurationByOrigin", "callsByOrigin", BY_ORIGIN),
    ("callsDurationByResponse", "callsByResponse", BY_RESPONSE),
    ("callsSegmentsDuration", "callsSegments", BY_SEGMENT),
    ("callsDurationByResult", "callsByResult", BY_RESULT),
    ("callsDurationByCompanyHours", "callsByCompanyHours", BY_COMPANY_HOURS),
    ("callsDurationByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
    ("callsDurationByType", "callsByType", BY_TYPE),
    ("callsDurationByEndingParty", "callsByEndingParty", BY_ENDING_PARTY),
    ("callsDurationByQueueHours", "callsByQueueHours", BY_QUEUE_HOURS),
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

/// The minutes of a day; what the clocks skip or repeat is no matter.
const DAY: u16 = 24 * 60;
const LAST_MINUTE: u16 = DAY - 1;

pub(crate) const AGGREGATION: &str = "analyticsCallsAggregationFetch";
pub(crate) const TIMELINE: &str = "analyticsCallsTimelineFetch";

/// Answers `aggregation/fetch`.
pub(crate) fn aggregation(world: &World, service: &Service, request: &Request) -> Reply {
    let mut reader = Reader::new(world, service, request, AGGREGATION);
    let default = service.assumptions.aggregation_per_page;
    let page = reader.page(default, Most::of(MOST_PER_AGGREGATION_PAGE));
    reader.aggregations();
    let query = reader.query(page, None);
    reader.reply(query, |query, table| {
        let entries = world.directory.entries(query.grouping);
        let record = |(row, key)| {
            let cells = cells(table, row, 0, service);
            Record {
                key: key_of(entries, key),
                info: Info::of(entries, key),
                counters: Values::new(Unit::Calls, &query.metrics, cells, Value::new),
                timers: Values::new(Unit::Seconds, &query.metrics, cells, Value::new),
            }
        };
        written(query, table, (0..).zip(table.keys.iter().copied()).map(record).collect())
    })
}

/// Answers `timeline/fetch`.
pub(crate) fn timeline(world: &World, service: &Service, request: &Request) -> Reply {
    let mut reader = Reader::new(world, service, request, TIMELINE);
    let default = service.assumptions.timeline_per_page;
    let page =
        reader.page(default, most_per_timeline_page(service.assumptions.timeline_page_limit));
    let interval = reader.interval();
    reader.timeline_choices();
    let query = reader.query(page, interval);
    reader.reply(query, |query, table| {
        let entries = world.directory.entries(query.grouping);
        let starts = table.points.iter().flat_map(|cut| &cut.starts);
        let times = starts.map(|start| label(*start, query, service.assumptions.point_times));
        let times: Vec<String> = times.collect();
        let point = |row, bucket: usize| {
            let cells = cells(table, row, bucket, service);
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
        written(query, table, (0..).zip(table.keys.iter().copied()).map(record).collect())
    })
}

fn most_per_timeline_page(limit: TimelinePageLimit) -> Most {
    let code = match limit {
        TimelinePageLimit::Cmn101 => "CMN-101",
        TimelinePageLimit::Anl503 => "ANL-503",
    };
    Most { number: MOST_PER_TIMELINE_PAGE, code }
}

fn cells<'a>(table: &'a Table, row: usize, bucket: usize, service: &Service) -> Cells<'a> {
    let undefined = service.assumptions.undefined_values;
    Cells { table, row, bucket, form: Form::Double, undefined }
}

/// When a bucket starts.
fn label(start: i64, query: &Query, times: PointTimes) -> String {
    let start = time::timestamp(start);
    match times {
        PointTimes::Local => {
            let offset = query.period.zone.to_offset(start);
            start.display_with_offset(offset).to_string()
        }
        PointTimes::Utc => start.to_string(),
    }
}

/// Understands a request, and collects what it can't.
struct Reader<'a> {
    world: &'a World,
    service: &'a Service,
    request: &'a Request,
    dialect: Dialect,
    root: Field<'a>,
    findings: Findings,
    /// Nothing, if the grouping can't be understood; then no rule that depends on it is checked.
    scope: Option<Scope>,
    metrics: Vec<Metric>,
}

impl<'a> Reader<'a> {
    fn new(
        world: &'a World,
        service: &'a Service,
        request: &'a Request,
        operation: &str,
    ) -> Reader<'a> {
        let dialect = service.dialect(Api::CallsV1, operation);
        let mut findings = Findings::of(&dialect.operation.renames);
        let root = request.inspected(&mut findings, dialect, service);
        let scope = scope(&mut findings, &world.directory, &root);
        Reader { world, service, request, dialect, root, findings, scope, metrics: Vec::new() }
    }

    fn page(&mut self, default: u64, most: Most) -> PageRequest {
        self.request.page(&mut self.findings, self.dialect, default, most)
    }

    fn query(&mut self, page: PageRequest, points: Option<Interval>) -> Result<Query, Failure> {
        let period = self.period(points);
        let filter = self.filter();
        let understood = period.zip(self.scope.take()).filter(|_| self.findings.is_fine());
        let Some((period, scope)) = understood else {
            return Err(self.findings.failure());
        };
        Ok(Query {
            era: Era::of_calls_v1(&self.dialect.revision.date),
            grouping: scope.grouping,
            keys: scope.keys,
            keys_are_named: scope.keys_are_named,
            period,
            filter,
            metrics: std::mem::take(&mut self.metrics),
            points,
            page,
        })
    }

    fn reply(
        mut self,
        query: Result<Query, Failure>,
        write: impl FnOnce(&Query, &Table) -> Vec<u8>,
    ) -> Reply {
        if query.as_ref().is_ok_and(names_endings) && self.world.calls.lack_endings() {
            self.findings.remark(NO_ENDINGS.to_owned());
        }
        let assumptions = &self.service.assumptions;
        let body = query.and_then(|query| {
            let table = self.world.answer(&query, assumptions);
            check_page(query.page, &table, assumptions)?;
            Ok(write(&query, &table))
        });
        Reply::new(self.dialect, body, self.findings.remarks)
    }

    /// Where the numbers stand in the response.
    fn record(&self) -> Shape<'static> {
        let records = self.dialect.operation.response_as_written().at(&["data", "records", "[]"]);
        records.field("points").map_or(records, |points| points.at(&["[]"]))
    }

    fn interval(&mut self) -> Option<Interval> {
        let text = self.request.parameter("interval");
        let named = |(name, _): &&(&str, Interval)| Some(*name) == text;
        let interval = INTERVALS.iter().find(named).map(|(_, interval)| *interval);
        if interval.is_none() {
            let why = "expected is one of Hour, Day, Week, Month";
            self.findings.invalid("interval", text, why);
        }
        interval
    }

    fn period(&mut self, points: Option<Interval>) -> Option<Period> {
        let assumptions = &self.service.assumptions;
        let findings = &mut self.findings;
        let settings = self.root.child("timeSettings").required(findings).object(findings);
        if !settings.is_present() {
            return None;
        }
        let zone = settings.child("timeZone").required(findings);
        let zone = named_zone(findings, &zone);
        let range = settings.child("timeRange").required(findings).object(findings);
        let bounds = range
            .is_present()
            .then(|| bounds::bounds(findings, &range, self.request.now, assumptions))
            .flatten();
        if bounds.as_ref().is_some_and(|bounds| bounds.are_backwards) {
            range.child("timeTo").refuse(findings, "it is before timeFrom");
        } else if let (Some(bounds), Some(interval)) = (&bounds, points) {
            let is_strict = assumptions.timeline_range == TimelineRange::LongerThanInterval;
            if is_strict && bounds.length <= interval.longest() {
                range.refuse_with(findings, "ANL-305", "it is not longer than the interval");
            }
        }
        let advanced = settings.child("advancedTimeSettings").object(findings);
        let days = advanced.child("includeDays").items(findings);
        let days = days.iter().filter_map(|day| day.one_of(findings, DAYS)).collect();
        let windows = advanced.child("includeHours").items(findings);
        let windows = windows.into_iter().filter_map(|window| self.window(window));
        let hours = windows.flatten().collect();
        let PeriodBounds { floor, first, last, known, .. } = bounds?;
        Some(Period { floor, first, last, known, zone: zone?, days, hours })
    }

    /// The minutes of a window, in two parts if it passes midnight; a part may be empty.
    fn window(&mut self, window: Field<'_>) -> Option<[Range<u16>; 2]> {
        let findings = &mut self.findings;
        let window = window.object(findings);
        if !window.is_present() {
            return None;
        }
        let is_included = self.service.assumptions.hours_end == HoursEnd::Included;
        let latest_end = if is_included { LAST_MINUTE } else { DAY };
        let to_field = window.child("to").required(findings);
        let from = window.child("from").required(findings).minute_of_day(findings, LAST_MINUTE);
        let to = to_field.minute_of_day(findings, latest_end);
        let (from, to) = from.zip(to)?;
        let overnight = self.service.assumptions.overnight_hours;
        if to < from && overnight == OvernightHours::Refused {
            to_field.refuse(findings, "it is before from");
        }
        let end = if is_included { to + 1 } else { to };
        if to < from {
            let is_wrapped = overnight == OvernightHours::Wrapped;
            return Some(if is_wrapped { [from..DAY, 0..end] } else { [0..0, 0..0] });
        }
        Some([from..end, 0..0])
    }

    fn filter(&mut self) -> Filter {
        let directory = &self.world.directory;
        let findings = &mut self.findings;
        let filters = self.root.child("callFilters").object(findings);
        let lists = [
            ("directions", DIRECTIONS),
            ("origins", ORIGINS),
            ("callResponses", RESPONSES),
            ("callResults", RESULTS),
            ("callActions", ACTIONS),
            ("companyHours", COMPANY_HOURS),
            ("queueSla", QUEUE_SLA),
            ("callTypes", TYPES),
            ("endingParties", ENDING_PARTIES),
            ("queueHours", QUEUE_HOURS),
        ];
        let words = lists.map(|(name, names)| filters.child(name).words(findings, names));
        let segments = filters.child("callSegments").items(findings);
        let segments: Vec<_> =
            segments.into_iter().filter_map(|segment| segment_filter(findings, segment)).collect();
        let extensions = filters.child("extensionFilters").object(findings);
        let from = extensions.child("fromIds");
        let to = extensions.child("toIds");
        if let Some(scope) = &self.scope {
            scope.check_of_queues(findings, &filters.child("queueSla"), NO_SLA);
            scope.check_of_queues(findings, &filters.child("queueHours"), NO_HOURS);
            scope.check_callers(findings, &from, &to);
        }
        let extension = |id: &str| directory.find_extension(id);
        let queue = |key: &str| queue_extension(directory, key);
        let number = |key: &str| directory.find(Grouping::CompanyNumbers, key);
        Filter {
            words: words.into_iter().flatten().collect(),
            segments: (!segments.is_empty()).then_some(segments),
            call_duration: filters.child("callDuration").bounds(
                findings,
                "minSeconds",
                "maxSeconds",
            ),
            time_spent: filters.child("timeSpent").bounds(findings, "minSeconds", "maxSeconds"),
            from: places(findings, &from, extension),
            to: places(findings, &to, extension),
            queues: places(findings, &filters.child("queues"), queue),
            numbers: places(findings, &filters.child("calledNumbers"), number),
        }
    }

    fn aggregations(&mut self) {
        for (option, metric) in self.asked() {
            if let Some(scope) = &self.scope {
                scope.check(&mut self.findings, &option, &metric);
            }
            let option = option.object(&mut self.findings);
            if option.is_present() {
                let aggregation = self.aggregation(&option, &metric);
                self.metrics
                    .extend(aggregation.map(|aggregation| Metric { aggregation, ..metric }));
            }
        }
    }

    fn aggregation(&mut self, option: &Field<'_>, metric: &Metric) -> Option<Aggregation> {
        let findings = &mut self.findings;
        let is_opportunities = metric.of == Of::Opportunities;
        let known = if is_opportunities { &AGGREGATIONS[..1] } else { AGGREGATIONS };
        let kind = option.child("aggregationType").required(findings).one_of(findings, known);
        // The document lacks it for queue opportunities, and the rule forbids it by name.
        let field = option.beyond("aggregationInterval");
        let interval = option.child("aggregationInterval").one_of(findings, INTERVALS);
        let spread = match kind? {
            Kind::Over(spread) => spread,
            Kind::Of(aggregation) => {
                if field.is_present() {
                    field.refuse(findings, "Sum and Percent take none");
                }
                return Some(aggregation);
            }
        };
        match interval {
            Some(interval) => Some(Aggregation::Per(interval, spread)),
            None if metric.unit == Unit::Seconds => Some(Aggregation::PerCall(spread)),
            None => {
                field.refuse(findings, "it is required with Average, Min and Max of counters");
                None
            }
        }
    }

    fn asked(&mut self) -> Vec<(Field<'a>, Metric)> {
        let record = self.record();
        options::asked(&mut self.findings, &self.root, record, COUNTERS, TIMERS)
    }

    fn timeline_choices(&mut self) {
        for (option, metric) in self.asked() {
            if !option.truth(&mut self.findings) {
                continue;
            }
            if let Some(scope) = &self.scope {
                scope.check(&mut self.findings, &option, &metric);
            }
            self.metrics.push(metric);
        }
    }
}

fn names_endings(query: &Query) -> bool {
    let endings: Words = ENDING_PARTIES.iter().map(|(_, word)| *word).collect();
    query.metrics.iter().any(|metric| metric.name == "callsByEndingParty")
        || query.filter.words.iter().any(|words| words.meets(endings))
}

fn scope(findings: &mut Findings, directory: &Directory, root: &Field<'_>) -> Option<Scope> {
    let field = root.child("grouping");
    if !field.is_present() {
        // The document requires a grouping; the guide says what it means to leave it out.
        findings.remark(
            "the document requires `grouping`; without it the company is counted".to_owned(),
        );
        return Some(Scope::company());
    }
    let grouping = field.object(findings);
    if !grouping.is_present() {
        return None;
    }
    let keys_field = grouping.child("keys");
    let keys = keys_field.texts(findings);
    let direct = grouping.child("groupBy");
    let members = grouping.child("groupByMembers");
    match (direct.is_present(), members.is_present()) {
        (true, true) => grouping.refuse(findings, "groupBy and groupByMembers exclude each other"),
        (false, false) => direct.refuse(findings, "it is required, or else groupByMembers"),
        (true, false) => {
            let named = direct.one_of(findings, GROUPINGS)?;
            if named == Grouping::Company && !keys.is_empty() {
                let message = "Grouping by 'Company' cannot contain group identifiers";
                keys_field.refuse_as(findings, message);
            }
            return Some(Scope::direct(findings, directory, named, &keys));
        }
        (false, true) => {
            let sets = members.one_of(findings, MEMBERS_GROUPINGS)?;
            return Some(Scope::members(findings, directory, sets, &keys));
        }
    }
    None
}

fn named_zone(findings: &mut Findings, field: &Field<'_>) -> Option<TimeZone> {
    let zone = time::zone(field.text(findings)?);
    if zone.is_none() {
        field.refuse(findings, "the name of an IANA time zone is expected");
    }
    zone
}

fn segment_filter(findings: &mut Findings, filter: Field<'_>) -> Option<SegmentFilter> {
    let filter = filter.object(findings);
    if !filter.is_present() {
        return None;
    }
    let length = filter.child("length").bounds(findings, "minSeconds", "maxSeconds");
    let segment = filter.child("segment").required(findings).one_of(findings, SEGMENTS)?;
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
