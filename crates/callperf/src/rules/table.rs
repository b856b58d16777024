//! The rules, one line each.

use super::{
    filters::{
        days_empty, extension_filters_of_users, filter_empty, filter_exists, filter_in_one_list,
        filter_takes_one_word, filter_twice, filter_word_exists, filters_in_own_lists,
        hours_are_hours, hours_empty, lengths_run_forward, no_days_and_hours, no_segment_length,
    },
    grouping::{
        company_has_no_keys, grouping_exists, key_names, keys_empty, members_need_keys,
        queue_hours_of_queues, queue_opportunities_of_users, queue_sla_of_queues,
    },
    ids::{ids_are_ids, ids_are_long, numbers_are_e164},
    measures::{
        aggregation_exists, calls_are_sums, calls_interval, metric_exists, metric_twice,
        no_timeline, shared_options_agree, some_metric, time_spent_interval, timeline_sums,
    },
    period::{
        page_number, page_size, period_exists, period_is_past, period_runs_forward,
        period_within_6_months, period_within_184_days, time_zone_is_known,
    },
    revision::{dropped, later, words_later},
    subject::{Breach, Subject},
};
use crate::words::{
    api::Api,
    problem::{Evidence, Problem},
};
use Evidence::{Documentation, Specification, ThirdParty};

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
    /// Whether what breaks it is sent, with a notice.
    pub is_notice: bool,
}

/// The table of rules.
pub fn table() -> impl Iterator<Item = RuleInfo> {
    RULES.iter().map(|rule| RuleInfo {
        name: rule.name,
        apis: rule.apis,
        evidence: rule.evidence,
        can_be_overridden: rule.can_be_sent(),
        is_notice: !rule.refuses(),
    })
}

pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) apis: &'static [Api],
    pub(super) evidence: Evidence,
    pub(super) weight: Weight,
    pub(super) check: fn(&Subject<'_>) -> Vec<Breach>,
}

/// What becomes of a query that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// No request can be made of it.
    Inexpressible,
    /// It is refused if the evidence forbids it, unless `Query::unchecked` sends it.
    Refused,
    /// It is sent as it is, with a notice.
    Noticed,
}

impl Rule {
    fn refuses(&self) -> bool {
        self.evidence.forbids() && self.weight != Weight::Noticed
    }

    fn can_be_sent(&self) -> bool {
        self.weight != Weight::Inexpressible
    }
}

const BOTH: &[Api] = Api::KNOWN;
const BETA: &[Api] = &[Api::Beta];
const CALLS_V1: &[Api] = &[Api::CallsV1];

const fn enforced(
    name: &'static str,
    apis: &'static [Api],
    evidence: Evidence,
    check: fn(&Subject<'_>) -> Vec<Breach>,
) -> Rule {
    Rule { name, apis, evidence, weight: Weight::Refused, check }
}

const fn inexpressible(
    name: &'static str,
    apis: &'static [Api],
    check: fn(&Subject<'_>) -> Vec<Breach>,
) -> Rule {
    let evidence = Evidence::Crate;
    Rule { name, apis, evidence, weight: Weight::Inexpressible, check }
}

pub(super) const RULES: &[Rule] = &[
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
    inexpressible("key-names", BOTH, key_names),
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
    Rule { evidence: Specification, ..inexpressible("dropped", BOTH, dropped) },
    enforced("later", BOTH, Specification, later),
    Rule { weight: Weight::Noticed, ..enforced("words-later", BOTH, Specification, words_later) },
    enforced("metrics", BOTH, Specification, some_metric),
    enforced("period-order", BOTH, Documentation, period_runs_forward),
    enforced("period-184-days", CALLS_V1, Documentation, period_within_184_days),
    enforced("period-6-months", BETA, Documentation, period_within_6_months),
    enforced("period-future", BOTH, Evidence::Crate, period_is_past),
    enforced("company-keys", BOTH, Documentation, company_has_no_keys),
    enforced("members-keys", BETA, Documentation, members_need_keys),
    enforced("calls-sum", BETA, Documentation, calls_are_sums),
    enforced("calls-interval", CALLS_V1, Specification, calls_interval),
    enforced("time-spent-interval", CALLS_V1, Specification, time_spent_interval),
    enforced("queue-sla-grouping", BOTH, Documentation, queue_sla_of_queues),
    enforced("queue-hours-grouping", CALLS_V1, Specification, queue_hours_of_queues),
    enforced("queue-opportunities", CALLS_V1, Specification, queue_opportunities_of_users),
    enforced("extension-filters", CALLS_V1, Specification, extension_filters_of_users),
    enforced("length-order", BOTH, Evidence::Crate, lengths_run_forward),
    enforced("filter-id", BOTH, Evidence::Crate, ids_are_ids),
    enforced("filter-id-short", BOTH, ThirdParty, ids_are_long),
    enforced("filter-number", BOTH, Evidence::Crate, numbers_are_e164),
    enforced("hours", CALLS_V1, Specification, hours_are_hours),
    enforced("page", BOTH, Specification, page_number),
    enforced("per-page", CALLS_V1, Specification, page_size),
    enforced("per-page-positive", BETA, Documentation, page_size),
];

/// What the rules say of a query: what forbids it, and what becomes a notice.
pub(crate) struct Verdict {
    pub(crate) refusals: Vec<Problem>,
    pub(crate) notices: Vec<Problem>,
}

pub(crate) fn check(subject: &Subject<'_>) -> Verdict {
    let mut verdict = Verdict { refusals: Vec::new(), notices: Vec::new() };
    for rule in RULES.iter().filter(|rule| rule.apis.contains(&subject.api)) {
        let overridden = subject.query.unchecked && rule.can_be_sent();
        let refused = rule.refuses() && !overridden;
        let list = if refused { &mut verdict.refusals } else { &mut verdict.notices };
        list.extend((rule.check)(subject).into_iter().map(|(word, remedy)| Problem {
            rule: rule.name,
            word,
            remedy,
            evidence: rule.evidence,
        }));
    }
    verdict
}
