//! Queries, drawn.

use callperf::{
    Aggregation, Breakdown, Filter, GroupBy, Hours, Interval, Length, Measure, Period, Query,
    SegmentFilter,
    vocabulary::{
        CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours, DayOfWeek,
        Direction, EndingParty, Grouping, MembersOf, Origin, QueueHours, QueueSla, Word,
    },
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::subsequence,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

/// A runner of `usual` cases, the same each time; or of as many new ones as
/// `PROPTEST_CASES` says.
pub(crate) fn runner(usual: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let config = ProptestConfig {
        cases: asked.unwrap_or(usual),
        // A failing case is printed; the repository keeps no file of them.
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    }
}

/// One to three words of a list, as a filter.
fn words<W: Word>() -> BoxedStrategy<Filter>
where
    Vec<W>: Into<Filter>,
{
    (1..=W::KNOWN.len().min(3))
        .prop_flat_map(|count| subsequence(W::KNOWN, count))
        .prop_map(Into::into)
        .boxed()
}

fn length() -> impl Strategy<Value = Length> {
    (0..300_u32, 0..600_u32, 0..3_u8).prop_map(|(min, more, which)| match which {
        0 => Length::at_least(min),
        1 => Length::at_most(more),
        _ => Length::between(min, min + more),
    })
}

fn segments() -> impl Strategy<Value = Filter> {
    let words = subsequence(CallSegment::KNOWN, 1..=3);
    (words, option::weighted(0.3, length())).prop_map(|(words, length)| {
        let filters = words.into_iter().map(|word| match length {
            Some(length) => SegmentFilter::new(word).lasting(length),
            None => SegmentFilter::new(word),
        });
        Filter::Segment(filters.collect())
    })
}

/// Filters of different names. Those by id get the ids that are given.
pub(crate) fn filters(queue: String, number: String) -> impl Strategy<Value = Vec<Filter>> {
    let all: Vec<BoxedStrategy<Filter>> = vec![
        words::<Direction>(),
        words::<Origin>(),
        words::<CallResponse>(),
        words::<CallResult>(),
        words::<CallType>(),
        segments().boxed(),
        words::<CallAction>(),
        words::<CompanyHours>(),
        words::<QueueSla>(),
        words::<EndingParty>(),
        words::<QueueHours>(),
        length().prop_map(Filter::call_duration).boxed(),
        length().prop_map(Filter::time_spent).boxed(),
        Just(Filter::from_extensions([queue.clone()])).boxed(),
        Just(Filter::to_extensions([queue.clone()])).boxed(),
        Just(Filter::called_numbers([number])).boxed(),
        Just(Filter::queues([queue])).boxed(),
    ];
    // These are cut differently on the two APIs.
    let mixed: Vec<BoxedStrategy<Filter>> = vec![
        words::<CallResponse>(),
        words::<CallResult>(),
        words::<CallType>(),
        words::<Direction>(),
    ];
    prop_oneof![subsequence(all, 1..=3), subsequence(mixed, 1..=3)].prop_flat_map(|chosen| chosen)
}

pub(crate) fn group_by() -> impl Strategy<Value = GroupBy> {
    let each = prop::sample::select(Grouping::KNOWN).prop_map(GroupBy::from);
    let members = prop::sample::select(MembersOf::KNOWN).prop_map(GroupBy::from);
    (prop_oneof![3 => each, 1 => members], option::weighted(0.3, vec("[0-9]{9}", 1..4))).prop_map(
        |(group_by, keys)| match keys {
            Some(keys) => group_by.keys(keys),
            None => group_by,
        },
    )
}

/// Different breakdowns, most of them as sums.
fn measures() -> impl Strategy<Value = Vec<Measure>> {
    let aggregation = || {
        prop_oneof![
            8 => Just((Aggregation::Sum, None)),
            1 => (
                prop::sample::select(Aggregation::KNOWN),
                option::of(prop::sample::select(Interval::KNOWN)),
            ),
        ]
    };
    (subsequence(Breakdown::KNOWN, 0..4), vec(aggregation(), 3)).prop_map(|(breakdowns, how)| {
        let measures = breakdowns.into_iter().zip(how);
        measures
            .map(|(breakdown, (aggregation, interval))| {
                let measure = Measure::new(breakdown, aggregation);
                match interval {
                    Some(interval) => measure.per(interval),
                    None => measure,
                }
            })
            .collect()
    })
}

/// A query of any words; the rules let some of them pass.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    let filters =
        prop_oneof![Just(Vec::new()), filters("900000201".to_owned(), "+12125550100".to_owned()),];
    let days = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(DayOfWeek::KNOWN, 1..=2)];
    let hours = option::weighted(0.2, (0..24_u8, 0..60_u8));
    (group_by(), 1..100_u32, measures(), measures(), filters, days, hours).prop_map(
        |(group_by, last, calls, time_spent, filters, days, hours)| {
            let query = Query::new(group_by, Period::last_days(last), "America/New_York");
            let query = calls.into_iter().fold(query, Query::calls);
            let query = time_spent.into_iter().fold(query, Query::time_spent);
            let query = filters.into_iter().fold(query, Query::only);
            let query = if days.is_empty() { query } else { query.on_days(days) };
            match hours {
                Some((hour, minute)) => {
                    query.in_hours([Hours::new("00:00", format!("{hour:02}:{minute:02}"))])
                }
                None => query,
            }
        },
    )
}

#[test]
fn a_query_is_the_same_about_another_period_grouping_and_zone() {
    let query = Query::new(GroupBy::queues(), Period::last_week(), "UTC")
        .calls(Breakdown::Total)
        .only(Direction::Inbound);
    let other = query
        .clone()
        .with_period(query.period().previous())
        .with_group_by(GroupBy::users())
        .with_time_zone("Europe/London");
    let expected = Query::new(GroupBy::users(), Period::last_week().previous(), "Europe/London")
        .calls(Breakdown::Total)
        .only(Direction::Inbound);
    assert_eq!(other, expected);
}
