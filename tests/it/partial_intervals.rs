//! Timelines whose first or last interval the period cuts: their numbers look like a whole one's.

use callperf::{Api, Breakdown, GroupBy, Interval, Period, Query};
use jiff::civil::date;

use crate::agreement::{client, sandbox};

#[tokio::test]
async fn an_interval_that_is_only_partly_in_the_period_is_noticed() {
    let sandbox = sandbox(7).await;
    let client = client(&sandbox, Api::CallsV1);
    let query = |period: Period| {
        Query::new(GroupBy::company(), period, "America/New_York").calls(Breakdown::Total)
    };
    let days = |from, to| query(Period::between_days(from, to));
    let odd = days(date(2026, 9, 10), date(2026, 11, 10));
    let noticed = |query: Query, interval: Interval| {
        let client = client.clone();
        async move {
            let report = client.timeline(&query, interval.clone()).all().await.unwrap();
            let notices: Vec<_> = report.notices.iter().map(ToString::to_string).collect();
            let checked = client.timeline(&query, interval).check().unwrap();
            assert_eq!(checked, report.notices);
            notices
        }
    };
    assert_eq!(
        noticed(odd.clone(), Interval::Month).await,
        [
            "the first and the last month are only partly in the period, so the numbers are those of \
          their parts; begin and end the period with a whole month to compare them with others"
        ]
    );
    assert_eq!(
        noticed(days(date(2026, 11, 2), date(2026, 11, 17)), Interval::Week).await,
        [
            "the last week is only partly in the period, so the numbers are those of its part; begin \
          and end the period with a whole week to compare them with others"
        ]
    );
    assert_eq!(noticed(odd, Interval::Day).await, [""; 0]);
    assert_eq!(noticed(query(Period::last_weeks(3)), Interval::Week).await, [""; 0]);
    // That it isn't over is said already.
    let november = noticed(query(Period::month(2026, 11)), Interval::Month).await;
    assert_eq!(november.len(), 1, "{november:?}");
    assert!(november[0].starts_with("the period ends at"), "{november:?}");
}
