//! What a reader of a report should know.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::words::{
    nearest::nearest,
    problem::Problem,
    shown::quoted,
    vocabulary::{Aggregation, Breakdown, DayOfWeek, Grouping, Interval, MembersOf, Word},
};

/// Something that a reader of the report should know. As JSON it has its kind in
/// `notice`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Notice {
    /// The period's end was too close to now, and was moved.
    EndTrimmed {
        /// The end that was asked for.
        asked: Timestamp,
        /// The end that was sent.
        sent: Timestamp,
    },
    /// A timeline's period isn't longer than its interval, and is sent as it is: a server
    /// may refuse that (`ANL-305`, as one third party reports). Others of that kind are
    /// sent longer, with what beside the period is counted left out.
    ShorterThanInterval {
        /// The interval.
        interval: Interval,
    },
    /// The first or the last interval of a timeline is only partly in the period: its numbers are
    /// those of this part, and no interval's. Weeks are taken to begin on Monday or on Sunday.
    PartialIntervals {
        /// The interval.
        interval: Interval,
        /// Whether the first one is cut.
        first: bool,
        /// Whether the last one is cut.
        last: bool,
    },
    /// The first or the last interval of a timeline is only partly in the period, and the server
    /// leaves such intervals out with their calls, as the client's calibration says.
    IntervalsLeftOut {
        /// The interval.
        interval: Interval,
        /// Whether the first one is left out.
        first: bool,
        /// Whether the last one is left out.
        last: bool,
    },
    /// The query breaks a rule that only third parties report, or
    /// `Query::unchecked` overrode one.
    Rule(Problem),
    /// The pages of the response are inconsistent: records may be missing, and one
    /// that came twice is returned once.
    Paging {
        /// The page that showed it.
        page: u32,
        /// What is inconsistent.
        reason: String,
    },
    /// A part of the response that can't be read was left out: a metric, a point, or a
    /// record of which no number can be read.
    Unreadable {
        /// The part's JSON path.
        path: String,
        /// Why it can't be read.
        reason: String,
    },
    /// The query has a word that this version doesn't know. It is sent to the letter.
    UnknownWord {
        /// The part of the query that has it.
        place: String,
        /// The word.
        word: String,
    },
    /// The query asks for numbers that no record of the page, or of the pull, has.
    NotInResponse {
        /// The metric with its breakdown.
        what: String,
    },
    /// The query is about the agents of certain queues and counts all of their calls,
    /// also those of other queues and of none. [`Filter::queues`](crate::Filter::queues)
    /// counts the calls of certain queues alone.
    AllCallsOfAgents,
    /// The server seems to have ignored a filter, as one of an older revision may do with a
    /// filter that it lacks: the numbers may be those of all calls. It is judged by the filter's
    /// [proof](crate::Filter::proof), if the query asks for that breakdown, too.
    FilterIgnored {
        /// The filter's name.
        filter: String,
        /// What shows it.
        reason: String,
    },
    /// The response has a value by a field's old name and another one by its new name. The new
    /// one counts; the old one is in `extra`.
    TwoNames {
        /// The name before.
        old: String,
        /// The current name.
        new: String,
    },
    /// The query names keys that no record of the whole pull has.
    MissingKeys {
        /// The keys, sorted.
        keys: Vec<String>,
    },
    /// A name that the query is grouped by is that of an extension which isn't in use.
    NotInUse {
        /// Its key.
        key: String,
        /// What it is.
        reason: String,
    },
    /// A notice of a later version of this crate, in a report that it has stored.
    Unknown {
        /// Its kind, as that version writes it in `notice`.
        kind: String,
    },
    /// Names were to be filled in from the company's directory, and couldn't be looked up.
    NoNames {
        /// Why they couldn't.
        reason: String,
    },
}

impl Notice {
    /// The known word that an unknown one may have been meant to be, if this is the notice of
    /// one and there is a word that differs by two letters at most.
    #[must_use]
    pub fn nearest(&self) -> Option<&'static str> {
        match self {
            Self::UnknownWord { place, word } => nearest_at(place, word),
            _ => None,
        }
    }
}

/// The nearest word of the list that a part of the query takes.
fn nearest_at(place: &str, word: &str) -> Option<&'static str> {
    if let Some(filter) = place.strip_prefix("filter ") {
        let breakdown = Breakdown::from(format!("by_{filter}"));
        return nearest(word, breakdown.words().into_iter().map(|(known, _)| known));
    }
    match place {
        "group by" => nearest_of::<Grouping>(word),
        "group by members of" => nearest_of::<MembersOf>(word),
        "calls" | "time_spent" => nearest_of::<Breakdown>(word),
        "days" => nearest_of::<DayOfWeek>(word),
        "interval" => nearest_of::<Interval>(word),
        place if place.ends_with(" per") => nearest_of::<Interval>(word),
        _ => nearest_of::<Aggregation>(word),
    }
}

/// Numbers stand for themselves; other texts are quoted.
fn shown_key(key: &str) -> String {
    if is_number(key) { key.to_owned() } else { quoted(key) }
}

fn is_number(key: &str) -> bool {
    let digits = key.strip_prefix('+').unwrap_or(key);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Extension numbers have up to six digits as a rule, and ids more.
fn may_be_key(key: &str) -> bool {
    is_number(key) && key.len() > 6
}

fn nearest_of<W: Word>(word: &str) -> Option<&'static str> {
    let near = W::nearest(word)?;
    W::KNOWN.iter().find(|known| **known == near).map(Word::as_str)
}

fn article(interval: &Interval) -> &'static str {
    if *interval == Interval::Hour { "an" } else { "a" }
}

/// Which intervals of a timeline, with their verb.
fn edges(first: bool, last: bool) -> (&'static str, &'static str) {
    match (first, last) {
        (true, true) => ("the first and the last", "are"),
        (true, false) => ("the first", "is"),
        _ => ("the last", "is"),
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndTrimmed { asked, sent } => {
                // To the minute: no reader compares seconds.
                let minute =
                    |instant: &Timestamp| instant.strftime("%Y-%m-%d %H:%M UTC").to_string();
                let (sent, asked) = (minute(sent), minute(asked));
                write!(f, "the period ends at {sent}, not {asked}: the latest calls may be missing")
            }
            Self::ShorterThanInterval { interval } => {
                let one = format!("{} {}", article(interval), interval.as_str().to_lowercase());
                write!(
                    f,
                    "the period isn't longer than {one}, so the server may refuse the timeline \
                     (ANL-305); begin the period at the start of {one} in its time zone, or make \
                     it longer"
                )
            }
            Self::PartialIntervals { interval, first, last } => {
                let (which, verb) = edges(*first, *last);
                let part = if *first && *last { "their parts" } else { "its part" };
                let unit = interval.as_str().to_lowercase();
                write!(
                    f,
                    "{which} {unit} {verb} only partly in the period, so the numbers are those of \
                     {part}; begin and end the period with a whole {unit} to compare them with others"
                )
            }
            Self::IntervalsLeftOut { interval, first, last } => {
                let (which, verb) = edges(*first, *last);
                let (article, unit) = (article(interval), interval.as_str().to_lowercase());
                write!(
                    f,
                    "{which} {unit} {verb} only partly in the period, and the server leaves out \
                     any part of {article} {unit} with its calls; begin and end the period with a whole {unit}"
                )
            }
            Self::Rule(problem) => problem.fmt(f),
            Self::Paging { page, reason } => write!(f, "page {page}: {reason}"),
            Self::Unreadable { path, reason } => {
                write!(f, "{path} can't be read and was left out: {reason}")
            }
            Self::UnknownWord { place, word } => {
                write!(f, "{place}: {word:?} is unknown to this version; it is sent as it is")?;
                match self.nearest() {
                    Some(near) => write!(f, "; did you mean {near:?}?"),
                    None => Ok(()),
                }
            }
            Self::AllCallsOfAgents => f.write_str(
                "all calls of the agents are counted, not only those of the queues; \
                 Filter::queues (--where queue=ID) counts those alone",
            ),
            Self::FilterIgnored { filter, reason } => write!(
                f,
                "filter {filter}: the server seems to have ignored it ({reason}), so the numbers \
                 may be those of all calls; leave the filter out"
            ),
            Self::NotInUse { reason, .. } => f.write_str(reason),
            Self::Unknown { kind } => write!(
                f,
                "a later version of callperf had the notice {kind:?} of this report; use that \
                 version to read it"
            ),
            Self::NoNames { reason } => {
                write!(
                    f,
                    "records are labelled by key, because their names couldn't be looked up: {reason}"
                )
            }
            Self::TwoNames { old, new } => write!(
                f,
                "the response has {new}, and by its old name {old} another value: {new} counts"
            ),
            Self::NotInResponse { what } => write!(f, "{what}: asked for, not in the response"),
            Self::MissingKeys { keys } => {
                const SHOWN: usize = 10;
                let plural = if keys.len() == 1 { "" } else { "s" };
                let shown: Vec<_> = keys.iter().take(SHOWN).map(|key| shown_key(key)).collect();
                write!(f, "no record for key{plural} {}", shown.join(", "))?;
                match keys.len().saturating_sub(SHOWN) {
                    0 => {}
                    more => write!(f, " and {more} more")?,
                }
                if keys.iter().all(|key| may_be_key(key)) {
                    return Ok(());
                }
                f.write_str("; a key is an id, not a name or an extension number")
            }
        }
    }
}
