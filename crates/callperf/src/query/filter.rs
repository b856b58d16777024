//! Which calls count.

use serde_json::Value as Json;

use super::length::Length;
use crate::words::vocabulary::{
    Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
    Direction, EndingParty, Origin, QueueHours, QueueSla, Word,
};

/// A phase that a call must have had, of any length or of a certain length.
///
/// It is stored as the phase's word, `"hold"`, or as a table with the length:
/// `{ segment = "ringing", lasting = { min_seconds = 20 } }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SegmentFilter {
    pub(crate) segment: CallSegment,
    pub(crate) length: Option<Length>,
}

impl SegmentFilter {
    /// The phase, of any length.
    #[must_use]
    pub fn new(segment: CallSegment) -> Self {
        Self { segment, length: None }
    }

    /// The phase, of this length. Not on the beta.
    #[must_use]
    pub fn lasting(mut self, length: Length) -> Self {
        self.length = Some(length);
        self
    }

    /// The phase.
    #[must_use]
    pub fn segment(&self) -> &CallSegment {
        &self.segment
    }

    /// The length, if it is limited.
    #[must_use]
    pub fn length(&self) -> Option<Length> {
        self.length
    }
}

impl From<CallSegment> for SegmentFilter {
    fn from(segment: CallSegment) -> Self {
        Self::new(segment)
    }
}

/// One filter; its words are joined by OR.
///
/// Made from a word, an array or a `Vec` of words, or by one of the
/// constructors below.
///
/// # Stored
/// The filters of a query are a table: each by its name here, in snake case, with its words,
/// ids or length. A filter by wire name is in `wire`, with its value as the API takes it.
///
/// ```toml
/// [filters]
/// direction = ["inbound"]
/// segment = ["hold", { segment = "ringing", lasting = { min_seconds = 20 } }]
/// call_duration = { max_seconds = 600 }
/// queues = ["1503200033"]
/// wire = { callMoods = ["Sad"] }
/// ```
///
/// An unknown word is kept to the letter and sent, with a notice. One that is nearly a known word is
/// taken for a slip and refused, unless it is written as `{ wire = "incomming" }`, as all unknown
/// words are when a query is written. That holds for every word of a stored query.
///
/// A list of such tables is read as well: it is how a filter that is given twice is kept, which
/// is refused when the query is used. TOML has no null, so that a wire filter's value with one
/// can be kept in JSON only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filter {
    /// Calls of these directions.
    Direction(Vec<Direction>),
    /// Calls of these origins.
    Origin(Vec<Origin>),
    /// Calls with these responses.
    Response(Vec<CallResponse>),
    /// Calls that ended so.
    Result(Vec<CallResult>),
    /// Calls that came so.
    Type(Vec<CallType>),
    /// Calls that had one of these phases.
    Segment(Vec<SegmentFilter>),
    /// Calls during which the key did one of these.
    Action(Vec<CallAction>),
    /// Calls within or after business hours.
    CompanyHours(Vec<CompanyHours>),
    /// Queue calls answered within or after the queue's limit.
    QueueSla(Vec<QueueSla>),
    /// Calls that one of these parties ended. Not on the beta; an older server may ignore it
    /// (see [`proof`](Self::proof)).
    EndingParty(Vec<EndingParty>),
    /// Calls within or after the queue's own business hours; queues only. Not on the beta; an
    /// older server may ignore it (see [`proof`](Self::proof)).
    QueueHours(Vec<QueueHours>),
    /// Calls of this length as a whole, not only the key's part.
    CallDuration(Length),
    /// Calls in which the key spent this much time.
    TimeSpent(Length),
    /// Calls that the key received from these extensions: by id, which isn't the extension number.
    FromExtensions(Vec<String>),
    /// Calls that the key placed to these extensions: by id, the one that accepted first.
    ToExtensions(Vec<String>),
    /// Calls to these direct numbers of the company, in E.164 form: `+12125550101`.
    CalledNumbers(Vec<String>),
    /// Calls routed through one of these queues (extension ids). Not on the beta.
    Queues(Vec<String>),
    /// A filter that this crate has no word for, by its name in the API.
    Wire {
        /// The filter's name in the API's request.
        name: String,
        /// Its value, as the API takes it.
        value: Json,
    },
}

impl Filter {
    /// The same without spaces around its ids and numbers, which no id has.
    pub(crate) fn trimmed(mut self) -> Self {
        if let Self::FromExtensions(texts)
        | Self::ToExtensions(texts)
        | Self::CalledNumbers(texts)
        | Self::Queues(texts) = &mut self
        {
            texts.iter_mut().for_each(trim);
        }
        self
    }

    /// Whether it is a list of the domain's words.
    pub(crate) fn has_words(&self) -> bool {
        match self {
            Self::Direction(_)
            | Self::Origin(_)
            | Self::Response(_)
            | Self::Result(_)
            | Self::Type(_)
            | Self::Segment(_)
            | Self::Action(_)
            | Self::CompanyHours(_)
            | Self::QueueSla(_)
            | Self::EndingParty(_)
            | Self::QueueHours(_) => true,
            Self::CallDuration(_)
            | Self::TimeSpent(_)
            | Self::FromExtensions(_)
            | Self::ToExtensions(_)
            | Self::CalledNumbers(_)
            | Self::Queues(_)
            | Self::Wire { .. } => false,
        }
    }

    /// Calls of this length in seconds as a whole, not only the key's part.
    #[must_use]
    pub fn call_duration(length: Length) -> Self {
        Self::CallDuration(length)
    }

    /// Calls in which the key spent this many seconds.
    #[must_use]
    pub fn time_spent(length: Length) -> Self {
        Self::TimeSpent(length)
    }

    /// Calls that the key received from one of these extensions, by id:
    /// [`Directory::find`](crate::Directory::find) has the ids of names and extension numbers.
    #[must_use]
    pub fn from_extensions<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::FromExtensions(strings(ids))
    }

    /// Calls that the key placed to one of these extensions, by id.
    #[must_use]
    pub fn to_extensions<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::ToExtensions(strings(ids))
    }

    /// Calls to one of these direct numbers of the company, in E.164 form: `+12125550101`.
    #[must_use]
    pub fn called_numbers<I: Into<String>>(numbers: impl IntoIterator<Item = I>) -> Self {
        Self::CalledNumbers(strings(numbers))
    }

    /// Calls routed through one of these queues, by id. Not on the beta.
    ///
    /// A text that can't be an id, such as a name, is refused when the query is used, and a short one,
    /// which may be an extension number, has a notice: no call would pass.
    /// [`Directory::find`](crate::Directory::find) has the ids.
    ///
    /// With [`GroupBy::members_of_queues`](super::GroupBy::members_of_queues) it counts the agents' calls of these queues
    /// alone.
    #[must_use]
    pub fn queues<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::Queues(strings(ids))
    }

    /// A filter that this crate has no word for, by its name in the API.
    #[must_use]
    pub fn wire(name: impl Into<String>, value: Json) -> Self {
        Self::Wire { name: name.into(), value }
    }

    /// The filter's name, as the command line and the messages say it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Direction(_) => "direction",
            Self::Origin(_) => "origin",
            Self::Response(_) => "response",
            Self::Result(_) => "result",
            Self::Type(_) => "type",
            Self::Segment(_) => "segment",
            Self::Action(_) => "action",
            Self::CompanyHours(_) => "company-hours",
            Self::QueueSla(_) => "queue-sla",
            Self::EndingParty(_) => "ending-party",
            Self::QueueHours(_) => "queue-hours",
            Self::CallDuration(_) => "call-duration",
            Self::TimeSpent(_) => "time-spent",
            Self::FromExtensions(_) => "from",
            Self::ToExtensions(_) => "to",
            Self::CalledNumbers(_) => "called-number",
            Self::Queues(_) => "queue",
            Self::Wire { name, .. } => name,
        }
    }

    /// The filter's words; empty for a length and for a filter by wire name.
    pub(crate) fn words(&self) -> Vec<&str> {
        match self {
            Self::Direction(words) => texts(words),
            Self::Origin(words) => texts(words),
            Self::Response(words) => texts(words),
            Self::Result(words) => texts(words),
            Self::Type(words) => texts(words),
            Self::Segment(filters) => filters.iter().map(|f| f.segment.as_str()).collect(),
            Self::Action(words) => texts(words),
            Self::CompanyHours(words) => texts(words),
            Self::QueueSla(words) => texts(words),
            Self::EndingParty(words) => texts(words),
            Self::QueueHours(words) => texts(words),
            Self::FromExtensions(ids)
            | Self::ToExtensions(ids)
            | Self::CalledNumbers(ids)
            | Self::Queues(ids) => ids.iter().map(String::as_str).collect(),
            Self::CallDuration(_) | Self::TimeSpent(_) | Self::Wire { .. } => Vec::new(),
        }
    }

    /// Its lengths, those of its segments included.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = &Length> {
        let (own, segments) = match self {
            Self::CallDuration(length) | Self::TimeSpent(length) => (Some(length), &[][..]),
            Self::Segment(segments) => (None, &segments[..]),
            _ => (None, &[][..]),
        };
        own.into_iter().chain(segments.iter().filter_map(|segment| segment.length.as_ref()))
    }

    /// The words of the filter that this version doesn't know.
    pub(crate) fn unknown_words(&self) -> Vec<&str> {
        fn unknown<'a, W: Word>(words: impl IntoIterator<Item = &'a W>) -> Vec<&'a str> {
            let unknown = words.into_iter().filter(|word| !word.is_known());
            unknown.map(Word::as_str).collect()
        }
        match self {
            Self::Direction(words) => unknown(words),
            Self::Origin(words) => unknown(words),
            Self::Response(words) => unknown(words),
            Self::Result(words) => unknown(words),
            Self::Type(words) => unknown(words),
            Self::Segment(filters) => unknown(filters.iter().map(|filter| &filter.segment)),
            Self::Action(words) => unknown(words),
            Self::CompanyHours(words) => unknown(words),
            Self::QueueSla(words) => unknown(words),
            Self::EndingParty(words) => unknown(words),
            Self::QueueHours(words) => unknown(words),
            _ => Vec::new(),
        }
    }

    /// The breakdown that has the filter's words.
    pub(crate) fn breakdown(&self) -> Option<Breakdown> {
        Some(match self {
            Self::Direction(_) => Breakdown::Direction,
            Self::Origin(_) => Breakdown::Origin,
            Self::Response(_) => Breakdown::Response,
            Self::Result(_) => Breakdown::Result,
            Self::Type(_) => Breakdown::Type,
            Self::Segment(_) => Breakdown::Segment,
            Self::Action(_) => Breakdown::Action,
            Self::CompanyHours(_) => Breakdown::CompanyHours,
            Self::QueueSla(_) => Breakdown::QueueSla,
            Self::EndingParty(_) => Breakdown::EndingParty,
            Self::QueueHours(_) => Breakdown::QueueHours,
            _ => return None,
        })
    }

    /// The filter that every call with a word of a breakdown passes; `None` for one without words.
    pub(crate) fn of_all_words(breakdown: &Breakdown) -> Option<Self> {
        fn known<W: Word>() -> Vec<W>
        where
            Filter: From<Vec<W>>,
        {
            W::KNOWN.to_vec()
        }
        Some(match breakdown {
            Breakdown::Direction => known::<Direction>().into(),
            Breakdown::Origin => known::<Origin>().into(),
            Breakdown::Response => known::<CallResponse>().into(),
            Breakdown::Type => known::<CallType>().into(),
            Breakdown::Result => known::<CallResult>().into(),
            Breakdown::Segment => known::<CallSegment>().into(),
            Breakdown::Action => known::<CallAction>().into(),
            Breakdown::CompanyHours => known::<CompanyHours>().into(),
            Breakdown::QueueSla => known::<QueueSla>().into(),
            Breakdown::EndingParty => known::<EndingParty>().into(),
            Breakdown::QueueHours => known::<QueueHours>().into(),
            Breakdown::Total | Breakdown::QueueOpportunities | Breakdown::Other(_) => return None,
        })
    }

    /// Returns the breakdown whose numbers show that the server applied the filter; `None` for
    /// a filter that every revision of the API has.
    ///
    /// A server of a revision that lacks the filter may ignore it, and count all calls. If a query asks for
    /// this breakdown, too, [`Notice::FilterIgnored`](crate::Notice::FilterIgnored) reports that.
    ///
    /// ```
    /// use callperf::{Breakdown, Filter, GroupBy, Period, Query, QueueHours};
    ///
    /// let late = Filter::from(QueueHours::AfterHours);
    /// let mut query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
    /// query = query.calls(Breakdown::Result).only(late.clone());
    /// if let Some(proof) = late.proof() {
    ///     query = query.calls(proof);
    /// }
    /// # let _ = query;
    /// ```
    #[must_use]
    pub fn proof(&self) -> Option<Breakdown> {
        match self {
            Self::EndingParty(_) => Some(Breakdown::EndingParty),
            Self::QueueHours(_) => Some(Breakdown::QueueHours),
            Self::Wire { name, .. } => match name.as_str() {
                "endingParties" => Some(Breakdown::EndingParty),
                "queueHours" => Some(Breakdown::QueueHours),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the filter is a list that has no word in it.
    pub(crate) fn is_empty_list(&self) -> bool {
        !matches!(self, Self::CallDuration(_) | Self::TimeSpent(_) | Self::Wire { .. })
            && self.words().is_empty()
    }
}

/// The names by which filters are stored, in their order.
pub(crate) const STORED_NAMES: [&str; 18] = [
    "direction",
    "origin",
    "response",
    "result",
    "type",
    "segment",
    "action",
    "company_hours",
    "queue_sla",
    "ending_party",
    "queue_hours",
    "call_duration",
    "time_spent",
    "from_extensions",
    "to_extensions",
    "called_numbers",
    "queues",
    "wire",
];

impl Filter {
    /// The name by which it is stored, and its name in the API where that is `wire`.
    pub(crate) fn stored_name(&self) -> (&'static str, &str) {
        let name = match self {
            Self::Direction(_) => "direction",
            Self::Origin(_) => "origin",
            Self::Response(_) => "response",
            Self::Result(_) => "result",
            Self::Type(_) => "type",
            Self::Segment(_) => "segment",
            Self::Action(_) => "action",
            Self::CompanyHours(_) => "company_hours",
            Self::QueueSla(_) => "queue_sla",
            Self::EndingParty(_) => "ending_party",
            Self::QueueHours(_) => "queue_hours",
            Self::CallDuration(_) => "call_duration",
            Self::TimeSpent(_) => "time_spent",
            Self::FromExtensions(_) => "from_extensions",
            Self::ToExtensions(_) => "to_extensions",
            Self::CalledNumbers(_) => "called_numbers",
            Self::Queues(_) => "queues",
            Self::Wire { name, .. } => return ("wire", name),
        };
        (name, "")
    }
}

/// In the order in which they are stored. Those of one name stay as they are.
pub(crate) fn in_order(filters: &[Filter]) -> Vec<&Filter> {
    let mut sorted: Vec<_> = filters.iter().collect();
    sorted.sort_by_key(|filter| {
        let (name, wire_name) = filter.stored_name();
        (STORED_NAMES.iter().position(|known| *known == name), wire_name)
    });
    sorted
}

fn strings<I: Into<String>>(items: impl IntoIterator<Item = I>) -> Vec<String> {
    let trimmed = |item: I| {
        let mut text = item.into();
        trim(&mut text);
        text
    };
    items.into_iter().map(trimmed).collect()
}

/// Takes the spaces around a text away.
pub(super) fn trim(text: &mut String) {
    if text.trim().len() != text.len() {
        *text = text.trim().to_owned();
    }
}

fn texts<W: Word>(words: &[W]) -> Vec<&str> {
    words.iter().map(Word::as_str).collect()
}

macro_rules! filter_words {
    ($($word:ty => $variant:ident;)+) => {$(
        impl From<$word> for Filter {
            fn from(word: $word) -> Self {
                Self::$variant(vec![word.into()])
            }
        }

        impl<const N: usize> From<[$word; N]> for Filter {
            fn from(words: [$word; N]) -> Self {
                Self::$variant(words.into_iter().map(Into::into).collect())
            }
        }

        impl From<Vec<$word>> for Filter {
            fn from(words: Vec<$word>) -> Self {
                Self::$variant(words.into_iter().map(Into::into).collect())
            }
        }
    )+};
}

filter_words! {
    Direction => Direction;
    Origin => Origin;
    CallResponse => Response;
    CallResult => Result;
    CallType => Type;
    CallSegment => Segment;
    SegmentFilter => Segment;
    CallAction => Action;
    CompanyHours => CompanyHours;
    QueueSla => QueueSla;
    EndingParty => EndingParty;
    QueueHours => QueueHours;
}
