//! The private beta. The lists of words hold those of all its revisions: what a request can hold and a response
//! does is a matter of the revision's document.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::bounds::PeriodBounds;
use super::numbers::{Cells, Form, Numbers, Values};
use super::options::{Counted, Options};
use super::paging::{Paging, check_page};
use super::read::{Field, Findings};
use super::request::{Most, Request};
use super::scope::{NO_SLA, Scope, places};
use super::service::{Dialect, Reply, Service};
use super::{bounds, options};
use crate::aggregate::filter::{Bounds, Filter, SegmentFilter};
use crate::aggregate::period::Period;
use crate::aggregate::query::{Aggregation, Metric, Query, Spread, Unit};
use crate::aggregate::world::{Table, World};
use crate::data::directory::{Directory, Grouping};
use crate::data::era::Era;
use crate::data::words::{Word, Words};
use crate::wire::failure::Failure;
use crate::wire::revision::Api;

type Names = &'static [(&'static str, Word)];

// The filters' words.
const DIRECTIONS: Names = &[("Inbound", Word::Inbound), ("Outbound", Word::Outbound)];
const ORIGINS: Names = &[("Internal", Word::Internal), ("External", Word::External)];
const RESPONSES: Names = &[("Answered", Word::Answered), ("NotAnswered", Word::NotAnswered)];
const RESPONSE_TYPES: Names = &[
    ("InboundAnswers", Word::Direct),
    ("InboundDirect", Word::Direct),
    ("ParkRetrievals", Word::ParkRetrieval),
    ("QueueCalls", Word::FromQueue),
    ("Transferred", Word::Transferred),
    ("Missed", Word::Missed),
    ("Accepted", Word::Accepted),
];
const RESULTS: Names = &[
    ("Completed", Word::Completed),
    ("Abandoned", Word::Abandoned),
    ("VoiceMail", Word::LeftVoicemail),
    ("Connected", Word::Connected),
];
/// The fields that the first revision has in place of a list of results.
const RESULT_FIELDS: Names = &[
    ("isEnded", Word::Completed),
    ("isAbandoned", Word::Abandoned),
    ("isVoiceMail", Word::LeftVoicemail),
    ("isConnected", Word::Connected),
];
const SEGMENTS: Names = &[
    ("Ringing", Word::Ringing),
    ("LiveTalk", Word::LiveTalk),
    ("Hold", Word::Hold),
    ("Park", Word::Park),
    ("Transfer", Word::Transfer),
    ("IvrPrompt", Word::IvrPrompt),
    ("VoiceMailing", Word::Voicemail),
    ("VmGreeting", Word::VmGreeting),
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

/// Name, whose records, and whether these are the users that belong to it.
const GROUPINGS: &[(&str, (Grouping, bool))] = &[
    ("CompanyNumbers", (Grouping::CompanyNumbers, false)),
    ("Users", (Grouping::Users, false)),
    ("Queues", (Grouping::Queues, false)),
    ("IVRs", (Grouping::Ivrs, false)),
    ("UserGroups", (Grouping::UserGroups, false)),
    ("Sites", (Grouping::Sites, false)),
    ("Departments", (Grouping::Departments, false)),
    ("DepartmentMembers", (Grouping::Departments, true)),
    ("UserGroupMembers", (Grouping::UserGroups, true)),
    ("QueueAgents", (Grouping::Queues, true)),
    ("SiteMembers", (Grouping::Sites, true)),
];

const AGGREGATIONS: &[(&str, Aggregation)] = &[
    ("Sum", Aggregation::Sum),
    ("Average", Aggregation::PerCall(Spread::Average)),
    ("Max", Aggregation::PerCall(Spread::Max)),
    ("Min", Aggregation::PerCall(Spread::Min)),
];

const BY_SEGMENT: Counted = Counted::Words(&[
    ("ringing", Word::Ringing),
    ("liveTalk", Word::LiveTalk),
    ("holds", Word::Hold),
    ("parks", Word::Park),
    ("transfers", Word::Transfer),
    ("ivrPrompts", Word::IvrPrompt),
    ("voiceMailing", Word::Voicemail),
    ("vmGreetings", Word::VmGreeting),
]);
const BY_QUEUE_SLA: Counted =
    Counted::Words(&[("inSla", Word::InSla), ("outOfSla", Word::OutOfSla)]);

const COUNTERS: Options = &[
    ("allCalls", "totalCalls", Counted::Total),
    (
        "callsByDirection",
        "callsByDirection",
        Counted::Words(&[("inbound", Word::Inbound), ("outbound", Word::Outbound)]),
    ),
    (
        "callsByOrigin",
        "callsByOrigin",
        Counted::Words(&[("internal", Word::Internal), ("external", Word::External)]),
    ),
    (
        "callsByResponse",
        "callsByResponse",
        Counted::Words(&[("answered", Word::Answered), ("notAnswered", Word::NotAnswered)]),
    ),
    (
        "callsByResponseType",
        "callsByResponseType",
        Counted::Words(&[
            ("inboundAnswer", Word::Direct),
            ("inboundDirect", Word::Direct),
            ("parkRetrieval", Word::ParkRetrieval),
            ("queueCalls", Word::FromQueue),
            ("transferredCalls", Word::Transferred),
            ("missed", Word::Missed),
            ("accepted", Word::Accepted),
        ]),
    ),
    ("callsBySegment", "callsBySegments", BY_SEGMENT),
    (
        "callsByResult",
        "callsByResult",
        Counted::Words(&[
            ("ended", Word::Completed),
            ("completed", Word::Completed),
            ("abandoned", Word::Abandoned),
            ("voiceMail", Word::LeftVoicemail),
            ("connected", Word::Connected),
        ]),
    ),
    (
        "callsByActions",
        "callsActionsCount",
        Counted::Words(&[
            ("parksOn", Word::ParkOn),
            ("parksOff", Word::ParkOff),
            ("holdsOn", Word::HoldOn),
            ("holdsOff", Word::HoldOff),
            ("blindTransfer", Word::BlindTransfer),
            ("warmTransfer", Word::WarmTransfer),
            ("dtmftTransfer", Word::DtmfTransfer),
        ]),
    ),
    (
        "callsByCompanyHours",
        "callsByCompanyHours",
        Counted::Words(&[("businessHours", Word::BusinessHours), ("afterHours", Word::AfterHours)]),
    ),
    ("callsByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
];

const TIMERS: Options = &[
    ("totalCallLength", "callsDurationSeconds", Counted::Total),
    ("timeSpentByCallSegments", "callSegmentLengthSeconds", BY_SEGMENT),
    (
        "callLengthByDirection",
        "callsByDirection",
        Counted::Words(&[
            ("inboundCallsSeconds", Word::Inbound),
            ("outboundCallsSeconds", Word::Outbound),
        ]),
    ),
    (
        "callLengthByOrigin",
        "callsByOrigin",
        Counted::Words(&[
            ("internalCallsSeconds", Word::Internal),
            ("externalCallsSeconds", Word::External),
        ]),
    ),
    (
        "callLengthByResponse",
        "callsByResponse",
        Counted::Words(&[
            ("answeredCallsSeconds", Word::Answered),
            ("notAnsweredCallsSeconds", Word::NotAnswered),
        ]),
    ),
    (
        "callLengthByResult",
        "callsByResult",
        Counted::Words(&[
            ("endedCallsSeconds", Word::Completed),
            ("completedCallsSeconds", Word::Completed),
            ("abandonedCallsSeconds", Word::Abandoned),
            ("voiceMailCallsSeconds", Word::LeftVoicemail),
            ("connectedCallsSeconds", Word::Connected),
        ]),
    ),
    (
        "callLengthByResponseType",
        "callsByResponseType",
        Counted::Words(&[
            ("inboundAnswersSeconds", Word::Direct),
            ("inboundDirectSeconds", Word::Direct),
            ("parkRetrievalsSeconds", Word::ParkRetrieval),
            ("queueCallsSeconds", Word::FromQueue),
            ("transferredCallsSeconds", Word::Transferred),
            ("missedCallsSeconds", Word::Missed),
            ("acceptedCallsSeconds", Word::Accepted),
        ]),
    ),
    (
        "callsLengthByCompanyHours",
        "callsByCompanyHours",
        Counted::Words(&[
            ("businessHoursSeconds", Word::BusinessHours),
            ("afterHoursSeconds", Word::AfterHours),
        ]),
    ),
    ("callsLengthByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
];

pub(crate) const OPERATION: &str = "aggregatePerformanceReportCalls";

/// Since when anything but sums worked.
const SPREADS_SINCE: &str = "2021-07-19";
/// Since when a period that ends before it begins is refused.
const ORDER_SINCE: &str = "2021-08-12";

/// Answers the aggregate operation.
pub(crate) fn aggregate(world: &World, service: &Service, request: &Request) -> Reply {
    let dialect = service.dialect(Api::Beta, OPERATION);
    let mut findings = Findings::of(&dialect.operation.renames);
    let body = read(&mut findings, world, service, request, dialect).and_then(|query| {
        let table = world.answer(&query, &service.assumptions);
        check_page(query.page, &table, &service.assumptions)?;
        Ok(written(world, service, dialect, &query, &table))
    });
    Reply::new(dialect, body, findings.remarks)
}

fn written(
    world: &World,
    service: &Service,
    dialect: Dialect,
    query: &Query,
    table: &Table,
) -> Vec<u8> {
    let entries = world.directory.entries(query.grouping);
    let record = |(row, key): (usize, &u16)| {
        let cells = Cells {
            table,
            row,
            bucket: 0,
            form: Form::Whole(service.assumptions.beta_averages),
            undefined: service.assumptions.undefined_values,
        };
        let data = Data {
            timers: Values::new(Unit::Seconds, &query.metrics, cells, |_, numbers| numbers),
            counters: Values::new(Unit::Calls, &query.metrics, cells, |_, numbers| numbers),
        };
        (entries[usize::from(*key)].key.as_str(), data)
    };
    let has_paging = dialect.operation.response_as_written().field("paging").is_some();
    let answer = Answer {
        data: table.keys.iter().enumerate().map(record).collect(),
        paging: has_paging.then(|| Paging::new(query.page, table)),
    };
    serde_json::to_vec(&answer).expect("every key is a string")
}

fn read(
    findings: &mut Findings,
    world: &World,
    service: &Service,
    request: &Request,
    dialect: Dialect,
) -> Result<Query, Failure> {
    let directory = &world.directory;
    let assumptions = &service.assumptions;
    let page = request.page(findings, dialect, assumptions.beta_per_page, Most::ANY);
    let root = request.inspected(findings, dialect, service);
    let scope = scope(findings, directory, &root);
    let period = root.child("timeRange").required(findings).object(findings);
    let bounds = period
        .is_present()
        .then(|| bounds::bounds(findings, &period, request.now, assumptions))
        .flatten();
    let are_backwards = bounds.as_ref().is_some_and(|bounds| bounds.are_backwards);
    if are_backwards && dialect.revision.date.as_str() >= ORDER_SINCE {
        period.child("timeTo").refuse(findings, "it is before timeFrom");
    }
    let filters = root.child("additionalFilters").object(findings);
    let filter = filter(findings, directory, scope.as_ref(), &filters);
    let metrics = metrics(findings, scope.as_ref(), &root, dialect);
    let understood = bounds.zip(scope).filter(|_| findings.is_fine());
    let Some((bounds, scope)) = understood else {
        return Err(findings.failure());
    };
    Ok(Query {
        era: Era::Before,
        grouping: scope.grouping,
        keys: scope.keys,
        keys_are_named: scope.keys_are_named,
        period: whole(&bounds),
        filter,
        metrics,
        points: None,
        page,
    })
}

/// The beta has no time zone: nothing in it is cut by local days.
fn whole(bounds: &PeriodBounds) -> Period {
    Period {
        floor: bounds.floor,
        first: bounds.first,
        last: bounds.last,
        known: bounds.known,
        zone: TimeZone::UTC,
        days: Vec::new(),
        hours: Vec::new(),
    }
}

fn scope(findings: &mut Findings, directory: &Directory, root: &Field<'_>) -> Option<Scope> {
    let field = root.child("grouping");
    if !field.is_present() {
        return Some(Scope::company());
    }
    let grouping = field.object(findings);
    if !grouping.is_present() {
        return None;
    }
    let ids_field = grouping.either(["ids", "identifiers"]);
    let ids = ids_field.texts(findings);
    let group_by = grouping.child("groupBy").required(findings);
    let (grouping, is_members) = group_by.one_of(findings, GROUPINGS)?;
    if !is_members {
        return Some(Scope::direct(findings, directory, grouping, &ids));
    }
    if ids.is_empty() {
        ids_field.refuse(findings, "it is required with groupings of members");
    }
    Some(Scope::members(findings, directory, grouping, &ids))
}

fn filter(
    findings: &mut Findings,
    directory: &Directory,
    scope: Option<&Scope>,
    filters: &Field<'_>,
) -> Filter {
    let from = filters.child("callerExtensionIds");
    let to = filters.child("calledExtensionIds");
    if let Some(scope) = scope {
        scope.check_of_queues(findings, &filters.child("queueSla"), NO_SLA);
        scope.check_callers(findings, &from, &to);
    }
    let segments: Vec<SegmentFilter> =
        items(findings, filters, "callSegments", "callSegment", SEGMENTS)
            .into_iter()
            .map(|segment| SegmentFilter { segment, length: Bounds::default() })
            .collect();
    let extension = |id: &str| directory.find_extension(id);
    let number = |key: &str| directory.find(Grouping::CompanyNumbers, key);
    Filter {
        words: words(findings, filters),
        segments: (!segments.is_empty()).then_some(segments),
        call_duration: length(findings, filters, "callDuration"),
        time_spent: length(findings, filters, "timeSpent"),
        from: places(findings, &from, extension),
        to: places(findings, &to, extension),
        queues: None,
        numbers: places(findings, &filters.child("calledNumbers"), number),
    }
}

fn words(findings: &mut Findings, filters: &Field<'_>) -> Vec<Words> {
    let single = [
        ("direction", DIRECTIONS),
        ("origin", ORIGINS),
        ("callResponse", RESPONSES),
        ("companyHours", COMPANY_HOURS),
        ("queueSla", QUEUE_SLA),
    ];
    let single = single.map(|(name, names)| {
        let word = filters.child(name).one_of(findings, names);
        word.map(|word| Words::of(&[word]))
    });
    let types = filters.child("callResponseType").words(findings, RESPONSE_TYPES);
    let results = results(findings, filters.child("callResult"));
    let actions = items(findings, filters, "callActions", "callAction", ACTIONS);
    let actions: Words = actions.into_iter().collect();
    let actions = (actions != Words::NONE).then_some(actions);
    single.into_iter().chain([types, results, actions]).flatten().collect()
}

/// A list of words, or as in the first revision an object with a truth for each.
fn results(findings: &mut Findings, field: Field<'_>) -> Option<Words> {
    if field.is_list() {
        return field.words(findings, RESULTS);
    }
    let fields = field.object(findings);
    let is_true = |(name, _): &&(&str, Word)| fields.child(name).truth(findings);
    let words: Words = RESULT_FIELDS.iter().filter(is_true).map(|(_, word)| *word).collect();
    (words != Words::NONE).then_some(words)
}

/// The words of a list of objects that hold one each.
fn items(
    findings: &mut Findings,
    filters: &Field<'_>,
    list: &str,
    item: &str,
    names: Names,
) -> Vec<Word> {
    let mut words = Vec::new();
    for object in filters.child(list).items(findings) {
        let object = object.object(findings);
        if object.is_present() {
            words.extend(object.child(item).required(findings).one_of(findings, names));
        }
    }
    words
}

fn length(findings: &mut Findings, filters: &Field<'_>, name: &str) -> Bounds {
    filters.child(name).bounds(findings, "minValueSeconds", "maxValueSeconds")
}

fn metrics(
    findings: &mut Findings,
    scope: Option<&Scope>,
    root: &Field<'_>,
    dialect: Dialect,
) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let record = dialect.operation.response_as_written().at(&["data", "*"]);
    for (option, metric) in options::asked(findings, root, record, COUNTERS, TIMERS) {
        if let Some(scope) = scope {
            scope.check(findings, &option, &metric);
        }
        let option = option.object(findings);
        if !option.is_present() {
            continue;
        }
        let kind = option.child("aggregationType").required(findings);
        let Some(aggregation) = kind.one_of(findings, AGGREGATIONS) else {
            continue;
        };
        if aggregation == Aggregation::Sum {
            metrics.push(metric);
        } else if metric.unit == Unit::Calls {
            kind.refuse(findings, "counters can only be summed");
        } else if dialect.revision.date.as_str() < SPREADS_SINCE {
            kind.refuse(findings, "only Sum works in this revision");
        } else {
            metrics.push(Metric { aggregation, ..metric });
        }
    }
    metrics
}

#[derive(Serialize)]
struct Answer<'a> {
    data: BTreeMap<&'a str, Data<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paging: Option<Paging>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timers: Option<Values<'a, Numbers<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<Values<'a, Numbers<'a>>>,
}
