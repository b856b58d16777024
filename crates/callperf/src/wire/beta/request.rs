//! From a plan to the request of the beta.

use callperf_raw::beta::{operations::aggregate_performance_report_calls as operation, types};

use super::table::{self, Options, WordList};
use crate::{
    plan::Plan,
    query::{Filter, Length, Measure},
    wire::{filters::FilterField, spelled::spelled},
};

pub(crate) fn request(plan: &Plan) -> types::PerformanceCallsAggregatesRequest {
    let query = &plan.query;
    let request = types::PerformanceCallsAggregatesRequest {
        grouping: grouping(plan),
        time_range: Some(types::PerformanceCallsTimeRange {
            time_from: Some(plan.time_from),
            time_to: Some(plan.time_to),
            ..Default::default()
        }),
        additional_filters: filters(&query.filters),
        response_options: Some(types::PerformanceCallsResponseDataOptions {
            counters: options(&query.calls, |measure| {
                types::PerformanceCallsCountersResponseOptionsItem {
                    aggregation_type: Some(measure.aggregation.to_string()),
                    ..Default::default()
                }
            }),
            timers: options(&query.time_spent, |measure| {
                types::PerformanceCallsTimersResponseOptionsItem {
                    aggregation_type: Some(measure.aggregation.to_string()),
                    ..Default::default()
                }
            }),
            ..Default::default()
        }),
        ..Default::default()
    };
    spelled(request, operation::RENAMES, plan.revision)
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

fn grouping(plan: &Plan) -> Option<types::PerformanceCallsGrouping> {
    let group_by = &plan.query.group_by;
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
