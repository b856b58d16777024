//! The filters, weekdays and hours of a query, as far as a history has them.

use callperf::{CallResponse, DayOfWeek, Direction, Filter, Hours};
use jiff::civil::Weekday;

use crate::model::scope::Scope;

/// Why a query can't be answered, in words.
pub(crate) type Refusal = String;

/// The scope whose queries have these filters.
pub(super) fn scope(filters: &[Filter]) -> Result<Scope, Refusal> {
    let filters: Vec<_> = filters.iter().filter(|filter| !takes_all(filter)).cloned().collect();
    if let Some(scope) = Scope::of_filters(&filters) {
        return Ok(scope);
    }
    let names: Vec<_> = filters.iter().map(Filter::name).collect();
    Err(format!(
        "calls filtered by {} aren't kept; without a filter, inbound calls, and inbound calls that \
         were answered are",
        names.join(" and ")
    ))
}

/// The queue that the calls came through, if one is asked for, and the other filters.
///
/// # Errors
/// For several queues: a call may have come through more than one.
pub(super) fn queue(filters: &[Filter]) -> Result<(Option<String>, Vec<Filter>), Refusal> {
    let mut queues = Vec::new();
    let mut others = Vec::new();
    for filter in filters {
        match filter {
            Filter::Queues(ids) => queues.extend(ids.iter().cloned()),
            other => others.push(other.clone()),
        }
    }
    queues.dedup();
    match queues.len() {
        0 | 1 => Ok((queues.pop(), others)),
        _ => Err("calls are kept by one queue each, and some may have come through several of \
                  these; ask for one queue at a time"
            .to_owned()),
    }
}

/// Whether all calls pass a filter.
fn takes_all(filter: &Filter) -> bool {
    match filter {
        Filter::Direction(words) => has_all(Direction::KNOWN, words),
        Filter::Response(words) => has_all(CallResponse::KNOWN, words),
        Filter::CallDuration(length) | Filter::TimeSpent(length) => {
            length.min_seconds().unwrap_or(0) == 0 && length.max_seconds().is_none()
        }
        _ => false,
    }
}

fn has_all<W: PartialEq>(known: &[W], words: &[W]) -> bool {
    words.is_empty() || known.iter().all(|word| words.contains(word))
}

/// The weekdays and the hours of the day that a query chooses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Empty for all.
    days: Vec<Weekday>,
    /// The first and the last hour of each span; empty for all.
    hours: Vec<(i8, i8)>,
}

impl Chosen {
    /// # Errors
    /// A word that isn't known, and parts of hours.
    pub(super) fn of(days: &[DayOfWeek], hours: &[Hours]) -> Result<Self, Refusal> {
        let mut of_days = days.iter().map(weekday).collect::<Result<Vec<_>, _>>()?;
        let mut of_hours = hours.iter().map(whole_hours).collect::<Result<Vec<_>, _>>()?;
        let all_days = Weekday::Monday.cycle_forward().take(7);
        if all_days.into_iter().all(|day| of_days.contains(&day)) {
            of_days.clear();
        }
        if (0..24).all(|hour| of_hours.iter().any(|span| is_within(*span, hour))) {
            of_hours.clear();
        }
        Ok(Self { days: of_days, hours: of_hours })
    }

    pub(super) fn has_hours(&self) -> bool {
        !self.hours.is_empty()
    }

    pub(super) fn has_day(&self, day: Weekday) -> bool {
        self.days.is_empty() || self.days.contains(&day)
    }

    pub(super) fn has_hour(&self, hour: i8) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|span| is_within(*span, hour))
    }
}

fn weekday(day: &DayOfWeek) -> Result<Weekday, Refusal> {
    day.weekday().ok_or_else(|| format!("{day} isn't a day of the week"))
}

/// The first and the last hour of a span, whose last minute is included.
fn whole_hours(hours: &Hours) -> Result<(i8, i8), Refusal> {
    let hour = |text: &str, minute: &str| -> Option<i8> {
        let hour = text.strip_suffix(minute)?.strip_suffix(':')?.parse().ok()?;
        (0..24).contains(&hour).then_some(hour)
    };
    let span = hour(hours.start(), "00").zip(hour(hours.end(), "59"));
    span.ok_or_else(|| {
        let (start, end) = (hours.start(), hours.end());
        let whole = wholly(start, end).unwrap_or_else(|| "09:00-16:59".to_owned());
        format!("whole hours are kept, not {start}-{end}; choose whole ones, as in {whole}")
    })
}

/// The whole hours that are nearest: a last minute of 17:00 is the end of the hour before.
fn wholly(start: &str, end: &str) -> Option<String> {
    let parts = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?))
    };
    let ((first, _), (last, minute)) = (parts(start)?, parts(end)?);
    let last = if minute == 0 { (last + 23) % 24 } else { last };
    Some(format!("{first:02}:00-{last:02}:59"))
}

fn is_within((first, last): (i8, i8), hour: i8) -> bool {
    if first <= last { (first..=last).contains(&hour) } else { hour >= first || hour <= last }
}

#[cfg(test)]
mod tests {
    use callperf::{CallResult, Length};

    use super::*;

    #[test]
    fn a_filter_that_all_calls_pass_is_none() {
        for filter in [
            Filter::Direction(Direction::KNOWN.to_vec()),
            Filter::Response(CallResponse::KNOWN.to_vec()),
            Filter::Direction(Vec::new()),
            Filter::CallDuration(Length::at_least(0)),
        ] {
            assert_eq!(scope(&[filter]), Ok(Scope::All));
        }
        let inbound = Filter::from(Direction::Inbound);
        assert_eq!(
            scope(&[inbound, Filter::Response(CallResponse::KNOWN.to_vec())]),
            Ok(Scope::Inbound)
        );
        for filter in [
            Filter::from(Direction::Outbound),
            Filter::from(CallResult::Abandoned),
            Filter::CallDuration(Length::at_most(60)),
        ] {
            assert!(scope(&[filter]).is_err());
        }
    }

    #[test]
    fn hours_are_whole_and_may_pass_midnight() {
        let chosen = |start, end| Chosen::of(&[], &[Hours::new(start, end)]);
        let night = chosen("22:00", "05:59").unwrap();
        let hours: Vec<_> = (0..24).filter(|hour| night.has_hour(*hour)).collect();
        assert_eq!(hours, [0, 1, 2, 3, 4, 5, 22, 23]);
        assert_eq!(chosen("00:00", "23:59"), Ok(Chosen::default()));
        for (start, end) in [("09:30", "17:59"), ("09:00", "17:00"), ("09:00", "24:59")] {
            assert!(chosen(start, end).is_err(), "{start}-{end}");
        }
    }

    #[test]
    fn all_days_are_no_choice() {
        assert_eq!(Chosen::of(DayOfWeek::KNOWN, &[]), Ok(Chosen::default()));
        let monday = Chosen::of(&[DayOfWeek::Monday], &[]).unwrap();
        assert!(monday.has_day(Weekday::Monday) && !monday.has_day(Weekday::Sunday));
    }
}
