//! The beta: a breakdown's options in a request, its place in a response, its filter, and its
//! words in all of them.
//!
//! The beta cuts words differently. Its list `callResult` holds results and the response
//! `Connected`; its list `callResponseType` holds types and the results `Missed` and
//! `Accepted`; and so do the options and the fields of a response. `among` names the breakdown
//! that such words are with, and where its option is in a response. A filter that needs two
//! lists, or shares one with another filter, would mean something else there, because lists
//! are joined by AND and the words of a list by OR.
//!
//! The table names the fields of the generated types. What they are called on the wire is
//! data there, so that another name needs no edit here.

use std::{mem, slice};

use callperf_raw::beta::types;

use crate::{
    query::{Dimension, Filter},
    wire::{
        decode::{self, MetricBuilder, as_json},
        filters::FilterField as _,
    },
    words::vocabulary::{
        Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
        Direction, Grouping, MembersOf, Origin, QueueSla, Word,
    },
};

/// The options of a metric in a request.
pub(super) trait Options: Default {
    type Option;

    /// The name of the option that a breakdown has to itself or shares with its guests;
    /// `None` if the beta doesn't have it.
    fn name(breakdown: &Breakdown) -> Option<&str>;

    /// Sets it. What the beta doesn't have isn't asked for: the rules refuse it.
    fn ask(&mut self, breakdown: &Breakdown, option: Self::Option);
}

/// A list of a filter in a request.
pub(super) trait WordList {
    const TAKES_ONE: bool;

    fn add(&mut self, word: String);
}

/// A word, as a filter has it.
trait Spelled: Word {
    /// Its list, and its spelling there; `None` if the beta doesn't have it.
    fn place(&self) -> Option<(List, &str)>;
}

macro_rules! options {
    ($options:ident, $type:ident: $($breakdown:ident $option:ident,)+; lacks $($lack:ident)+) => {
        impl Options for types::$options {
            type Option = types::$type;

            fn name(breakdown: &Breakdown) -> Option<&str> {
                match breakdown {
                    $(Breakdown::$breakdown => Some(types::$options::$option),)+
                    $(Breakdown::$lack)|+ => None,
                    Breakdown::Other(name) => Some(name.as_str()),
                }
            }

            fn ask(&mut self, breakdown: &Breakdown, option: types::$type) {
                match breakdown {
                    $(Breakdown::$breakdown => self.$option = Some(option),)+
                    $(Breakdown::$lack)|+ => {}
                    Breakdown::Other(name) => {
                        self.extra.insert(name.to_string(), as_json(&option));
                    }
                }
            }
        }
    };
}

/// Reads the words of a breakdown, its own and those that are with another one.
macro_rules! read {
    (
        $metric:ident, $raw:ident: $type:ident, $breakdown:ident $words:ident
        $own:ident {$( $word:ident $field:ident )+}
        $($host:ident $host_field:ident {$( $guest:ident $guest_field:ident )+})*
    ) => {
        if let Some(sent) = &mut $raw.$own
            && is_wanted($metric, &Breakdown::$breakdown, &Breakdown::$breakdown)
        {
            let mut words = decode::sent([$(($words::$word.to_cow(), sent.$field.take())),+]);
            let name = types::$type::$own;
            $metric.other_words(name, mem::take(&mut sent.extra), &mut words);
            $metric.words(Breakdown::$breakdown, name, None, words);
        }
        $(
            if let Some(sent) = &mut $raw.$host_field
                && is_wanted($metric, &Breakdown::$breakdown, &Breakdown::$host)
            {
                let words = decode::sent([$(($words::$guest.to_cow(), sent.$guest_field.take())),+]);
                $metric.words(Breakdown::$breakdown, types::$type::$host_field, None, words);
            }
        )*
    };
}

macro_rules! table {
    (
        numbers {$(
            $number:ident {
                calls $number_of_calls:ident => $calls_number:ident,
                time_spent $time_number_option:ident => $time_number:ident,
            }
        )+}
        breakdowns {$(
            $breakdown:ident {
                calls $calls_option:ident => $calls:ident,
                time_spent $time_option:ident => $time:ident,
                filter $filter:ident,
                $words:ident {$( $word:ident = $spelled:literal => $calls_field:ident, $time_field:ident; )+}
                $(among $host:ident $host_field:ident {$(
                    $guest:ident = $guest_spelled:literal => $calls_guest:ident, $time_guest:ident;
                )+})*
                $(lacks $($lacked:ident)+;)?
            }
        )+}
        breakdowns_of_calls {$(
            $counted:ident {
                calls $counted_option:ident => $counted_calls:ident,
                filter $counted_filter:ident,
                $counted_words:ident {$(
                    $counted_word:ident = $counted_spelled:literal => $counted_field:ident;
                )+}
            }
        )+}
        other_filters {$( $other:ident => $other_field:ident, )+}
        lacks { breakdowns {$( $lack:ident )+} filters {$( $lacked_filter:ident )+} }
    ) => {
        options!(
            PerformanceCallsCountersResponseOptions, PerformanceCallsCountersResponseOptionsItem:
            $($number $number_of_calls,)+ $($breakdown $calls_option,)+
            $($counted $counted_option,)+; lacks $($lack)+
        );
        options!(
            PerformanceCallsTimersResponseOptions, PerformanceCallsTimersResponseOptionsItem:
            $($number $time_number_option,)+ $($breakdown $time_option,)+;
            lacks $($counted)+ $($lack)+
        );

        /// The breakdowns whose options hold the words of one: its own comes first.
        pub(super) fn holders(breakdown: &Breakdown) -> &[Breakdown] {
            match breakdown {
                $(Breakdown::$breakdown => {
                    const { &[Breakdown::$breakdown, $(Breakdown::$host),*] }
                })+
                $(Breakdown::$number)|+
                | $(Breakdown::$counted)|+
                | $(Breakdown::$lack)|+
                | Breakdown::Other(_) => slice::from_ref(breakdown),
            }
        }

        pub(super) fn read_counters(
            metric: &mut MetricBuilder<'_>,
            mut raw: types::PerformanceCallsCounters,
        ) {
            $(
                let name = types::PerformanceCallsCounters::$calls_number;
                metric.number(Breakdown::$number, name, None, raw.$calls_number);
            )+
            $(read!(
                metric, raw: PerformanceCallsCounters, $breakdown $words
                $calls {$( $word $calls_field )+}
                $($host $host_field {$( $guest $calls_guest )+})*
            );)+
            $(read!(
                metric, raw: PerformanceCallsCounters, $counted $counted_words
                $counted_calls {$( $counted_word $counted_field )+}
            );)+
            metric.unknown(raw.extra);
        }

        pub(super) fn read_timers(
            metric: &mut MetricBuilder<'_>,
            mut raw: types::PerformanceCallsTimers,
        ) {
            $(
                let name = types::PerformanceCallsTimers::$time_number;
                metric.number(Breakdown::$number, name, None, raw.$time_number);
            )+
            $(read!(
                metric, raw: PerformanceCallsTimers, $breakdown $words
                $time {$( $word $time_field )+}
                $($host $host_field {$( $guest $time_guest )+})*
            );)+
            metric.unknown(raw.extra);
        }

        /// The lists of a filter, by the breakdown that they belong to.
        #[derive(Clone, Copy)]
        pub(super) enum List {
            $($breakdown,)+
            $($counted,)+
        }

        impl List {
            pub(super) const ALL: &[Self] = &[$(Self::$breakdown,)+ $(Self::$counted,)+];

            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$breakdown => types::PerformanceCallsFilters::$filter,)+
                    $(Self::$counted => types::PerformanceCallsFilters::$counted_filter,)+
                }
            }

            pub(super) fn takes_one(self) -> bool {
                let filters = types::PerformanceCallsFilters::default();
                match self {
                    $(Self::$breakdown => takes_one(&filters.$filter),)+
                    $(Self::$counted => takes_one(&filters.$counted_filter),)+
                }
            }

            fn add(self, out: &mut types::PerformanceCallsFilters, word: String) {
                match self {
                    $(Self::$breakdown => out.$filter.add(word),)+
                    $(Self::$counted => out.$counted_filter.add(word),)+
                }
            }
        }

        $(impl Spelled for $words {
            fn place(&self) -> Option<(List, &str)> {
                match self {
                    $(Self::$word => Some((List::$breakdown, $spelled)),)+
                    $($(Self::$guest => Some((List::$host, $guest_spelled)),)+)*
                    $($(Self::$lacked)|+ => None,)?
                    Self::Other(other) => Some((List::$breakdown, other.as_str())),
                }
            }
        })+

        $(impl Spelled for $counted_words {
            fn place(&self) -> Option<(List, &str)> {
                match self {
                    $(Self::$counted_word => Some((List::$counted, $counted_spelled)),)+
                    Self::Other(other) => Some((List::$counted, other.as_str())),
                }
            }
        })+

        /// A filter's word: its list, and its spelling there.
        pub(super) fn place(filter: &Filter, word: &str) -> Option<(List, String)> {
            fn of<W: Spelled>(word: &str) -> Option<(List, String)> {
                W::from_wire(word).place().map(|(list, spelled)| (list, spelled.to_owned()))
            }
            match filter {
                $(Filter::$breakdown(_) => of::<$words>(word),)+
                $(Filter::$counted(_) => of::<$counted_words>(word),)+
                $(Filter::$other(_))|+
                | $(Filter::$lacked_filter(_))|+
                | Filter::Wire { .. } => None,
            }
        }

        pub(super) fn put(out: &mut types::PerformanceCallsFilters, filter: &Filter) {
            match filter {
                $(Filter::$breakdown(_))|+ | $(Filter::$counted(_))|+ => {
                    for (list, word) in
                        filter.words().into_iter().filter_map(|word| place(filter, word))
                    {
                        list.add(out, word);
                    }
                }
                $(Filter::$other(value) => out.$other_field.set_to(value),)+
                // The rules refuse it.
                $(Filter::$lacked_filter(_))|+ => {}
                Filter::Wire { name, value } => {
                    out.extra.insert(name.clone(), value.clone());
                }
            }
        }

        /// Whether the beta has a filter.
        pub(super) fn has_filter(filter: &Filter) -> bool {
            !matches!(filter, $(Filter::$lacked_filter(_))|+)
        }

        /// The field of a filter that is no list of words.
        pub(super) fn other_field(filter: &Filter) -> Option<&'static str> {
            match filter {
                $(Filter::$other(_) => Some(types::PerformanceCallsFilters::$other_field),)+
                _ => None,
            }
        }
    };
}

table! {
    numbers {
        Total {
            calls all_calls => total_calls,
            time_spent total_call_length => calls_duration_seconds,
        }
    }
    breakdowns {
        Direction {
            calls calls_by_direction => calls_by_direction,
            time_spent call_length_by_direction => calls_by_direction,
            filter direction,
            Direction {
                Inbound = "Inbound" => inbound, inbound_calls_seconds;
                Outbound = "Outbound" => outbound, outbound_calls_seconds;
            }
        }
        Origin {
            calls calls_by_origin => calls_by_origin,
            time_spent call_length_by_origin => calls_by_origin,
            filter origin,
            Origin {
                Internal = "Internal" => internal, internal_calls_seconds;
                External = "External" => external, external_calls_seconds;
            }
        }
        Response {
            calls calls_by_response => calls_by_response,
            time_spent call_length_by_response => calls_by_response,
            filter call_response,
            CallResponse {
                Answered = "Answered" => answered, answered_calls_seconds;
                NotAnswered = "NotAnswered" => not_answered, not_answered_calls_seconds;
            }
            among Result calls_by_result {
                Connected = "Connected" => connected, connected_calls_seconds;
            }
            lacks NotConnected;
        }
        Result {
            calls calls_by_result => calls_by_result,
            time_spent call_length_by_result => calls_by_result,
            filter call_result,
            CallResult {
                Completed = "Completed" => completed, completed_calls_seconds;
                Abandoned = "Abandoned" => abandoned, abandoned_calls_seconds;
                Voicemail = "VoiceMail" => voice_mail, voice_mail_calls_seconds;
            }
            among Type calls_by_response_type {
                Missed = "Missed" => missed, missed_calls_seconds;
                Accepted = "Accepted" => accepted, accepted_calls_seconds;
            }
            lacks Transferred PickedUp Forwarded AnsweredElsewhere Unknown;
        }
        Type {
            calls calls_by_response_type => calls_by_response_type,
            time_spent call_length_by_response_type => calls_by_response_type,
            filter call_response_type,
            CallType {
                Direct = "InboundDirect" => inbound_direct, inbound_direct_seconds;
                FromQueue = "QueueCalls" => queue_calls, queue_calls_seconds;
                ParkRetrieval = "ParkRetrievals" => park_retrieval, park_retrievals_seconds;
                Transferred = "Transferred" => transferred_calls, transferred_calls_seconds;
            }
            lacks Outbound Overflow QueueCallPickup;
        }
        Segment {
            calls calls_by_segment => calls_by_segments,
            time_spent time_spent_by_call_segments => call_segment_length_seconds,
            filter call_segments,
            CallSegment {
                Ringing = "Ringing" => ringing, ringing;
                IvrPrompt = "IvrPrompt" => ivr_prompts, ivr_prompts;
                LiveTalk = "LiveTalk" => live_talk, live_talk;
                Hold = "Hold" => holds, holds;
                Park = "Park" => parks, parks;
                Transfer = "Transfer" => transfers, transfers;
                VmGreeting = "VmGreeting" => vm_greetings, vm_greetings;
                Voicemail = "VoiceMailing" => voice_mailing, voice_mailing;
            }
            lacks Setup Forwarding;
        }
        CompanyHours {
            calls calls_by_company_hours => calls_by_company_hours,
            time_spent calls_length_by_company_hours => calls_by_company_hours,
            filter company_hours,
            CompanyHours {
                BusinessHours = "BusinessHours" => business_hours, business_hours_seconds;
                AfterHours = "AfterHours" => after_hours, after_hours_seconds;
            }
        }
        QueueSla {
            calls calls_by_queue_sla => calls_by_queue_sla,
            time_spent calls_length_by_queue_sla => calls_by_queue_sla,
            filter queue_sla,
            QueueSla {
                InSla = "InSla" => in_sla, in_sla;
                OutOfSla = "OutSla" => out_of_sla, out_of_sla;
            }
        }
    }
    breakdowns_of_calls {
        Action {
            calls calls_by_actions => calls_actions_count,
            filter call_actions,
            CallAction {
                HoldOn = "HoldOn" => holds_on;
                HoldOff = "HoldOff" => holds_off;
                ParkOn = "ParkOn" => parks_on;
                ParkOff = "ParkOff" => parks_off;
                BlindTransfer = "BlindTransfer" => blind_transfer;
                WarmTransfer = "WarmTransfer" => warm_transfer;
                DtmfTransfer = "DTMFTransfer" => dtmft_transfer;
            }
        }
    }
    other_filters {
        CallDuration => call_duration,
        TimeSpent => time_spent,
        FromExtensions => caller_extension_ids,
        ToExtensions => called_extension_ids,
        CalledNumbers => called_numbers,
    }
    lacks {
        breakdowns { EndingParty QueueHours QueueOpportunities }
        filters { EndingParty QueueHours Queues }
    }
}

/// How the beta says a grouping; the company is said by leaving it out.
pub(super) fn grouping(dimension: &Dimension) -> Option<&str> {
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

/// Whether the words of a breakdown that came with an option are given.
///
/// One that wasn't asked for stays absent if another one needed the option: half a breakdown
/// would look like a whole one.
fn is_wanted(metric: &MetricBuilder<'_>, breakdown: &Breakdown, option: &Breakdown) -> bool {
    let needs_option = |asked: &Breakdown| holders(asked).contains(option);
    metric.measure(breakdown).is_some()
        || !metric.measures().iter().any(|measure| needs_option(&measure.breakdown))
}

fn takes_one<L: WordList>(_: &L) -> bool {
    L::TAKES_ONE
}
