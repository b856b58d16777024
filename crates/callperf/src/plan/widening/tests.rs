use super::*;

const NOW: &str = "2026-11-24T12:00:00Z";
const NEW_YORK: &str = "America/New_York";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn time_range(interval: &Interval, zone: &str, period: [&str; 2], now: &str) -> TimeRange {
    let timeline = Timeline {
        interval,
        zone: &TimeZone::get(zone).unwrap(),
        period: at(period[0])..at(period[1]),
        end_offset: SignedDuration::from_millis(1),
        week_start: None,
        now: at(now),
    };
    timeline.time_range()
}

fn widened(interval: &Interval, zone: &str, period: [&str; 2], now: &str) -> Widening {
    match time_range(interval, zone, period, now) {
        TimeRange::Widened(widening) => widening,
        other => panic!("{period:?}: {other:?}"),
    }
}

/// In local time, as `03-08 00:00`.
fn sent(interval: &Interval, zone: &str, period: [&str; 2], now: &str) -> String {
    let Widening { sent, calendar, .. } = widened(interval, zone, period, now);
    let local = |at| calendar.local(at).strftime("%m-%d %H:%M").to_string();
    format!("{} to {}", local(sent.start), local(sent.end))
}

#[test]
fn an_interval_is_sent_with_the_one_after_it() {
    use Interval::{Day, Hour, Month, Week};
    let cases = [
        (Hour, "UTC", ["2026-11-23T10:00Z", "2026-11-23T11:00Z"], "11-23 10:00 to 11-23 12:00"),
        (Day, "UTC", ["2026-11-22T00:00Z", "2026-11-23T00:00Z"], "11-22 00:00 to 11-24 00:00"),
        (Week, "UTC", ["2026-11-02T00Z", "2026-11-09T00Z"], "11-02 00:00 to 11-16 00:00"),
        (Month, "UTC", ["2026-09-01T00Z", "2026-10-01T00Z"], "09-01 00:00 to 11-01 00:00"),
        // India's hours and days begin at the half of an hour.
        (Hour, "Asia/Kolkata", ["2026-11-23T04:30Z", "2026-11-23T05:30Z"], {
            "11-23 10:00 to 11-23 12:00"
        }),
        (Day, "Asia/Kolkata", ["2026-11-21T18:30Z", "2026-11-22T18:30Z"], {
            "11-22 00:00 to 11-24 00:00"
        }),
        // Days of 23 and 25 hours, and a day that has no midnight.
        (Day, NEW_YORK, ["2026-11-01T04Z", "2026-11-02T05Z"], "11-01 00:00 to 11-03 00:00"),
        (Day, NEW_YORK, ["2026-10-31T04Z", "2026-11-01T04Z"], "10-31 00:00 to 11-02 00:00"),
        (Day, "Australia/Sydney", ["2026-10-03T14Z", "2026-10-04T13Z"], {
            "10-04 00:00 to 10-06 00:00"
        }),
        (Day, "America/Santiago", ["2026-09-06T04Z", "2026-09-07T03Z"], {
            "09-06 01:00 to 09-08 00:00"
        }),
        // The longest week and month there are.
        (Week, NEW_YORK, ["2026-10-26T04Z", "2026-11-02T05Z"], "10-26 00:00 to 11-09 00:00"),
        (Month, "Europe/Zurich", ["2026-09-30T22Z", "2026-10-31T23Z"], {
            "09-01 00:00 to 11-01 00:00"
        }),
        // A part of an interval, which the next one alone doesn't make long enough.
        (Day, "UTC", ["2026-11-19T23:30Z", "2026-11-20T00:00Z"], "11-19 23:30 to 11-22 00:00"),
        (Hour, "UTC", ["2026-11-19T23:59Z", "2026-11-20T00:00Z"], "11-19 23:59 to 11-20 01:00"),
        // No document says on which day a week begins: on Monday, or else on Sunday.
        (Week, "UTC", ["2026-11-08T00Z", "2026-11-15T00Z"], "11-08 00:00 to 11-22 00:00"),
        (Week, "UTC", ["2026-11-02T00Z", "2026-11-08T00Z"], "10-26 00:00 to 11-08 00:00"),
    ];
    for (interval, zone, period, expected) in cases {
        let said = format!("{interval} {zone} {period:?}");
        assert_eq!(sent(&interval, zone, period, NOW), expected, "{said}");
    }
}

#[test]
fn an_interval_that_ends_close_to_now_is_sent_with_the_one_before_it() {
    use Interval::{Day, Hour, Month, Week};
    let cases = [
        (Day, ["2026-11-23T05Z", "2026-11-24T05Z"], "11-22 00:00 to 11-24 00:00"),
        // Today up to now, which isn't the end of a day.
        (Day, ["2026-11-24T05Z", "2026-11-24T11:58Z"], "11-23 00:00 to 11-24 06:58"),
        (Week, ["2026-11-16T05Z", "2026-11-23T05Z"], "11-09 00:00 to 11-23 00:00"),
        (Month, ["2026-10-01T04Z", "2026-11-01T04Z"], "09-01 00:00 to 11-01 00:00"),
        // February is shorter than the rest, but not here.
        (Month, ["2026-11-01T04Z", "2026-11-24T11:58Z"], "10-01 00:00 to 11-24 06:58"),
        (Hour, ["2026-11-24T10Z", "2026-11-24T11Z"], "11-24 04:00 to 11-24 06:00"),
    ];
    for (interval, period, expected) in cases {
        assert_eq!(sent(&interval, NEW_YORK, period, NOW), expected, "{period:?}");
    }
    // Two minutes before now is the latest end that is sent.
    let hour = ["2026-11-24T10Z", "2026-11-24T11Z"];
    for (now, expected) in [
        ("2026-11-24T12:01:59.999Z", "11-24 09:00 to 11-24 11:00"),
        ("2026-11-24T12:02:00Z", "11-24 10:00 to 11-24 12:00"),
    ] {
        assert_eq!(sent(&Hour, "UTC", hour, now), expected, "{now}");
    }
}

#[test]
fn the_shortest_february_takes_two_months_more_where_one_is_not_enough() {
    let (from, now) = ("2026-02-27T12Z", "2026-06-02T00Z");
    let period = [from, "2026-03-01T00Z"];
    assert_eq!(sent(&Interval::Month, "UTC", period, now), "02-27 12:00 to 04-01 00:00");
    let period = ["2026-03-31T23:30Z", "2026-04-01T00Z"];
    assert_eq!(sent(&Interval::Month, "UTC", period, now), "03-31 23:30 to 06-01 00:00");
    let today = ["2026-03-01T00Z", "2026-03-01T12Z"];
    let now = "2026-03-01T12:30Z";
    assert_eq!(sent(&Interval::Month, "UTC", today, now), "01-01 00:00 to 03-01 12:00");
}

#[test]
fn hours_begin_where_the_clock_is_moved_by_half_of_one() {
    // On Lord Howe the half hour from 1:30 comes twice on April 5, 2026.
    let zone = "Australia/Lord_Howe";
    let of = |from: &str, to: &str| {
        let Widening { sent, .. } = widened(&Interval::Hour, zone, [from, to], NOW);
        format!("{} {}", sent.start, sent.end)
    };
    assert_eq!(
        of("2026-07-04T13:30Z", "2026-07-04T14:30Z"),
        "2026-07-04T13:30:00Z 2026-07-04T15:30:00Z"
    );
    let now = "2026-04-06T00Z";
    let of = |from: &str, to: &str| {
        let Widening { sent, .. } = widened(&Interval::Hour, zone, [from, to], now);
        format!("{} {}", sent.start, sent.end)
    };
    // The hour before is followed by the second half hour alone.
    assert_eq!(
        of("2026-04-04T14:00Z", "2026-04-04T15:00Z"),
        "2026-04-04T14:00:00Z 2026-04-04T15:30:00Z"
    );
    assert_eq!(
        of("2026-04-04T15:00Z", "2026-04-04T15:30Z"),
        "2026-04-04T15:00:00Z 2026-04-04T16:30:00Z"
    );
}

fn kind(interval: &Interval, zone: &str, period: [&str; 2], now: &str) -> &'static str {
    match time_range(interval, zone, period, now) {
        TimeRange::LongEnough => "long enough",
        TimeRange::TooShort(_) => "too short",
        TimeRange::Widened(_) => "widened",
    }
}

#[test]
fn what_is_longer_than_the_longest_interval_is_sent_as_it_is() {
    use Interval::{Day, Hour, Month, Week};
    for (interval, longest, longer) in [
        (Hour, "2026-08-01T01:00:00.001Z", "2026-08-01T01:00:00.002Z"),
        (Day, "2026-08-02T01:00:00.001Z", "2026-08-02T01:00:00.002Z"),
        (Week, "2026-08-08T01:00:00.001Z", "2026-08-08T01:00:00.002Z"),
        (Month, "2026-09-01T01:00:00.001Z", "2026-09-01T01:00:00.002Z"),
    ] {
        // Less the millisecond at the end.
        let from = "2026-08-01T00:00:00Z";
        assert_ne!(kind(&interval, "UTC", [from, longest], NOW), "long enough");
        assert_eq!(kind(&interval, "UTC", [from, longer], NOW), "long enough");
    }
    let unknown = Interval::from("Fortnight");
    let day = ["2026-11-22T00Z", "2026-11-23T00Z"];
    assert_eq!(kind(&unknown, "UTC", day, NOW), "long enough");
    // The rules have their own words for these.
    let nothing = ["2026-11-22T00Z", "2026-11-22T00Z"];
    assert_eq!(kind(&Day, "UTC", nothing, NOW), "long enough");
}

#[test]
fn what_neither_begins_nor_ends_with_an_interval_is_sent_as_it_is() {
    use Interval::{Day, Hour, Month, Week};
    for (interval, zone, period) in [
        (Hour, "UTC", ["2026-11-23T10:15Z", "2026-11-23T10:45Z"]),
        // Full hours, but not there.
        (Hour, "Asia/Kolkata", ["2026-11-23T10Z", "2026-11-23T11Z"]),
        (Day, NEW_YORK, ["2026-11-22T00Z", "2026-11-23T00Z"]),
        (Week, "UTC", ["2026-11-11T00Z", "2026-11-18T00Z"]),
        (Month, "UTC", ["2026-10-02T00Z", "2026-11-02T00Z"]),
        // Its end is a day's, but the day after it isn't over.
        (Day, "UTC", ["2026-11-23T12Z", "2026-11-24T00Z"]),
    ] {
        assert_eq!(kind(&interval, zone, period, NOW), "too short", "{zone} {period:?}");
    }
}

#[test]
fn nothing_is_sent_that_the_api_no_longer_has() {
    // 184 days ago it was May 24, at noon.
    let of = |from: &str, to: &str| kind(&Interval::Day, "UTC", [from, to], NOW);
    assert_eq!(of("2026-05-25T00Z", "2026-05-25T12Z"), "too short");
    assert_eq!(of("2026-05-26T00Z", "2026-05-26T12Z"), "widened");
    assert_eq!(of("2026-05-25T00Z", "2026-05-26T00Z"), "widened", "forwards");
    let hour =
        |now: &str| kind(&Interval::Hour, "UTC", ["2026-05-24T14Z", "2026-05-24T14:30Z"], now);
    // By the time that the last page of a pull is sent.
    assert_eq!(hour("2026-11-24T12:58:00Z"), "widened");
    assert_eq!(hour("2026-11-24T12:58:00.001Z"), "too short");
}

#[test]
fn the_end_on_the_wire_counts() {
    let sent = |end_offset| {
        let hours = at("2026-11-23T10:00Z")..at("2026-11-23T12:00Z");
        let timeline = Timeline {
            interval: &Interval::Hour,
            zone: &TimeZone::UTC,
            period: hours.clone(),
            end_offset,
            week_start: None,
            now: at(NOW),
        };
        match timeline.time_range() {
            TimeRange::Widened(widening) => widening.sent().clone(),
            _ => hours,
        }
    };
    let hours = |range: Range<Timestamp>| range.end.duration_since(range.start).as_hours();
    assert_eq!(hours(sent(SignedDuration::from_secs(1))), 2);
    assert_eq!(hours(sent(SignedDuration::from_hours(1))), 3);
    // No range is long enough then.
    assert_eq!(hours(sent(SignedDuration::MAX)), 2);
}

/// Each hour, day, week and month of a year.
#[test]
fn what_is_sent_is_longer_and_has_what_was_asked_for_and_whole_intervals_beside_it() {
    let zones = ["UTC", NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"];
    for interval in [Interval::Hour, Interval::Day, Interval::Week, Interval::Month] {
        for zone in zones.map(|name| TimeZone::get(name).unwrap()) {
            let bucket = Bucket::of(&interval, None)[0];
            let calendar = Calendar { zone: zone.clone(), bucket };
            let mut start = calendar.start_of(at("2026-01-15T00Z")).unwrap();
            while start < at("2027-01-15T00Z") {
                let end = calendar.end_of(start).unwrap();
                assert_eq!(calendar.start_of(end), Some(end));
                let before = end - SignedDuration::from_nanos(1);
                assert_eq!(calendar.start_of(before), Some(start));
                for days in [0, 90] {
                    let now = end + SignedDuration::from_hours(24 * days + 1);
                    let (interval, zone, period) = (&interval, &zone, start..end);
                    let end_offset = SignedDuration::from_millis(1);
                    let timeline =
                        Timeline { interval, zone, period, end_offset, week_start: None, now };
                    let TimeRange::Widened(widening) = timeline.time_range() else {
                        panic!("{timeline:?}");
                    };
                    check(&timeline, &widening);
                }
                start = end;
            }
        }
    }
}

fn check(timeline: &Timeline<'_>, widening: &Widening) {
    let (asked, sent) = (&timeline.period, widening.sent());
    assert!(timeline.is_longer(sent, longest(timeline.interval).unwrap()));
    assert!(sent.start <= asked.start && asked.end <= sent.end);
    assert!(sent.end <= timeline.now - END_BUFFER);
    let mut start = sent.start;
    while start < sent.end {
        let is_asked = asked.contains(&start);
        let place = if is_asked { Place::Asked } else { Place::Beside };
        assert_eq!(widening.place_of(start), place, "{timeline:?} {start}");
        start = widening.calendar.end_of(start).unwrap();
    }
    assert_eq!(start, sent.end);
}

#[test]
fn points_beside_what_was_asked_for_are_known() {
    use Place::{Asked, Beside};
    let day = widened(&Interval::Day, NEW_YORK, ["2026-11-20T17Z", "2026-11-21T05Z"], NOW);
    // One that is cut may have its own start or the period's.
    for (start, place) in [
        ("2026-11-20T05Z", Asked),
        ("2026-11-20T17Z", Asked),
        ("2026-11-21T05Z", Beside),
        ("2026-11-22T05Z", Beside),
        ("2026-11-30T05Z", Beside),
    ] {
        assert_eq!(day.place_of(at(start)), place, "{start}");
    }
    let today = widened(&Interval::Day, NEW_YORK, ["2026-11-24T05Z", "2026-11-24T11Z"], NOW);
    for (start, place) in [
        ("2026-11-22T05Z", Beside),
        ("2026-11-23T05Z", Beside),
        ("2026-11-24T05Z", Asked),
        ("2026-11-25T05Z", Asked),
    ] {
        assert_eq!(today.place_of(at(start)), place, "{start}");
    }
}

#[test]
fn a_point_of_another_calendar_may_be_of_both() {
    use Place::{Asked, Beside, Both};
    // Weeks from Sunday on.
    let forwards = widened(&Interval::Week, "UTC", ["2026-11-02T00Z", "2026-11-09T00Z"], NOW);
    for (start, place) in [
        ("2026-11-01T00Z", Asked),
        ("2026-11-02T00Z", Asked),
        ("2026-11-08T00Z", Both),
        ("2026-11-15T00Z", Beside),
    ] {
        assert_eq!(forwards.place_of(at(start)), place, "{start}");
    }
    let backwards = widened(&Interval::Week, "UTC", ["2026-11-16T00Z", "2026-11-23T00Z"], NOW);
    for (start, place) in [
        ("2026-11-08T00Z", Beside),
        ("2026-11-09T00Z", Beside),
        ("2026-11-15T00Z", Both),
        ("2026-11-22T00Z", Asked),
    ] {
        assert_eq!(backwards.place_of(at(start)), place, "{start}");
    }
    // Days of UTC.
    let day = widened(&Interval::Day, NEW_YORK, ["2026-11-20T05Z", "2026-11-21T05Z"], NOW);
    for (start, place) in
        [("2026-11-20T00Z", Asked), ("2026-11-21T00Z", Both), ("2026-11-22T00Z", Beside)]
    {
        assert_eq!(day.place_of(at(start)), place, "{start}");
    }
}

#[test]
fn a_week_that_is_known_to_begin_on_a_wednesday_is_widened_by_such_a_week() {
    let days = |from: &str, to: &str| at(from)..at(to);
    let timeline = Timeline {
        interval: &Interval::Week,
        zone: &TimeZone::UTC,
        period: days("2026-11-04T00:00Z", "2026-11-11T00:00Z"),
        end_offset: SignedDuration::from_millis(1),
        week_start: Some(jiff::civil::Weekday::Wednesday),
        now: at(NOW),
    };
    let TimeRange::Widened(widening) = timeline.time_range() else { panic!("it is too short") };
    assert_eq!(*widening.sent(), days("2026-11-04T00:00Z", "2026-11-18T00:00Z"));
    // As long as it isn't known, no week of Monday or Sunday begins there.
    let unknown = Timeline { week_start: None, ..timeline };
    assert!(matches!(unknown.time_range(), TimeRange::TooShort(_)));
}
