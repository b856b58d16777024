//! The rules of each API, as a table: what they forbid, who says so, and what
//! would be right.
//!
//! A rule that the vendor states is enforced before anything is sent. A rule
//! that only third parties report is told as a [`Notice`](crate::report::Notice).
//! `Query::unchecked` turns refusals into notices, but for what can't be put
//! into a request at all.

use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
mod spelling;

pub(crate) use self::spelling::Spelling;
pub use crate::words::problem::{Evidence, Problem};
use crate::{
    query::{Dimension, Filter, Length, Measure, Query},
    words::{
        api::Api,
        metric::MetricName,
        operation::Operation,
        period::ResolvedPeriod,
        vocabulary::{Aggregation, Breakdown, Grouping},
    },
};

/// One rule of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleInfo {
    /// The name that a [`Problem`] of it has.
    pub name: &'static str,
    /// The APIs that have the rule.
    pub apis: &'static [Api],
    /// Who says that it holds.
    pub evidence: Evidence,
    /// Whether `Query::unchecked` can send what breaks it.
    pub can_be_overridden: bool,
}

/// The table of rules.
pub fn table() -> impl Iterator<Item = RuleInfo> {
    RULES.iter().map(|rule| RuleInfo {
        name: rule.name,
        apis: rule.apis,
        evidence: rule.evidence,
        can_be_overridden: rule.can_be_sent,
    })
}

/// Something that the numbers rest on and that no document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumption {
    /// Its name.
    pub name: &'static str,
    /// What is assumed.
    pub text: &'static str,
    /// How to have it otherwise.
    pub option: &'static str,
}

/// What this crate assumes where the API's documents leave a gap.
pub const ASSUMPTIONS: &[Assumption] = &[
    Assumption {
        name: "connected-is-completed-too",
        text: "the beta's lists of results and of response types hold words of two breakdowns \
               each, and a call counts under a word of either as it does on today's API: a \
               connected outbound call that ended normally is `connected` and `completed`",
        option: "none: the beta's numbers are passed on as they are, under the word's breakdown",
    },
    Assumption {
        name: "milliseconds",
        text: "the API tells milliseconds apart, so that a period's end, which isn't included, \
               goes out one millisecond earlier; the wire includes its end",
        option: "ClientBuilder::end_offset",
    },
    Assumption {
        name: "end-in-the-past",
        text: "the API refuses an end in the future (third parties say so), so that an end later \
               than two minutes before now is moved there",
        option: "ClientBuilder::clock",
    },
    Assumption {
        name: "hours-include-their-end",
        text: "the upper bound of an hours filter includes its minute",
        option: "Hours::new, whose text goes out as it is",
    },
    Assumption {
        name: "points-begin-their-interval",
        text: "a point's time is the start of its interval, so that the zero of an hour or a day \
               that a query leaves out is known not to be asked for, and is left out",
        option: "none: a point with any other number is always given",
    },
    Assumption {
        name: "missing-key-is-absent",
        text: "a key that one answer of a set of key figures leaves out is absent there, not zero, \
               unless a wider answer proves that it had no such calls",
        option: "KpiSet::missing_is_zero",
    },
    Assumption {
        name: "talk-is-answered",
        text: "talk, hold and transfers happen in answered calls alone, so that handle time, hold \
               and transfer rate come from inbound calls or from answered inbound calls, \
               whichever is asked for",
        option: "none: the two are equal by the words' definitions",
    },
    Assumption {
        name: "sla-without-abandoned",
        text: "a queue's setting to count abandoned calls in its SLA is off, as it is by default; \
               where it is on, service levels that treat abandoned calls in a way of their own \
               count them twice",
        option: "Kpi::ServiceLevelOfOffered and Kpi::ServiceLevelOfAnswered, which add none",
    },
    Assumption {
        name: "account-of-the-login",
        text: "the beta takes `~` for the account of whoever logs in, as today's API does",
        option: "ClientBuilder::account",
    },
];

/// A query in the circumstances in which it is asked.
pub(crate) struct Asked<'a> {
    pub(crate) api: Api,
    pub(crate) spelling: &'a dyn Spelling,
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) time_zone: Option<&'a TimeZone>,
    pub(crate) period: Option<&'a Result<ResolvedPeriod, String>>,
    pub(crate) now: Timestamp,
    pub(crate) page: u32,
    pub(crate) per_page: Option<u32>,
}

/// A word that breaks a rule, and what would be right.
type Breach = (String, String);

struct Rule {
    name: &'static str,
    apis: &'static [Api],
    evidence: Evidence,
    /// Whether a request that breaks the rule can be made at all.
    can_be_sent: bool,
    check: fn(&Asked<'_>) -> Vec<Breach>,
}

const BOTH: &[Api] = Api::KNOWN;
const BETA: &[Api] = &[Api::Beta];
const CALLS_V1: &[Api] = &[Api::CallsV1];

const fn enforced(
    name: &'static str,
    apis: &'static [Api],
    evidence: Evidence,
    check: fn(&Asked<'_>) -> Vec<Breach>,
) -> Rule {
    Rule { name, apis, evidence, can_be_sent: true, check }
}

const fn inexpressible(
    name: &'static str,
    apis: &'static [Api],
    check: fn(&Asked<'_>) -> Vec<Breach>,
) -> Rule {
    Rule { name, apis, evidence: Evidence::Crate, can_be_sent: false, check }
}

use Evidence::{Documentation, Specification, ThirdParty};

const RULES: &[Rule] = &[
    inexpressible("operation", BETA, no_timeline),
    inexpressible("time-zone", BOTH, time_zone_is_known),
    inexpressible("period", BOTH, period_exists),
    inexpressible("metric-twice", BOTH, metric_twice),
    inexpressible("timeline-aggregation", CALLS_V1, timeline_sums),
    inexpressible("grouping", BETA, grouping_exists),
    inexpressible("metric", BOTH, metric_exists),
    inexpressible("filter-twice", BOTH, filter_twice),
    inexpressible("filter-empty", BOTH, filter_empty),
    inexpressible("keys-empty", BOTH, keys_empty),
    inexpressible("days-empty", BOTH, days_empty),
    inexpressible("hours-empty", BOTH, hours_empty),
    inexpressible("filter-word", BETA, filter_word_exists),
    inexpressible("filter-split", BETA, filter_in_one_list),
    inexpressible("filter-shared", BETA, filters_in_own_lists),
    inexpressible("filter-single", BETA, filter_takes_one_word),
    inexpressible("filter", BETA, filter_exists),
    inexpressible("segment-length", BETA, no_segment_length),
    inexpressible("days-and-hours", BETA, no_days_and_hours),
    inexpressible("aggregation", BETA, aggregation_exists),
    inexpressible("aggregation-shared", BETA, shared_options_agree),
    enforced("metrics", BOTH, Specification, some_metric),
    enforced("period-order", BOTH, Documentation, period_runs_forward),
    enforced("period-184-days", CALLS_V1, Documentation, period_within_184_days),
    enforced("period-6-months", BETA, Documentation, period_within_6_months),
    enforced("period-future", BOTH, ThirdParty, period_is_past),
    enforced("company-keys", BOTH, Documentation, company_has_no_keys),
    enforced("members-keys", BETA, Documentation, members_need_keys),
    enforced("calls-sum", BETA, Documentation, calls_are_sums),
    enforced("calls-interval", CALLS_V1, Specification, calls_interval),
    enforced("time-spent-interval", CALLS_V1, Specification, time_spent_interval),
    enforced("queue-sla-grouping", BOTH, Documentation, queue_sla_of_queues),
    enforced("queue-opportunities", CALLS_V1, Specification, queue_opportunities_of_users),
    enforced("extension-filters", CALLS_V1, Specification, extension_filters_of_users),
    enforced("length-order", BOTH, Evidence::Crate, lengths_run_forward),
    enforced("hours", CALLS_V1, Specification, hours_are_hours),
    enforced("page", BOTH, Specification, page_number),
    enforced("per-page", CALLS_V1, Specification, page_size),
    enforced("per-page-positive", BETA, Documentation, page_size),
];

/// What the rules say of a query: what forbids it, and what is to be told.
pub(crate) struct Verdict {
    pub(crate) refusals: Vec<Problem>,
    pub(crate) notices: Vec<Problem>,
}

pub(crate) fn check(asked: &Asked<'_>) -> Verdict {
    let mut verdict = Verdict { refusals: Vec::new(), notices: Vec::new() };
    for rule in RULES.iter().filter(|rule| rule.apis.contains(&asked.api)) {
        let overridden = asked.query.unchecked && rule.can_be_sent;
        let refused = rule.evidence.forbids() && !overridden;
        let list = if refused { &mut verdict.refusals } else { &mut verdict.notices };
        list.extend((rule.check)(asked).into_iter().map(|(word, remedy)| Problem {
            rule: rule.name,
            word,
            remedy,
            evidence: rule.evidence,
        }));
    }
    verdict
}

fn breach(broken: bool, word: impl Into<String>, remedy: impl Into<String>) -> Vec<Breach> {
    if broken { vec![(word.into(), remedy.into())] } else { Vec::new() }
}

fn no_timeline(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        matches!(asked.operation, Operation::Timeline(_)),
        "timeline",
        "the beta has no timeline; use Api::CallsV1, or one aggregate per interval",
    )
}

fn time_zone_is_known(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        asked.time_zone.is_none(),
        &asked.query.time_zone,
        "no such time zone; use an IANA name, for example America/Los_Angeles",
    )
}

fn period_exists(asked: &Asked<'_>) -> Vec<Breach> {
    match asked.period {
        Some(Err(reason)) => vec![("period".to_owned(), reason.clone())],
        _ => Vec::new(),
    }
}

/// The measures of a query, each with its metric.
fn measures<'a>(asked: &Asked<'a>) -> impl Iterator<Item = (MetricName, &'a Measure)> {
    let calls = asked.query.calls.iter().map(|measure| (MetricName::Calls, measure));
    let time_spent = asked.query.time_spent.iter().map(|measure| (MetricName::TimeSpent, measure));
    calls.chain(time_spent)
}

fn measure_word(metric: MetricName, measure: &Measure) -> String {
    format!("{} {}", metric.as_str(), measure.breakdown)
}

fn metric_twice(asked: &Asked<'_>) -> Vec<Breach> {
    let asked_for: Vec<_> = measures(asked).collect();
    let repeated = asked_for.iter().enumerate().filter(|(at, (metric, measure))| {
        asked_for[..*at].iter().any(|(other, earlier)| {
            other == metric && same_option(asked.spelling, *metric, earlier, measure)
        })
    });
    repeated
        .map(|(_, (metric, measure))| {
            (
                measure_word(*metric, measure),
                "asked for twice; a request holds it once, so ask the second in a query of its own"
                    .to_owned(),
            )
        })
        .collect()
}

/// Whether two measures are the same, or one is the other's option by its name
/// on the wire.
fn same_option(
    spelling: &dyn Spelling,
    metric: MetricName,
    one: &Measure,
    other: &Measure,
) -> bool {
    let is_option_of = |name: &Measure, measure: &Measure| {
        !name.breakdown.is_known()
            && spelling.options(metric, &measure.breakdown).contains(&name.breakdown.as_str())
    };
    one.breakdown == other.breakdown || is_option_of(one, other) || is_option_of(other, one)
}

fn timeline_sums(asked: &Asked<'_>) -> Vec<Breach> {
    if *asked.operation == Operation::Aggregate {
        return Vec::new();
    }
    measures(asked)
        .filter(|(_, measure)| {
            measure.aggregation != Aggregation::Sum || measure.interval.is_some()
        })
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                format!(
                    "a timeline has no aggregation, so {} can't be asked for; ask for the sum",
                    measure.aggregation
                ),
            )
        })
        .collect()
}

fn grouping_exists(asked: &Asked<'_>) -> Vec<Breach> {
    let dimension = &asked.query.group_by.dimension;
    let missing = !asked.spelling.has_grouping(dimension);
    breach(missing, dimension_word(dimension), "the beta has no such grouping; use Api::CallsV1")
}

fn dimension_word(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Each(grouping) => grouping.to_string(),
        Dimension::Members(members) => format!("members of {members}"),
    }
}

fn metric_exists(asked: &Asked<'_>) -> Vec<Breach> {
    measures(asked)
        .filter(|(metric, measure)| asked.spelling.options(*metric, &measure.breakdown).is_empty())
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                format!("{} has no such metric; leave it out", asked.api),
            )
        })
        .collect()
}

fn filter_twice(asked: &Asked<'_>) -> Vec<Breach> {
    let filters = &asked.query.filters;
    let same = |one: &Filter, other: &Filter| {
        let field_of = |name: &Filter, filter: &Filter| {
            matches!(name, Filter::Wire { .. })
                && asked.spelling.fields(filter).contains(&name.name())
        };
        one.name() == other.name() || field_of(one, other) || field_of(other, one)
    };
    let repeated = filters
        .iter()
        .enumerate()
        .filter(|(at, filter)| filters[..*at].iter().any(|one| same(one, filter)));
    repeated
        .map(|(_, filter)| {
            (
                format!("filter {}", filter.name()),
                "given twice; put its words into one filter, where they are joined by OR"
                    .to_owned(),
            )
        })
        .collect()
}

fn filter_empty(asked: &Asked<'_>) -> Vec<Breach> {
    asked
        .query
        .filters
        .iter()
        .filter_map(|filter| {
            let remedy = if filter.is_empty_list() {
                "has no word; name at least one, or leave the filter out"
            } else if filter.words().iter().any(|word| word.trim().is_empty()) {
                "one of its words is an empty text; leave it out"
            } else {
                return None;
            };
            Some((format!("filter {}", filter.name()), remedy.to_owned()))
        })
        .collect()
}

fn keys_empty(asked: &Asked<'_>) -> Vec<Breach> {
    let group_by = &asked.query.group_by;
    if group_by.keys.iter().any(|key| key.trim().is_empty()) {
        return breach(true, "keys", "one of them is an empty text; leave it out");
    }
    breach(
        group_by.keys_given_empty,
        "keys",
        "the list is empty; name at least one key, or ask for all of them with all_keys()",
    )
}

fn days_empty(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        asked.query.days_given_empty,
        "days",
        "the list is empty; name at least one day, or leave on_days(…) out",
    )
}

fn hours_empty(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        asked.query.hours_given_empty,
        "hours",
        "the list is empty; name at least one span of hours, or leave in_hours(…) out",
    )
}

fn word_filters<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a Filter> {
    asked.query.filters.iter().filter(|filter| filter.has_words())
}

fn filter_word_exists(asked: &Asked<'_>) -> Vec<Breach> {
    word_filters(asked)
        .flat_map(|filter| filter.words().into_iter().map(move |word| (filter, word)))
        .filter(|(filter, word)| asked.spelling.place(filter, word).is_none())
        .map(|(filter, word)| {
            (
                format!("filter {}={word}", filter.name()),
                "the beta has no such word; use Api::CallsV1".to_owned(),
            )
        })
        .collect()
}

fn filter_in_one_list(asked: &Asked<'_>) -> Vec<Breach> {
    word_filters(asked)
        .filter_map(|filter| {
            let lists = asked.spelling.lists(filter);
            (lists.len() > 1).then(|| {
                (
                    format!("filter {}={}", filter.name(), filter.words().join("|")),
                    format!(
                        "on the beta these words are in the lists {}, which are joined by AND; \
                         ask for the words of each list in a query of its own",
                        lists.join(" and ")
                    ),
                )
            })
        })
        .collect()
}

fn filters_in_own_lists(asked: &Asked<'_>) -> Vec<Breach> {
    let filters: Vec<_> = word_filters(asked).collect();
    let mut breaches = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        for earlier in filters[..at].iter().filter(|earlier| earlier.name() != filter.name()) {
            let theirs = asked.spelling.lists(earlier);
            let shared =
                asked.spelling.lists(filter).into_iter().find(|list| theirs.contains(list));
            if let Some(list) = shared {
                breaches.push((
                    format!("filters {} and {}", earlier.name(), filter.name()),
                    format!(
                        "on the beta both would be in the list {list}, whose words are joined by \
                         OR; ask in two queries, or use Api::CallsV1"
                    ),
                ));
            }
        }
    }
    breaches
}

fn filter_takes_one_word(asked: &Asked<'_>) -> Vec<Breach> {
    word_filters(asked)
        .filter(|filter| {
            let lists = asked.spelling.lists(filter);
            filter.words().len() > 1 && lists.len() == 1 && asked.spelling.takes_one_word(lists[0])
        })
        .map(|filter| {
            (
                format!("filter {}={}", filter.name(), filter.words().join("|")),
                "on the beta this filter takes one word; ask in a query for each, \
                 or use Api::CallsV1"
                    .to_owned(),
            )
        })
        .collect()
}

fn filter_exists(asked: &Asked<'_>) -> Vec<Breach> {
    asked
        .query
        .filters
        .iter()
        .filter(|filter| matches!(filter, Filter::Queues(_)))
        .map(|filter| {
            (
                format!("filter {}", filter.name()),
                "the beta has no such filter; use Api::CallsV1".to_owned(),
            )
        })
        .collect()
}

fn no_segment_length(asked: &Asked<'_>) -> Vec<Breach> {
    let has_length = |filter: &Filter| match filter {
        Filter::Segment(segments) => segments.iter().any(|segment| segment.length.is_some()),
        _ => false,
    };
    breach(
        asked.query.filters.iter().any(has_length),
        "filter segment",
        "on the beta a segment has no length; leave it out, or use Api::CallsV1",
    )
}

fn no_days_and_hours(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        !asked.query.days.is_empty() || !asked.query.hours.is_empty(),
        "days and hours",
        "the beta can't select days of the week or hours of the day; use Api::CallsV1",
    )
}

fn aggregation_exists(asked: &Asked<'_>) -> Vec<Breach> {
    measures(asked)
        .filter(|(_, measure)| {
            measure.aggregation == Aggregation::Percent || measure.interval.is_some()
        })
        .map(|(metric, measure)| {
            (
                measure_word(metric, measure),
                "the beta has no percent and no interval; ask for the sum".to_owned(),
            )
        })
        .collect()
}

fn shared_options_agree(asked: &Asked<'_>) -> Vec<Breach> {
    let all: Vec<_> = measures(asked).collect();
    let mut breaches = Vec::new();
    for (at, (metric, measure)) in all.iter().enumerate() {
        let own = asked.spelling.options(*metric, &measure.breakdown);
        let earlier = all[..at].iter().find(|(other_metric, other)| {
            let options = asked.spelling.options(*other_metric, &other.breakdown);
            other_metric == metric
                && other.breakdown != measure.breakdown
                && other.aggregation != measure.aggregation
                && options.iter().any(|option| own.contains(option))
        });
        if let Some((_, other)) = earlier {
            breaches.push((
                measure_word(*metric, measure),
                format!(
                    "on the beta it shares an option with {}, so both need the same aggregation",
                    other.breakdown
                ),
            ));
        }
    }
    breaches
}

fn some_metric(asked: &Asked<'_>) -> Vec<Breach> {
    breach(
        measures(asked).next().is_none(),
        "metrics",
        "none asked for; add calls(…) or time_spent(…)",
    )
}

fn resolved<'a>(asked: &Asked<'a>) -> Option<&'a ResolvedPeriod> {
    asked.period?.as_ref().ok()
}

fn period_runs_forward(asked: &Asked<'_>) -> Vec<Breach> {
    let Some(period) = resolved(asked) else { return Vec::new() };
    breach(
        period.from() >= period.to(),
        format!("period {} to {}", period.from(), period.to()),
        "holds no time; the end isn't included, so it must be later than the start",
    )
}

fn starts_before(asked: &Asked<'_>, span: Span, limit: &str) -> Vec<Breach> {
    let Some(period) = resolved(asked) else { return Vec::new() };
    let Ok(oldest) = asked.now.to_zoned_datetime(TimeZone::UTC).checked_sub(span) else {
        return Vec::new();
    };
    breach(
        period.from() < oldest.timestamp(),
        format!("period from {}", period.from()),
        format!("older than the {limit} that are kept; start at {} or later", oldest.timestamp()),
    )
}

fn period_within_184_days(asked: &Asked<'_>) -> Vec<Breach> {
    starts_before(asked, 184.days(), "184 days")
}

fn period_within_6_months(asked: &Asked<'_>) -> Vec<Breach> {
    starts_before(asked, 6.months(), "6 months")
}

fn period_is_past(asked: &Asked<'_>) -> Vec<Breach> {
    let Some(period) = resolved(asked) else { return Vec::new() };
    breach(
        period.to() > asked.now,
        format!("period to {}", period.to()),
        "lies in the future; end it now or earlier",
    )
}

fn company_has_no_keys(asked: &Asked<'_>) -> Vec<Breach> {
    let group_by = &asked.query.group_by;
    breach(
        group_by.dimension == Dimension::Each(Grouping::Company) && !group_by.keys.is_empty(),
        "keys",
        "the company is one record and takes no keys; leave them out",
    )
}

fn members_need_keys(asked: &Asked<'_>) -> Vec<Breach> {
    let group_by = &asked.query.group_by;
    breach(
        matches!(group_by.dimension, Dimension::Members(_))
            && group_by.keys.is_empty()
            && !group_by.keys_given_empty,
        dimension_word(&group_by.dimension),
        "on the beta this grouping needs keys: the ids of what the users belong to",
    )
}

fn calls_are_sums(asked: &Asked<'_>) -> Vec<Breach> {
    asked
        .query
        .calls
        .iter()
        .filter(|measure| measure.aggregation != Aggregation::Sum)
        .map(|measure| {
            (
                measure_word(MetricName::Calls, measure),
                format!("on the beta calls are summed only, not {}", measure.aggregation),
            )
        })
        .collect()
}

fn is_spread(aggregation: &Aggregation) -> bool {
    matches!(aggregation, Aggregation::Average | Aggregation::Min | Aggregation::Max)
}

fn is_whole(aggregation: &Aggregation) -> bool {
    matches!(aggregation, Aggregation::Sum | Aggregation::Percent)
}

fn interval_forbidden(metric: MetricName, measure: &Measure) -> Option<Breach> {
    (is_whole(&measure.aggregation) && measure.interval.is_some()).then(|| {
        (
            measure_word(metric, measure),
            format!("{} takes no interval; leave per(…) out", measure.aggregation),
        )
    })
}

fn calls_interval(asked: &Asked<'_>) -> Vec<Breach> {
    let missing = |measure: &Measure| {
        (is_spread(&measure.aggregation) && measure.interval.is_none()).then(|| {
            (
                measure_word(MetricName::Calls, measure),
                format!("{} of calls needs an interval; add per(…)", measure.aggregation),
            )
        })
    };
    asked
        .query
        .calls
        .iter()
        .filter_map(|measure| interval_forbidden(MetricName::Calls, measure).or(missing(measure)))
        .collect()
}

fn time_spent_interval(asked: &Asked<'_>) -> Vec<Breach> {
    asked
        .query
        .time_spent
        .iter()
        .filter_map(|measure| interval_forbidden(MetricName::TimeSpent, measure))
        .collect()
}

fn queue_sla_of_queues(asked: &Asked<'_>) -> Vec<Breach> {
    let dimension = &asked.query.group_by.dimension;
    if *dimension == Dimension::Each(Grouping::Queues) {
        return Vec::new();
    }
    let remedy = format!("queues only, not {}; group by queues", dimension_word(dimension));
    let measured = measures(asked)
        .filter(|(_, measure)| measure.breakdown == Breakdown::QueueSla)
        .map(|(metric, measure)| measure_word(metric, measure));
    let filtered = asked
        .query
        .filters
        .iter()
        .filter(|filter| matches!(filter, Filter::QueueSla(_)))
        .map(|filter| format!("filter {}", filter.name()));
    measured.chain(filtered).map(|word| (word, remedy.clone())).collect()
}

fn groups_users(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Members(_) | Dimension::Each(Grouping::Users))
}

fn queue_opportunities_of_users(asked: &Asked<'_>) -> Vec<Breach> {
    let dimension = &asked.query.group_by.dimension;
    asked
        .query
        .calls
        .iter()
        .filter(|measure| measure.breakdown == Breakdown::QueueOpportunities)
        .filter_map(|measure| {
            let word = measure_word(MetricName::Calls, measure);
            if !groups_users(dimension) {
                Some((word, "users and members of groups only; group by one of these".to_owned()))
            } else if measure.aggregation != Aggregation::Sum {
                Some((word, format!("summed only, not {}", measure.aggregation)))
            } else {
                None
            }
        })
        .collect()
}

fn extension_filters_of_users(asked: &Asked<'_>) -> Vec<Breach> {
    let dimension = &asked.query.group_by.dimension;
    let both = groups_users(dimension)
        || matches!(dimension, Dimension::Each(Grouping::Ivrs | Grouping::SharedLines));
    let from_too = *dimension == Dimension::Each(Grouping::Queues);
    asked
        .query
        .filters
        .iter()
        .filter(|filter| match filter {
            Filter::FromExtensions(_) => !both && !from_too,
            Filter::ToExtensions(_) => !both,
            _ => false,
        })
        .map(|filter| {
            (
                format!("filter {}", filter.name()),
                format!(
                    "not for {}; group by users, members, IVRs or shared lines{}",
                    dimension_word(dimension),
                    if matches!(filter, Filter::FromExtensions(_)) { ", or queues" } else { "" }
                ),
            )
        })
        .collect()
}

fn lengths_run_forward(asked: &Asked<'_>) -> Vec<Breach> {
    let lengths = asked.query.filters.iter().flat_map(|filter| match filter {
        Filter::CallDuration(length) | Filter::TimeSpent(length) => vec![(filter, *length)],
        Filter::Segment(segments) => segments
            .iter()
            .filter_map(|segment| segment.length.map(|length| (filter, length)))
            .collect(),
        _ => Vec::new(),
    });
    lengths
        .filter(|(_, length)| runs_backward(length))
        .map(|(filter, _)| {
            (
                format!("filter {}", filter.name()),
                "its minimum is larger than its maximum; no call would pass".to_owned(),
            )
        })
        .collect()
}

fn runs_backward(length: &Length) -> bool {
    matches!((length.min_seconds, length.max_seconds), (Some(min), Some(max)) if min > max)
}

fn hours_are_hours(asked: &Asked<'_>) -> Vec<Breach> {
    asked
        .query
        .hours
        .iter()
        .flat_map(|hours| [&hours.from, &hours.to])
        .filter(|text| !is_hour(text))
        .map(|text| {
            (format!("hours {text}"), "not a time of day; write hh:mm, 00:00 to 23:59".to_owned())
        })
        .collect()
}

fn is_hour(text: &str) -> bool {
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(':').is_some_and(|(hour, minute)| {
        digits(hour) && digits(minute) && hour < "24" && minute < "60"
    })
}

fn page_number(asked: &Asked<'_>) -> Vec<Breach> {
    breach(asked.page == 0, "page 0", "pages are numbered from 1")
}

fn page_size(asked: &Asked<'_>) -> Vec<Breach> {
    let Some(size) = asked.per_page else { return Vec::new() };
    let largest = largest_page(asked.api, asked.operation);
    breach(
        size == 0 || largest.is_some_and(|largest| size > largest),
        format!("per_page {size}"),
        match largest {
            Some(largest) => format!("a page holds 1 to {largest} records"),
            None => "a page holds 1 record or more".to_owned(),
        },
    )
}

/// The largest page that the API's document allows; the beta's states none.
pub(crate) fn largest_page(api: Api, operation: &Operation) -> Option<u32> {
    match (api, operation) {
        (Api::Beta, _) => None,
        (Api::CallsV1, Operation::Aggregate) => Some(200),
        (Api::CallsV1, Operation::Timeline(_)) => Some(20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_day() {
        assert!(["00:00", "09:30", "23:59"].into_iter().all(is_hour));
        assert!(!["24:00", "9:00", "12:60", "12", "1a:00", ""].into_iter().any(is_hour));
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
