//! Periods as values: absolute, or relative to a clock.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, Weekday},
};

use super::so_far::SoFar;

/// A period: absolute, or relative to the clock of the client.
///
/// Resolved, it is half-open: a call belongs to `[from, to)` when it *started*
/// in it.
///
/// # Stored
/// A period is one of the texts `today`, `yesterday`, `last_week`, `last_month`, `today_so_far`,
/// `week_so_far` and `month_so_far`, or a table with one of these sets of fields:
///
/// | fields | constructor |
/// |---|---|
/// | `last_days = 7` | [`Period::last_days`] |
/// | `last_weeks = 2` | [`Period::last_weeks`]; `week_start = "Sunday"` unless weeks start on Monday |
/// | `last_months = 3` | [`Period::last_months`] |
/// | `so_far = "month"` | [`Period::month_so_far`]; or `"day"`, or `"week"` with `week_start`; `earlier = 1` for the one before |
/// | `month = "2026-10"` | [`Period::month`] |
/// | `first_day = "2026-10-01", last_day = "2026-10-14"` | [`Period::between_days`] |
/// | `from = "2026-10-01T05:00:00Z", to = "2026-10-02T05:00:00Z"` | [`Period::between`] |
///
/// `days_earlier`, `weeks_earlier`, `months_earlier` and `periods_earlier` beside the relative
/// ones and the last say how much earlier it is ([`Period::previous`]). Days and instants may be
/// TOML's own dates and date-times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    pub(super) kind: PeriodKind,
    /// Whether the day on which weeks start was given, rather than taken for Monday.
    pub(super) has_week_start: bool,
}

/// What a [`Period`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeriodKind {
    /// From an instant up to, and not including, another.
    Instants {
        /// The first instant.
        from: Timestamp,
        /// The first instant after it.
        to: Timestamp,
        /// How many such periods earlier it is.
        periods_earlier: u32,
    },
    /// Local days.
    Days {
        /// The first day.
        from: Date,
        /// The day after the last.
        to: Date,
    },
    /// A calendar month.
    Month {
        /// The year.
        year: i16,
        /// The month, from 1.
        month: i8,
    },
    /// The local day of the clock.
    Today,
    /// Whole local days.
    LastDays {
        /// How many.
        count: u32,
        /// How many days they end before today.
        days_earlier: u32,
    },
    /// Whole local weeks.
    LastWeeks {
        /// How many.
        count: u32,
        /// How many weeks they end before this one.
        weeks_earlier: u32,
        /// The day on which weeks start.
        week_start: Weekday,
    },
    /// Whole calendar months.
    LastMonths {
        /// How many.
        count: u32,
        /// How many months they end before this one.
        months_earlier: u32,
    },
    /// The local day of the clock as far as it has passed, or the same part of an earlier one.
    TodaySoFar {
        /// How many days earlier.
        days_earlier: u32,
    },
    /// The local week of the clock as far as it has passed, or the same part of an earlier one.
    WeekSoFar {
        /// How many weeks earlier.
        weeks_earlier: u32,
        /// The day on which weeks start.
        week_start: Weekday,
    },
    /// The calendar month of the clock as far as it has passed, or the same part of an earlier one.
    MonthSoFar {
        /// How many months earlier.
        months_earlier: u32,
    },
}

impl Period {
    /// From an instant up to, and not including, another.
    #[must_use]
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self::of(PeriodKind::Instants { from, to, periods_earlier: 0 })
    }

    /// Local days of the query's time zone: from the start of `from` to the
    /// start of `to`, which isn't included.
    #[must_use]
    pub fn days(from: Date, to: Date) -> Self {
        Self::of(PeriodKind::Days { from, to })
    }

    /// Local days of the query's time zone, the last included. Days that the time zone skipped, such as
    /// 30 December 2011 in Samoa, hold no time, which is refused when the query is used.
    ///
    /// ```
    /// use callperf::Period;
    /// use jiff::civil::date;
    ///
    /// let october = Period::between_days(date(2026, 10, 1), date(2026, 10, 31));
    /// assert_eq!(october, Period::days(date(2026, 10, 1), date(2026, 11, 1)));
    /// ```
    #[must_use]
    pub fn between_days(first: Date, last: Date) -> Self {
        Self::days(first, last.saturating_add(1.day()))
    }

    /// A calendar month, for example `Period::month(2026, 10)`. A month that doesn't exist is
    /// refused when the query is used, or written.
    ///
    /// The end of a month that isn't over is moved to shortly before now, and the month before has
    /// more days: compare [`Period::month_so_far`] with its [`previous`](Self::previous) instead.
    #[must_use]
    pub fn month(year: i16, month: i8) -> Self {
        Self::of(PeriodKind::Month { year, month })
    }

    /// The local day of the clock, as far as it has passed: its end is moved to
    /// [`END_BUFFER`](crate::period::END_BUFFER) before now, with a notice.
    ///
    /// In the first two minutes of a day, when none of it can be had yet, it is refused when the
    /// query is used; the error says from when on it works.
    ///
    /// The day before it is a whole one: compare [`Period::today_so_far`] with its
    /// [`previous`](Self::previous) instead.
    #[must_use]
    pub fn today() -> Self {
        Self::of(PeriodKind::Today)
    }

    /// The local day before today. It is the same as `Period::last_days(1)`.
    #[must_use]
    pub fn yesterday() -> Self {
        Self::last_days(1)
    }

    /// The `count` whole local days before today, in the query's time zone.
    ///
    /// A day has 23 or 25 hours where the clocks change. Today's API has 184 times 24 hours: 183 whole
    /// days are the most before today.
    #[must_use]
    pub fn last_days(count: u32) -> Self {
        Self::of(PeriodKind::LastDays { count, days_earlier: 0 })
    }

    /// The week before this one, from Monday to Sunday (ISO 8601) unless
    /// [`Period::weeks_start_on`] says otherwise, or a client's
    /// [calibration](crate::ClientBuilder::calibration) has settled on which day the API's weeks
    /// start.
    #[must_use]
    pub fn last_week() -> Self {
        Self::last_weeks(1)
    }

    /// The `count` whole weeks before this one, as [`Period::last_week`] counts weeks.
    #[must_use]
    pub fn last_weeks(count: u32) -> Self {
        let week_start = Weekday::Monday;
        Self::of(PeriodKind::LastWeeks { count, weeks_earlier: 0, week_start })
    }

    /// The calendar month before this one.
    #[must_use]
    pub fn last_month() -> Self {
        Self::last_months(1)
    }

    /// The `count` whole calendar months before this one.
    #[must_use]
    pub fn last_months(count: u32) -> Self {
        Self::of(PeriodKind::LastMonths { count, months_earlier: 0 })
    }

    /// The local day of the clock, up to [`END_BUFFER`](crate::period::END_BUFFER) before now. Unlike
    /// [`Period::today`], what is [`previous`](Self::previous) to it is the same part of yesterday: up
    /// to the same local time.
    #[must_use]
    pub fn today_so_far() -> Self {
        Self::of(PeriodKind::TodaySoFar { days_earlier: 0 })
    }

    /// The week of the clock, from Monday on unless [`Period::weeks_start_on`] or a client's
    /// [calibration](crate::ClientBuilder::calibration) says otherwise, up to
    /// [`END_BUFFER`](crate::period::END_BUFFER) before now. What is [`previous`](Self::previous) to it
    /// is the same part of last week.
    #[must_use]
    pub fn week_so_far() -> Self {
        Self::of(PeriodKind::WeekSoFar { weeks_earlier: 0, week_start: Weekday::Monday })
    }

    /// The calendar month of the clock, up to [`END_BUFFER`](crate::period::END_BUFFER) before now:
    /// month to date. What is [`previous`](Self::previous) to it is the same part of last month, up
    /// to the same day and local time, or all of it if it is shorter.
    ///
    /// ```
    /// use callperf::Period;
    /// use jiff::{Timestamp, tz::TimeZone};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now: Timestamp = "2026-11-10T15:00:00Z".parse()?;
    /// let ends = |period: Period| {
    ///     period.at(now, &TimeZone::UTC).map(|it| (it.start().to_string(), it.end().to_string()))
    /// };
    /// let (from, to) = ends(Period::month_so_far())?;
    /// assert_eq!([&*from, &*to], ["2026-11-01T00:00:00Z", "2026-11-10T14:58:00Z"]);
    /// let (from, to) = ends(Period::month_so_far().previous())?;
    /// assert_eq!([&*from, &*to], ["2026-10-01T00:00:00Z", "2026-10-10T14:58:00Z"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn month_so_far() -> Self {
        Self::of(PeriodKind::MonthSoFar { months_earlier: 0 })
    }

    /// Sets the day on which the weeks of [`Period::last_week`] and [`Period::week_so_far`] start.
    /// Other periods stay as they are. It counts before what a client's
    /// [calibration](crate::ClientBuilder::calibration) has settled.
    ///
    /// On which day the API's own weeks start, those of a timeline by
    /// [`Interval::Week`](crate::Interval::Week), is documented nowhere.
    #[must_use]
    pub fn weeks_start_on(mut self, day: Weekday) -> Self {
        if let PeriodKind::LastWeeks { week_start, .. } | PeriodKind::WeekSoFar { week_start, .. } =
            &mut self.kind
        {
            *week_start = day;
            self.has_week_start = true;
        }
        self
    }

    /// What the period is.
    #[must_use]
    pub fn kind(&self) -> PeriodKind {
        self.kind
    }

    /// The period of the same kind right before this one: the month before a month, the week
    /// before a week, the seven days before seven days, yesterday before today.
    ///
    /// It is whole also if this one isn't over: for a comparison with the same part, take
    /// [`today_so_far`](Self::today_so_far), [`week_so_far`](Self::week_so_far) or
    /// [`month_so_far`](Self::month_so_far).
    ///
    /// Before a period of two instants it is the one that begins and ends at the same local times,
    /// the fewest days earlier that keep the two apart: the night before a night from 22:00 to 06:00.
    /// If the clocks skip all of those times, it is
    /// refused when the query is used. Before a month that doesn't exist there is none that does.
    #[must_use]
    pub fn previous(&self) -> Self {
        let kind = match self.kind {
            PeriodKind::Instants { from, to, periods_earlier } => PeriodKind::Instants {
                from,
                to,
                periods_earlier: periods_earlier.saturating_add(1),
            },
            PeriodKind::Days { from, to } => {
                let length = from.until(to).unwrap_or_default();
                PeriodKind::Days { from: from.saturating_sub(length), to: from }
            }
            PeriodKind::Month { year, month } if first_of(year, month).is_err() => self.kind,
            PeriodKind::Month { year, month: 1 } => {
                PeriodKind::Month { year: year.saturating_sub(1), month: 12 }
            }
            PeriodKind::Month { year, month } => {
                PeriodKind::Month { year, month: month.saturating_sub(1) }
            }
            PeriodKind::Today => PeriodKind::LastDays { count: 1, days_earlier: 0 },
            PeriodKind::LastDays { count, days_earlier } => {
                PeriodKind::LastDays { count, days_earlier: days_earlier.saturating_add(count) }
            }
            PeriodKind::LastWeeks { count, weeks_earlier, week_start } => PeriodKind::LastWeeks {
                count,
                weeks_earlier: weeks_earlier.saturating_add(count),
                week_start,
            },
            PeriodKind::LastMonths { count, months_earlier } => PeriodKind::LastMonths {
                count,
                months_earlier: months_earlier.saturating_add(count),
            },
            PeriodKind::TodaySoFar { days_earlier } => {
                PeriodKind::TodaySoFar { days_earlier: days_earlier.saturating_add(1) }
            }
            PeriodKind::WeekSoFar { weeks_earlier, week_start } => {
                PeriodKind::WeekSoFar { weeks_earlier: weeks_earlier.saturating_add(1), week_start }
            }
            PeriodKind::MonthSoFar { months_earlier } => {
                PeriodKind::MonthSoFar { months_earlier: months_earlier.saturating_add(1) }
            }
        };
        Self { kind, ..self.clone() }
    }

    pub(super) fn of(kind: PeriodKind) -> Self {
        Self { kind, has_week_start: false }
    }

    /// With weeks that start on the API's day, if it is known and the period has none of its own.
    pub(crate) fn with_usual_week_start(self, day: Option<Weekday>) -> Self {
        match day {
            Some(day) if !self.has_week_start => self.weeks_start_on(day),
            _ => self,
        }
    }
}

/// The ends of a period, before a time zone makes instants of days.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    Instants {
        from: Timestamp,
        to: Timestamp,
        periods_earlier: u32,
    },
    /// The first day, and the day after the last.
    Days(Date, Date),
    SoFar(SoFar),
}

impl PeriodKind {
    pub(super) fn ends(self, today: Date) -> Result<Ends, String> {
        let (from, to) = match self {
            Self::Instants { from, to, periods_earlier } => {
                return Ok(Ends::Instants { from, to, periods_earlier });
            }
            Self::Days { from: Date::MAX, .. } => return Err(LAST_DAY.to_owned()),
            Self::Days { from, to } => (from, to),
            Self::Month { year, month } => {
                let first = first_of(year, month)?;
                (first, first.checked_add(1.month()).map_err(|_| LAST_DAY.to_owned())?)
            }
            Self::Today => (today, today.saturating_add(1.day())),
            Self::LastDays { count, days_earlier } => {
                let days = |count: u32| Span::new().try_days(count);
                last(count, days_earlier, "day", days, today)?
            }
            Self::LastWeeks { count, weeks_earlier, week_start } => {
                let weeks = |count: u32| Span::new().try_weeks(count);
                last(count, weeks_earlier, "week", weeks, first_of_week(today, week_start))?
            }
            Self::LastMonths { count, months_earlier } => {
                let months = |count: u32| Span::new().try_months(count);
                last(count, months_earlier, "month", months, today.first_of_month())?
            }
            Self::TodaySoFar { days_earlier } => {
                let days = |count: u32| Span::new().try_days(count);
                return so_far("today", today, days_earlier, days).map(Ends::SoFar);
            }
            Self::WeekSoFar { weeks_earlier, week_start } => {
                let weeks = |count: u32| Span::new().try_weeks(count);
                let this = first_of_week(today, week_start);
                return so_far("this week", this, weeks_earlier, weeks).map(Ends::SoFar);
            }
            Self::MonthSoFar { months_earlier } => {
                let months = |count: u32| Span::new().try_months(count);
                let this = today.first_of_month();
                return so_far("this month", this, months_earlier, months).map(Ends::SoFar);
            }
        };
        Ok(Ends::Days(from, to))
    }
}

/// The part of the unit that begins on `current`, or of one so many units earlier.
fn so_far(
    unit: &'static str,
    current: Date,
    earlier: u32,
    span: impl Fn(u32) -> Result<Span, jiff::Error>,
) -> Result<SoFar, String> {
    let first = span(earlier).and_then(|span| current.checked_sub(span));
    let days = first.and_then(|first| Ok((first, first.checked_add(span(1)?)?)));
    let days = days.map_err(|_| {
        format!("the part of {unit} so far, {earlier} earlier, isn't in the calendar; use fewer")
    })?;
    Ok(SoFar { unit, current, days })
}

fn first_of_week(today: Date, week_start: Weekday) -> Date {
    today.saturating_sub(today.weekday().since(week_start).days())
}

const LAST_DAY: &str = "9999-12-31 is the last day of the calendar; use an earlier period";

/// The first day of a month.
pub(super) fn first_of(year: i16, month: i8) -> Result<Date, String> {
    Date::new(year, month, 1).map_err(|_| {
        let limits = if (1..=12).contains(&month) {
            "years are -9999 to 9999"
        } else {
            "months are 1 to 12"
        };
        format!("{year:04}-{month:02} is not a month; {limits}")
    })
}

/// So many units that end so many units before the one that begins on `this`.
fn last(
    count: u32,
    earlier: u32,
    unit: &str,
    span: impl Fn(u32) -> Result<Span, jiff::Error>,
    this: Date,
) -> Result<(Date, Date), String> {
    let before = |day: Date, count| span(count).and_then(|span| day.checked_sub(span));
    let ends = before(this, earlier).and_then(|to| Ok((before(to, count)?, to)));
    ends.map_err(|_| {
        let earlier = match earlier {
            0 => String::new(),
            _ => format!(
                ", {},",
                counted(earlier, &format!("{unit} earlier"), &format!("{unit}s earlier"))
            ),
        };
        let count = counted(count, unit, &format!("{unit}s"));
        format!("the last {count}{earlier} begin before the calendar does; use fewer")
    })
}

fn counted(count: u32, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
