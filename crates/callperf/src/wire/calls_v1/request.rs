//! From a plan to the request of today's API.

use std::slice;

use callperf_raw::calls_v1::{
    operations::{
        analytics_calls_aggregation_fetch as aggregation,
        analytics_calls_timeline_fetch as timeline,
    },
    types,
};
use jiff::civil::Date;

use super::table::{self, Options, Spelled};
use crate::{
    plan::Plan,
    query::{Dimension, Filter, GroupBy, Hours, Length, Measure, SegmentFilter},
    rules::{Dropped, Later, Part},
    wire::{
        filters::FilterField,
        spelled::{self, spelled},
    },
    words::{metric::MetricName, operation::Operation, vocabulary::DayOfWeek},
};

pub(crate) fn aggregation_request(plan: &Plan) -> types::AggregationRequest {
    let query = &plan.query;
    let request = types::AggregationRequest {
        grouping: Some(grouping(&query.group_by)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(aggregation_options(&query.calls, &query.time_spent)),
        ..Default::default()
    };
    spelled(request, &aggregation::CHANGES, plan.revision)
}

pub(crate) fn timeline_request(plan: &Plan) -> types::TimelineRequest {
    let query = &plan.query;
    let request = types::TimelineRequest {
        grouping: Some(grouping(&query.group_by)),
        time_settings: Some(time_settings(plan)),
        call_filters: call_filters(&query.filters),
        response_options: Some(timeline_options(&query.calls, &query.time_spent)),
        ..Default::default()
    };
    spelled(request, &timeline::CHANGES, plan.revision)
}

/// What a part of a query needs that the API dropped.
pub(super) fn dropped(
    operation: &Operation,
    part: Part<'_>,
    revision: Option<Date>,
) -> Option<Dropped> {
    match operation {
        Operation::Aggregate => {
            spelled::dropped(&aggregation_for(part), &aggregation::CHANGES, revision)
        }
        Operation::Timeline(_) => {
            spelled::dropped(&timeline_for(part), &timeline::CHANGES, revision)
        }
    }
}

/// What a part of a query needs that came later than a revision.
pub(super) fn later(operation: &Operation, part: Part<'_>, revision: Option<Date>) -> Vec<Later> {
    match operation {
        Operation::Aggregate => {
            spelled::later(&aggregation_for(part), &aggregation::CHANGES, revision)
        }
        Operation::Timeline(_) => spelled::later(&timeline_for(part), &timeline::CHANGES, revision),
    }
}

/// A request that has this part alone.
fn aggregation_for(part: Part<'_>) -> types::AggregationRequest {
    let (calls, time_spent) = measures_of(part);
    types::AggregationRequest {
        grouping: grouping_of(part),
        time_settings: time_settings_of(part),
        call_filters: call_filters_of(part),
        response_options: Some(aggregation_options(calls, time_spent)),
        ..Default::default()
    }
}

fn timeline_for(part: Part<'_>) -> types::TimelineRequest {
    let (calls, time_spent) = measures_of(part);
    types::TimelineRequest {
        grouping: grouping_of(part),
        time_settings: time_settings_of(part),
        call_filters: call_filters_of(part),
        response_options: Some(timeline_options(calls, time_spent)),
        ..Default::default()
    }
}

fn measures_of(part: Part<'_>) -> (&[Measure], &[Measure]) {
    match part {
        Part::Measure(MetricName::Calls, measure) => (slice::from_ref(measure), &[]),
        Part::Measure(MetricName::TimeSpent, measure) => (&[], slice::from_ref(measure)),
        _ => (&[], &[]),
    }
}

fn call_filters_of(part: Part<'_>) -> Option<types::CallFilters> {
    match part {
        Part::Filter(filter) => call_filters(slice::from_ref(filter)),
        _ => None,
    }
}

fn grouping_of(part: Part<'_>) -> Option<types::Grouping> {
    match part {
        Part::GroupBy(group_by) => Some(grouping(group_by)),
        _ => None,
    }
}

fn time_settings_of(part: Part<'_>) -> Option<types::TimeSettings> {
    let advanced_time_settings = match part {
        Part::Days(days) => narrowing(days, Vec::new()),
        Part::Hours(hours) => narrowing(&[], hours.to_vec()),
        _ => None,
    };
    advanced_time_settings.map(|narrowing| types::TimeSettings {
        advanced_time_settings: Some(narrowing),
        ..Default::default()
    })
}

fn aggregation_options(
    calls: &[Measure],
    time_spent: &[Measure],
) -> types::AggregationResponseOptions {
    types::AggregationResponseOptions {
        counters: options(calls, |measure| types::AggregationResponseOptionsCountersItem {
            aggregation_type: Some(measure.aggregation.to_string()),
            aggregation_interval: measure.interval.as_ref().map(ToString::to_string),
            ..Default::default()
        }),
        timers: options(time_spent, |measure| types::AggregationResponseOptionsTimersItem {
            aggregation_type: Some(measure.aggregation.to_string()),
            aggregation_interval: measure.interval.as_ref().map(ToString::to_string),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn timeline_options(calls: &[Measure], time_spent: &[Measure]) -> types::TimelineResponseOptions {
    types::TimelineResponseOptions {
        counters: options(calls, |_| true),
        timers: options(time_spent, |_| true),
        ..Default::default()
    }
}

/// The options of a metric; `None` if it isn't asked for.
fn options<O: Options>(measures: &[Measure], option: impl Fn(&Measure) -> O::Option) -> Option<O> {
    let mut options = O::default();
    for measure in measures {
        options.ask(&measure.breakdown, option(measure));
    }
    (!measures.is_empty()).then_some(options)
}

fn grouping(group_by: &GroupBy) -> types::Grouping {
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
    types::TimeSettings {
        time_zone: Some(query.time_zone.clone()),
        time_range: Some(types::TimeRange {
            time_from: Some(plan.time_from),
            time_to: Some(plan.time_to),
            ..Default::default()
        }),
        advanced_time_settings: narrowing(&query.days, plan.followed.hours.sent(&query.hours)),
        ..Default::default()
    }
}

fn narrowing(days: &[DayOfWeek], hours: Vec<Hours>) -> Option<types::AdvancedTimeSettings> {
    let narrowed = !days.is_empty() || !hours.is_empty();
    narrowed.then(|| types::AdvancedTimeSettings {
        include_days: days.iter().map(ToString::to_string).collect(),
        include_hours: hours
            .into_iter()
            .map(|hours| types::HoursInterval {
                from: Some(hours.from),
                to: Some(hours.to),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    })
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
