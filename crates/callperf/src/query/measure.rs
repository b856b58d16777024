//! What is counted, and how it is added up.

use crate::words::vocabulary::{Aggregation, Breakdown, Interval};

/// A breakdown with the way in which calls become one number.
///
/// A [`Breakdown`] alone is its sum.
///
/// ```
/// use callperf::{Aggregation, Breakdown, Interval, Measure};
///
/// let per_day = Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day);
/// # let _ = per_day;
/// ```
///
/// A sum is stored as its breakdown, `"by_result"`; another measure as a table:
/// `{ breakdown = "total", aggregation = "Average", interval = "Day" }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Measure {
    pub(crate) breakdown: Breakdown,
    pub(crate) aggregation: Aggregation,
    pub(crate) interval: Option<Interval>,
}

impl Measure {
    /// A breakdown, aggregated in this way.
    #[must_use]
    pub fn new(breakdown: Breakdown, aggregation: Aggregation) -> Self {
        Self { breakdown, aggregation, interval: None }
    }

    /// What it is broken down by.
    #[must_use]
    pub fn breakdown(&self) -> &Breakdown {
        &self.breakdown
    }

    /// How calls become one number.
    #[must_use]
    pub fn aggregation(&self) -> &Aggregation {
        &self.aggregation
    }

    /// The stretch of time that it is aggregated over.
    #[must_use]
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }

    /// Aggregated over intervals: an average per day, the largest hour.
    #[must_use]
    pub fn per(mut self, interval: Interval) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl From<Breakdown> for Measure {
    fn from(breakdown: Breakdown) -> Self {
        Self::new(breakdown, Aggregation::Sum)
    }
}
