//! How each API spells the domain's words in a request, and where it puts them.
//!
//! The APIs cut words differently. The beta's `callResult` list holds results
//! and the response `Connected`; its `callResponseType` list holds types and
//! the results `Missed` and `Accepted`. A filter that needs two of its lists,
//! or shares one with another filter, would mean something else there, because
//! lists are joined by AND and the words of a list by OR.

use std::borrow::Cow;

use crate::{
    query::{Dimension, Filter},
    rules,
    words::{
        api::Api,
        metric::MetricName,
        vocabulary::{Breakdown, Grouping, MembersOf},
    },
};

/// A word, and how the APIs spell it as a filter.
struct Spelling {
    word: &'static str,
    calls_v1: &'static str,
    /// The beta's list and its word there.
    beta: Option<(&'static str, &'static str)>,
}

const fn both(
    word: &'static str,
    calls_v1: &'static str,
    list: &'static str,
    beta: &'static str,
) -> Spelling {
    Spelling { word, calls_v1, beta: Some((list, beta)) }
}

const fn today(word: &'static str, calls_v1: &'static str) -> Spelling {
    Spelling { word, calls_v1, beta: None }
}

const DIRECTION: &[Spelling] = &[
    both("inbound", "Inbound", "direction", "Inbound"),
    both("outbound", "Outbound", "direction", "Outbound"),
];

const ORIGIN: &[Spelling] = &[
    both("internal", "Internal", "origin", "Internal"),
    both("external", "External", "origin", "External"),
];

const RESPONSE: &[Spelling] = &[
    both("answered", "Answered", "callResponse", "Answered"),
    both("notAnswered", "NotAnswered", "callResponse", "NotAnswered"),
    both("connected", "Connected", "callResult", "Connected"),
    today("notConnected", "NotConnected"),
];

const RESULT: &[Spelling] = &[
    both("completed", "Completed", "callResult", "Completed"),
    both("abandoned", "Abandoned", "callResult", "Abandoned"),
    both("voicemail", "Voicemail", "callResult", "VoiceMail"),
    both("missed", "Missed", "callResponseType", "Missed"),
    both("accepted", "Accepted", "callResponseType", "Accepted"),
    today("unknown", "Unknown"),
];

const TYPE: &[Spelling] = &[
    both("direct", "Direct", "callResponseType", "InboundDirect"),
    both("fromQueue", "FromQueue", "callResponseType", "QueueCalls"),
    both("parkRetrieval", "ParkRetrieval", "callResponseType", "ParkRetrievals"),
    both("transferred", "Transferred", "callResponseType", "Transferred"),
    today("outbound", "Outbound"),
    today("overflow", "Overflow"),
];

const SEGMENT: &[Spelling] = &[
    today("setup", "Setup"),
    both("ringing", "Ringing", "callSegments", "Ringing"),
    both("ivrPrompt", "IvrPrompt", "callSegments", "IvrPrompt"),
    both("liveTalk", "LiveTalk", "callSegments", "LiveTalk"),
    both("hold", "Hold", "callSegments", "Hold"),
    both("park", "Park", "callSegments", "Park"),
    both("transfer", "Transfer", "callSegments", "Transfer"),
    both("vmGreeting", "VmGreeting", "callSegments", "VmGreeting"),
    both("voicemail", "Voicemail", "callSegments", "VoiceMailing"),
];

const ACTION: &[Spelling] = &[
    both("holdOn", "HoldOn", "callActions", "HoldOn"),
    both("holdOff", "HoldOff", "callActions", "HoldOff"),
    both("parkOn", "ParkOn", "callActions", "ParkOn"),
    both("parkOff", "ParkOff", "callActions", "ParkOff"),
    both("blindTransfer", "BlindTransfer", "callActions", "BlindTransfer"),
    both("warmTransfer", "WarmTransfer", "callActions", "WarmTransfer"),
    both("dtmfTransfer", "DTMFTransfer", "callActions", "DTMFTransfer"),
];

const COMPANY_HOURS: &[Spelling] = &[
    both("businessHours", "BusinessHours", "companyHours", "BusinessHours"),
    both("afterHours", "AfterHours", "companyHours", "AfterHours"),
];

const QUEUE_SLA: &[Spelling] = &[
    both("inSla", "InSla", "queueSla", "InSla"),
    both("outOfSla", "OutSla", "queueSla", "OutSla"),
];

/// The beta's lists that take one word only.
const BETA_SCALARS: &[&str] = &["direction", "origin", "callResponse", "companyHours", "queueSla"];

/// A filter's spellings, its name in today's API, and its own list on the beta.
fn filter_spellings(filter: &Filter) -> Option<(&'static [Spelling], &'static str, &'static str)> {
    Some(match filter {
        Filter::Direction(_) => (DIRECTION, "directions", "direction"),
        Filter::Origin(_) => (ORIGIN, "origins", "origin"),
        Filter::Response(_) => (RESPONSE, "callResponses", "callResponse"),
        Filter::Result(_) => (RESULT, "callResults", "callResult"),
        Filter::Type(_) => (TYPE, "callTypes", "callResponseType"),
        Filter::Segment(_) => (SEGMENT, "callSegments", "callSegments"),
        Filter::Action(_) => (ACTION, "callActions", "callActions"),
        Filter::CompanyHours(_) => (COMPANY_HOURS, "companyHours", "companyHours"),
        Filter::QueueSla(_) => (QUEUE_SLA, "queueSla", "queueSla"),
        Filter::CallDuration(_)
        | Filter::TimeSpent(_)
        | Filter::FromExtensions(_)
        | Filter::ToExtensions(_)
        | Filter::CalledNumbers(_)
        | Filter::Queues(_)
        | Filter::Wire { .. } => return None,
    })
}

/// What an API can express, for the rules.
pub(crate) fn of(api: Api) -> &'static dyn rules::Spelling {
    match api {
        Api::Beta => &Table(Api::Beta),
        Api::CallsV1 => &Table(Api::CallsV1),
    }
}

struct Table(Api);

impl rules::Spelling for Table {
    fn options<'b>(&self, metric: MetricName, breakdown: &'b Breakdown) -> Vec<&'b str> {
        options(self.0, metric, breakdown)
    }

    fn has_grouping(&self, dimension: &Dimension) -> bool {
        self.0 != Api::Beta || *dimension != Dimension::Each(Grouping::SharedLines)
    }

    fn place<'w>(&self, filter: &Filter, word: &'w str) -> Option<(&'static str, Cow<'w, str>)> {
        place(self.0, filter, word)
    }

    fn lists(&self, filter: &Filter) -> Vec<&'static str> {
        lists(self.0, filter)
    }

    fn fields(&self, filter: &Filter) -> Vec<&'static str> {
        fields(self.0, filter)
    }

    fn takes_one_word(&self, list: &str) -> bool {
        self.0 == Api::Beta && BETA_SCALARS.contains(&list)
    }
}

/// A filter's word in an API: the list that holds it, and its spelling there.
///
/// A word that the crate doesn't know goes into the filter's own list to the
/// letter. `None` is a word that the API doesn't have.
pub(crate) fn place<'w>(
    api: Api,
    filter: &Filter,
    word: &'w str,
) -> Option<(&'static str, Cow<'w, str>)> {
    let (spellings, today_list, beta_list) = filter_spellings(filter)?;
    let known = spellings.iter().find(|spelling| spelling.word == word);
    match (api, known) {
        (Api::CallsV1, Some(spelling)) => Some((today_list, spelling.calls_v1.into())),
        (Api::CallsV1, None) => Some((today_list, word.into())),
        (Api::Beta, Some(spelling)) => spelling.beta.map(|(list, beta)| (list, beta.into())),
        (Api::Beta, None) => Some((beta_list, word.into())),
    }
}

/// The lists that a filter's words need in an API, each once.
fn lists(api: Api, filter: &Filter) -> Vec<&'static str> {
    let mut lists: Vec<_> = filter
        .words()
        .into_iter()
        .filter_map(|word| place(api, filter, word))
        .map(|(list, _)| list)
        .collect();
    lists.sort_unstable();
    lists.dedup();
    lists
}

/// The fields of an API's request that a filter is put into.
fn fields(api: Api, filter: &Filter) -> Vec<&'static str> {
    let field = match (api, filter) {
        (_, Filter::CallDuration(_)) => "callDuration",
        (_, Filter::TimeSpent(_)) => "timeSpent",
        (_, Filter::CalledNumbers(_)) => "calledNumbers",
        (Api::CallsV1, Filter::FromExtensions(_) | Filter::ToExtensions(_)) => "extensionFilters",
        (Api::Beta, Filter::FromExtensions(_)) => "callerExtensionIds",
        (Api::Beta, Filter::ToExtensions(_)) => "calledExtensionIds",
        (Api::CallsV1, Filter::Queues(_)) => "queues",
        _ => return lists(api, filter),
    };
    vec![field]
}

/// A filter's words as an API spells them; those that the API lacks are left out.
pub(crate) fn spelled(api: Api, filter: &Filter) -> Vec<String> {
    filter
        .words()
        .into_iter()
        .filter_map(|word| place(api, filter, word))
        .map(|(_, spelled)| spelled.into_owned())
        .collect()
}

/// The response options that an API needs for a breakdown: its own, and those
/// that hold some of its words. Empty where the API doesn't have it.
pub(crate) fn options(api: Api, metric: MetricName, breakdown: &Breakdown) -> Vec<&str> {
    match api {
        Api::CallsV1 => calls_v1_option(metric, breakdown).into_iter().collect(),
        Api::Beta => beta_options(metric, breakdown),
    }
}

fn calls_v1_option(metric: MetricName, breakdown: &Breakdown) -> Option<&str> {
    use MetricName::{Calls, TimeSpent};
    Some(match (metric, breakdown) {
        (Calls, Breakdown::Total) => "allCalls",
        (Calls, Breakdown::Direction) => "callsByDirection",
        (Calls, Breakdown::Origin) => "callsByOrigin",
        (Calls, Breakdown::Response) => "callsByResponse",
        (Calls, Breakdown::Type) => "callsByType",
        (Calls, Breakdown::Result) => "callsByResult",
        (Calls, Breakdown::Segment) => "callsSegments",
        (Calls, Breakdown::Action) => "callsByActions",
        (Calls, Breakdown::CompanyHours) => "callsByCompanyHours",
        (Calls, Breakdown::QueueSla) => "callsByQueueSla",
        (Calls, Breakdown::QueueOpportunities) => "queueOpportunities",
        (TimeSpent, Breakdown::Total) => "allCallsDuration",
        (TimeSpent, Breakdown::Direction) => "callsDurationByDirection",
        (TimeSpent, Breakdown::Origin) => "callsDurationByOrigin",
        (TimeSpent, Breakdown::Response) => "callsDurationByResponse",
        (TimeSpent, Breakdown::Type) => "callsDurationByType",
        (TimeSpent, Breakdown::Result) => "callsDurationByResult",
        (TimeSpent, Breakdown::Segment) => "callsSegmentsDuration",
        (TimeSpent, Breakdown::CompanyHours) => "callsDurationByCompanyHours",
        (TimeSpent, Breakdown::QueueSla) => "callsDurationByQueueSla",
        (TimeSpent, Breakdown::Action | Breakdown::QueueOpportunities) => return None,
        (_, Breakdown::Other(other)) => other.as_str(),
    })
}

fn beta_options(metric: MetricName, breakdown: &Breakdown) -> Vec<&str> {
    use MetricName::{Calls, TimeSpent};
    match (metric, breakdown) {
        (Calls, Breakdown::Total) => vec!["allCalls"],
        (Calls, Breakdown::Direction) => vec!["callsByDirection"],
        (Calls, Breakdown::Origin) => vec!["callsByOrigin"],
        (Calls, Breakdown::Response) => vec!["callsByResponse", "callsByResult"],
        (Calls, Breakdown::Type) => vec!["callsByResponseType"],
        (Calls, Breakdown::Result) => vec!["callsByResult", "callsByResponseType"],
        (Calls, Breakdown::Segment) => vec!["callsBySegment"],
        (Calls, Breakdown::Action) => vec!["callsByActions"],
        (Calls, Breakdown::CompanyHours) => vec!["callsByCompanyHours"],
        (Calls, Breakdown::QueueSla) => vec!["callsByQueueSla"],
        (TimeSpent, Breakdown::Total) => vec!["totalCallLength"],
        (TimeSpent, Breakdown::Direction) => vec!["callLengthByDirection"],
        (TimeSpent, Breakdown::Origin) => vec!["callLengthByOrigin"],
        (TimeSpent, Breakdown::Response) => vec!["callLengthByResponse", "callLengthByResult"],
        (TimeSpent, Breakdown::Type) => vec!["callLengthByResponseType"],
        (TimeSpent, Breakdown::Result) => vec!["callLengthByResult", "callLengthByResponseType"],
        (TimeSpent, Breakdown::Segment) => vec!["timeSpentByCallSegments"],
        (TimeSpent, Breakdown::CompanyHours) => vec!["callsLengthByCompanyHours"],
        (TimeSpent, Breakdown::QueueSla) => vec!["callsLengthByQueueSla"],
        (Calls | TimeSpent, Breakdown::QueueOpportunities) | (TimeSpent, Breakdown::Action) => {
            Vec::new()
        }
        (_, Breakdown::Other(other)) => vec![other.as_str()],
    }
}

/// How the beta says a grouping; the company is said by leaving it out.
pub(crate) fn beta_grouping(dimension: &Dimension) -> Option<&str> {
    match dimension {
        Dimension::Each(Grouping::Company) => None,
        Dimension::Each(grouping) => Some(grouping.as_str()),
        Dimension::Members(MembersOf::Department) => Some("DepartmentMembers"),
        Dimension::Members(MembersOf::UserGroup) => Some("UserGroupMembers"),
        Dimension::Members(MembersOf::Queue) => Some("QueueAgents"),
        Dimension::Members(MembersOf::Site) => Some("SiteMembers"),
        Dimension::Members(MembersOf::Other(other)) => Some(other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::vocabulary::{
        CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours, Direction,
        Origin, QueueSla, Word,
    };

    fn spelled_in_full<W: Word>(spellings: &[Spelling]) {
        let known: Vec<_> = W::KNOWN.iter().map(Word::as_str).collect();
        let spelled: Vec<_> = spellings.iter().map(|spelling| spelling.word).collect();
        assert_eq!(spelled, known);
    }

    #[test]
    fn every_word_is_spelled() {
        spelled_in_full::<Direction>(DIRECTION);
        spelled_in_full::<Origin>(ORIGIN);
        spelled_in_full::<CallResponse>(RESPONSE);
        spelled_in_full::<CallResult>(RESULT);
        spelled_in_full::<CallType>(TYPE);
        spelled_in_full::<CallSegment>(SEGMENT);
        spelled_in_full::<CallAction>(ACTION);
        spelled_in_full::<CompanyHours>(COMPANY_HOURS);
        spelled_in_full::<QueueSla>(QUEUE_SLA);
    }

    #[test]
    fn an_unknown_word_is_sent_to_the_letter() {
        let filter = Filter::from(CallResult::from("Deflected"));
        assert_eq!(
            place(Api::CallsV1, &filter, "Deflected"),
            Some(("callResults", "Deflected".into()))
        );
        assert_eq!(
            place(Api::Beta, &filter, "Deflected"),
            Some(("callResult", "Deflected".into()))
        );
    }

    #[test]
    fn results_need_two_lists_on_the_beta() {
        let filter = Filter::from([CallResult::Abandoned, CallResult::Missed]);
        assert_eq!(lists(Api::Beta, &filter), ["callResponseType", "callResult"]);
        assert_eq!(lists(Api::CallsV1, &filter), ["callResults"]);
    }
}
