//! When calls must have started, and how a period is cut into hours, days, weeks or months.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::assumptions::{Assumptions, EmptyBuckets, PartialBuckets};
use crate::data::time::{Buckets, Interval, LocalClock};

/// When calls must have started.
#[derive(Debug)]
pub(crate) struct Period {
    /// The second in which it begins.
    pub(crate) floor: i64,
    /// The first second that lies in it entirely: calls start on whole seconds.
    pub(crate) first: i64,
    /// The second in which it ends, which is in it.
    pub(crate) last: i64,
    /// The last second of which calls are counted yet.
    pub(crate) known: i64,
    pub(crate) zone: TimeZone,
    /// None means all.
    pub(crate) days: Vec<Weekday>,
    /// Minutes of the local day; none means all.
    pub(crate) hours: Vec<std::ops::Range<u16>>,
}

impl Period {
    fn is_whole(&self) -> bool {
        self.days.is_empty() && self.hours.is_empty()
    }

    pub(crate) fn includes(&self, clock: &mut LocalClock, second: i64) -> bool {
        if self.is_whole() {
            return true;
        }
        let (day, minute) = clock.weekday_and_minute(second);
        (self.days.is_empty() || self.days.contains(&day))
            && (self.hours.is_empty() || self.hours.iter().any(|hours| hours.contains(&minute)))
    }

    /// Whether a call could have begun in these seconds. Days and hours begin and end on whole minutes of any zone,
    /// so that a look at every sixtieth second and the last one misses none.
    fn touches(&self, clock: &mut LocalClock, seconds: &std::ops::Range<i64>) -> bool {
        let (first, last) = (seconds.start.max(self.first), (seconds.end - 1).min(self.last));
        let looks = (first..=last).step_by(60).chain((first <= last).then_some(last));
        looks.into_iter().any(|second| self.includes(clock, second))
    }

    pub(crate) fn cut(&self, interval: Interval, assumptions: &Assumptions) -> Cut {
        let week_start = assumptions.week_start;
        let buckets = Buckets::new(interval, week_start, &self.zone, self.floor, self.last);
        let all = 0..buckets.starts.len();
        let is_there = |bucket| {
            let seconds = buckets.seconds(bucket);
            let is_whole = self.first <= seconds.start && seconds.end - 1 <= self.last;
            is_whole || assumptions.partial_buckets == PartialBuckets::Cut
        };
        let mut clock = LocalClock::new(self.zone.clone());
        let is_included =
            all.clone().map(|bucket| self.touches(&mut clock, &buckets.seconds(bucket))).collect();
        Cut { is_there: all.map(is_there).collect(), is_included, starts: buckets.starts }
    }
}

/// A period in hours, days, weeks or months.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) starts: Vec<i64>,
    /// Which are there at all.
    pub(crate) is_there: Vec<bool>,
    /// In which a call could have begun.
    is_included: Vec<bool>,
}

impl Cut {
    /// The bucket of a second, given one that isn't after it.
    pub(crate) fn advance(&self, bucket: usize, second: i64) -> usize {
        let later = self.starts[bucket + 1..].iter();
        bucket + later.take_while(|start| **start <= second).count()
    }

    /// Whether a bucket is there, with calls or without.
    pub(crate) fn has(&self, bucket: usize, empty: EmptyBuckets, has_calls: bool) -> bool {
        let is_kept = match empty {
            EmptyBuckets::None => has_calls,
            EmptyBuckets::Included => self.is_included[bucket],
            EmptyBuckets::All => true,
        };
        self.is_there[bucket] && is_kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_second_of_a_bucket_is_in_it() {
        let cut = Cut {
            starts: vec![0, 3600, 5400, 7200],
            is_there: vec![true; 4],
            is_included: vec![true; 4],
        };
        for (second, bucket) in
            [(0, 0), (3599, 0), (3600, 1), (5399, 1), (5400, 2), (7200, 3), (9999, 3)]
        {
            assert_eq!(cut.advance(0, second), bucket, "{second}");
            assert_eq!(cut.advance(bucket, second), bucket, "{second}");
        }
    }
}
