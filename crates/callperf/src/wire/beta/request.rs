//! From a plan to the request of the beta.

use std::slice;

use callperf_raw::beta::{operations::aggregate_performance_report_calls as operation, types};

use jiff::civil::Date;

use super::table::{self, Options, WordList};
use crate::{
    plan::Plan,
    query::{Filter, GroupBy, Length, Measure},
    rules::{Dropped, Later, Part},
    wire::{
        filters::FilterField,
        spelled::{self, spelled},
    },
    words::metric::MetricName,
};

pub(crate) fn request(plan: &Plan) -> types::PerformanceCallsAggregatesRequest {
    let query = &plan.query;
    let request = types::PerformanceCallsAggregatesRequest {
        grouping: grouping(&query.group_by),
        time_range: Some(types::PerformanceCallsTimeRange {
            time_from: Some(plan.time_from),
            time_to: Some(plan.time_to),
            ..Default::default()
        }),
        additional_filters: filters(&query.filters),
        response_options: Some(response_options(&query.calls, &query.time_spent)),
        ..Default::default()
    };
    spelled(request, &operation::CHANGES, plan.revision)
}

/// What a part of a query needs that the API dropped.
pub(super) fn dropped(part: Part<'_>, revision: Option<Date>) -> Option<Dropped> {
    spelled::dropped(&request_for(part), &operation::CHANGES, revision)
}

/// What a part of a query needs that came later than a revision.
pub(super) fn later(part: Part<'_>, revision: Option<Date>) -> Vec<Later> {
    spelled::later(&request_for(part), &operation::CHANGES, revision)
}

/// A request that has this part alone. The beta has no days and hours.
fn request_for(part: Part<'_>) -> types::PerformanceCallsAggregatesRequest {
    let mut request = types::PerformanceCallsAggregatesRequest::default();
    match part {
        Part::Measure(MetricName::Calls, measure) => {
            request.response_options = Some(response_options(slice::from_ref(measure), &[]));
        }
        Part::Measure(MetricName::TimeSpent, measure) => {
            request.response_options = Some(response_options(&[], slice::from_ref(measure)));
        }
        Part::Filter(filter) => request.additional_filters = filters(slice::from_ref(filter)),
        Part::GroupBy(group_by) => request.grouping = grouping(group_by),
        Part::Days(_) | Part::Hours(_) => {}
    }
    request
}

fn response_options(
    calls: &[Measure],
    time_spent: &[Measure],
) -> types::PerformanceCallsResponseDataOptions {
    types::PerformanceCallsResponseDataOptions {
        counters: options(calls, |measure| types::PerformanceCallsCountersResponseOptionsItem {
            aggregation_type: Some(measure.aggregation.to_string()),
            ..Default::default()
        }),
        timers: options(time_spent, |measure| types::PerformanceCallsTimersResponseOptionsItem {
            aggregation_type: Some(measure.aggregation.to_string()),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The options that the measures of a metric need; `None` if it isn't asked for. An option
/// that two measures need is set twice; the rules see to it that both want the same
/// aggregation.
fn options<O: Options>(measures: &[Measure], option: impl Fn(&Measure) -> O::Option) -> Option<O> {
    let mut options = O::default();
    for measure in measures {
        for holder in table::holders(&measure.breakdown) {
            options.ask(holder, option(measure));
        }
    }
    (!measures.is_empty()).then_some(options)
}

fn grouping(group_by: &GroupBy) -> Option<types::PerformanceCallsGrouping> {
    let name = table::grouping(&group_by.dimension)?;
    Some(types::PerformanceCallsGrouping {
        group_by: Some(name.to_owned()),
        ids: group_by.keys.clone(),
        ..Default::default()
    })
}

fn filters(filters: &[Filter]) -> Option<types::PerformanceCallsFilters> {
    let mut out = types::PerformanceCallsFilters::default();
    for filter in filters {
        table::put(&mut out, filter);
    }
    (!filters.is_empty()).then_some(out)
}

impl FilterField<Length> for Option<types::PerformanceCallsFilterByLength> {
    fn set_to(&mut self, length: &Length) {
        *self = Some(types::PerformanceCallsFilterByLength {
            min_value_seconds: length.min_seconds.map(Into::into),
            max_value_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        });
    }
}

impl FilterField<Length> for Option<types::PerformanceCallsFilterTimeSpentByMailbox> {
    fn set_to(&mut self, length: &Length) {
        *self = Some(types::PerformanceCallsFilterTimeSpentByMailbox {
            min_value_seconds: length.min_seconds.map(Into::into),
            max_value_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        });
    }
}

impl WordList for Option<String> {
    const TAKES_ONE: bool = true;

    fn add(&mut self, word: String) {
        *self = Some(word);
    }
}

impl WordList for Vec<String> {
    const TAKES_ONE: bool = false;

    fn add(&mut self, word: String) {
        self.push(word);
    }
}

impl WordList for Vec<types::CallSegmentFilter> {
    const TAKES_ONE: bool = false;

    fn add(&mut self, word: String) {
        self.push(types::CallSegmentFilter { call_segment: Some(word), ..Default::default() });
    }
}

impl WordList for Vec<types::CallActionFilter> {
    const TAKES_ONE: bool = false;

    fn add(&mut self, word: String) {
        self.push(types::CallActionFilter { call_action: Some(word), ..Default::default() });
    }
}
