//! From a plan to the request of today's API.

use callperf_raw::calls_v1::{
    operations::{
        analytics_calls_aggregation_fetch as aggregation,
        analytics_calls_timeline_fetch as timeline,
    },
    types,
};

use super::table::{self, Options, Spelled};
use crate::{
    plan::Plan,
    query::{Dimension, Filter, Length, Measure, SegmentFilter},
    wire::{filters::FilterField, spelled::spelled},
};

pub(crate) fn aggregation_request(plan: &Plan) -> types::AggregationRequest {
    let query = &plan.query;
    let counters = options(&query.calls, |measure| types::AggregationResponseOptionsCountersItem {
        aggregation_type: Some(measure.aggregation.to_string()),
        aggregation_interval: measure.interval.as_ref().map(ToString::to_string),
        ..Default::default()
    });
    let timers =
        options(&query.time_spent, |measure| types::AggregationResponseOptionsTimersItem {
            aggregation_type: Some(measure.aggregation.to_string()),
            aggregation_interval: measure.interval.as_ref().map(ToString::to_string),
            ..Default::default()
        });
    let request = types::AggregationRequest {
        grouping: Some(grouping(plan)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(types::AggregationResponseOptions {
            counters,
            timers,
            ..Default::default()
        }),
        ..Default::default()
    };
    spelled(request, aggregation::RENAMES, plan.revision)
}

pub(crate) fn timeline_request(plan: &Plan) -> types::TimelineRequest {
    let query = &plan.query;
    let request = types::TimelineRequest {
        grouping: Some(grouping(plan)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(types::TimelineResponseOptions {
            counters: options(&query.calls, |_| true),
            timers: options(&query.time_spent, |_| true),
            ..Default::default()
        }),
        ..Default::default()
    };
    spelled(request, timeline::RENAMES, plan.revision)
}

/// The options of a metric; `None` if it isn't asked for.
fn options<O: Options>(measures: &[Measure], option: impl Fn(&Measure) -> O::Option) -> Option<O> {
    let mut options = O::default();
    for measure in measures {
        options.ask(&measure.breakdown, option(measure));
    }
    (!measures.is_empty()).then_some(options)
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
    let mut out = types::CallFilters::default();
    for filter in filters {
        table::put(&mut out, filter);
    }
    (!filters.is_empty()).then_some(out)
}

impl<W: Spelled> FilterField<Vec<W>> for Vec<String> {
    fn set_to(&mut self, words: &Vec<W>) {
        *self = words.iter().map(|word| word.spelled().to_owned()).collect();
    }
}

impl FilterField<Vec<SegmentFilter>> for Vec<types::CallSegmentFilter> {
    fn set_to(&mut self, segments: &Vec<SegmentFilter>) {
        *self = segments.iter().map(segment_filter).collect();
    }
}

fn segment_filter(filter: &SegmentFilter) -> types::CallSegmentFilter {
    types::CallSegmentFilter {
        segment: Some(filter.segment.spelled().to_owned()),
        length: filter.length.map(|length| types::CallSegmentLengthFilter {
            min_seconds: length.min_seconds.map(Into::into),
            max_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        }),
        ..Default::default()
    }
}

impl FilterField<Length> for Option<types::CallDurationFilter> {
    fn set_to(&mut self, length: &Length) {
        *self = Some(types::CallDurationFilter {
            min_seconds: length.min_seconds.map(Into::into),
            max_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        });
    }
}

impl FilterField<Length> for Option<types::TimeSpentFilter> {
    fn set_to(&mut self, length: &Length) {
        *self = Some(types::TimeSpentFilter {
            min_seconds: length.min_seconds.map(Into::into),
            max_seconds: length.max_seconds.map(Into::into),
            ..Default::default()
        });
    }
}
