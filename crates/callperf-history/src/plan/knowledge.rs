//! What is known of a history's size, which the plan goes by.

use std::collections::BTreeMap;

use callperf::Grouping;

use super::{
    cheapest::{By, Offer, first_span},
    unit::Unit,
};
use crate::model::table::{SeriesName, Table};

/// Keys on a page, by the API's documented limits.
const KEYS_OF_AGGREGATION: u64 = 200;
const KEYS_OF_TIMELINE: u64 = 20;

/// The longest timeline: all that the API remembers.
const LONGEST: i32 = 184;

/// JSON values that a page may have, an object counting as 8: 31 days of the hours of twenty keys,
/// which are about 34 MB, as a response of all documented breakdowns has them.
const MOST_VALUES: u64 = 7_500_000;

/// JSON values that one key of a page may have: its series is decoded as a whole.
const MOST_VALUES_OF_KEY: u64 = 1_000_000;

/// JSON values of one key at one point, before a page was seen: as a response of all documented
/// breakdowns has.
const FORESEEN_VALUES: u64 = 480;

/// How many keys a grouping has, and how large responses are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Knowledge {
    keys: BTreeMap<String, u64>,
    /// The most JSON values that a point had on average, by the table and the grouping.
    values: BTreeMap<SeriesName, u64>,
    /// Days that a timeline of hours takes at most.
    days_of_hours: Option<u32>,
}

impl Knowledge {
    pub(crate) fn new(days_of_hours: Option<u32>) -> Self {
        let keys = BTreeMap::from([(Grouping::Company.as_str().to_owned(), 1)]);
        Self { keys, days_of_hours, ..Self::default() }
    }

    /// Takes in that a grouping has so many keys, as far as a response shows.
    pub(crate) fn see_keys(&mut self, grouping: &str, keys: u64) {
        let known = self.keys.entry(grouping.to_owned()).or_default();
        *known = (*known).max(keys);
    }

    /// Takes in how large the points of a series are.
    pub(crate) fn see_values(&mut self, series: &SeriesName, per_point: u64) {
        let known = self.values.entry(series.clone()).or_default();
        *known = (*known).max(per_point);
    }

    pub(crate) fn keys(&self, grouping: &str) -> Option<u64> {
        self.keys.get(grouping).copied()
    }

    /// The most days from the first to the last of one timeline.
    pub(crate) fn span(&self, series: &SeriesName) -> i32 {
        let points_of_day = if series.table == Table::Hourly { 25 } else { 1 };
        let keys = self.keys(&series.population()).unwrap_or(KEYS_OF_TIMELINE);
        let keys = keys.clamp(1, KEYS_OF_TIMELINE);
        let values = self.values.get(series).copied().unwrap_or(FORESEEN_VALUES).max(1);
        let of_key = points_of_day * values;
        let fits = (MOST_VALUES / (keys * of_key)).min(MOST_VALUES_OF_KEY / of_key);
        let fits = i32::try_from(fits).unwrap_or(LONGEST).clamp(1, LONGEST);
        match self.days_of_hours {
            Some(most) if series.table == Table::Hourly => {
                fits.min(i32::try_from(most).unwrap_or(LONGEST).max(1))
            }
            _ => fits,
        }
    }

    pub(crate) fn offer(&self, series: &SeriesName) -> Offer {
        // A new history is asked for by timelines, unless it is a matter of days.
        let keys = self.keys(&series.population()).unwrap_or(KEYS_OF_TIMELINE).max(1);
        Offer {
            timeline: keys.div_ceil(KEYS_OF_TIMELINE),
            aggregation: keys.div_ceil(KEYS_OF_AGGREGATION),
            span: self.span(series),
        }
    }

    /// How many requests a unit takes.
    pub(crate) fn requests(&self, unit: &Unit) -> u64 {
        let offer = self.offer(&unit.series);
        match unit.by {
            By::Aggregation => offer.aggregation,
            By::Days => offer.timeline,
            By::Hours => {
                let (mut rest, mut spans) = (unit.days.as_slice(), 0);
                while !rest.is_empty() {
                    rest = &rest[first_span(rest, offer.span).max(1)..];
                    spans += 1;
                }
                spans * offer.timeline
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_go_by_the_size_of_the_pages_seen() {
        let users = SeriesName::new(Table::Hourly, "Users");
        let mut knowledge = Knowledge::new(None);
        assert_eq!(knowledge.span(&users), 31);
        knowledge.see_values(&users, 54);
        assert_eq!(knowledge.span(&users), 184);
        knowledge.see_values(&users, 540);
        assert_eq!(knowledge.span(&users), 27);
        knowledge.see_keys("Users", 4);
        assert_eq!(knowledge.span(&users), 74, "by the size of one series");
        assert_eq!(Knowledge::new(Some(7)).span(&users), 7);
        assert_eq!(knowledge.span(&SeriesName::new(Table::Daily, "Users")), 184);
    }
}
