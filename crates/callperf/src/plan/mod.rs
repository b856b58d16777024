//! A query that the rules let pass, with everything fixed that depends on the clock.

mod calendar;
mod edges;
pub(crate) mod expected;
mod followed;
mod ignored;
pub(crate) mod widening;

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

pub(crate) use self::followed::{END_OFFSET, Followed, HoursRules, TimelineRules};
use self::{
    calendar::Bucket,
    widening::{TimeRange, Timeline, Widening},
};
use crate::{
    query::{Query, fingerprint::Fingerprint},
    report::{Notice, answer_to::AnswerTo},
    rules::{self, Spelling, Subject},
    words::{
        api::Api,
        error::{Error, Result},
        operation::Operation,
        period::{ResolvedPeriod, to_millis},
    },
};

/// The page size where the API's document states none: the beta's default.
const BETA_PAGE: u32 = 100;

/// A plan before its period is resolved and the rules are asked.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) api: Api,
    pub(crate) account: String,
    pub(crate) query: Query,
    pub(crate) operation: Operation,
    pub(crate) per_page: Option<u32>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) followed: Followed,
    /// The revision that the server speaks, if it isn't the current one.
    pub(crate) revision: Option<Date>,
    /// Whether what can't be read fails its page.
    pub(crate) is_strict: bool,
}

impl Draft {
    /// A draft with what a client has by default.
    pub(crate) fn new(api: Api, query: &Query, operation: Operation) -> Self {
        Self {
            api,
            account: "~".to_owned(),
            query: query.clone(),
            operation,
            per_page: None,
            parameters: Vec::new(),
            followed: Followed::default(),
            revision: None,
            is_strict: false,
        }
    }
}

/// A draft that the rules let pass, its period resolved once: all pages of a pull
/// are about the same period, and so is its preview.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) api: Api,
    pub(crate) account: String,
    pub(crate) query: Query,
    pub(crate) operation: Operation,
    pub(crate) time_zone: TimeZone,
    pub(crate) period: ResolvedPeriod,
    pub(crate) time_from: Timestamp,
    pub(crate) time_to: Timestamp,
    pub(crate) followed: Followed,
    pub(crate) widening: Option<Widening>,
    pub(crate) per_page: u32,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) revision: Option<Date>,
    pub(crate) is_strict: bool,
    pub(crate) notices: Vec<Notice>,
    pub(crate) fingerprint: AnswerTo,
}

impl Plan {
    /// The same, noting what can't be read.
    pub(crate) fn lenient(&self) -> Self {
        Self { is_strict: false, ..self.clone() }
    }

    /// Resolves the period at `now`, and asks the rules about it and about a page.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) with every problem of the query.
    pub(crate) fn new(
        draft: &Draft,
        spelling: &dyn Spelling,
        now: Timestamp,
        page: u32,
    ) -> Result<Self> {
        let Draft { api, operation, followed, .. } = draft;
        let time_zone =
            TimeZone::get(&draft.query.time_zone).ok().filter(|zone| !zone.is_unknown());
        let period = time_zone.as_ref().map(|zone| draft.query.period.resolve(now, zone));
        let verdict = rules::check(&Subject {
            api: *api,
            spelling,
            operation,
            query: &draft.query,
            time_zone: time_zone.as_ref(),
            period: period.as_ref(),
            now,
            page,
            per_page: draft.per_page,
            revision: draft.revision,
        });
        let (period, time_zone) = match (period, time_zone) {
            (Some(Ok(period)), Some(zone)) if verdict.refusals.is_empty() => (period, zone),
            _ => return Err(Error::query(verdict.refusals)),
        };
        let mut query = draft.query.clone();
        // A name in other letter case is known here, and perhaps not there.
        if let Some(name) = time_zone.iana_name() {
            name.clone_into(&mut query.time_zone);
        }
        let end_trimmed =
            period.trimmed_from().map(|asked| Notice::EndTrimmed { asked, sent: period.to() });
        let default_page = rules::largest_page(*api, operation).unwrap_or(BETA_PAGE);
        let fingerprint = Fingerprint::of(&query, operation, &period);
        let asked = to_millis(period.from())..to_millis(period.to());
        let time_range = time_range(draft, &time_zone, &asked, now);
        let of_range = time_range.notice();
        let are_left_out = followed.timelines.parts_are_left_out;
        let of_edges = partial(draft, &time_zone, &period);
        let of_edges = of_edges.filter(|_| of_range.is_none() || are_left_out);
        let widening = time_range.widening();
        let sent = widening.as_ref().map_or(&asked, Widening::sent);
        Ok(Self {
            api: *api,
            account: draft.account.clone(),
            fingerprint: AnswerTo(Some(fingerprint)),
            query,
            operation: operation.clone(),
            time_zone,
            time_from: sent.start,
            time_to: last_instant(sent, followed.end_offset),
            followed: *followed,
            widening,
            period,
            per_page: draft.per_page.unwrap_or(default_page),
            parameters: draft.parameters.clone(),
            revision: draft.revision,
            is_strict: draft.is_strict,
            notices: end_trimmed
                .into_iter()
                .chain(of_range)
                .chain(of_edges)
                .chain(verdict.notices.into_iter().map(Notice::Rule))
                .chain(expected::unknown_words(&draft.query, operation))
                .chain(expected::calls_of_agents(&draft.query))
                .collect(),
        })
    }

    /// The plan as it would be sent if it weren't widened; `None` if it isn't.
    pub(crate) fn before_widening(&self) -> Option<Self> {
        let asked = self.widening.as_ref()?.asked();
        Some(Self {
            time_from: asked.start,
            time_to: last_instant(asked, self.followed.end_offset),
            widening: None,
            ..self.clone()
        })
    }

    /// The length of a timeline's points, as the API spells it.
    pub(crate) fn interval(&self) -> Option<&str> {
        match &self.operation {
            Operation::Timeline(interval) => Some(interval.as_str()),
            Operation::Aggregate => None,
        }
    }
}

fn time_range(
    draft: &Draft,
    zone: &TimeZone,
    asked: &Range<Timestamp>,
    now: Timestamp,
) -> TimeRange {
    let Operation::Timeline(interval) = &draft.operation else {
        return TimeRange::LongEnough;
    };
    let Followed { end_offset, timelines, .. } = draft.followed;
    if !timelines.are_widened() {
        return TimeRange::LongEnough;
    }
    let (period, week_start) = (asked.clone(), timelines.week_start);
    Timeline { interval, zone, period, end_offset, week_start, now }.time_range()
}

/// The intervals that the period cuts. Where its end was moved, another notice says that calls are
/// missing, but not that a whole interval is.
fn partial(draft: &Draft, zone: &TimeZone, period: &ResolvedPeriod) -> Option<Notice> {
    let Operation::Timeline(interval) = &draft.operation else { return None };
    let TimelineRules { week_start, parts_are_left_out, .. } = draft.followed.timelines;
    let buckets = Bucket::of(interval, week_start);
    let asked = period.trimmed_from().filter(|_| !parts_are_left_out);
    let cut = to_millis(period.from())..to_millis(asked.unwrap_or(period.to()));
    edges::notice(interval, &buckets, zone, &cut, parts_are_left_out)
}

/// The end on the wire, which includes it.
fn last_instant(period: &Range<Timestamp>, end_offset: SignedDuration) -> Timestamp {
    period.end.checked_sub(end_offset).unwrap_or(period.end)
}
