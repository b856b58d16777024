//! The beta of 2021: from a query to its request, and from its answer to records.
//!
//! Its answer is a map by key, which has no order; records come sorted by key.

use std::collections::BTreeMap;

use callperf_raw::beta::types;
use serde_json::{Number, Value as Json};

use super::{
    decode::{self, MetricBuilder, Sent, Words, words},
    salvage::{self, Losses, Salvage},
    spelling,
};
use crate::{
    plan::Plan,
    query::{Filter, Measure},
    report::{Metric, Page, Record},
    words::{
        api::Api,
        error::{Error, ErrorKind, Result},
        metric::MetricName,
        redactor::Redactor,
        vocabulary::{
            Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
            Direction, Origin, QueueSla, Word,
        },
    },
};

const RECORDS: [&str; 2] = ["data", ""];

pub(crate) fn read_bytes(plan: &Plan, body: &[u8]) -> Result<Page<Record>> {
    read(plan, decode::typed(body), &Redactor::default())
}

pub(crate) fn read(
    plan: &Plan,
    answer: decode::Answer<types::PerformanceCallsAggregatesResponse>,
    redactor: &Redactor,
) -> Result<Page<Record>> {
    let (answer, data, losses) = match answer {
        Ok(mut answer) => {
            let data = answer.data.take();
            (answer, data, Losses::new(redactor))
        }
        Err(body) => {
            let salvaged = salvage::salvage::<types::PerformanceCallsAggregatesResponse, _>(
                &body, RECORDS, redactor,
            )?;
            let by_key = salvaged.records.into_iter().map(|(place, data)| (place.key, data));
            (salvaged.page, Some(by_key.collect()), salvaged.losses)
        }
    };
    let Some(data) = data else {
        return Err(Error::new(ErrorKind::Answer, "the answer isn't understood: data: absent"));
    };
    let page = read_page(plan, answer, data);
    decode::finish(plan, page, losses)
}

impl Salvage for types::PerformanceCallsData {
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        salvage::with_metrics(json, place, losses)
    }
}

pub(crate) fn request(plan: &Plan) -> types::PerformanceCallsAggregatesRequest {
    let query = &plan.query;
    let mut counters = types::PerformanceCallsCountersResponseOptions::default();
    for (option, measure) in options(MetricName::Calls, &query.calls) {
        ask_calls(&mut counters, option, measure);
    }
    let mut timers = types::PerformanceCallsTimersResponseOptions::default();
    for (option, measure) in options(MetricName::TimeSpent, &query.time_spent) {
        ask_time_spent(&mut timers, option, measure);
    }
    types::PerformanceCallsAggregatesRequest {
        grouping: grouping(plan),
        time_range: Some(types::PerformanceCallsTimeRange {
            time_from: Some(plan.time_from),
            time_to: Some(plan.time_to),
            ..Default::default()
        }),
        additional_filters: filters(&query.filters),
        response_options: Some(types::PerformanceCallsResponseDataOptions {
            counters: (!query.calls.is_empty()).then_some(counters),
            timers: (!query.time_spent.is_empty()).then_some(timers),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The options that the measures need. An option that two measures need comes
/// twice; the rules see to it that both want the same aggregation.
fn options(name: MetricName, measures: &[Measure]) -> impl Iterator<Item = (&str, &Measure)> {
    measures.iter().flat_map(move |measure| {
        spelling::options(Api::Beta, name, &measure.breakdown)
            .into_iter()
            .map(move |option| (option, measure))
    })
}

fn grouping(plan: &Plan) -> Option<types::PerformanceCallsGrouping> {
    let group_by = &plan.query.group_by;
    let name = spelling::beta_grouping(&group_by.dimension)?;
    Some(types::PerformanceCallsGrouping {
        group_by: Some(name.to_owned()),
        ids: group_by.keys.clone(),
        ..Default::default()
    })
}

fn ask_calls(
    out: &mut types::PerformanceCallsCountersResponseOptions,
    option: &str,
    measure: &Measure,
) {
    let item = types::PerformanceCallsCountersResponseOptionsItem {
        aggregation_type: Some(measure.aggregation.to_string()),
        ..Default::default()
    };
    let slot = match option {
        "allCalls" => &mut out.all_calls,
        "callsByDirection" => &mut out.calls_by_direction,
        "callsByOrigin" => &mut out.calls_by_origin,
        "callsByResponse" => &mut out.calls_by_response,
        "callsByResponseType" => &mut out.calls_by_response_type,
        "callsByResult" => &mut out.calls_by_result,
        "callsBySegment" => &mut out.calls_by_segment,
        "callsByActions" => &mut out.calls_by_actions,
        "callsByCompanyHours" => &mut out.calls_by_company_hours,
        "callsByQueueSla" => &mut out.calls_by_queue_sla,
        unknown => {
            out.extra.insert(unknown.to_owned(), decode::as_json(&item));
            return;
        }
    };
    *slot = Some(item);
}

fn ask_time_spent(
    out: &mut types::PerformanceCallsTimersResponseOptions,
    option: &str,
    measure: &Measure,
) {
    let item = types::PerformanceCallsTimersResponseOptionsItem {
        aggregation_type: Some(measure.aggregation.to_string()),
        ..Default::default()
    };
    let slot = match option {
        "totalCallLength" => &mut out.total_call_length,
        "callLengthByDirection" => &mut out.call_length_by_direction,
        "callLengthByOrigin" => &mut out.call_length_by_origin,
        "callLengthByResponse" => &mut out.call_length_by_response,
        "callLengthByResponseType" => &mut out.call_length_by_response_type,
        "callLengthByResult" => &mut out.call_length_by_result,
        "timeSpentByCallSegments" => &mut out.time_spent_by_call_segments,
        "callsLengthByCompanyHours" => &mut out.calls_length_by_company_hours,
        "callsLengthByQueueSla" => &mut out.calls_length_by_queue_sla,
        unknown => {
            out.extra.insert(unknown.to_owned(), decode::as_json(&item));
            return;
        }
    };
    *slot = Some(item);
}

fn filters(filters: &[Filter]) -> Option<types::PerformanceCallsFilters> {
    if filters.is_empty() {
        return None;
    }
    let mut out = types::PerformanceCallsFilters::default();
    for filter in filters {
        put_filter(&mut out, filter);
    }
    Some(out)
}

fn put_filter(out: &mut types::PerformanceCallsFilters, filter: &Filter) {
    match filter {
        Filter::CallDuration(length) => {
            out.call_duration = Some(types::PerformanceCallsFilterByLength {
                min_value_seconds: length.min_seconds.map(Into::into),
                max_value_seconds: length.max_seconds.map(Into::into),
                ..Default::default()
            });
        }
        Filter::TimeSpent(length) => {
            out.time_spent = Some(types::PerformanceCallsFilterTimeSpentByMailbox {
                min_value_seconds: length.min_seconds.map(Into::into),
                max_value_seconds: length.max_seconds.map(Into::into),
                ..Default::default()
            });
        }
        Filter::FromExtensions(ids) => out.caller_extension_ids.clone_from(ids),
        Filter::ToExtensions(ids) => out.called_extension_ids.clone_from(ids),
        Filter::CalledNumbers(numbers) => out.called_numbers.clone_from(numbers),
        // The rules refuse it: the beta has no such filter.
        Filter::Queues(_) => {}
        Filter::Wire { name, value } => {
            out.extra.insert(name.clone(), value.clone());
        }
        words => {
            for word in words.words() {
                if let Some((list, spelled)) = spelling::place(Api::Beta, words, word) {
                    put_word(out, list, spelled.into_owned());
                }
            }
        }
    }
}

fn put_word(out: &mut types::PerformanceCallsFilters, list: &str, word: String) {
    match list {
        "direction" => out.direction = Some(word),
        "origin" => out.origin = Some(word),
        "callResponse" => out.call_response = Some(word),
        "callResponseType" => out.call_response_type.push(word),
        "callResult" => out.call_result.push(word),
        "companyHours" => out.company_hours = Some(word),
        "queueSla" => out.queue_sla = Some(word),
        "callSegments" => out
            .call_segments
            .push(types::CallSegmentFilter { call_segment: Some(word), ..Default::default() }),
        "callActions" => out
            .call_actions
            .push(types::CallActionFilter { call_action: Some(word), ..Default::default() }),
        list => unreachable!("the beta has no list {list}"),
    }
}

fn read_page(
    plan: &Plan,
    answer: types::PerformanceCallsAggregatesResponse,
    data: BTreeMap<String, types::PerformanceCallsData>,
) -> Page<Record> {
    let paging = answer.paging.unwrap_or_default();
    let mut extra = answer.extra;
    extra.extend(paging.extra);
    Page {
        records: data.into_iter().map(|(key, data)| read_record(plan, key, data)).collect(),
        page: decode::count(paging.page.as_ref()),
        per_page: decode::count(paging.per_page.as_ref()),
        total_pages: decode::count(paging.total_pages.as_ref()),
        total_records: decode::count(paging.total_elements.as_ref()),
        grouped_by: None,
        period: plan.period,
        notices: Vec::new(),
        left_out: 0,
        extra,
    }
}

fn read_record(plan: &Plan, key: String, raw: types::PerformanceCallsData) -> Record {
    Record {
        key,
        info: None,
        calls: read_counters(plan, raw.counters.unwrap_or_default()),
        time_spent: read_timers(plan, raw.timers.unwrap_or_default()),
        extra: raw.extra,
        fingerprint: plan.fingerprint,
    }
}

fn read_counters(plan: &Plan, raw: types::PerformanceCallsCounters) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::Calls, plan);
    metric.number(Breakdown::Total, "totalCalls", None, raw.total_calls);
    metric.breakdown(Breakdown::Direction, "callsByDirection", raw.calls_by_direction);
    metric.breakdown(Breakdown::Origin, "callsByOrigin", raw.calls_by_origin);
    metric.breakdown(Breakdown::Response, "callsByResponse", raw.calls_by_response);
    metric.breakdown(Breakdown::Segment, "callsBySegments", raw.calls_by_segments);
    metric.breakdown(Breakdown::Action, "callsActionsCount", raw.calls_actions_count);
    metric.breakdown(Breakdown::CompanyHours, "callsByCompanyHours", raw.calls_by_company_hours);
    metric.breakdown(Breakdown::QueueSla, "callsByQueueSla", raw.calls_by_queue_sla);
    let result = raw.calls_by_result.map(|sent| Mixed {
        option: "callsByResult",
        wire: "callsByResult",
        own: (Breakdown::Result, results(sent.completed, sent.abandoned, sent.voice_mail)),
        guests: (Breakdown::Response, connected(sent.connected)),
        other: sent.extra,
    });
    let response_type = raw.calls_by_response_type.map(|sent| Mixed {
        option: "callsByResponseType",
        wire: "callsByResponseType",
        own: (
            Breakdown::Type,
            types_of(
                sent.inbound_direct,
                sent.queue_calls,
                sent.park_retrieval,
                sent.transferred_calls,
            ),
        ),
        guests: (Breakdown::Result, system_results(sent.missed, sent.accepted)),
        other: sent.extra,
    });
    for mixed in [result, response_type].into_iter().flatten() {
        place_mixed(&mut metric, MetricName::Calls, mixed);
    }
    metric.unknown(raw.extra);
    metric.build()
}

fn read_timers(plan: &Plan, raw: types::PerformanceCallsTimers) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::TimeSpent, plan);
    metric.number(Breakdown::Total, "callsDurationSeconds", None, raw.calls_duration_seconds);
    metric.breakdown(Breakdown::Direction, "callsByDirection", raw.calls_by_direction);
    metric.breakdown(Breakdown::Origin, "callsByOrigin", raw.calls_by_origin);
    metric.breakdown(Breakdown::Response, "callsByResponse", raw.calls_by_response);
    metric.breakdown(
        Breakdown::Segment,
        "callSegmentLengthSeconds",
        raw.call_segment_length_seconds,
    );
    metric.breakdown(Breakdown::CompanyHours, "callsByCompanyHours", raw.calls_by_company_hours);
    metric.breakdown(Breakdown::QueueSla, "callsByQueueSla", raw.calls_by_queue_sla);
    let result = raw.calls_by_result.map(|sent| Mixed {
        option: "callLengthByResult",
        wire: "callsByResult",
        own: (
            Breakdown::Result,
            results(
                sent.completed_calls_seconds,
                sent.abandoned_calls_seconds,
                sent.voice_mail_calls_seconds,
            ),
        ),
        guests: (Breakdown::Response, connected(sent.connected_calls_seconds)),
        other: sent.extra,
    });
    let response_type = raw.calls_by_response_type.map(|sent| Mixed {
        option: "callLengthByResponseType",
        wire: "callsByResponseType",
        own: (
            Breakdown::Type,
            types_of(
                sent.inbound_direct_seconds,
                sent.queue_calls_seconds,
                sent.park_retrievals_seconds,
                sent.transferred_calls_seconds,
            ),
        ),
        guests: (
            Breakdown::Result,
            system_results(sent.missed_calls_seconds, sent.accepted_calls_seconds),
        ),
        other: sent.extra,
    });
    for mixed in [result, response_type].into_iter().flatten() {
        place_mixed(&mut metric, MetricName::TimeSpent, mixed);
    }
    metric.unknown(raw.extra);
    metric.build()
}

/// What the beta sends for an option that holds words of two breakdowns.
struct Mixed {
    option: &'static str,
    /// The option's name in the answer.
    wire: &'static str,
    own: (Breakdown, Words),
    guests: (Breakdown, Words),
    other: serde_json::Map<String, serde_json::Value>,
}

fn results(
    completed: Option<Number>,
    abandoned: Option<Number>,
    voicemail: Option<Number>,
) -> Words {
    decode::sent([
        (CallResult::Completed.to_cow(), completed),
        (CallResult::Abandoned.to_cow(), abandoned),
        (CallResult::Voicemail.to_cow(), voicemail),
    ])
}

fn connected(connected: Option<Number>) -> Words {
    decode::sent([(CallResponse::Connected.to_cow(), connected)])
}

fn types_of(
    direct: Option<Number>,
    from_queue: Option<Number>,
    park_retrieval: Option<Number>,
    transferred: Option<Number>,
) -> Words {
    decode::sent([
        (CallType::Direct.to_cow(), direct),
        (CallType::FromQueue.to_cow(), from_queue),
        (CallType::ParkRetrieval.to_cow(), park_retrieval),
        (CallType::Transferred.to_cow(), transferred),
    ])
}

fn system_results(missed: Option<Number>, accepted: Option<Number>) -> Words {
    decode::sent([(CallResult::Missed.to_cow(), missed), (CallResult::Accepted.to_cow(), accepted)])
}

/// Puts the words of a mixed option where they belong.
///
/// A breakdown that wasn't asked for stays absent, though the option that
/// another one needed has some of its words: half a breakdown would look like
/// a whole one.
fn place_mixed(metric: &mut MetricBuilder<'_>, name: MetricName, mixed: Mixed) {
    let Mixed { option, wire, own: (own, mut own_words), guests: (guest, guest_words), other } =
        mixed;
    let sent_for_another = metric
        .measures()
        .iter()
        .any(|measure| spelling::options(Api::Beta, name, &measure.breakdown).contains(&option));
    let wanted = |metric: &MetricBuilder<'_>, breakdown: &Breakdown| {
        !sent_for_another || metric.measure(breakdown).is_some()
    };
    if wanted(metric, &own) {
        metric.other_words(wire, other, &mut own_words);
        metric.words(own, wire, None, own_words);
    }
    if wanted(metric, &guest) {
        metric.words(guest, wire, None, guest_words);
    }
}

macro_rules! breakdown {
    ($($type:ident { $($word:path => $field:ident),+ $(,)? })+) => {$(
        impl From<types::$type> for Sent {
            fn from(sent: types::$type) -> Self {
                Self {
                    unit: None,
                    words: words!(sent, $($word => $field),+),
                    other_words: sent.extra,
                    extra: serde_json::Map::new(),
                }
            }
        }
    )+};
}

breakdown! {
    CallsByDirection {
        Direction::Inbound => inbound,
        Direction::Outbound => outbound,
    }
    CallsDurationByDirection {
        Direction::Inbound => inbound_calls_seconds,
        Direction::Outbound => outbound_calls_seconds,
    }
    CallsByOrigin {
        Origin::Internal => internal,
        Origin::External => external,
    }
    CallsDurationByOrigin {
        Origin::Internal => internal_calls_seconds,
        Origin::External => external_calls_seconds,
    }
    CallsByResponse {
        CallResponse::Answered => answered,
        CallResponse::NotAnswered => not_answered,
    }
    CallDurationByResponse {
        CallResponse::Answered => answered_calls_seconds,
        CallResponse::NotAnswered => not_answered_calls_seconds,
    }
    CallsBySegments {
        CallSegment::Ringing => ringing,
        CallSegment::IvrPrompt => ivr_prompts,
        CallSegment::LiveTalk => live_talk,
        CallSegment::Hold => holds,
        CallSegment::Park => parks,
        CallSegment::Transfer => transfers,
        CallSegment::VmGreeting => vm_greetings,
        CallSegment::Voicemail => voice_mailing,
    }
    TimeSpentBySegments {
        CallSegment::Ringing => ringing,
        CallSegment::IvrPrompt => ivr_prompts,
        CallSegment::LiveTalk => live_talk,
        CallSegment::Hold => holds,
        CallSegment::Park => parks,
        CallSegment::Transfer => transfers,
        CallSegment::VmGreeting => vm_greetings,
        CallSegment::Voicemail => voice_mailing,
    }
    CallsActionsCount {
        CallAction::HoldOn => holds_on,
        CallAction::HoldOff => holds_off,
        CallAction::ParkOn => parks_on,
        CallAction::ParkOff => parks_off,
        CallAction::BlindTransfer => blind_transfer,
        CallAction::WarmTransfer => warm_transfer,
        CallAction::DtmfTransfer => dtmft_transfer,
    }
    CallsByCompanyHours {
        CompanyHours::BusinessHours => business_hours,
        CompanyHours::AfterHours => after_hours,
    }
    CallDurationByCompanyHours {
        CompanyHours::BusinessHours => business_hours_seconds,
        CompanyHours::AfterHours => after_hours_seconds,
    }
    CallsByQueueSla {
        QueueSla::InSla => in_sla,
        QueueSla::OutOfSla => out_of_sla,
    }
    CallDurationByQueueSLa {
        QueueSla::InSla => in_sla,
        QueueSla::OutOfSla => out_of_sla,
    }
}
