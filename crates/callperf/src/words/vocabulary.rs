// Long because all words of the domain stand here, each once.

//! The domain's words: what calls are counted by, and what they are filtered by.
//!
//! Every list of words is *open*: the words that this crate knows, and
//! [`Other`] for a word that it doesn't know yet. Any text parses. A word's text is
//! the one that today's API uses in its responses; a word that occurs in requests
//! only has the request's text.
//!
//! Text of yours is recognised in every spelling that either API uses for a word in
//! requests or responses, or that a revision of it has used, in any case, with or without `_`, `-`
//! and spaces. An unknown text is kept and sent to the letter, with a [notice]; in a stored query one that is
//! nearly a known word is refused, unless it is written as `{ wire = "text" }`. In a response a
//! word is known by the spelling of that API alone, and any other word is kept to
//! the letter.
//!
//! [notice]: crate::Notice::UnknownWord
//!
//! ```
//! use callperf::vocabulary::{Breakdown, CallResult};
//!
//! for text in ["abandoned", "Abandoned", "abandonedCallsSeconds"] {
//!     assert_eq!(CallResult::from(text), CallResult::Abandoned);
//! }
//! assert_eq!(Breakdown::from("callsByResult"), Breakdown::Result);
//! let tomorrow = CallResult::from("deflected");
//! assert_eq!(tomorrow.as_str(), "deflected");
//! assert!(!tomorrow.is_known());
//! ```

use std::{borrow::Cow, fmt};

use super::{
    nearest::{is_same_word, nearest},
    renamed,
};

/// A word that this version of the crate doesn't know.
///
/// It can't be made directly: every `From<&str>` recognises the known words
/// first. From a response it may hold another API's spelling of a known word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Other(Box<str>);

impl Other {
    /// The word, to the letter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) mod sealed {
    pub trait Sealed: Sized {
        /// The word that a response has. Only the word's own text is known.
        fn from_wire(text: &str) -> Self;
    }
}

/// What all word lists have in common. Implemented by this crate only.
pub trait Word: sealed::Sealed + Clone + Ord + fmt::Debug + 'static {
    /// The words that this version of the crate knows.
    const KNOWN: &'static [Self];

    /// The word's text.
    fn as_str(&self) -> &str;

    /// The word with this text, in any of its spellings; an unknown text is kept to
    /// the letter.
    fn from_text(text: &str) -> Self;

    /// What the word means; empty for a word that the crate doesn't know.
    fn meaning(&self) -> &'static str;

    /// The word's text, borrowed for ever where the word is known.
    fn to_cow(&self) -> Cow<'static, str>;

    /// The known word that a text may have been meant to be: one of its spellings, or a common
    /// synonym (`incoming`, `avg`, `Mon`), differs by two letters at most.
    fn nearest(text: &str) -> Option<Self>;

    /// Whether this version of the crate knows the word.
    fn is_known(&self) -> bool {
        Self::KNOWN.contains(self)
    }
}

macro_rules! open_vocabulary {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $variant:ident = $text:literal $(| $other_spelling:literal)*,
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[doc = $doc])+ $variant, )+
            /// A word that this version of the crate doesn't know, to the letter.
            Other(Other),
        }

        impl $name {
            /// The words that this version of the crate knows.
            pub const KNOWN: &'static [Self] = &[$( Self::$variant, )+];

            /// Every spelling that is recognised, less those that differ in case and
            /// separators only.
            const SPELLINGS: &'static [(&'static str, Self)] = &[
                $( ($text, Self::$variant), $( ($other_spelling, Self::$variant), )* )+
            ];

            /// The word's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(other) => other.as_str(),
                }
            }

            /// What the word means; empty for a word that the crate doesn't know.
            #[must_use]
            pub fn meaning(&self) -> &'static str {
                match self {
                    $( Self::$variant => concat!($($doc),+).trim_ascii(), )+
                    Self::Other(_) => "",
                }
            }

            /// Whether this version of the crate knows the word.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl sealed::Sealed for $name {
            fn from_wire(text: &str) -> Self {
                match text {
                    $( $text => Self::$variant, )+
                    other => Self::Other(Other(other.into())),
                }
            }
        }

        impl Word for $name {
            const KNOWN: &'static [Self] = Self::KNOWN;

            fn as_str(&self) -> &str {
                self.as_str()
            }

            fn from_text(text: &str) -> Self {
                Self::from(text)
            }

            fn nearest(text: &str) -> Option<Self> {
                let near = nearest(text, Self::SPELLINGS.iter().map(|(spelling, _)| *spelling))?;
                Some(Self::from(near))
            }

            fn meaning(&self) -> &'static str {
                self.meaning()
            }

            fn to_cow(&self) -> Cow<'static, str> {
                match self {
                    $( Self::$variant => Cow::Borrowed($text), )+
                    Self::Other(other) => Cow::Owned(other.as_str().to_owned()),
                }
            }
        }

        impl From<&str> for $name {
            /// The word with this text, in any of its spellings; an unknown text is
            /// kept to the letter.
            fn from(text: &str) -> Self {
                let spelled = |text: &str| {
                    let mut known = Self::SPELLINGS.iter();
                    known.find(|(known, _)| is_same_word(text, known)).map(|(_, word)| word.clone())
                };
                spelled(text)
                    .or_else(|| renamed::other_names(text).into_iter().find_map(spelled))
                    .unwrap_or_else(|| Self::Other(Other(text.into())))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <Cow<'de, str>>::deserialize(deserializer).map(|text| Self::from(&*text))
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known: &[&str] = &[$( $text, )+];
                schemars::json_schema!({ "type": "string", "examples": known })
            }
        }
    };
}

open_vocabulary! {
    /// What a report has one record for.
    Grouping {
        /// the whole account: all extensions and direct numbers together
        Company = "Company" | "WholeCompany",
        /// a direct number of the company, in E.164 form
        CompanyNumbers = "CompanyNumbers",
        /// a mailbox, that is a user's extension
        Users = "Users",
        /// a call queue
        Queues = "Queues",
        /// an interactive voice response menu
        Ivrs = "IVRs",
        /// an automated agent that callers talk to (inferred from the name)
        Ivas = "IVAs",
        /// one number answered by several phones
        SharedLines = "SharedLines",
        /// a named set of users
        UserGroups = "UserGroups",
        /// a site of the company
        Sites = "Sites",
        /// a department, which is a label on the user
        Departments = "Departments",
    }
}

open_vocabulary! {
    /// Whose members a report has one record each for.
    MembersOf {
        /// the users of the given departments
        Department = "Department" | "DepartmentMembers" | "MembersOfDepartments",
        /// the users of the given user groups
        UserGroup = "UserGroup" | "UserGroupMembers" | "MembersOfUserGroups",
        /// the agents of the given queues, with all their calls, those of other queues too
        Queue = "Queue" | "QueueAgents" | "MembersOfQueues",
        /// the users of the given sites
        Site = "Site" | "SiteMembers" | "MembersOfSites",
    }
}

open_vocabulary! {
    /// What a metric is broken down by.
    ///
    /// The text is the name that the metric has in this crate's JSON. A
    /// breakdown that the crate doesn't know is asked for by its name in the
    /// API's response options, and comes back under its name in the response.
    Breakdown {
        /// one number: all calls of the record
        Total = "total"
            | "allCalls"
            | "allCallsDuration"
            | "totalCallLength"
            | "totalCalls"
            | "callsDurationSeconds"
            | "all",
        /// whether the key received the call or made it
        Direction = "by_direction"
            | "callsByDirection"
            | "callsDurationByDirection"
            | "callLengthByDirection",
        /// whether the call began inside the account or outside
        Origin = "by_origin" | "callsByOrigin" | "callsDurationByOrigin" | "callLengthByOrigin",
        /// whether the call was picked up or reached
        Response = "by_response"
            | "callsByResponse"
            | "callsDurationByResponse"
            | "callLengthByResponse",
        /// how the call came to the key
        Type = "by_type"
            | "callsByType"
            | "callsDurationByType"
            | "callsByResponseType"
            | "callLengthByResponseType"
            | "callsDurationByResponseType",
        /// how the call ended
        Result = "by_result" | "callsByResult" | "callsDurationByResult" | "callLengthByResult",
        /// the phases of the call; one call counts under every phase that it had
        Segment = "by_segment"
            | "callsSegments"
            | "callsSegmentsDuration"
            | "callsBySegment"
            | "callsBySegments"
            | "timeSpentByCallSegments"
            | "callSegmentLengthSeconds",
        /// what the key did during the call, counted each time; calls only
        Action = "by_action" | "callsByActions" | "callsActions" | "callsActionsCount",
        /// within the account's business hours or after them
        CompanyHours = "by_company_hours"
            | "callsByCompanyHours"
            | "callsDurationByCompanyHours"
            | "callsLengthByCompanyHours",
        /// answered within the queue's time limit or after it; queues only
        QueueSla = "by_queue_sla"
            | "callsByQueueSla"
            | "callsDurationByQueueSla"
            | "callsLengthByQueueSla",
        /// the party that ended the call
        EndingParty = "by_ending_party" | "callsByEndingParty" | "callsDurationByEndingParty",
        /// within the queue's own business hours or after them; for queues (inferred)
        QueueHours = "by_queue_hours" | "callsByQueueHours" | "callsDurationByQueueHours",
        /// one number: how often a queue call was presented to the user; calls only, users and members only
        QueueOpportunities = "queue_opportunities",
    }
}

impl Breakdown {
    /// The words that it is known to be broken down into, each with its meaning;
    /// none for a breakdown that is one number, or that the crate doesn't know.
    #[must_use]
    pub fn words(&self) -> Vec<(&'static str, &'static str)> {
        fn known<W: Word>() -> Vec<(&'static str, &'static str)> {
            W::KNOWN.iter().map(|word| (word.as_str(), word.meaning())).collect()
        }
        match self {
            Self::Direction => known::<Direction>(),
            Self::Origin => known::<Origin>(),
            Self::Response => known::<CallResponse>(),
            Self::Type => known::<CallType>(),
            Self::Result => known::<CallResult>(),
            Self::Segment => known::<CallSegment>(),
            Self::Action => known::<CallAction>(),
            Self::CompanyHours => known::<CompanyHours>(),
            Self::QueueSla => known::<QueueSla>(),
            Self::EndingParty => known::<EndingParty>(),
            Self::QueueHours => known::<QueueHours>(),
            Self::Total | Self::QueueOpportunities | Self::Other(_) => Vec::new(),
        }
    }

    /// The text of the word that it is broken down into and that this is a spelling of.
    pub(crate) fn word_spelled(&self, text: &str) -> Option<Cow<'static, str>> {
        fn known<W: Word>(text: &str) -> Option<Cow<'static, str>> {
            Some(W::from_text(text)).filter(Word::is_known).map(|word| word.to_cow())
        }
        match self {
            Self::Direction => known::<Direction>(text),
            Self::Origin => known::<Origin>(text),
            Self::Response => known::<CallResponse>(text),
            Self::Type => known::<CallType>(text),
            Self::Result => known::<CallResult>(text),
            Self::Segment => known::<CallSegment>(text),
            Self::Action => known::<CallAction>(text),
            Self::CompanyHours => known::<CompanyHours>(text),
            Self::QueueSla => known::<QueueSla>(text),
            Self::EndingParty => known::<EndingParty>(text),
            Self::QueueHours => known::<QueueHours>(text),
            Self::Total | Self::QueueOpportunities | Self::Other(_) => None,
        }
    }
}

open_vocabulary! {
    /// The direction of a call, seen from the record's key.
    Direction {
        /// the key received the call
        Inbound = "inbound" | "inboundCallsSeconds",
        /// the key made the call
        Outbound = "outbound" | "outboundCallsSeconds",
    }
}

open_vocabulary! {
    /// Where a call began.
    Origin {
        /// it began inside the account
        Internal = "internal" | "internalCallsSeconds",
        /// an external party took part in its first segment
        External = "external" | "externalCallsSeconds",
    }
}

open_vocabulary! {
    /// Whether a call was picked up or reached.
    CallResponse {
        /// the key picked the call up
        Answered = "answered" | "answeredCallsSeconds",
        /// the key didn't pick the call up
        NotAnswered = "notAnswered" | "notAnsweredCallsSeconds",
        /// outbound: the called number was reached
        Connected = "connected" | "connectedCallsSeconds",
        /// outbound: the called number wasn't reached
        NotConnected = "notConnected",
    }
}

open_vocabulary! {
    /// How a call ended.
    ///
    /// [`Transferred`](Self::Transferred), [`PickedUp`](Self::PickedUp),
    /// [`Forwarded`](Self::Forwarded) and [`AnsweredElsewhere`](Self::AnsweredElsewhere)
    /// are in the vendor's document since 2025-05-20, without a text. What they mean is
    /// inferred from their names; under which word such calls counted before, if under
    /// any, is documented nowhere.
    CallResult {
        /// it ended normally after live talk with the key
        Completed = "completed" | "completedCallsSeconds",
        /// the caller hung up before an answer, or on hold after one
        Abandoned = "abandoned" | "abandonedCallsSeconds",
        /// it reached the key's voicemail
        Voicemail = "voicemail" | "voiceMailCallsSeconds",
        /// it rang its full time unanswered
        Missed = "missed" | "missedCallsSeconds",
        /// a system took it (automatic response, voicemail) and it was disconnected
        Accepted = "accepted" | "acceptedCallsSeconds",
        /// the key passed it on by a transfer (inferred from the name)
        Transferred = "transferred",
        /// another user picked it up while it rang at the key (inferred from the name)
        PickedUp = "pickedUp",
        /// it was forwarded from the key to another number (inferred from the name)
        Forwarded = "forwarded",
        /// it rang at the key and was answered at another place (inferred from the name)
        AnsweredElsewhere = "answeredElsewhere",
        /// outbound to the telephone network: the outcome isn't known
        Unknown = "unknown",
    }
}

open_vocabulary! {
    /// How a call came to the key.
    CallType {
        /// called straight, answered by the user
        Direct = "direct" | "InboundDirect" | "inboundDirectSeconds",
        /// came through a queue, answered by the user
        FromQueue = "fromQueue" | "QueueCalls" | "queueCallsSeconds",
        /// picked up from park
        ParkRetrieval = "parkRetrieval" | "ParkRetrievals" | "parkRetrievalsSeconds",
        /// came by transfer, answered by the user
        Transferred = "transferred" | "transferredCalls" | "transferredCallsSeconds",
        /// made from the extension
        Outbound = "outbound",
        /// overflowed from the extension
        Overflow = "overflow",
        /// a queue's call that the user picked up while it rang elsewhere (inferred from the name)
        QueueCallPickup = "queueCallPickup",
    }
}

open_vocabulary! {
    /// A phase of a call.
    CallSegment {
        /// the system is still connecting the caller's own device
        Setup = "setup",
        /// it rang at the key
        Ringing = "ringing",
        /// the caller was in a menu before reaching the key
        IvrPrompt = "ivrPrompt" | "ivrPrompts",
        /// talking
        LiveTalk = "liveTalk",
        /// put on hold
        Hold = "hold" | "holds",
        /// parked
        Park = "park" | "parks",
        /// being transferred by the key
        Transfer = "transfer" | "transfers",
        /// being forwarded from the key to another number (inferred from the name)
        Forwarding = "forwarding",
        /// hearing the voicemail greeting
        VmGreeting = "vmGreeting" | "vmGreetings",
        /// leaving a voicemail message
        Voicemail = "voicemail" | "VoiceMailing",
    }
}

open_vocabulary! {
    /// Something the key did during a call.
    CallAction {
        /// put the call on hold
        HoldOn = "holdOn" | "holdsOn",
        /// took the call off hold
        HoldOff = "holdOff" | "holdsOff",
        /// parked the call
        ParkOn = "parkOn" | "parksOn",
        /// took the call from park
        ParkOff = "parkOff" | "parksOff",
        /// transferred without asking first
        BlindTransfer = "blindTransfer",
        /// transferred after talking to the receiver
        WarmTransfer = "warmTransfer",
        /// transferred by dialling a code
        DtmfTransfer = "dtmfTransfer" | "dtmftTransfer",
    }
}

open_vocabulary! {
    /// Within the account's business hours or after them.
    CompanyHours {
        /// within business hours
        BusinessHours = "businessHours" | "businessHoursSeconds",
        /// after business hours
        AfterHours = "afterHours" | "afterHoursSeconds",
    }
}

open_vocabulary! {
    /// Whether a queue answered within its own time limit.
    ///
    /// Whether an abandoned call counts is a setting of the queue, off by default.
    QueueSla {
        /// answered within the limit
        InSla = "inSla",
        /// answered after the limit
        OutOfSla = "outOfSla" | "OutSla",
    }
}

open_vocabulary! {
    /// The party that ended a call.
    ///
    /// Whether every call counts under one of them is documented nowhere.
    EndingParty {
        /// the party that made the call
        Caller = "caller",
        /// the party that was called
        Callee = "callee",
        /// neither party: the telephone system ended it (inferred from the name)
        System = "system",
    }
}

open_vocabulary! {
    /// Within the business hours of the queue that the call came to, or after them.
    ///
    /// A queue can have hours of its own: see [`CompanyHours`] for the account's. That the
    /// start of the call decides is assumed.
    QueueHours {
        /// within the queue's business hours
        BusinessHours = "businessHours",
        /// after the queue's business hours
        AfterHours = "afterHours",
    }
}

open_vocabulary! {
    /// The unit of a value.
    Unit {
        /// a number of calls, or of actions
        Instances = "Instances",
        /// a duration in seconds
        Seconds = "Seconds",
        /// a share, 0 to 100
        Percent = "Percent",
    }
}

open_vocabulary! {
    /// How the calls of a record become one number.
    Aggregation {
        /// the sum over all calls
        Sum = "Sum",
        /// the mean
        Average = "Average",
        /// the largest
        Max = "Max",
        /// the smallest
        Min = "Min",
        /// a share: of all calls; but answered and not answered of the inbound ones, connected
        /// and not connected of the outbound ones, actions, completed and segments of the
        /// answered ones, other results and voicemail segments of the unanswered ones; what the
        /// words that came in 2025 are shares of is documented nowhere
        Percent = "Percent",
    }
}

open_vocabulary! {
    /// A stretch of time that calls are put together by, cut in the query's time zone.
    Interval {
        /// an hour of the clock
        Hour = "Hour",
        /// a local day, which may have 23 or 25 hours
        Day = "Day",
        /// a week; the day on which it starts is documented nowhere
        Week = "Week",
        /// a calendar month
        Month = "Month",
    }
}

open_vocabulary! {
    /// A day of the week.
    DayOfWeek {
        /// Sunday
        Sunday = "Sunday",
        /// Monday
        Monday = "Monday",
        /// Tuesday
        Tuesday = "Tuesday",
        /// Wednesday
        Wednesday = "Wednesday",
        /// Thursday
        Thursday = "Thursday",
        /// Friday
        Friday = "Friday",
        /// Saturday
        Saturday = "Saturday",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::nearest::folded, sealed::Sealed as _, *};

    #[test]
    fn an_unknown_word_comes_back_to_the_letter() {
        for text in ["deflected", "Deflected", "", "_", "neue Wörter", "voice.mail"] {
            assert_eq!(CallResult::from(text).as_str(), text);
            assert!(!CallResult::from(text).is_known());
        }
    }

    #[test]
    fn a_word_of_a_response_comes_back_to_the_letter() {
        for text in ["abandoned", "Abandoned", "VoiceMail", "abandonedCallsSeconds", ""] {
            assert_eq!(CallResult::from_wire(text).as_str(), text);
        }
        assert_eq!(CallResult::from_wire("abandoned"), CallResult::Abandoned);
        assert_ne!(CallResult::from_wire("Abandoned"), CallResult::Abandoned);
    }

    #[test]
    fn case_and_separators_do_not_count() {
        for text in ["notAnswered", "NotAnswered", "NOT_ANSWERED", "not-answered", "Not answered"] {
            assert_eq!(CallResponse::from(text), CallResponse::NotAnswered);
        }
        assert_eq!(Grouping::from("ivrs"), Grouping::Ivrs);
        assert_eq!(MembersOf::from("QueueAgents"), MembersOf::Queue);
    }

    /// As any revision has called it, also where the code lists no such spelling.
    #[test]
    fn a_name_that_was_renamed_means_the_word() {
        assert_eq!(CallResult::from("ended"), CallResult::Completed);
        assert_eq!(CallType::from("InboundAnswers"), CallType::Direct);
        assert_eq!(CallType::from("inbound_answers_seconds"), CallType::Direct);
        assert!(!CallAction::from("ended").is_known(), "no action was called so");
    }

    /// Else it would depend on the order which word a text is.
    #[test]
    fn no_spelling_is_two_words() {
        macro_rules! spellings_differ {
            ($($list:ident),+) => {$(
                let mut seen = std::collections::BTreeMap::<String, &$list>::new();
                for (text, word) in $list::SPELLINGS {
                    let earlier = seen.insert(folded(text).collect(), word);
                    assert_eq!(earlier, None, "{text}: list each spelling once");
                }
            )+};
        }
        spellings_differ!(
            Grouping,
            MembersOf,
            Breakdown,
            Direction,
            Origin,
            CallResponse,
            CallResult,
            CallType,
            CallSegment,
            CallAction,
            CompanyHours,
            QueueSla,
            EndingParty,
            QueueHours,
            Unit,
            Aggregation,
            Interval,
            DayOfWeek
        );
    }

    #[test]
    fn a_known_word_is_never_hidden_in_other() {
        for word in CallResult::KNOWN {
            assert_eq!(&CallResult::from(word.as_str()), word);
            assert!(word.is_known());
            assert!(!word.meaning().is_empty());
        }
    }

    #[test]
    fn words_sort_by_their_text() {
        let mut words = [CallResult::Voicemail, CallResult::from("barred"), CallResult::Abandoned];
        words.sort();
        assert_eq!(words.map(|word| word.to_string()), ["abandoned", "barred", "voicemail"]);
    }
}
