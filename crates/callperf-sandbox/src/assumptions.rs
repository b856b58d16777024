//! What no document says, and had to be decided.

use jiff::civil::Weekday;

/// What the sandbox takes for true although no document says it: each an option with the default that seems most
/// likely. [The crate's documentation](crate#assumptions) has them in one table, with the reasons.
///
/// ```
/// use callperf_sandbox::{Assumptions, Sandbox};
/// use jiff::civil::Weekday;
///
/// let builder = Sandbox::builder().assumptions(Assumptions::default().week_start(Weekday::Sunday));
/// ```
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Assumptions {
    pub(crate) empty_records: EmptyRecords,
    pub(crate) week_start: Weekday,
    pub(crate) empty_points: EmptyBuckets,
    pub(crate) empty_intervals: EmptyBuckets,
    pub(crate) partial_buckets: PartialBuckets,
    pub(crate) undefined_values: UndefinedValues,
    pub(crate) beta_averages: BetaAverages,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            empty_records: EmptyRecords::Named,
            week_start: Weekday::Monday,
            empty_points: EmptyBuckets::All,
            empty_intervals: EmptyBuckets::Included,
            partial_buckets: PartialBuckets::Cut,
            undefined_values: UndefinedValues::Zero,
            beta_averages: BetaAverages::Rounded,
        }
    }
}

/// Which keys come back although none of their calls match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyRecords {
    /// None: a service that counts calls knows nobody that has none.
    None,
    /// Those that the request names, so that "no calls" can be told from "no such key".
    #[default]
    Named,
    /// Everybody in the grouping.
    All,
}

/// Which hours, days, weeks or months are there although no call of the key began in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyBuckets {
    /// None: what had no call isn't there.
    None,
    /// Those in which a call could have begun, by `includeDays` and `includeHours`.
    Included,
    /// All of the period.
    All,
}

/// What becomes of the first and the last hour, day, week or month of a period that only holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartialBuckets {
    /// It is there, with the calls of that part.
    Cut,
    /// It is left out, and its calls with it.
    Omitted,
}

/// What stands for a share of nothing, and for the average, minimum and maximum of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UndefinedValues {
    /// 0.
    Zero,
    /// Nothing: the word is left out, and so is a total. The documents say that the words are always there.
    Absent,
}

/// How the beta, whose numbers are whole, tells an average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BetaAverages {
    /// To the nearest second; a half goes up.
    Rounded,
    /// Without the fraction.
    Truncated,
}

impl Assumptions {
    /// Which keys come back although none of their calls match; unless it is set, those that the request names.
    pub fn empty_records(mut self, empty: EmptyRecords) -> Assumptions {
        self.empty_records = empty;
        self
    }

    /// The day on which a week begins; Monday, as ISO 8601 has it, unless it is set.
    pub fn week_start(mut self, day: Weekday) -> Assumptions {
        self.week_start = day;
        self
    }

    /// Which points a timeline has without calls; all of them unless it is set, so that every record has the same
    /// times.
    pub fn empty_points(mut self, empty: EmptyBuckets) -> Assumptions {
        self.empty_points = empty;
        self
    }

    /// Which intervals without calls take part in an average, minimum or maximum by interval; those in which a call
    /// could have begun unless it is set: a key that is quiet every other day has not as many calls a day as one
    /// that never is, and a report on workdays isn't divided by seven.
    pub fn empty_intervals(mut self, empty: EmptyBuckets) -> Assumptions {
        self.empty_intervals = empty;
        self
    }

    /// Whether the first and the last interval of a period are there if the period cuts them, in a timeline and in
    /// averages, minima and maxima; they are unless it is set, so that no call is lost.
    pub fn partial_buckets(mut self, partial: PartialBuckets) -> Assumptions {
        self.partial_buckets = partial;
        self
    }

    /// What stands for a value that there is none of, as a share of no calls; 0 unless it is set, because the
    /// documents require a number.
    pub fn undefined_values(mut self, undefined: UndefinedValues) -> Assumptions {
        self.undefined_values = undefined;
        self
    }

    /// How the beta tells an average, since its numbers are whole; to the nearest second unless it is set.
    pub fn beta_averages(mut self, averages: BetaAverages) -> Assumptions {
        self.beta_averages = averages;
        self
    }
}
