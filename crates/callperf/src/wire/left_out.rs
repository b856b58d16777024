//! The points of a timeline that a query leaves out by its days and hours.
//!
//! A server may send them as zeros; no document says. A zero there is not a number of
//! calls: it wasn't asked for.

use std::ops::Range;

use jiff::{
    Timestamp, ToSpan, ZonedDateTime,
    civil::{DateTime, Time, Weekday},
    tz::TimeZone,
};

use crate::{
    plan::Plan,
    query::Hours,
    report::{Page, Point, Series},
    words::{
        operation::Operation,
        vocabulary::{DayOfWeek, Interval},
    },
};

const DAY: i32 = 24 * 60;

/// Takes the zeros of hours and days that weren't asked for out of a page. A point
/// with any other number stays, and all do if it isn't known which hour or day they are of.
pub(crate) fn take_out(plan: &Plan, page: &mut Page<Series>) {
    if plan.followed.timelines.points_are_elsewhere {
        return;
    }
    let Some(chosen) = Chosen::of(plan) else { return };
    for series in &mut page.records {
        series.points.retain(|point| !point.is_zero() || chosen.may_have_calls(point));
    }
}

/// The days of the week and the hours of the day that a query chooses.
struct Chosen<'a> {
    zone: TimeZone,
    interval: &'a Interval,
    period: Range<Timestamp>,
    /// Empty for all.
    days: Vec<Weekday>,
    /// Empty for all.
    hours: Vec<Minutes>,
}

/// Minutes of a local day, the end not included. Those after midnight are the next
/// day's, also of hours that pass midnight. No document says so; were they the day's
/// before, its calls would be no zeros, and stay.
type Minutes = Range<i32>;

impl<'a> Chosen<'a> {
    /// `None` if the query leaves nothing out, or its words aren't understood.
    fn of(plan: &'a Plan) -> Option<Self> {
        let Operation::Timeline(interval) = &plan.operation else { return None };
        let query = &plan.query;
        let days = query.days.iter().map(DayOfWeek::weekday).collect::<Option<Vec<_>>>()?;
        let hours = query.hours.iter().map(minutes).collect::<Option<Vec<_>>>()?;
        if days.is_empty() && hours.is_empty() {
            return None;
        }
        Some(Self {
            zone: TimeZone::get(&query.time_zone).ok()?,
            interval,
            period: plan.period.from()..plan.period.to(),
            days,
            hours: hours.into_iter().flatten().collect(),
        })
    }

    fn may_have_calls(&self, point: &Point) -> bool {
        let Some(end) = self.end_of(point.time()) else { return true };
        let (from, to) = (point.time().max(self.period.start), end.min(self.period.end));
        // What a point outside of the period stands for isn't understood.
        from >= to || self.touches(from, to)
    }

    /// The end of the interval that begins there; `None` if that isn't understood.
    fn end_of(&self, start: Timestamp) -> Option<Timestamp> {
        let start = start.to_zoned_datetime(self.zone.clone());
        let end = match self.interval {
            Interval::Hour => start.checked_add(1.hour()),
            Interval::Day => end_of_day(&start),
            Interval::Week => start.checked_add(1.week()),
            Interval::Month => start.checked_add(1.month()),
            Interval::Other(_) => return None,
        };
        end.ok().map(|end| end.timestamp())
    }

    /// Whether any minute from one instant to another is chosen.
    fn touches(&self, from: Timestamp, to: Timestamp) -> bool {
        // Between two moves of the clock, local time runs as time does.
        let moves = self.zone.following(from).map(|it| it.timestamp()).take_while(|at| *at < to);
        let mut start = from;
        for end in moves.chain([to]) {
            let begins = start.to_zoned_datetime(self.zone.clone()).datetime();
            let ends = begins.checked_add(end.duration_since(start));
            if ends.is_ok_and(|ends| self.touches_clock(begins, ends)) {
                return true;
            }
            start = end;
        }
        false
    }

    fn touches_clock(&self, from: DateTime, to: DateTime) -> bool {
        let days = from.date().until(to.date()).map_or(0, |span| span.get_days());
        (0..=days).any(|day| {
            let Ok(date) = from.date().checked_add(day.days()) else { return true };
            let start = if day == 0 { minute(from.time()) } else { 0 };
            let end = if day == days { minute_after(to.time()) } else { DAY };
            start < end && self.has(date.weekday(), &(start..end))
        })
    }

    fn has(&self, day: Weekday, minutes: &Range<i32>) -> bool {
        let is_chosen = |day: Weekday| self.days.is_empty() || self.days.contains(&day);
        if self.hours.is_empty() {
            return is_chosen(day);
        }
        self.hours
            .iter()
            .any(|range| is_chosen(day) && range.start < minutes.end && minutes.start < range.end)
    }
}

fn end_of_day(start: &ZonedDateTime) -> Result<ZonedDateTime, jiff::Error> {
    let next = start.checked_add(1.day())?;
    if *start == start.start_of_day()? { next.start_of_day() } else { Ok(next) }
}

fn minute(time: Time) -> i32 {
    i32::from(time.hour()) * 60 + i32::from(time.minute())
}

/// The minute of a time, or the next one where it isn't whole.
fn minute_after(time: Time) -> i32 {
    minute(time) + i32::from(time.second() > 0 || time.subsec_nanosecond() > 0)
}

/// The upper bound of hours includes its minute, as assumed elsewhere.
fn minutes(hours: &Hours) -> Option<Vec<Minutes>> {
    let (from, to) = (minute_of(&hours.from)?, minute_of(&hours.to)? + 1);
    let passes_midnight = from >= to;
    let evening = from..if passes_midnight { DAY } else { to };
    Some(std::iter::once(evening).chain(passes_midnight.then_some(0..to)).collect())
}

fn minute_of(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, most: i32| text.parse().ok().filter(|it| (0..=most).contains(it));
    Some(number(hour, 23)? * 60 + number(minute, 59)?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{Breakdown, Client, Credentials, GroupBy, Period, Query};

    fn client() -> Client {
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let client = Client::builder().credentials(Credentials::jwt("", "", ""));
        client.clock(move || now).build().unwrap()
    }

    /// The times of the points that are left of these, each with a number of calls.
    fn left(query: &Query, interval: Interval, points: &[(&str, f64)]) -> Vec<String> {
        let points: Vec<Json> = points
            .iter()
            .map(|(time, calls)| {
                let calls = json!({"valueType": "Instances", "values": calls});
                json!({"time": time, "counters": {"allCalls": calls}})
            })
            .collect();
        let answer = json!({
            "data": {"groupedBy": "Company", "records": [{"key": "1", "points": points}]},
            "paging": {"page": 1, "perPage": 20, "totalPages": 1, "totalElements": 1},
        });
        let query = query.clone().calls(Breakdown::Total).unchecked();
        let page = client().timeline(&query, interval).read(answer.to_string().as_bytes()).unwrap();
        page.records[0].points().iter().map(|point| point.time_text().to_owned()).collect()
    }

    fn query(from: &str, to: &str, zone: &str) -> Query {
        let period = Period::days(from.parse().unwrap(), to.parse().unwrap());
        Query::new(GroupBy::company(), period, zone)
    }

    /// Every hour of a local day with a zero.
    fn hours_of(day: &str, zone: &str) -> Vec<(String, f64)> {
        let day: jiff::civil::Date = day.parse().unwrap();
        let start = day.to_zoned_datetime(TimeZone::get(zone).unwrap()).unwrap();
        let end = end_of_day(&start).unwrap();
        let hours = (end.timestamp().as_second() - start.timestamp().as_second()) / 3600;
        let hour = |at: i64| start.checked_add(at.hours()).unwrap().strftime("%Y-%m-%dT%H:%M%:z");
        (0..hours).map(|at| (hour(at).to_string(), 0.0)).collect()
    }

    fn borrowed(points: &[(String, f64)]) -> Vec<(&str, f64)> {
        points.iter().map(|(time, calls)| (time.as_str(), *calls)).collect()
    }

    const NEW_YORK: &str = "America/New_York";

    #[test]
    fn a_zero_of_an_hour_that_was_not_asked_for_is_absent() {
        let query =
            query("2026-11-23", "2026-11-24", NEW_YORK).in_hours([Hours::new("09:30", "10:59")]);
        let hours = hours_of("2026-11-23", NEW_YORK);
        let kept = ["2026-11-23T09:00-05:00", "2026-11-23T10:00-05:00"];
        assert_eq!(left(&query, Interval::Hour, &borrowed(&hours)), kept, "a part of one stays");
        // What isn't zero isn't dropped: it may be an answer to something.
        let points = [("2026-11-23T03:00-05:00", 2.0), ("2026-11-23T04:00-05:00", 0.0)];
        assert_eq!(left(&query, Interval::Hour, &points), [points[0].0]);
        // Without days and hours all stay.
        let all = Query::new(GroupBy::company(), Period::last_days(2), NEW_YORK);
        assert_eq!(left(&all, Interval::Hour, &points).len(), 2);
    }

    #[test]
    fn a_day_that_the_clock_changes_has_its_hours() {
        for (day, zone, count) in [
            ("2026-11-01", NEW_YORK, 25),
            ("2026-10-04", "Australia/Sydney", 23),
            ("2026-10-05", "Australia/Sydney", 24),
        ] {
            let hours = hours_of(day, zone);
            assert_eq!(hours.len(), count);
            let date: jiff::civil::Date = day.parse().unwrap();
            let next = date.tomorrow().unwrap().to_string();
            let of = |days: &[DayOfWeek]| {
                let query = query(day, &next, zone).on_days(days.iter().cloned());
                left(&query, Interval::Hour, &borrowed(&hours)).len()
            };
            let (own, other) = match date.weekday() {
                Weekday::Sunday => (DayOfWeek::Sunday, DayOfWeek::Monday),
                _ => (DayOfWeek::Monday, DayOfWeek::Sunday),
            };
            assert_eq!((of(&[own]), of(&[other])), (count, 0), "{day} {zone}");
        }
        // One o'clock comes twice, and two o'clock not at all.
        let chosen = |day: &str, next: &str, zone: &str| {
            let query = query(day, next, zone).in_hours([Hours::new("01:00", "02:59")]);
            left(&query, Interval::Hour, &borrowed(&hours_of(day, zone)))
        };
        assert_eq!(
            chosen("2026-11-01", "2026-11-02", NEW_YORK),
            ["2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"]
        );
        assert_eq!(
            chosen("2026-10-04", "2026-10-05", "Australia/Sydney"),
            ["2026-10-04T01:00+10:00"]
        );
    }

    #[test]
    fn the_hours_after_midnight_are_the_next_days() {
        let query = query("2026-11-20", "2026-11-23", NEW_YORK)
            .on_days([DayOfWeek::Friday])
            .in_hours([Hours::new("22:00", "01:59")]);
        let hours: Vec<_> = ["2026-11-20", "2026-11-21", "2026-11-22"]
            .into_iter()
            .flat_map(|day| hours_of(day, NEW_YORK))
            .collect();
        let kept: Vec<_> = ["20T00", "20T01", "20T22", "20T23"]
            .map(|hour| format!("2026-11-{hour}:00-05:00"))
            .into();
        assert_eq!(left(&query, Interval::Hour, &borrowed(&hours)), kept);
    }

    #[test]
    fn a_day_a_week_and_a_month_stay_for_any_hour_of_theirs() {
        let working = [DayOfWeek::Monday, DayOfWeek::Tuesday];
        let midnights = ["20", "21", "22", "23"].map(|day| format!("2026-11-{day}T00:00-05:00"));
        let points: Vec<_> = midnights.iter().map(|time| (time.as_str(), 0.0)).collect();
        let of = |query: Query, interval: Interval| left(&query, interval, &points);
        let days = query("2026-11-20", "2026-11-24", NEW_YORK).on_days(working.clone());
        assert_eq!(of(days, Interval::Day), [midnights[3].as_str()]);
        let hours =
            query("2026-11-20", "2026-11-24", NEW_YORK).in_hours([Hours::new("09:00", "09:00")]);
        assert_eq!(of(hours, Interval::Day), midnights);
        // A week that the period cuts to its weekend.
        let cut = query("2026-11-21", "2026-11-24", NEW_YORK).on_days(working.clone());
        let weeks = [("2026-11-16T00:00-05:00", 0.0), ("2026-11-23T00:00-05:00", 0.0)];
        assert_eq!(left(&cut, Interval::Week, &weeks), [weeks[1].0]);
        let month = query("2026-11-01", "2026-11-24", NEW_YORK).on_days(working);
        let months = [("2026-11-01T00:00-04:00", 0.0)];
        assert_eq!(left(&month, Interval::Month, &months).len(), 1);
    }

    #[test]
    fn what_is_not_understood_stays() {
        let points = [("2026-11-23T03:00-05:00", 0.0)];
        let query = |hours| query("2026-11-23", "2026-11-24", NEW_YORK).in_hours([hours]);
        assert_eq!(left(&query(Hours::new("9", "24:00")), Interval::Hour, &points).len(), 1);
        let hours = query(Hours::new("09:00", "10:00"));
        assert_eq!(left(&hours, Interval::from("Fortnight"), &points).len(), 1);
        let holidays = Query::new(GroupBy::company(), Period::last_days(1), NEW_YORK)
            .on_days([DayOfWeek::from("Holidays")]);
        assert_eq!(left(&holidays, Interval::Hour, &points).len(), 1);
    }
}
