//! What is requested together.

use jiff::civil::Date;

use super::cheapest::{By, first_span};
use crate::model::table::SeriesName;

/// Days of a series that are requested alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) series: SeriesName,
    pub(crate) by: By,
    /// The days that are written, in their order. There is at least one.
    pub(crate) days: Vec<Date>,
}

impl Unit {
    pub(crate) fn first(&self) -> Date {
        self.days[0]
    }

    pub(crate) fn last(&self) -> Date {
        self.days[self.days.len() - 1]
    }

    /// The part that one request takes, and the rest.
    pub(crate) fn split(mut self, span: i32) -> (Self, Option<Self>) {
        if self.by == By::Aggregation {
            return (self, None);
        }
        let rest = self.days.split_off(first_span(&self.days, span).max(1));
        let rest = (!rest.is_empty()).then(|| Self { days: rest, ..self.clone() });
        (self, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::Table;

    #[test]
    fn a_unit_is_cut_by_the_days_that_one_request_takes() {
        let series = SeriesName::new(Table::Hourly, "Users");
        let days = ["2026-05-30", "2026-05-31", "2026-06-01", "2026-06-03"]
            .map(|day| day.parse().unwrap())
            .to_vec();
        let shown = |days: &[Date]| -> Vec<_> {
            days.iter().map(|day| day.strftime("%m-%d").to_string()).collect()
        };
        let (now, rest) = Unit { series, by: By::Hours, days }.split(4);
        assert_eq!(shown(&now.days), ["05-30", "05-31", "06-01"]);
        let (now, rest) = rest.unwrap().split(4);
        assert_eq!((shown(&now.days), rest), (vec!["06-03".to_owned()], None));
    }
}
