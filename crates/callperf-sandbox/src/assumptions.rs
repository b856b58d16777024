//! What no document says, and had to be decided.

use std::ops::RangeInclusive;

use jiff::civil::Weekday;

use crate::data::files::DAYS;
use crate::error::Error;

/// What the sandbox takes for true although no document says it: each an option with the default that seems most
/// likely. [The crate's documentation](crate#assumptions) has them in one table, with the reasons.
///
/// ```
/// use callperf_sandbox::{Assumptions, Sandbox};
/// use jiff::civil::Weekday;
///
/// let assumptions = Assumptions::default().week_start(Weekday::Sunday);
/// let builder = Sandbox::builder().assumptions(assumptions);
/// ```
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Assumptions {
    pub(crate) empty_records: EmptyRecords,
    pub(crate) record_order: RecordOrder,
    pub(crate) beta_per_page: u64,
    pub(crate) aggregation_per_page: u64,
    pub(crate) timeline_per_page: u64,
    pub(crate) timeline_page_limit: TimelinePageLimit,
    pub(crate) page_after_last: PageAfterLast,
    pub(crate) week_start: Weekday,
    pub(crate) milliseconds: Milliseconds,
    pub(crate) empty_points: EmptyBuckets,
    pub(crate) empty_intervals: EmptyBuckets,
    pub(crate) partial_buckets: PartialBuckets,
    pub(crate) point_times: PointTimes,
    pub(crate) overnight_hours: OvernightHours,
    pub(crate) hours_end: HoursEnd,
    pub(crate) undefined_values: UndefinedValues,
    pub(crate) beta_averages: BetaAverages,
    pub(crate) unknown_fields: UnknownFields,
    pub(crate) future_time_to: FutureTimeTo,
    pub(crate) timeline_range: TimelineRange,
    pub(crate) foreign_account: ForeignAccount,
    pub(crate) abandoned_sla: AbandonedSla,
    pub(crate) result_shares: ResultShares,
    pub(crate) response_encoding: ResponseEncoding,
    pub(crate) rate_limit_remaining: RateLimitRemaining,
    pub(crate) latency: u64,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            empty_records: EmptyRecords::Named,
            record_order: RecordOrder::Key,
            beta_per_page: 100,
            aggregation_per_page: 100,
            timeline_per_page: 20,
            timeline_page_limit: TimelinePageLimit::Cmn101,
            page_after_last: PageAfterLast::Empty,
            week_start: Weekday::Monday,
            milliseconds: Milliseconds::Kept,
            empty_points: EmptyBuckets::All,
            empty_intervals: EmptyBuckets::Included,
            partial_buckets: PartialBuckets::Cut,
            point_times: PointTimes::Local,
            overnight_hours: OvernightHours::Wrapped,
            hours_end: HoursEnd::Included,
            undefined_values: UndefinedValues::Zero,
            beta_averages: BetaAverages::Rounded,
            unknown_fields: UnknownFields::Ignored,
            future_time_to: FutureTimeTo::Anl302,
            timeline_range: TimelineRange::Any,
            foreign_account: ForeignAccount::NotFound,
            abandoned_sla: AbandonedSla::Out,
            result_shares: ResultShares::NotAnswered,
            response_encoding: ResponseEncoding::Gzip,
            rate_limit_remaining: RateLimitRemaining::After,
            latency: 0,
        }
    }
}

/// Which keys come back although none of their calls match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyRecords {
    /// None: a service that counts calls lists only keys with calls.
    None,
    /// Those that the request names, so that "no calls" differs from "no such key".
    #[default]
    Named,
    /// Everybody in the grouping.
    All,
}

/// In which order records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordOrder {
    /// By key.
    Key,
    /// By name, and by key where names are the same or there are none.
    Name,
}

/// What a page after the last one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageAfterLast {
    /// A page without records.
    Empty,
    /// An invalid parameter, `CMN-101`.
    Refused,
}

/// What the milliseconds of a period's bounds do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Milliseconds {
    /// They count.
    Kept,
    /// Nothing: a bound is the second that it is in.
    Dropped,
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

/// How the time of a timeline's point is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointTimes {
    /// With the offset of the requested time zone.
    Local,
    /// In UTC, with a `Z`.
    Utc,
}

/// What `includeHours` means whose `to` is before its `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OvernightHours {
    /// From then to midnight and from midnight to then, each on the days that are included.
    Wrapped,
    /// No minute of any day.
    Empty,
    /// An invalid parameter, `CMN-101`.
    Refused,
}

/// Whether the minute `to` belongs to `includeHours`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HoursEnd {
    /// It does; a day ends at 23:59.
    Included,
    /// It doesn't; a day ends at 24:00.
    Excluded,
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

/// What becomes of a body's fields that the document lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownFields {
    /// They do nothing.
    Ignored,
    /// The request is refused with `ANL-202`.
    Refused,
}

/// The code that refuses a `perPage` of a timeline above 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimelinePageLimit {
    /// `CMN-101`, as for every other invalid parameter.
    Cmn101,
    /// `ANL-503`, as one party reports.
    Anl503,
}

/// What a report of an account is that isn't written `~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignAccount {
    /// Another account isn't found, `CMN-102`; the caller's own id means the same as `~`.
    NotFound,
    /// It isn't allowed, 403 with `ANL-102`, even if the id is the caller's own.
    Refused,
}

/// The code that refuses a `timeTo` in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FutureTimeTo {
    /// `ANL-302`, as others report.
    Anl302,
    /// `CMN-101`, as for every other invalid parameter.
    Cmn101,
}

/// How long the time range of a timeline has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimelineRange {
    /// Any length will do.
    Any,
    /// Longer than the longest interval of its kind: 1 hour, 25 hours, 7 days and 1 hour, 31 days and 1 hour. A range
    /// that isn't is refused with `ANL-305`.
    LongerThanInterval,
}

/// Where an abandoned call counts in a queue's SLA, if the queue has it that they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AbandonedSla {
    /// Out of it: the call wasn't answered in time.
    Out,
    /// By how long the caller waited, as if that had been the answer.
    ByWait,
}

/// What the percentages of the results `Transferred` and `Forwarded` are shares of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultShares {
    /// The calls that weren't answered, as of every result but `Completed`.
    NotAnswered,
    /// The answered calls, which they are among.
    Answered,
}

/// How large answers are compressed for those who take gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseEncoding {
    /// By gzip.
    Gzip,
    /// Not at all.
    None,
}

/// What the header `X-Rate-Limit-Remaining` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimitRemaining {
    /// What is left after the request.
    After,
    /// What was left before it.
    Before,
}

impl Assumptions {
    /// Which keys come back although none of their calls match; unless it is set, those that the request names.
    pub fn empty_records(mut self, empty: EmptyRecords) -> Assumptions {
        self.empty_records = empty;
        self
    }

    /// In which order records come, from page to page; by key unless it is set. Within a page of the beta there is
    /// no order, since its records are the fields of an object.
    pub fn record_order(mut self, order: RecordOrder) -> Assumptions {
        self.record_order = order;
        self
    }

    /// How many records the beta gives when the request doesn't say; 100 unless it is set. 1 is the least.
    pub fn beta_per_page(mut self, records: u32) -> Assumptions {
        self.beta_per_page = u64::from(records).max(1);
        self
    }

    /// How many records `aggregation/fetch` gives when the request doesn't say; 100 unless it is set. 1 is the
    /// least, 200 the most.
    pub fn aggregation_per_page(mut self, records: u32) -> Assumptions {
        self.aggregation_per_page = u64::from(records).clamp(1, MOST_PER_AGGREGATION_PAGE);
        self
    }

    /// How many records `timeline/fetch` gives when the request doesn't say; 20 unless it is set. 1 is the least,
    /// 20 the most.
    pub fn timeline_per_page(mut self, records: u32) -> Assumptions {
        self.timeline_per_page = u64::from(records).clamp(1, MOST_PER_TIMELINE_PAGE);
        self
    }

    /// The code that refuses a `perPage` of a timeline above 20; `CMN-101` unless it is set, since the limit is
    /// documented and its code is one party's word.
    pub fn timeline_page_limit(mut self, code: TimelinePageLimit) -> Assumptions {
        self.timeline_page_limit = code;
        self
    }

    /// What a page after the last one is; one without records unless it is set.
    pub fn page_after_last(mut self, page: PageAfterLast) -> Assumptions {
        self.page_after_last = page;
        self
    }

    /// The day on which a week begins; Monday, as ISO 8601 has it, unless it is set.
    pub fn week_start(mut self, day: Weekday) -> Assumptions {
        self.week_start = day;
        self
    }

    /// What the milliseconds of a period's bounds do; they count unless it is set, since RFC 3339 has parts of a second.
    pub fn milliseconds(mut self, milliseconds: Milliseconds) -> Assumptions {
        self.milliseconds = milliseconds;
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

    /// How the time of a point is written; with the offset of the requested time zone unless it is set, so that the
    /// local day can be read off.
    pub fn point_times(mut self, times: PointTimes) -> Assumptions {
        self.point_times = times;
        self
    }

    /// What hours mean that end before they begin; they pass midnight unless it is set.
    pub fn overnight_hours(mut self, hours: OvernightHours) -> Assumptions {
        self.overnight_hours = hours;
        self
    }

    /// Whether the last minute of hours belongs to them; it does unless it is set, since the vendor's samples end
    /// at 23:59.
    pub fn hours_end(mut self, end: HoursEnd) -> Assumptions {
        self.hours_end = end;
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

    /// What becomes of a body's fields that the document lacks; they are ignored unless it is set, since nothing
    /// documented says that they are refused, and one party alone reports it. Either way there is a remark on them.
    pub fn unknown_fields(mut self, fields: UnknownFields) -> Assumptions {
        self.unknown_fields = fields;
        self
    }

    /// The code that refuses a `timeTo` in the future; `ANL-302`, which others report, unless it is set.
    pub fn future_time_to(mut self, code: FutureTimeTo) -> Assumptions {
        self.future_time_to = code;
        self
    }

    /// How long the time range of a timeline has to be; any length will do unless it is set. One party reports that
    /// it has to be longer than the interval, but not what the service takes for the length of a day, a week or a
    /// month. Here it is that of the longest, so that a range that passes is long enough in any reading.
    pub fn timeline_range(mut self, range: TimelineRange) -> Assumptions {
        self.timeline_range = range;
        self
    }

    /// What a report of an account is that isn't written `~`; another account isn't found unless it is set. One party
    /// reports a refusal, of a foreign or numeric id, on an operation that no document has.
    pub fn foreign_account(mut self, account: ForeignAccount) -> Assumptions {
        self.foreign_account = account;
        self
    }

    /// Where an abandoned call counts in a queue's SLA, if the queue has it that they count; out of it, unless it is
    /// set. It holds for the calls of a sandbox that starts with it.
    pub fn abandoned_sla(mut self, abandoned: AbandonedSla) -> Assumptions {
        self.abandoned_sla = abandoned;
        self
    }

    /// What the percentages of the results `Transferred` and `Forwarded` are shares of; the calls that weren't
    /// answered unless it is set, since the vendor says so of every result but `Completed`, and said it before there
    /// were these two.
    pub fn result_shares(mut self, shares: ResultShares) -> Assumptions {
        self.result_shares = shares;
        self
    }

    /// How large answers are compressed for those who take gzip; by gzip unless it is set.
    pub fn response_encoding(mut self, encoding: ResponseEncoding) -> Assumptions {
        self.response_encoding = encoding;
        self
    }

    /// What the header `X-Rate-Limit-Remaining` tells; what is left after the request unless it is set.
    pub fn rate_limit_remaining(mut self, remaining: RateLimitRemaining) -> Assumptions {
        self.rate_limit_remaining = remaining;
        self
    }

    /// How many seconds after its start a call is counted; at once unless it is set. At most a day, 86,400.
    pub fn latency(mut self, seconds: u64) -> Assumptions {
        self.latency = seconds.min(LONGEST_LATENCY);
        self
    }

    /// Sets one by its name in the table of the crate's documentation, as from a command line.
    ///
    /// # Errors
    ///
    /// If there is no such name, or the name has no such value; the error says which there are.
    ///
    /// ```
    /// use callperf_sandbox::Assumptions;
    ///
    /// let assumptions = Assumptions::default().set("week-start", "sunday")?;
    /// assert!(assumptions.list().contains(&("week-start", "sunday".to_owned())));
    /// let error = assumptions.set("week-begin", "sunday").unwrap_err();
    /// assert!(error.to_string().contains("week-start"));
    /// # Ok::<(), callperf_sandbox::Error>(())
    /// ```
    pub fn set(mut self, name: &str, value: &str) -> Result<Assumptions, Error> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let known = SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>();
            return Err(Error::UnknownAssumption {
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        (setting.set)(&mut self, value).map_err(|known| Error::UnknownChoice {
            name: setting.name,
            value: value.to_owned(),
            known,
        })?;
        Ok(self)
    }

    /// All of them with their values, by the names that [`Assumptions::set`] takes.
    #[must_use]
    pub fn list(&self) -> Vec<(&'static str, String)> {
        SETTINGS.iter().map(|setting| (setting.name, (setting.get)(self))).collect()
    }
}

/// The most that today's API allows.
pub(crate) const MOST_PER_AGGREGATION_PAGE: u64 = 200;
pub(crate) const MOST_PER_TIMELINE_PAGE: u64 = 20;
/// Seconds.
const LONGEST_LATENCY: u64 = 86_400;

/// An assumption by its name. Setting it gives the choices there are, if the given value isn't one.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) get: fn(&Assumptions) -> String,
    pub(crate) set: fn(&mut Assumptions, &str) -> Result<(), String>,
}

pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        name: "empty-records",
        get: |all| spelled(all.empty_records),
        set: |all, value| choose(&mut all.empty_records, value),
    },
    Setting {
        name: "record-order",
        get: |all| spelled(all.record_order),
        set: |all, value| choose(&mut all.record_order, value),
    },
    Setting {
        name: "beta-per-page",
        get: |all| all.beta_per_page.to_string(),
        set: |all, value| count(&mut all.beta_per_page, value, u32::MAX.into()),
    },
    Setting {
        name: "aggregation-per-page",
        get: |all| all.aggregation_per_page.to_string(),
        set: |all, value| count(&mut all.aggregation_per_page, value, MOST_PER_AGGREGATION_PAGE),
    },
    Setting {
        name: "timeline-per-page",
        get: |all| all.timeline_per_page.to_string(),
        set: |all, value| match value {
            // The only size of pages that a server refuses is one above the limit.
            "refused" => choose(&mut all.timeline_page_limit, "anl-503"),
            _ => count(&mut all.timeline_per_page, value, MOST_PER_TIMELINE_PAGE),
        },
    },
    Setting {
        name: "timeline-page-limit",
        get: |all| spelled(all.timeline_page_limit),
        set: |all, value| choose(&mut all.timeline_page_limit, value),
    },
    Setting {
        name: "page-after-last",
        get: |all| spelled(all.page_after_last),
        set: |all, value| choose(&mut all.page_after_last, value),
    },
    Setting {
        name: "week-start",
        get: |all| spelled(all.week_start),
        set: |all, value| choose(&mut all.week_start, value),
    },
    Setting {
        name: "milliseconds",
        get: |all| spelled(all.milliseconds),
        set: |all, value| choose(&mut all.milliseconds, value),
    },
    Setting {
        name: "empty-points",
        get: |all| spelled(all.empty_points),
        set: |all, value| choose(&mut all.empty_points, value),
    },
    Setting {
        name: "empty-intervals",
        get: |all| spelled(all.empty_intervals),
        set: |all, value| choose(&mut all.empty_intervals, value),
    },
    Setting {
        name: "partial-buckets",
        get: |all| spelled(all.partial_buckets),
        set: |all, value| choose(&mut all.partial_buckets, value),
    },
    Setting {
        name: "point-times",
        get: |all| spelled(all.point_times),
        set: |all, value| choose(&mut all.point_times, value),
    },
    Setting {
        name: "overnight-hours",
        get: |all| spelled(all.overnight_hours),
        set: |all, value| choose(&mut all.overnight_hours, value),
    },
    Setting {
        name: "hours-end",
        get: |all| spelled(all.hours_end),
        set: |all, value| choose(&mut all.hours_end, value),
    },
    Setting {
        name: "undefined-values",
        get: |all| spelled(all.undefined_values),
        set: |all, value| choose(&mut all.undefined_values, value),
    },
    Setting {
        name: "beta-averages",
        get: |all| spelled(all.beta_averages),
        set: |all, value| choose(&mut all.beta_averages, value),
    },
    Setting {
        name: "unknown-fields",
        get: |all| spelled(all.unknown_fields),
        set: |all, value| choose(&mut all.unknown_fields, value),
    },
    Setting {
        name: "future-time-to",
        get: |all| spelled(all.future_time_to),
        set: |all, value| choose(&mut all.future_time_to, value),
    },
    Setting {
        name: "timeline-range",
        get: |all| spelled(all.timeline_range),
        set: |all, value| choose(&mut all.timeline_range, value),
    },
    Setting {
        name: "foreign-account",
        get: |all| spelled(all.foreign_account),
        set: |all, value| choose(&mut all.foreign_account, value),
    },
    Setting {
        name: "abandoned-sla",
        get: |all| spelled(all.abandoned_sla),
        set: |all, value| choose(&mut all.abandoned_sla, value),
    },
    Setting {
        name: "result-shares",
        get: |all| spelled(all.result_shares),
        set: |all, value| choose(&mut all.result_shares, value),
    },
    Setting {
        name: "response-encoding",
        get: |all| spelled(all.response_encoding),
        set: |all, value| choose(&mut all.response_encoding, value),
    },
    Setting {
        name: "rate-limit-remaining",
        get: |all| spelled(all.rate_limit_remaining),
        set: |all, value| choose(&mut all.rate_limit_remaining, value),
    },
    Setting {
        name: "latency",
        get: |all| all.latency.to_string(),
        set: |all, value| within(&mut all.latency, value, 0..=LONGEST_LATENCY),
    },
];

/// A choice, each by the name that a command line has for it.
trait Choice: Copy + PartialEq + 'static {
    const ALL: &'static [(&'static str, Self)];
}

fn spelled<T: Choice>(choice: T) -> String {
    let named = T::ALL.iter().find(|(_, other)| *other == choice);
    named.map(|(name, _)| (*name).to_owned()).unwrap_or_default()
}

fn choose<T: Choice>(place: &mut T, value: &str) -> Result<(), String> {
    let Some((_, choice)) = T::ALL.iter().find(|(name, _)| *name == value) else {
        let names: Vec<_> = T::ALL.iter().map(|(name, _)| *name).collect();
        return Err(format!("one of {}", names.join(", ")));
    };
    *place = *choice;
    Ok(())
}

fn count(place: &mut u64, value: &str, most: u64) -> Result<(), String> {
    within(place, value, 1..=most)
}

fn within(place: &mut u64, value: &str, range: RangeInclusive<u64>) -> Result<(), String> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    let (least, most) = range.into_inner();
    *place = number.ok_or_else(|| format!("a whole number from {least} to {most}"))?;
    Ok(())
}

impl Choice for EmptyRecords {
    const ALL: &'static [(&'static str, EmptyRecords)] =
        &[("none", EmptyRecords::None), ("named", EmptyRecords::Named), ("all", EmptyRecords::All)];
}

impl Choice for RecordOrder {
    const ALL: &'static [(&'static str, RecordOrder)] =
        &[("key", RecordOrder::Key), ("name", RecordOrder::Name)];
}

impl Choice for PageAfterLast {
    const ALL: &'static [(&'static str, PageAfterLast)] =
        &[("empty", PageAfterLast::Empty), ("refused", PageAfterLast::Refused)];
}

impl Choice for Weekday {
    const ALL: &'static [(&'static str, Weekday)] = DAYS;
}

impl Choice for Milliseconds {
    const ALL: &'static [(&'static str, Milliseconds)] =
        &[("kept", Milliseconds::Kept), ("dropped", Milliseconds::Dropped)];
}

impl Choice for EmptyBuckets {
    const ALL: &'static [(&'static str, EmptyBuckets)] = &[
        ("none", EmptyBuckets::None),
        ("included", EmptyBuckets::Included),
        ("all", EmptyBuckets::All),
    ];
}

impl Choice for PartialBuckets {
    const ALL: &'static [(&'static str, PartialBuckets)] =
        &[("cut", PartialBuckets::Cut), ("omitted", PartialBuckets::Omitted)];
}

impl Choice for PointTimes {
    const ALL: &'static [(&'static str, PointTimes)] =
        &[("local", PointTimes::Local), ("utc", PointTimes::Utc)];
}

impl Choice for OvernightHours {
    const ALL: &'static [(&'static str, OvernightHours)] = &[
        ("wrapped", OvernightHours::Wrapped),
        ("empty", OvernightHours::Empty),
        ("refused", OvernightHours::Refused),
    ];
}

impl Choice for HoursEnd {
    const ALL: &'static [(&'static str, HoursEnd)] =
        &[("included", HoursEnd::Included), ("excluded", HoursEnd::Excluded)];
}

impl Choice for UndefinedValues {
    const ALL: &'static [(&'static str, UndefinedValues)] =
        &[("zero", UndefinedValues::Zero), ("absent", UndefinedValues::Absent)];
}

impl Choice for BetaAverages {
    const ALL: &'static [(&'static str, BetaAverages)] =
        &[("rounded", BetaAverages::Rounded), ("truncated", BetaAverages::Truncated)];
}

impl Choice for UnknownFields {
    const ALL: &'static [(&'static str, UnknownFields)] =
        &[("ignored", UnknownFields::Ignored), ("refused", UnknownFields::Refused)];
}

impl Choice for FutureTimeTo {
    const ALL: &'static [(&'static str, FutureTimeTo)] =
        &[("anl-302", FutureTimeTo::Anl302), ("cmn-101", FutureTimeTo::Cmn101)];
}

impl Choice for TimelinePageLimit {
    const ALL: &'static [(&'static str, TimelinePageLimit)] =
        &[("cmn-101", TimelinePageLimit::Cmn101), ("anl-503", TimelinePageLimit::Anl503)];
}

impl Choice for ForeignAccount {
    const ALL: &'static [(&'static str, ForeignAccount)] =
        &[("not-found", ForeignAccount::NotFound), ("refused", ForeignAccount::Refused)];
}

impl Choice for TimelineRange {
    const ALL: &'static [(&'static str, TimelineRange)] =
        &[("any", TimelineRange::Any), ("longer-than-interval", TimelineRange::LongerThanInterval)];
}

impl Choice for AbandonedSla {
    const ALL: &'static [(&'static str, AbandonedSla)] =
        &[("out", AbandonedSla::Out), ("by-wait", AbandonedSla::ByWait)];
}

impl Choice for ResultShares {
    const ALL: &'static [(&'static str, ResultShares)] =
        &[("not-answered", ResultShares::NotAnswered), ("answered", ResultShares::Answered)];
}

impl Choice for ResponseEncoding {
    const ALL: &'static [(&'static str, ResponseEncoding)] =
        &[("gzip", ResponseEncoding::Gzip), ("none", ResponseEncoding::None)];
}

impl Choice for RateLimitRemaining {
    const ALL: &'static [(&'static str, RateLimitRemaining)] =
        &[("after", RateLimitRemaining::After), ("before", RateLimitRemaining::Before)];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the table in the crate's documentation: name and default.
    fn documented() -> Vec<(String, String)> {
        let rows = include_str!("lib.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
        let cells = rows.filter_map(|row| {
            let (name, rest) = row.split_once("` | `")?;
            Some((name.to_owned(), rest.split_once('`')?.0.to_owned()))
        });
        cells.collect()
    }

    #[test]
    fn the_documentation_has_each_with_its_default() {
        let all: Vec<_> = Assumptions::default()
            .list()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        assert_eq!(documented(), all);
    }

    #[test]
    fn each_can_be_set_by_name_to_all_that_it_says() {
        for setting in SETTINGS {
            let error = Assumptions::default().set(setting.name, "no such").unwrap_err();
            let said = error.to_string();
            let known = said.rsplit_once(": expected is ").unwrap().1;
            if known.starts_with("a whole number") {
                let all = Assumptions::default().set(setting.name, "7").unwrap();
                assert_eq!((setting.get)(&all), "7");
                assert!(all.clone().set(setting.name, "-1").is_err());
                assert_eq!(all.set(setting.name, "0").is_ok(), known.contains("from 0 "));
                continue;
            }
            let values: Vec<_> = known.trim_start_matches("one of ").split(", ").collect();
            assert!(values.len() > 1, "{known}");
            for value in values {
                let all = Assumptions::default().set(setting.name, value).unwrap();
                assert_eq!((setting.get)(&all), value, "{}", setting.name);
            }
        }
    }
}
