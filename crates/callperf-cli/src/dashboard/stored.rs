//! Series of a history, read a few days at a time.

use callperf::{Interval, Period, Query, Series, Source as _};
use callperf_history::{Reader, files::runs};
use jiff::civil::Date;

use super::range::Range;
use crate::{
    Failure,
    answers::{Notes, Pulling, pull},
};

/// How many days are read at a time: answers of many keys are large.
const DAYS_AT_A_TIME: usize = 31;
const DAYS_OF_USERS_AT_A_TIME: usize = 7;

/// The days of a range that a history has of the calls of a query.
pub(super) struct Stored<'a> {
    reader: &'a Reader,
    query: &'a Query,
    interval: Interval,
    days: Vec<Date>,
}

impl<'a> Stored<'a> {
    pub(super) fn of(
        reader: &'a Reader,
        query: &'a Query,
        interval: Interval,
        range: &Range,
    ) -> Self {
        let mut days = reader.kept_days(query, Some(&interval));
        days.retain(|day| range.place_of(*day).is_some());
        Self { reader, query, interval, days }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The places of the days of the range that the history lacks.
    pub(super) fn gaps(&self, range: &Range) -> Vec<usize> {
        let mut is_kept = vec![false; range.days];
        for place in self.days.iter().filter_map(|day| range.place_of(*day)) {
            is_kept[place] = true;
        }
        (0..range.days).filter(|place| !is_kept[*place]).collect()
    }

    /// Reads the series, and gives those of some days to `take`.
    ///
    /// # Errors
    /// Those of the history.
    pub(super) async fn read(
        &self,
        notices: &mut Notes<'_>,
        mut take: impl FnMut(&[Series]) + Send,
    ) -> Result<(), Failure> {
        let users = callperf::GroupBy::users();
        let are_users = self.query.group_by().grouping() == users.grouping();
        let at_a_time = if are_users { DAYS_OF_USERS_AT_A_TIME } else { DAYS_AT_A_TIME };
        for days in runs(&self.days).flat_map(|run| run.chunks(at_a_time)) {
            let (Some(first), Some(last)) = (days.first(), days.last()) else { continue };
            let query = self.query.clone().with_period(Period::between_days(*first, *last));
            let answer = self.reader.timeline(&query, self.interval.clone());
            let series: Vec<Series> = pull(Pulling::Stored(answer), notices).await?;
            take(&series);
        }
        Ok(())
    }
}
