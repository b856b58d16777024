//! The private beta as of 2021-08-12.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::read::{Field, Problems};
use super::{Cells, Form, Numbers, Options, Paging, Range, Request, Scope, Values};
use crate::assumptions::Assumptions;
use crate::directory::{Directory, Grouping};
use crate::errors::Failure;
use crate::filter::{Bounds, Filter, SegmentFilter};
use crate::query::{Aggregation, Metric, Of, Period, Query, Spread, Unit, World};
use crate::words::{Word, Words};

type Names = &'static [(&'static str, Word)];

// The filters' words.
const DIRECTIONS: Names = &[("Inbound", Word::Inbound), ("Outbound", Word::Outbound)];
const ORIGINS: Names = &[("Internal", Word::Internal), ("External", Word::External)];
const RESPONSES: Names = &[("Answered", Word::Answered), ("NotAnswered", Word::NotAnswered)];
const RESPONSE_TYPES: Names = &[
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

const BY_SEGMENT: Of = Of::Words(&[
    ("ringing", Word::Ringing),
    ("liveTalk", Word::LiveTalk),
    ("holds", Word::Hold),
    ("parks", Word::Park),
    ("transfers", Word::Transfer),
    ("ivrPrompts", Word::IvrPrompt),
    ("voiceMailing", Word::Voicemail),
    ("vmGreetings", Word::VmGreeting),
]);
const BY_QUEUE_SLA: Of = Of::Words(&[("inSla", Word::InSla), ("outOfSla", Word::OutOfSla)]);

const COUNTERS: Options = &[
    ("allCalls", "totalCalls", Of::Total),
    (
        "callsByDirection",
        "callsByDirection",
        Of::Words(&[("inbound", Word::Inbound), ("outbound", Word::Outbound)]),
    ),
    (
        "callsByOrigin",
        "callsByOrigin",
        Of::Words(&[("internal", Word::Internal), ("external", Word::External)]),
    ),
    (
        "callsByResponse",
        "callsByResponse",
        Of::Words(&[("answered", Word::Answered), ("notAnswered", Word::NotAnswered)]),
    ),
    (
        "callsByResponseType",
        "callsByResponseType",
        Of::Words(&[
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
        Of::Words(&[
            ("completed", Word::Completed),
            ("abandoned", Word::Abandoned),
            ("voiceMail", Word::LeftVoicemail),
            ("connected", Word::Connected),
        ]),
    ),
    (
        "callsByActions",
        "callsActionsCount",
        Of::Words(&[
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
        Of::Words(&[("businessHours", Word::BusinessHours), ("afterHours", Word::AfterHours)]),
    ),
    ("callsByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
];

const TIMERS: Options = &[
    ("totalCallLength", "callsDurationSeconds", Of::Total),
    ("timeSpentByCallSegments", "callSegmentLengthSeconds", BY_SEGMENT),
    (
        "callLengthByDirection",
        "callsByDirection",
        Of::Words(&[
            ("inboundCallsSeconds", Word::Inbound),
            ("outboundCallsSeconds", Word::Outbound),
        ]),
    ),
    (
        "callLengthByOrigin",
        "callsByOrigin",
        Of::Words(&[
            ("internalCallsSeconds", Word::Internal),
            ("externalCallsSeconds", Word::External),
        ]),
    ),
    (
        "callLengthByResponse",
        "callsByResponse",
        Of::Words(&[
            ("answeredCallsSeconds", Word::Answered),
            ("notAnsweredCallsSeconds", Word::NotAnswered),
        ]),
    ),
    (
        "callLengthByResult",
        "callsByResult",
        Of::Words(&[
            ("completedCallsSeconds", Word::Completed),
            ("abandonedCallsSeconds", Word::Abandoned),
            ("voiceMailCallsSeconds", Word::LeftVoicemail),
            ("connectedCallsSeconds", Word::Connected),
        ]),
    ),
    (
        "callLengthByResponseType",
        "callsByResponseType",
        Of::Words(&[
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
        Of::Words(&[
            ("businessHoursSeconds", Word::BusinessHours),
            ("afterHoursSeconds", Word::AfterHours),
        ]),
    ),
    ("callsLengthByQueueSla", "callsByQueueSla", BY_QUEUE_SLA),
];

/// How many records come back when the request doesn't say.
const PAGE: u64 = 100;

/// Answers the aggregate operation.
pub(crate) fn aggregate(
    world: &World,
    request: &Request,
    assumptions: &Assumptions,
) -> Result<Vec<u8>, Failure> {
    let query = read(&world.directory, request)?;
    let table = world.answer(&query, assumptions);
    let entries = world.directory.entries(query.grouping);
    let record = |(row, key): (usize, &u16)| {
        let cells = Cells {
            table: &table,
            row,
            bucket: 0,
            form: Form::Whole(assumptions.beta_averages),
            undefined: assumptions.undefined_values,
        };
        let data = Data {
            timers: Values::new(Unit::Seconds, &query.metrics, cells, |_, numbers| numbers),
            counters: Values::new(Unit::Calls, &query.metrics, cells, |_, numbers| numbers),
        };
        (entries[usize::from(*key)].key.as_str(), data)
    };
    let answer = Answer {
        data: table.keys.iter().enumerate().map(record).collect(),
        paging: Paging::new(query.page, &table),
    };
    Ok(serde_json::to_vec(&answer).expect("every key is a string"))
}

fn read(directory: &Directory, request: &Request) -> Result<Query, Failure> {
    let mut problems = Problems::default();
    let page = request.page(&mut problems, PAGE, None);
    let root = Field::root(&request.body).object(&mut problems);
    let scope = scope(&mut problems, directory, &root);
    let period = root.child("timeRange").required(&mut problems).object(&mut problems);
    let period = period.is_present().then(|| super::range(&mut problems, &period, request.now));
    let filters = root.child("additionalFilters").object(&mut problems);
    let filter = filter(&mut problems, directory, scope.as_ref(), &filters);
    let metrics = metrics(&mut problems, scope.as_ref(), &root);
    let understood = period.flatten().zip(scope).filter(|_| problems.0.is_empty());
    let Some((range, scope)) = understood else {
        return Err(Failure::invalid(problems.0));
    };
    Ok(Query {
        grouping: scope.grouping,
        keys: scope.keys,
        keys_are_named: scope.keys_are_named,
        period: whole(&range),
        filter,
        metrics,
        points: None,
        page,
    })
}

/// The beta has no time zone: nothing in it is cut by local days.
fn whole(range: &Range) -> Period {
    Period {
        floor: range.floor,
        first: range.first,
        last: range.last,
        zone: TimeZone::UTC,
        days: Vec::new(),
        hours: Vec::new(),
    }
}

fn scope(problems: &mut Problems, directory: &Directory, root: &Field<'_>) -> Option<Scope> {
    let field = root.child("grouping");
    if !field.is_present() {
        return Some(Scope::company());
    }
    let grouping = field.object(problems);
    if !grouping.is_present() {
        return None;
    }
    let ids_field = grouping.child("ids");
    let ids = ids_field.texts(problems);
    let group_by = grouping.child("groupBy").required(problems);
    let (grouping, is_members) = group_by.one_of(problems, GROUPINGS)?;
    if !is_members {
        return Some(Scope::direct(directory, grouping, &ids));
    }
    if ids.is_empty() {
        ids_field.refuse(problems, "it is required with groupings of members");
    }
    Some(Scope::members(directory, grouping, &ids))
}

fn filter(
    problems: &mut Problems,
    directory: &Directory,
    scope: Option<&Scope>,
    filters: &Field<'_>,
) -> Filter {
    let from = filters.child("callerExtensionIds");
    let to = filters.child("calledExtensionIds");
    if let Some(scope) = scope {
        scope.check_sla(problems, &filters.child("queueSla"));
        scope.check_callers(problems, &from, &to);
    }
    let segments: Vec<SegmentFilter> =
        items(problems, filters, "callSegments", "callSegment", SEGMENTS)
            .into_iter()
            .map(|segment| SegmentFilter { segment, length: Bounds::default() })
            .collect();
    let extension = |id: &str| directory.find_extension(id);
    let number = |key: &str| directory.find(Grouping::CompanyNumbers, key);
    Filter {
        words: words(problems, filters),
        segments: (!segments.is_empty()).then_some(segments),
        call_duration: bounds(problems, filters, "callDuration"),
        time_spent: bounds(problems, filters, "timeSpent"),
        from: super::places(&from.texts(problems), extension),
        to: super::places(&to.texts(problems), extension),
        queues: None,
        numbers: super::places(&filters.child("calledNumbers").texts(problems), number),
    }
}

fn words(problems: &mut Problems, filters: &Field<'_>) -> Vec<Words> {
    let single = [
        ("direction", DIRECTIONS),
        ("origin", ORIGINS),
        ("callResponse", RESPONSES),
        ("companyHours", COMPANY_HOURS),
        ("queueSla", QUEUE_SLA),
    ];
    let single = single.map(|(name, names)| {
        let word = filters.child(name).one_of(problems, names);
        word.map(|word| Words::of(&[word]))
    });
    let lists = [("callResponseType", RESPONSE_TYPES), ("callResult", RESULTS)];
    let lists = lists.map(|(name, names)| filters.child(name).words(problems, names));
    let actions = items(problems, filters, "callActions", "callAction", ACTIONS);
    let actions: Words = actions.into_iter().collect();
    let actions = (actions != Words::NONE).then_some(actions);
    single.into_iter().chain(lists).chain([actions]).flatten().collect()
}

/// The words of a list of objects that hold one each.
fn items(
    problems: &mut Problems,
    filters: &Field<'_>,
    list: &str,
    item: &str,
    names: Names,
) -> Vec<Word> {
    let mut words = Vec::new();
    for object in filters.child(list).items(problems) {
        let object = object.object(problems);
        if object.is_present() {
            words.extend(object.child(item).required(problems).one_of(problems, names));
        }
    }
    words
}

fn bounds(problems: &mut Problems, filters: &Field<'_>, name: &str) -> Bounds {
    filters.child(name).bounds(problems, "minValueSeconds", "maxValueSeconds")
}

fn metrics(problems: &mut Problems, scope: Option<&Scope>, root: &Field<'_>) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (option, metric) in super::asked(problems, root, COUNTERS, TIMERS) {
        if let Some(scope) = scope {
            scope.check(problems, &option, &metric);
        }
        let option = option.object(problems);
        if !option.is_present() {
            continue;
        }
        let kind = option.child("aggregationType").required(problems);
        match kind.one_of(problems, AGGREGATIONS) {
            Some(aggregation)
                if metric.unit == Unit::Seconds || aggregation == Aggregation::Sum =>
            {
                metrics.push(Metric { aggregation, ..metric });
            }
            Some(_) => kind.refuse(problems, "counters can only be summed"),
            None => {}
        }
    }
    metrics
}

#[derive(Serialize)]
struct Answer<'a> {
    data: BTreeMap<&'a str, Data<'a>>,
    paging: Paging,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timers: Option<Values<'a, Numbers<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<Values<'a, Numbers<'a>>>,
}
