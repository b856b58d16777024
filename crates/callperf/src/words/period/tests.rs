use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::{Period, ResolvedPeriod};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Noon of a Wednesday in New York.
const NOW: &str = "2026-11-25T17:00:00Z";

/// Both ends as local times.
fn local(period: &ResolvedPeriod, zone_name: &str) -> (String, String) {
    let local = |at: Timestamp| at.to_zoned_datetime(zone(zone_name)).datetime().to_string();
    (local(period.start()), local(period.end()))
}

fn in_new_york(period: &Period) -> (String, String) {
    local(&period.at(at(NOW), &zone("America/New_York")).unwrap(), "America/New_York")
}

#[test]
fn periods_are_what_their_names_say() {
    let sundays = Period::last_week().weeks_start_on(Weekday::Sunday);
    let wednesdays = Period::last_week().weeks_start_on(Weekday::Wednesday);
    for (period, from, to) in [
        (Period::yesterday(), "2026-11-24", "2026-11-25"),
        (Period::today().previous(), "2026-11-24", "2026-11-25"),
        (Period::yesterday().previous(), "2026-11-23", "2026-11-24"),
        (Period::last_days(7), "2026-11-18", "2026-11-25"),
        (Period::last_days(7).previous(), "2026-11-11", "2026-11-18"),
        (Period::last_week(), "2026-11-16", "2026-11-23"),
        (Period::last_week().previous(), "2026-11-09", "2026-11-16"),
        (Period::last_weeks(2).previous(), "2026-10-26", "2026-11-09"),
        (sundays.previous(), "2026-11-08", "2026-11-15"),
        (sundays, "2026-11-15", "2026-11-22"),
        (wednesdays, "2026-11-18", "2026-11-25"),
        (Period::last_month(), "2026-10-01", "2026-11-01"),
        (Period::last_month().previous(), "2026-09-01", "2026-10-01"),
        (Period::last_months(3), "2026-08-01", "2026-11-01"),
        (Period::last_months(3).previous(), "2026-05-01", "2026-08-01"),
        (Period::month(2026, 3), "2026-03-01", "2026-04-01"),
        (Period::month(2026, 3).previous(), "2026-02-01", "2026-03-01"),
        (Period::month(2026, 1).previous(), "2025-12-01", "2026-01-01"),
        (Period::between_days(day("2026-03-01"), day("2026-03-10")), "2026-03-01", "2026-03-11"),
        (
            Period::between_days(day("2026-03-01"), day("2026-03-10")).previous(),
            "2026-02-19",
            "2026-03-01",
        ),
    ] {
        let expected = (format!("{from}T00:00:00"), format!("{to}T00:00:00"));
        assert_eq!(in_new_york(&period), expected, "{period:?}");
    }
}

#[test]
fn today_ends_shortly_before_now() {
    let today = Period::today().at(at(NOW), &zone("America/New_York")).unwrap();
    assert_eq!(
        (today.start(), today.end()),
        (at("2026-11-25T05:00:00Z"), at("2026-11-25T16:58:00Z"))
    );
    assert_eq!(today.trimmed_from(), Some(at("2026-11-26T05:00:00Z")));
}

#[test]
fn a_part_so_far_is_compared_with_the_same_part() {
    let sundays = Period::week_so_far().weeks_start_on(Weekday::Sunday);
    for (period, from, to) in [
        (Period::today_so_far(), "2026-11-25T00:00:00", "2026-11-25T11:58:00"),
        (Period::today_so_far().previous(), "2026-11-24T00:00:00", "2026-11-24T11:58:00"),
        (Period::week_so_far(), "2026-11-23T00:00:00", "2026-11-25T11:58:00"),
        (Period::week_so_far().previous(), "2026-11-16T00:00:00", "2026-11-18T11:58:00"),
        (sundays.previous(), "2026-11-15T00:00:00", "2026-11-18T11:58:00"),
        (Period::month_so_far(), "2026-11-01T00:00:00", "2026-11-25T11:58:00"),
        (Period::month_so_far().previous(), "2026-10-01T00:00:00", "2026-10-25T11:58:00"),
        (
            Period::month_so_far().previous().previous(),
            "2026-09-01T00:00:00",
            "2026-09-25T11:58:00",
        ),
    ] {
        let expected = (from.to_owned(), to.to_owned());
        assert_eq!(in_new_york(&period), expected, "{period:?}");
        let resolved = period.at(at(NOW), &zone("America/New_York")).unwrap();
        assert_eq!(resolved.trimmed_from(), None, "{period:?}");
    }
}

#[test]
fn the_same_part_of_a_shorter_month_is_all_of_it() {
    let before = |now: &str, zone_name: &str| {
        let period = Period::month_so_far().previous().at(at(now), &zone(zone_name)).unwrap();
        local(&period, zone_name)
    };
    let february = ("2026-02-01T00:00:00".to_owned(), "2026-03-01T00:00:00".to_owned());
    for day in ["29", "30", "31"] {
        assert_eq!(before(&format!("2026-03-{day}T12:00:00Z"), "UTC"), february);
    }
    // The clocks skipped two to three o'clock on the day of the other month.
    let (_, end) = before("2026-04-08T06:32:00Z", "America/New_York");
    assert_eq!(end, "2026-03-08T03:00:00");
}

#[test]
fn a_part_without_a_complete_minute_is_refused() {
    for period in [Period::month_so_far(), Period::month_so_far().previous()] {
        let refusal = period.at(at("2026-12-01T00:01:59Z"), &TimeZone::UTC).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "period: this month has no complete minute yet, and the API has calls up to two minutes \
             ago; send it at 2026-12-01T00:02:01Z or later"
        );
        assert!(period.at(at("2026-12-01T00:02:01Z"), &TimeZone::UTC).is_ok());
    }
    let long_ago = Period::of(super::PeriodKind::MonthSoFar { months_earlier: u32::MAX });
    assert!(long_ago.at(at(NOW), &TimeZone::UTC).is_err());
}

#[test]
fn a_week_that_starts_today_is_not_the_last_one() {
    let monday = Period::last_week().at(at("2026-11-23T06:00:00Z"), &TimeZone::UTC).unwrap();
    assert_eq!(monday.end(), at("2026-11-23T00:00:00Z"));
    let sunday = Period::last_week().at(at("2026-11-22T23:59:59Z"), &TimeZone::UTC).unwrap();
    assert_eq!(sunday.end(), at("2026-11-16T00:00:00Z"));
}

#[test]
fn a_month_that_does_not_exist_is_refused() {
    let refusal = Period::month(2026, 13).at(at(NOW), &TimeZone::UTC).unwrap_err().to_string();
    assert!(refusal.contains("2026-13 is not a month"), "{refusal}");
    let refusal = Period::last_months(u32::MAX).at(at(NOW), &TimeZone::UTC).unwrap_err();
    assert!(refusal.to_string().contains("the last 4294967295 months begin before"), "{refusal}");
}

/// Where midnight is skipped, the day starts at one o'clock; where it comes twice, the first
/// time counts.
#[test]
fn days_are_whole_where_the_clocks_change_at_midnight() {
    for (zone_name, changed, from, hours) in [
        ("America/Santiago", "2026-09-06", "2026-09-06T01:00:00", 23),
        ("Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T00:00:00", 25),
        // Midnight comes a day later here: the day before has 25 hours.
        ("America/Santiago", "2026-04-04", "2026-04-04T00:00:00", 25),
    ] {
        let zone = zone(zone_name);
        let changed = day(changed);
        let noon_after = changed.tomorrow().unwrap().at(12, 0, 0, 0);
        let now = noon_after.to_zoned_datetime(zone.clone()).unwrap().timestamp();
        let as_yesterday = Period::yesterday().at(now, &zone).unwrap();
        assert_eq!(local(&as_yesterday, zone_name).0, from, "{zone_name}");
        let length = as_yesterday.end().duration_since(as_yesterday.start());
        assert_eq!(length.as_hours(), hours, "{zone_name}");
        let the_day = Period::between_days(changed, changed).at(now, &zone).unwrap();
        assert_eq!(the_day, as_yesterday, "{zone_name}");
        let two_days = Period::between_days(changed, changed.tomorrow().unwrap());
        let before = two_days.previous().at(now, &zone).unwrap();
        assert_eq!(before.end(), the_day.start(), "{zone_name}");
    }
}

#[test]
fn the_period_before_a_skipped_midnight_starts_at_midnight() {
    for (zone_name, changed) in [("America/Santiago", "2026-09-06"), ("Asia/Beirut", "2026-03-29")]
    {
        let zone = zone(zone_name);
        let now = at("2026-12-01T00:00:00Z");
        let changed = day(changed);
        let (before, after) = (changed.yesterday().unwrap(), changed.tomorrow().unwrap());
        let resolved = |period: Period| period.at(now, &zone).unwrap();
        let the_day = resolved(Period::between_days(changed, changed));
        let the_day_before = resolved(Period::between_days(before, before));
        assert_eq!(the_day.previous(&zone).unwrap(), the_day_before, "{zone_name}");
        assert_eq!(resolved(Period::from(the_day).previous()), the_day_before, "{zone_name}");
        // The other way, over the skipped midnight.
        let next = resolved(Period::between_days(after, after));
        assert_eq!(next.previous(&zone).unwrap(), the_day, "{zone_name}");
    }
}

#[test]
fn the_period_before_has_as_many_local_days() {
    let before = |from: &str, to: &str, zone_name: &str| {
        let zone = zone(zone_name);
        let period = Period::between(at(from), at(to)).at(at(NOW), &zone).unwrap();
        let lazily = Period::from(period).previous().at(at(NOW), &zone).unwrap();
        let before = period.previous(&zone).unwrap();
        assert_eq!(lazily, before);
        (before.start().to_string(), before.end().to_string(), period.local_days(&zone))
    };
    // A week of New York that follows the end of summer time: the week before has an hour more.
    assert_eq!(
        before("2026-11-02T05:00:00Z", "2026-11-09T05:00:00Z", "America/New_York"),
        ("2026-10-26T04:00:00Z".to_owned(), "2026-11-02T05:00:00Z".to_owned(), 7)
    );
    // Today so far is compared with yesterday up to the same time.
    assert_eq!(
        before("2026-11-24T05:00:00Z", "2026-11-24T15:30:00Z", "America/New_York"),
        ("2026-11-23T05:00:00Z".to_owned(), "2026-11-23T15:30:00Z".to_owned(), 1)
    );
    // Two hours across midnight touch two days, and the night before is a day earlier.
    assert_eq!(
        before("2026-11-24T23:00:00Z", "2026-11-25T01:00:00Z", "UTC"),
        ("2026-11-23T23:00:00Z".to_owned(), "2026-11-24T01:00:00Z".to_owned(), 2)
    );
    // So are a night shift's, and 24 hours from one afternoon to the next.
    assert_eq!(
        before("2026-11-25T03:00:00Z", "2026-11-25T11:00:00Z", "America/New_York"),
        ("2026-11-24T03:00:00Z".to_owned(), "2026-11-24T11:00:00Z".to_owned(), 2)
    );
    assert_eq!(
        before("2026-11-24T15:00:00Z", "2026-11-25T15:00:00Z", "UTC"),
        ("2026-11-23T15:00:00Z".to_owned(), "2026-11-24T15:00:00Z".to_owned(), 2)
    );
    // The last day goes on longer than the first began: three days, not two, keep them apart.
    assert_eq!(
        before("2026-11-22T09:00:00Z", "2026-11-24T17:00:00Z", "UTC"),
        ("2026-11-19T09:00:00Z".to_owned(), "2026-11-21T17:00:00Z".to_owned(), 3)
    );
    // Twice before is as many days earlier again.
    let twice = Period::between(at("2026-11-24T05:00:00Z"), at("2026-11-24T15:30:00Z"))
        .previous()
        .previous()
        .at(at(NOW), &zone("America/New_York"))
        .unwrap();
    assert_eq!(twice.start(), at("2026-11-22T05:00:00Z"));
}

#[test]
fn before_a_period_that_does_not_exist_there_is_none_that_does() {
    for (year, month) in [(2026, 13), (2026, 0), (2026, 14), (2026, i8::MIN), (2026, i8::MAX)] {
        let invalid = Period::month(year, month);
        for period in [invalid.previous(), invalid.previous().previous(), invalid] {
            let refusal = period.at(at(NOW), &TimeZone::UTC).unwrap_err().to_string();
            assert!(refusal.contains("is not a month"), "{period:?}: {refusal}");
        }
    }
    let before_all = Period::month(-9999, 1).previous();
    assert!(before_all.at(at(NOW), &TimeZone::UTC).is_err(), "{before_all:?}");
}

#[test]
fn what_cannot_be_stored_says_why() {
    let refusal = |period: Period| serde_json::to_string(&period).unwrap_err().to_string();
    assert_eq!(refusal(Period::month(2026, 13)), "2026-13 is not a month; months are 1 to 12");
    assert_eq!(
        refusal(Period::days(Date::MIN, Date::MIN)),
        "the day before -009999-01-01 isn't in the calendar; use a later period"
    );
}

#[test]
fn a_skipped_hour_has_no_period_before_it() {
    let new_york = zone("America/New_York");
    let previous = |from: &str, to: &str| {
        let period = Period::between(at(from), at(to)).at(at(NOW), &new_york).unwrap();
        let lazily = Period::from(period).previous().at(at(NOW), &new_york);
        let before = period.previous(&new_york);
        assert_eq!(lazily.is_ok(), before.is_ok());
        before.map(|period| local(&period, "America/New_York")).map_err(|it| it.to_string())
    };
    // From two to three o'clock, which the clocks skipped on the day before.
    let refusal = previous("2026-03-09T06:00:00Z", "2026-03-09T07:00:00Z").unwrap_err();
    assert!(
        refusal.contains(
            "the clocks skip 2026-03-08T02:00:00 to 2026-03-08T03:00:00 in this time zone"
        ),
        "{refusal}"
    );
    assert!(previous("2026-03-09T06:15:00Z", "2026-03-09T06:45:00Z").is_err());
    let times = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
    assert_eq!(
        previous("2026-03-09T06:30:00Z", "2026-03-09T08:00:00Z"),
        times("2026-03-08T03:00:00", "2026-03-08T04:00:00")
    );
    assert_eq!(
        previous("2026-03-09T05:30:00Z", "2026-03-09T06:30:00Z"),
        times("2026-03-08T01:30:00", "2026-03-08T03:00:00")
    );
}

#[test]
fn no_period_touches_fewer_than_no_days() {
    let reversed = Period::between(at("2026-11-09T05:00:00Z"), at("2026-11-02T05:00:00Z"));
    let period = reversed.at(at(NOW), &TimeZone::UTC).unwrap();
    assert_eq!(period.local_days(&TimeZone::UTC), 0);
    assert_eq!(period.previous(&TimeZone::UTC).unwrap(), period);
}
