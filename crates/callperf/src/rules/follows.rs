//! What a client follows of a calibration.

use super::assumption::Assumption;

/// The assumptions whose settled value changes what a client sends or returns. Code that follows
/// one asks for it by this word, so that the documents' list of them is this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    Milliseconds,
    TimelineRange,
    WeekStart,
    HoursEnd,
    OvernightHours,
    PointsBeginTheirInterval,
    EmptyRecords,
    PartialBuckets,
    RateLimitRemaining,
}

impl Follows {
    const ALL: [Self; 9] = [
        Self::Milliseconds,
        Self::TimelineRange,
        Self::WeekStart,
        Self::HoursEnd,
        Self::OvernightHours,
        Self::PointsBeginTheirInterval,
        Self::EmptyRecords,
        Self::PartialBuckets,
        Self::RateLimitRemaining,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "milliseconds",
            Self::TimelineRange => "timeline-range",
            Self::WeekStart => "week-start",
            Self::HoursEnd => "hours-end",
            Self::OvernightHours => "overnight-hours",
            Self::PointsBeginTheirInterval => "points-begin-their-interval",
            Self::EmptyRecords => "empty-records",
            Self::PartialBuckets => "partial-buckets",
            Self::RateLimitRemaining => "rate-limit-remaining",
        }
    }
}

impl Assumption {
    /// Whether a client with a calibration follows what it has settled of this
    /// ([`ClientBuilder::calibration`](crate::ClientBuilder::calibration)). The others change
    /// nothing that this crate decides: it passes on what comes, or can't do otherwise.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        Follows::ALL.iter().any(|followed| followed.name() == self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ASSUMPTIONS;

    #[test]
    fn what_is_followed_is_an_assumption() {
        let followed = ASSUMPTIONS.iter().filter(|assumption| assumption.is_followed());
        assert_eq!(followed.count(), Follows::ALL.len());
    }
}
