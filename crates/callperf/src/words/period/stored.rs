//! Periods in files.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de,
    ser::{Error as _, SerializeMap},
};

use super::definition::{Period, PeriodKind, first_of};
use crate::words::{
    nearest::nearest,
    stored::{self, Table, Text, Whole, fields, required},
    vocabulary::{DayOfWeek, Word},
};

pub(super) const TEXTS: [&str; 7] = [
    "today",
    "yesterday",
    "last_week",
    "last_month",
    "today_so_far",
    "week_so_far",
    "month_so_far",
];
/// The units of which there is a part so far.
pub(super) const UNITS: [&str; 3] = ["day", "week", "month"];

fn of_text(text: &str) -> Option<Period> {
    Some(match text {
        "today" => Period::today(),
        "yesterday" => Period::yesterday(),
        "last_week" => Period::last_week(),
        "last_month" => Period::last_month(),
        "today_so_far" => Period::today_so_far(),
        "week_so_far" => Period::week_so_far(),
        "month_so_far" => Period::month_so_far(),
        _ => return None,
    })
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = TEXTS.into_iter().find(|text| of_text(text).as_ref() == Some(self)) {
            return serializer.serialize_str(text);
        }
        let mut table = serializer.serialize_map(None)?;
        match self.kind() {
            // It has a text.
            PeriodKind::Today => {}
            PeriodKind::Instants { from, to, periods_earlier } => {
                table.serialize_entry("from", &from.to_string())?;
                table.serialize_entry("to", &to.to_string())?;
                unless_zero(&mut table, "periods_earlier", periods_earlier)?;
            }
            PeriodKind::Days { from, to } => {
                let no_day = |_| S::Error::custom(format!("the day before {to} {NOT_THERE}"));
                let last = to.checked_sub(1.day()).map_err(no_day)?;
                table.serialize_entry("first_day", &from.to_string())?;
                table.serialize_entry("last_day", &last.to_string())?;
            }
            PeriodKind::Month { year, month } => {
                let month = YearMonth { year, month };
                table.serialize_entry("month", &month.checked().map_err(S::Error::custom)?)?;
            }
            PeriodKind::LastDays { count, days_earlier } => {
                table.serialize_entry("last_days", &count)?;
                unless_zero(&mut table, "days_earlier", days_earlier)?;
            }
            PeriodKind::LastWeeks { count, weeks_earlier, week_start } => {
                table.serialize_entry("last_weeks", &count)?;
                unless_zero(&mut table, "weeks_earlier", weeks_earlier)?;
                given(&mut table, self, week_start)?;
            }
            PeriodKind::LastMonths { count, months_earlier } => {
                table.serialize_entry("last_months", &count)?;
                unless_zero(&mut table, "months_earlier", months_earlier)?;
            }
            PeriodKind::TodaySoFar { days_earlier } => {
                table.serialize_entry("so_far", "day")?;
                unless_zero(&mut table, "earlier", days_earlier)?;
            }
            PeriodKind::WeekSoFar { weeks_earlier, week_start } => {
                table.serialize_entry("so_far", "week")?;
                unless_zero(&mut table, "earlier", weeks_earlier)?;
                given(&mut table, self, week_start)?;
            }
            PeriodKind::MonthSoFar { months_earlier } => {
                table.serialize_entry("so_far", "month")?;
                unless_zero(&mut table, "earlier", months_earlier)?;
            }
        }
        table.end()
    }
}

const NOT_THERE: &str = "isn't in the calendar; use a later period";

fn unless_zero<M: SerializeMap>(
    table: &mut M,
    field: &'static str,
    count: u32,
) -> Result<(), M::Error> {
    if count == 0 { Ok(()) } else { table.serialize_entry(field, &count) }
}

/// The day, if it was set.
fn given<M: SerializeMap>(
    table: &mut M,
    period: &Period,
    week_start: Weekday,
) -> Result<(), M::Error> {
    if !period.has_week_start {
        return Ok(());
    }
    table.serialize_entry("week_start", &word(week_start))
}

fn word(day: Weekday) -> Option<&'static DayOfWeek> {
    DayOfWeek::KNOWN.iter().find(|word| word.weekday() == Some(day))
}

/// A month as in `2026-10`.
#[derive(Clone, Copy)]
struct YearMonth {
    year: i16,
    month: i8,
}

impl YearMonth {
    fn checked(self) -> Result<String, String> {
        let text = self.to_string();
        first_of(self.year, self.month).map(|_| text)
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for YearMonth {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const REFUSAL: &str = "not a month; write 2026-10";
        let (year, month) = text.rsplit_once('-').ok_or(REFUSAL)?;
        let (Ok(year), Ok(month)) = (year.parse(), month.parse()) else { return Err(REFUSAL) };
        let month = Self { year, month };
        let is_month = month.checked().is_ok_and(|written| written == text);
        if is_month { Ok(month) } else { Err(REFUSAL) }
    }
}

/// A date alone: the library would take a date with a time too, and drop the time.
struct Day(Date);

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = text.parse().ok().filter(|day: &Date| day.to_string() == text);
        day.map(Self).ok_or("not a date; write 2026-10-31")
    }
}

struct Instant(Timestamp);

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = text.parse().map(Self);
        instant
            .map_err(|_| "not an instant; write it with its offset, as 2026-10-31T08:00:00-04:00")
    }
}

struct Start(Weekday);

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DayOfWeek::from(text).weekday().map(Self).ok_or_else(|| {
            let near = DayOfWeek::nearest(text);
            let near = near.map(|near| format!("; did you mean {:?}?", near.as_str()));
            format!("not a day of the week{}", near.unwrap_or_default())
        })
    }
}

/// A unit of the calendar.
struct Unit(&'static str);

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = UNITS.into_iter().find(|unit| *unit == text).map(Self);
        unit.ok_or_else(|| format!("write one of {}", UNITS.join(", ")))
    }
}

#[derive(Default)]
struct StoredPeriod {
    last_days: Option<Whole>,
    days_earlier: Option<Whole>,
    last_weeks: Option<Whole>,
    weeks_earlier: Option<Whole>,
    week_start: Option<Text<Start>>,
    last_months: Option<Whole>,
    months_earlier: Option<Whole>,
    so_far: Option<Text<Unit>>,
    earlier: Option<Whole>,
    month: Option<Text<YearMonth>>,
    first_day: Option<Text<Day>>,
    last_day: Option<Text<Day>>,
    from: Option<Text<Instant>>,
    to: Option<Text<Instant>>,
    periods_earlier: Option<Whole>,
    /// The fields that are there.
    given: Vec<&'static str>,
}

fn or_zero(count: Option<Whole>) -> u32 {
    count.map_or(0, |Whole(count)| count)
}

/// The fields that make a period together, the first of them its name.
const SETS: [&[&str]; 7] = [
    &["last_days", "days_earlier"],
    &["last_weeks", "weeks_earlier", "week_start"],
    &["last_months", "months_earlier"],
    &["so_far", "earlier", "week_start"],
    &["month"],
    &["first_day", "last_day"],
    &["from", "to", "periods_earlier"],
];

impl StoredPeriod {
    /// The set that all given fields are of.
    fn set(&self) -> Result<&'static str, String> {
        let has_all = |set: &&&[&str]| self.given.iter().all(|field| set.contains(field));
        let has_first = |set: &&&[&str]| self.given.first().is_some_and(|it| set.contains(it));
        let set = SETS.iter().find(|set| has_first(set) && has_all(set));
        let Some(set) = set.or_else(|| SETS.iter().find(has_first)) else {
            return Err("a period is empty; write for example last_days = 7".to_owned());
        };
        match self.given.iter().find(|field| !set.contains(field)) {
            None => Ok(set[0]),
            Some(other) if other.ends_with("_earlier") => {
                let own = set.iter().find(|field| field.ends_with("earlier"));
                let remedy = own.map_or("leave it out".to_owned(), |own| format!("write `{own}`"));
                Err(format!("`{other}` doesn't go with `{}`; {remedy}", set[0]))
            }
            Some(other) => Err(format!(
                "a period has `{}` or `{other}`, not both; leave one out",
                self.given[0]
            )),
        }
    }
}

impl Table for StoredPeriod {
    type Value = Period;
    const WHAT: &'static str = "a period";
    fields!(
        last_days,
        days_earlier,
        last_weeks,
        weeks_earlier,
        week_start,
        last_months,
        months_earlier,
        so_far,
        earlier,
        month,
        first_day,
        last_day,
        from,
        to,
        periods_earlier
    );

    fn note(&mut self, field: &'static str) {
        self.given.push(field);
    }

    fn finish<E: de::Error>(self) -> Result<Period, E> {
        let week_start = self.week_start.as_ref();
        let has_week_start = week_start.is_some();
        let week_start = week_start.map_or(Weekday::Monday, |Text(start)| start.0);
        let kind = match self.set().map_err(E::custom)? {
            "last_days" => PeriodKind::LastDays {
                count: required(self.last_days, "last_days")?.0,
                days_earlier: or_zero(self.days_earlier),
            },
            "last_weeks" => PeriodKind::LastWeeks {
                count: required(self.last_weeks, "last_weeks")?.0,
                weeks_earlier: or_zero(self.weeks_earlier),
                week_start,
            },
            "last_months" => PeriodKind::LastMonths {
                count: required(self.last_months, "last_months")?.0,
                months_earlier: or_zero(self.months_earlier),
            },
            "so_far" => {
                let Text(Unit(unit)) = required(self.so_far, "so_far")?;
                let earlier = or_zero(self.earlier);
                match unit {
                    "week" => PeriodKind::WeekSoFar { weeks_earlier: earlier, week_start },
                    _ if self.week_start.is_some() => {
                        let reason = format!("a {unit} has no `week_start`; leave it out");
                        return Err(E::custom(reason));
                    }
                    "month" => PeriodKind::MonthSoFar { months_earlier: earlier },
                    _ => PeriodKind::TodaySoFar { days_earlier: earlier },
                }
            }
            "month" => {
                let Text(YearMonth { year, month }) = required(self.month, "month")?;
                PeriodKind::Month { year, month }
            }
            "first_day" => {
                let Text(Day(first)) = required(self.first_day, "first_day")?;
                let Text(Day(last)) = required(self.last_day, "last_day")?;
                return Ok(Period::between_days(first, last));
            }
            _ => PeriodKind::Instants {
                from: required(self.from, "from")?.0.0,
                to: required(self.to, "to")?.0.0,
                periods_earlier: or_zero(self.periods_earlier),
            },
        };
        Ok(Period { has_week_start, ..Period::of(kind) })
    }

    fn of_text<E: de::Error>(text: &str) -> Result<Period, E> {
        of_text(text).ok_or_else(|| {
            let near = nearest(text, TEXTS).map(|near| format!("did you mean {near:?}?"));
            let remedy = near.unwrap_or_else(|| {
                format!("write {}, or a table such as {{ last_days = 7 }}", TEXTS.join(", "))
            });
            E::custom(format!("{text:?} is not a period; {remedy}"))
        })
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::read::<StoredPeriod, D>(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(stored: serde_json::Value) -> String {
        serde_json::from_value::<Period>(stored).unwrap_err().to_string()
    }

    /// Users keep them: these texts must be read for ever.
    #[test]
    fn a_period_is_stored_so() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let sunday = Weekday::Sunday;
        for (period, stored) in [
            (Period::today(), json!("today")),
            (Period::today().previous(), json!("yesterday")),
            (Period::last_days(7), json!({"last_days": 7})),
            (Period::last_days(7).previous(), json!({"last_days": 7, "days_earlier": 7})),
            (Period::last_week(), json!("last_week")),
            (
                Period::last_weeks(2).weeks_start_on(sunday).previous(),
                json!({"last_weeks": 2, "weeks_earlier": 2, "week_start": "Sunday"}),
            ),
            (Period::last_month(), json!("last_month")),
            (Period::last_months(3).previous(), json!({"last_months": 3, "months_earlier": 3})),
            (Period::month(2026, 1).previous(), json!({"month": "2025-12"})),
            (Period::month_so_far(), json!("month_so_far")),
            (Period::month_so_far().previous(), json!({"so_far": "month", "earlier": 1})),
            (Period::today_so_far().previous(), json!({"so_far": "day", "earlier": 1})),
            (
                Period::week_so_far().weeks_start_on(sunday),
                json!({"so_far": "week", "week_start": "Sunday"}),
            ),
            (
                Period::days(day("2026-10-01"), day("2026-11-01")),
                json!({"first_day": "2026-10-01", "last_day": "2026-10-31"}),
            ),
            (
                Period::between(at("2026-10-01T05:00:00Z"), at("2026-10-01T06:30:00.5Z"))
                    .previous(),
                json!({"from": "2026-10-01T05:00:00Z", "to": "2026-10-01T06:30:00.5Z",
                       "periods_earlier": 1}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&period).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Period>(stored).unwrap(), period);
        }
    }

    #[test]
    fn what_is_not_a_period_is_refused_with_the_remedy() {
        for (stored, said) in [
            (json!("lastweek"), r#""lastweek" is not a period; did you mean "last_week"?"#),
            (json!("soon"), "a table such as { last_days = 7 }"),
            (json!({}), "a period is empty; write for example last_days = 7"),
            (json!({"last_day": 7}), "expected a text"),
            (json!({"lastdays": 7}), "a period has no field `lastdays`; did you mean `last_days`?"),
            (json!({"days_earlier": 7}), "missing field `last_days`"),
            (json!({"first_day": "2026-10-01"}), "missing field `last_day`"),
            (
                json!({"last_days": 7, "month": "2026-10"}),
                "a period has `last_days` or `month`, not both; leave one out",
            ),
            (json!({"so_far": "year"}), r#""year": write one of day, week, month"#),
            (json!({"so_far": "day", "week_start": "Sunday"}), "a day has no `week_start`"),
            (
                json!({"last_days": 7, "months_earlier": 1}),
                "`months_earlier` doesn't go with `last_days`; write `days_earlier`",
            ),
            (json!({"month": "2026-10", "months_earlier": 1}), "with `month`; leave it out"),
            (json!({"month": "2026-13"}), r#""2026-13": not a month; write 2026-10"#),
            (json!({"month": "2026-1"}), r#""2026-1": not a month; write 2026-10"#),
            (
                json!({"first_day": "2026-10-01T08:00", "last_day": "2026-10-02"}),
                r#""2026-10-01T08:00": not a date; write 2026-10-31"#,
            ),
            (json!({"from": "2026-10-01", "to": "2026-10-02"}), "not an instant"),
            (
                json!({"last_weeks": 1, "week_start": "Sonntag"}),
                r#""Sonntag": not a day of the week"#,
            ),
        ] {
            let refusal = refusal(stored);
            assert!(refusal.contains(said), "{refusal}");
        }
    }

    #[test]
    fn what_is_no_day_of_the_calendar_is_not_written() {
        assert!(serde_json::to_value(Period::month(2026, 13)).is_err());
        assert!(serde_json::to_value(Period::days(Date::MIN, Date::MIN)).is_err());
    }
}
