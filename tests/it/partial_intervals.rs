//! Timelines whose first or last interval the period cuts: their numbers look like a whole one's.

use std::fs;

use callperf::{Api, Breakdown, GroupBy, Interval, Period, Query};
use callperf_sandbox::{Assumptions, Sandbox};
use jiff::civil::date;

use crate::{
    agreement::{client, sandbox},
    support,
};

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

/// Of a server that leaves them out, that their numbers are those of a part would be wrong.
#[tokio::test]
async fn an_interval_that_the_server_is_known_to_leave_out_is_noticed_as_missing() {
    let now = "2026-11-10T17:30:00Z".parse().unwrap();
    let assumptions = Assumptions::default().set("partial-buckets", "omitted").unwrap();
    let sandbox = Sandbox::builder().seed(7).now(now).days(40).assumptions(assumptions);
    let sandbox = sandbox.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calibration.toml");
    let head = "schema = 1\nserver = 'x'\napi = 'calls-v1'";
    let settled = "[settled.partial-buckets]\nvalue = 'omitted'\nevidence = 'x'";
    fs::write(&file, format!("{head}\n{settled}\n[end]\n")).unwrap();
    let client = support::of_sandbox(&sandbox).clock(move || now).calibration(file);
    let client = client.build().unwrap();
    let timeline = async |period: Period, interval: Interval| {
        let query = Query::new(GroupBy::company(), period, "UTC").calls(Breakdown::Total);
        let report = client.timeline(&query, interval).all().await.unwrap();
        let points = report.iter().map(|series| series.points().len()).sum::<usize>();
        (points, report.notices.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let days = |from, to| Period::between_days(from, to);
    let (points, notices) =
        timeline(days(date(2026, 10, 14), date(2026, 11, 4)), Interval::Week).await;
    assert_eq!(points, 2);
    assert_eq!(
        notices,
        [
            "the first and the last week are only partly in the period, and the server leaves out any \
          part of a week with its calls; begin and end the period with a whole week"
        ]
    );
    let whole = days(date(2026, 10, 19), date(2026, 11, 1));
    assert_eq!(timeline(whole, Interval::Week).await, (2, Vec::new()));
    let today = date(2026, 11, 10);
    // The end that is sent is within the hour, so that this hour is missing, too.
    let (points, notices) = timeline(days(today, today), Interval::Hour).await;
    assert_eq!((points, notices.len()), (17, 2), "{notices:?}");
    assert!(notices[0].starts_with("the period ends at"), "{notices:?}");
    assert!(notices[1].starts_with("the last hour is only partly"), "{notices:?}");
    // Neither of the notices makes up for the other.
    let minutes = Period::between(
        "2026-11-09T12:10:00Z".parse().unwrap(),
        "2026-11-09T12:40:00Z".parse().unwrap(),
    );
    let (points, notices) = timeline(minutes, Interval::Hour).await;
    assert_eq!((points, notices.len()), (0, 2), "{notices:?}");
    assert!(notices[0].contains("isn't longer than an hour"), "{notices:?}");
    assert!(notices[1].starts_with("the first and the last hour are only"), "{notices:?}");
}
