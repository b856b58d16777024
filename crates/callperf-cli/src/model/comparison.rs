//! What a period is compared with.

use callperf::{
    Period,
    period::{PeriodKind, ResolvedPeriod},
};
use jiff::{
    Span, Timestamp, ToSpan, Unit, ZonedDateTime,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::moment;
use crate::{
    Failure,
    console::counted,
    words::{self, Parsed},
};

/// What a period is compared with, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The one right before: as many days, or for months as many months.
    Previous,
    /// The nearest one before that has the same days of the week.
    Weekdays,
    /// The same one a month earlier.
    Month,
    /// The same one a year earlier.
    Year,
    /// From an instant up to, and not including, another.
    Between(Timestamp, Timestamp),
}

impl Comparison {
    const NAMES: [(&'static str, Self); 4] = [
        ("previous", Self::Previous),
        ("weekdays", Self::Weekdays),
        ("month", Self::Month),
        ("year", Self::Year),
    ];

    pub(crate) fn parse(text: &str, zone: &TimeZone) -> Parsed<Self> {
        const OPTION: &str = "--compare-to";
        let Some((from, to)) = text.split_once("..") else {
            let known = Self::NAMES.map(|(name, comparison)| (name.to_owned(), comparison));
            return words::pick(OPTION, text.trim(), &known).map_err(|refusal| {
                Failure::Usage(format!("{refusal}; or FROM..TO, as in 2026-09-01..2026-09-30"))
            });
        };
        let from = moment::start(OPTION, from.trim(), zone)?;
        let to = moment::end(OPTION, to.trim(), zone)?;
        if from >= to {
            return Err(Failure::Usage(format!(
                "{OPTION}: `{text}` ends before it begins; write FROM..TO, the last day included"
            )));
        }
        Ok(Self::Between(from, to))
    }

    /// The period that `period` is compared with. `asked` is the same before it was resolved, and
    /// `by_month` says whether its points are months.
    pub(crate) fn before(
        self,
        (asked, period): (&Period, &ResolvedPeriod),
        by_month: bool,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Before, String> {
        let in_words = |error: jiff::Error| error.to_string();
        match self {
            Self::Previous => Before::previous((asked, period), by_month, zone, now),
            Self::Weekdays => {
                let weeks = (period.local_days(zone) + 6) / 7;
                Before::earlier(period, weeks.weeks(), zone).map_err(in_words)
            }
            Self::Month => Before::same_days(period, (1, "month"), zone),
            Self::Year => Before::same_days(period, (12, "year"), zone),
            Self::Between(from, to) => Before::between(period, (from, to), zone).map_err(in_words),
        }
    }
}

/// A period that another is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// How many local days earlier it is.
    pub(crate) days: i64,
}

impl Before {
    /// The one right before. Before whole months there are as many months, and before the month to
    /// date the same part of the month before.
    fn previous(
        (asked, period): (&Period, &ResolvedPeriod),
        by_month: bool,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Self, String> {
        let is_of_months = match asked.kind() {
            PeriodKind::TodaySoFar { .. }
            | PeriodKind::WeekSoFar { .. }
            | PeriodKind::MonthSoFar { .. } => {
                let before = asked.previous().at(now, zone).map_err(|error| error.to_string())?;
                return Self::between(period, (before.start(), before.end()), zone)
                    .map_err(|error| error.to_string());
            }
            PeriodKind::Month { .. } | PeriodKind::LastMonths { .. } | PeriodKind::Days { .. } => {
                true
            }
            _ => by_month,
        };
        let months = if is_of_months { whole_months(period, zone) } else { None };
        if let Some(months) = months {
            return Self::months_before(period, months, zone).map_err(|error| error.to_string());
        }
        let before = period.previous(zone).map_err(|error| error.to_string())?;
        let days = period.local_days(zone);
        Ok(Self { from: before.start(), to: before.end(), days })
    }

    /// As many months right before these. Of a month that isn't over, the same part.
    fn months_before(
        period: &ResolvedPeriod,
        months: i32,
        zone: &TimeZone,
    ) -> Result<Self, jiff::Error> {
        let local = |instant: Timestamp| instant.to_zoned_datetime(zone.clone());
        let (from, to) = (local(period.from()), local(period.to()));
        let first = from.date().checked_sub(months.months())?;
        let start = first.to_zoned_datetime(zone.clone())?.start_of_day()?;
        let end = match period.trimmed_from() {
            None => from.clone(),
            Some(_) => same_part(&to, months, zone)?,
        };
        let end = end.timestamp().min(from.timestamp());
        Self::between(period, (start.timestamp(), end), zone)
    }

    /// The same days so many months earlier, at the same local times. Whole months are compared with
    /// whole months, and of a month that isn't over the same part. A day that those months lack is
    /// refused at an end: the day beside it would be another one's.
    fn same_days(
        period: &ResolvedPeriod,
        (months, name): (i32, &str),
        zone: &TimeZone,
    ) -> Result<Self, String> {
        let in_words = |error: jiff::Error| error.to_string();
        let local = |instant: Timestamp| instant.to_zoned_datetime(zone.clone());
        if whole_months(period, zone).is_some() {
            let by = months.months();
            let Some(_) = period.trimmed_from() else {
                return Self::earlier(period, by, zone).map_err(in_words);
            };
            let from = local(period.from()).datetime().checked_sub(by).map_err(in_words)?;
            let from = from.to_zoned_datetime(zone.clone()).map_err(in_words)?;
            let to = same_part(&local(period.to()), months, zone).map_err(in_words)?;
            return Self::between(period, (from.timestamp(), to.timestamp()), zone)
                .map_err(in_words);
        }
        let (from, to) = (local(period.from()), local(period.to()));
        let ends_at_midnight = to.start_of_day().is_ok_and(|start| start == to);
        let last = if ends_at_midnight { to.date().yesterday() } else { Ok(to.date()) };
        let last = last.map_err(in_words)?;
        let lacks = |day: Date| format!("the {name} before has no day like {day}");
        let [first_before, last_before] = [from.date(), last].map(|day| same_day(day, months));
        let (first_before, last_before) = match (first_before, last_before) {
            (Some(first), Some(last)) => (first, last),
            (None, None) => {
                return Err(format!("the {name} before is too short to have these days"));
            }
            (None, Some(_)) => {
                return Err(format!("{}; begin the period later", lacks(from.date())));
            }
            (Some(_), None) => return Err(format!("{}; end the period earlier", lacks(last))),
        };
        let at = |day: Date, time: Time| {
            day.to_datetime(time).to_zoned_datetime(zone.clone()).map(|it| it.timestamp())
        };
        let end = if ends_at_midnight { last_before.tomorrow() } else { Ok(last_before) };
        let ends = end.and_then(|end| Ok((at(first_before, from.time())?, at(end, to.time())?)));
        ends.and_then(|ends| Self::between(period, ends, zone)).map_err(in_words)
    }

    /// The same local times, so much earlier.
    fn earlier(period: &ResolvedPeriod, by: Span, zone: &TimeZone) -> Result<Self, jiff::Error> {
        let shifted = |instant: Timestamp| {
            let local = instant.to_zoned_datetime(zone.clone()).datetime();
            Ok::<_, jiff::Error>(
                local.checked_sub(by)?.to_zoned_datetime(zone.clone())?.timestamp(),
            )
        };
        Self::between(period, (shifted(period.from())?, shifted(period.to())?), zone)
    }

    fn between(
        period: &ResolvedPeriod,
        (from, to): (Timestamp, Timestamp),
        zone: &TimeZone,
    ) -> Result<Self, jiff::Error> {
        let date = |instant: Timestamp| instant.to_zoned_datetime(zone.clone()).date();
        let days = date(from).until((Unit::Day, date(period.from())))?.get_days();
        Ok(Self { from, to, days: days.into() })
    }

    /// That the two don't have as many days, for readers of sums.
    pub(crate) fn of_another_length(
        &self,
        period: &ResolvedPeriod,
        zone: &TimeZone,
    ) -> Option<String> {
        let before = Period::between(self.from, self.to).at(self.to, zone).ok()?;
        let (now, before) = (period.local_days(zone), before.local_days(zone));
        let days = |count: i64| counted(count.unsigned_abs(), "day");
        (now != before).then(|| {
            format!(
                "the period has {}, and the one that it is compared with {}: their sums differ for \
                 that, too",
                days(now),
                days(before)
            )
        })
    }
}

/// How many whole calendar months a period is, before its end was moved.
fn whole_months(period: &ResolvedPeriod, zone: &TimeZone) -> Option<i32> {
    let local = |instant: Timestamp| instant.to_zoned_datetime(zone.clone());
    let from = local(period.from());
    let to = local(period.trimmed_from().unwrap_or(period.to()));
    let is_first = |end: &ZonedDateTime| {
        end.date().day() == 1 && end.start_of_day().is_ok_and(|start| start == *end)
    };
    if !is_first(&from) || !is_first(&to) {
        return None;
    }
    let months = from.date().until((Unit::Month, to.date())).ok()?.get_months();
    (months > 0).then_some(months)
}

/// The same day of the month so many months earlier, if there is one.
fn same_day(day: Date, months: i32) -> Option<Date> {
    let first = day.first_of_month().checked_sub(months.months()).ok()?;
    first.with().day(day.day()).build().ok()
}

/// The same day and local time so many months earlier; the end of the month that has no such day.
fn same_part(
    end: &ZonedDateTime,
    months: i32,
    zone: &TimeZone,
) -> Result<ZonedDateTime, jiff::Error> {
    let first = end.date().first_of_month().checked_sub(months.months())?;
    if let Ok(day) = first.with().day(end.date().day()).build() {
        return day.to_datetime(end.time()).to_zoned_datetime(zone.clone());
    }
    let next = first.checked_add(1.month())?;
    next.to_zoned_datetime(zone.clone())?.start_of_day()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-24T17:00:00Z";

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    /// The local ends of what a period is compared with.
    fn before(comparison: &str, asked: &Period) -> String {
        let (zone, now) = (new_york(), NOW.parse().unwrap());
        let period = asked.at(now, &zone).unwrap();
        let comparison = Comparison::parse(comparison, &zone).unwrap();
        match comparison.before((asked, &period), false, &zone, now) {
            Ok(before) => {
                let local = |instant: Timestamp| {
                    let local = instant.to_zoned_datetime(zone.clone());
                    local.strftime("%F %H:%M").to_string()
                };
                format!("{} to {}, {}", local(before.from), local(before.to), before.days)
            }
            Err(reason) => reason,
        }
    }

    fn days(from: &str, to: &str) -> Period {
        Period::between_days(from.parse().unwrap(), to.parse().unwrap())
    }

    #[test]
    fn a_month_is_compared_with_a_month() {
        for (comparison, asked, expected) in [
            ("previous", Period::month(2026, 10), "2026-09-01 00:00 to 2026-10-01 00:00, 30"),
            ("previous", Period::last_month(), "2026-09-01 00:00 to 2026-10-01 00:00, 30"),
            ("month", Period::last_month(), "2026-09-01 00:00 to 2026-10-01 00:00, 30"),
            ("year", Period::last_month(), "2025-10-01 00:00 to 2025-11-01 00:00, 365"),
            (
                "previous",
                days("2026-10-01", "2026-10-31"),
                "2026-09-01 00:00 to 2026-10-01 00:00, 30",
            ),
            (
                "previous",
                days("2026-08-01", "2026-09-30"),
                "2026-06-01 00:00 to 2026-08-01 00:00, 61",
            ),
            // To date: up to the same day and time.
            ("previous", Period::month(2026, 11), "2026-10-01 00:00 to 2026-10-24 11:58, 31"),
            ("previous", Period::month_so_far(), "2026-10-01 00:00 to 2026-10-24 11:58, 31"),
            // Days that happen to be a month stay days.
            (
                "previous",
                days("2026-10-02", "2026-11-01"),
                "2026-09-01 00:00 to 2026-10-02 00:00, 31",
            ),
        ] {
            assert_eq!(before(comparison, &asked), expected, "{comparison} {asked:?}");
        }
    }

    #[test]
    fn a_month_to_date_has_no_more_days_than_the_month_before() {
        let zone = new_york();
        let now = "2026-03-31T16:00:00Z".parse().unwrap();
        let asked = Period::month(2026, 3);
        let period = asked.at(now, &zone).unwrap();
        let before = Comparison::Previous.before((&asked, &period), false, &zone, now).unwrap();
        let own = Period::month_so_far().previous().at(now, &zone).unwrap();
        assert_eq!((before.from, before.to), (own.start(), own.end()));
        assert_eq!(
            before.of_another_length(&period, &zone).unwrap(),
            "the period has 31 days, and the one that it is compared with 28 days: their sums \
             differ for that, too"
        );
    }

    #[test]
    fn days_are_compared_with_days() {
        for (comparison, asked, expected) in [
            ("previous", Period::last_week(), "2026-11-09 00:00 to 2026-11-16 00:00, 7"),
            ("previous", Period::yesterday(), "2026-11-22 00:00 to 2026-11-23 00:00, 1"),
            ("weekdays", Period::yesterday(), "2026-11-16 00:00 to 2026-11-17 00:00, 7"),
            ("weekdays", Period::last_days(30), "2026-09-20 00:00 to 2026-10-20 00:00, 35"),
            ("weekdays", Period::today_so_far(), "2026-11-17 00:00 to 2026-11-17 11:58, 7"),
            ("previous", Period::today_so_far(), "2026-11-23 00:00 to 2026-11-23 11:58, 1"),
            ("month", Period::yesterday(), "2026-10-23 00:00 to 2026-10-24 00:00, 31"),
            ("year", Period::last_week(), "2025-11-16 00:00 to 2025-11-23 00:00, 365"),
            (
                "2026-09-01..2026-09-30",
                Period::last_month(),
                "2026-09-01 00:00 to 2026-10-01 00:00, 30",
            ),
            (
                "month",
                days("2026-03-30", "2026-03-30"),
                "the month before is too short to have these days",
            ),
            (
                "month",
                days("2026-03-30", "2026-03-31"),
                "the month before is too short to have these days",
            ),
            (
                "month",
                days("2026-03-25", "2026-03-31"),
                "the month before has no day like 2026-03-31; end the period earlier",
            ),
            (
                "month",
                days("2026-03-29", "2026-04-02"),
                "the month before has no day like 2026-03-29; begin the period later",
            ),
            ("month", days("2026-03-27", "2026-03-28"), "2026-02-27 00:00 to 2026-03-01 00:00, 28"),
            // The last of March is the counterpart of no day of April.
            ("month", days("2026-04-29", "2026-04-30"), "2026-03-29 00:00 to 2026-03-31 00:00, 31"),
            ("month", days("2026-03-01", "2026-03-31"), "2026-02-01 00:00 to 2026-03-01 00:00, 28"),
            ("month", days("2026-04-01", "2026-04-30"), "2026-03-01 00:00 to 2026-04-01 00:00, 31"),
            ("month", Period::month(2026, 11), "2026-10-01 00:00 to 2026-10-24 11:58, 31"),
            (
                "year",
                days("2024-02-29", "2024-02-29"),
                "the year before is too short to have these days",
            ),
            ("year", days("2024-02-01", "2024-02-29"), "2023-02-01 00:00 to 2023-03-01 00:00, 365"),
            ("year", days("2024-02-28", "2024-02-28"), "2023-02-28 00:00 to 2023-03-01 00:00, 365"),
        ] {
            assert_eq!(before(comparison, &asked), expected, "{comparison} {asked:?}");
        }
    }

    #[test]
    fn what_is_no_comparison_is_refused_with_what_is_one() {
        let refused = |text| Comparison::parse(text, &new_york()).unwrap_err().to_string();
        let form = "; or FROM..TO, as in 2026-09-01..2026-09-30";
        assert_eq!(
            refused("yaer"),
            format!("--compare-to: no such word as `yaer`; did you mean year?{form}")
        );
        assert_eq!(
            refused("quarter"),
            format!(
                "--compare-to: no such word as `quarter`; there are previous, weekdays, month, \
                 year{form}"
            )
        );
        assert_eq!(
            refused("2026-09-30..2026-09-01"),
            "--compare-to: `2026-09-30..2026-09-01` ends before it begins; write FROM..TO, the last \
             day included"
        );
        assert!(refused("2026-09..2026-10").contains("neither a date"));
    }
}
