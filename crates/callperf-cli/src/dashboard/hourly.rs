//! The inbound calls of each hour.

use callperf::{Breakdown, Direction, GroupBy, Interval, Query, Series, report::Metric};
use callperf_history::Reader;
use jiff::Timestamp;

use super::{
    range::{Days, Range},
    stored::Stored,
};
use crate::{
    Failure,
    answers::{Notes, Pulling, pull},
    render::{Dashboard, HoursOf},
};

/// The hours of the company and of the queues: those of the period from the API, which are one
/// request more, and all that a history keeps.
pub(super) async fn hours(
    days: &Days<'_>,
    own: &Range,
    range: &Range,
    dashboard: &Dashboard,
    notices: &mut Notes<'_>,
) -> Result<Vec<HoursOf>, Failure> {
    if let Some(reader) = days.history {
        let mut hours = Vec::new();
        for (name, group_by) in [("company", GroupBy::company()), ("queues", of_queues(days))] {
            hours.extend(Box::pin(stored(days, reader, (name, group_by), range, notices)).await?);
        }
        return Ok(hours);
    }
    let mut hours = Vec::new();
    if let Some(series) = &dashboard.hours {
        let mut company = Hours::of("company", own);
        for point in &series.points {
            let calls = point.numbers.calls.total();
            company.add(&series.key, point.time, calls.map(callperf::Value::as_f64));
        }
        hours.push(company.0);
    }
    if !dashboard.queues.entries.is_empty() {
        let query = Query::new(of_queues(days), own.period(), &days.options.time_zone)
            .calls(Breakdown::Total)
            .only(Direction::Inbound);
        let request = days.client.timeline(&query, Interval::Hour);
        let series: Vec<Series> = pull(Pulling::Sent(Box::new(request)), notices).await?;
        let mut queues = Hours::of("queues", own);
        queues.take(&series, |calls| calls.total().map(callperf::Value::as_f64));
        hours.push(queues.0);
    }
    Ok(hours)
}

fn of_queues(days: &Days<'_>) -> GroupBy {
    let keys = &days.options.queues;
    let group_by = GroupBy::queues();
    if keys.is_empty() { group_by } else { group_by.keys(keys.iter().cloned()) }
}

/// From the table of hours, which has all calls by their direction.
async fn stored(
    days: &Days<'_>,
    reader: &Reader,
    (name, group_by): (&'static str, GroupBy),
    range: &Range,
    notices: &mut Notes<'_>,
) -> Result<Option<HoursOf>, Failure> {
    let query =
        Query::new(group_by, range.period(), &days.options.time_zone).calls(Breakdown::Direction);
    let stored = Stored::of(reader, &query, Interval::Hour, range);
    if stored.is_empty() {
        return Ok(None);
    }
    let mut hours = Hours::of(name, range);
    hours.0.gaps = stored.gaps(range);
    let inbound =
        |calls: &Metric| calls.by_direction().get(Direction::Inbound).map(|value| value.as_f64());
    stored.read(notices, |series| hours.take(series, inbound)).await?;
    Ok(Some(hours.0))
}

struct Hours<'a>(HoursOf, &'a Range);

impl<'a> Hours<'a> {
    fn of(name: &'static str, range: &'a Range) -> Self {
        let (first, days) = (range.first, range.days);
        Self(HoursOf { name, first, days, gaps: Vec::new(), keys: Vec::new() }, range)
    }

    fn take(&mut self, series: &[Series], calls: impl Fn(&Metric) -> Option<f64>) {
        for one in series {
            for point in one.points() {
                self.add(one.key(), point.time(), calls(point.calls()));
            }
        }
    }

    fn add(&mut self, key: &str, time: Timestamp, calls: Option<f64>) {
        let Some(day) = self.1.place(time) else { return };
        let hour = time.to_zoned_datetime(self.1.zone.clone()).hour();
        let place = day * 24 + usize::try_from(hour).unwrap_or(0);
        let known = self.0.keys.iter().position(|(own, _)| own == key);
        let at = known.unwrap_or_else(|| {
            self.0.keys.push((key.to_owned(), vec![0.0; self.0.days * 24]));
            self.0.keys.len() - 1
        });
        self.0.keys[at].1[place] += calls.unwrap_or(0.0);
    }
}
