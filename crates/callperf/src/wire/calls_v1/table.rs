//! Today's API: a breakdown's options in a request, its place in a response, its filter, and
//! its words in both.
//!
//! The table names the fields of the generated types. What they are called on the wire is
//! data there, so that another name needs no edit here.

use callperf_raw::calls_v1::types;
use serde_json::{Map, Number, Value as Json};

use crate::{
    query::Filter,
    wire::{
        decode::{MetricBuilder, Sent, as_json, words},
        filters::FilterField as _,
    },
    words::vocabulary::{
        Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours,
        Direction, EndingParty, Origin, QueueHours, QueueSla, Word, sealed::Sealed as _,
    },
};

/// The options of a metric in a request.
pub(super) trait Options: Default {
    type Option;

    /// The name of a breakdown's option; `None` if the API doesn't have it.
    fn name(breakdown: &Breakdown) -> Option<&str>;

    /// Sets it. What the API doesn't have isn't asked for: the rules refuse it.
    fn ask(&mut self, breakdown: &Breakdown, option: Self::Option);
}

/// A word, as a filter has it.
pub(super) trait Spelled: Word {
    fn spelled(&self) -> &str;
}

macro_rules! options {
    ($options:ident, $type:ty: $($breakdown:ident $($option:ident)?,)+) => {
        impl Options for types::$options {
            type Option = $type;

            fn name(breakdown: &Breakdown) -> Option<&str> {
                match breakdown {
                    $(Breakdown::$breakdown => [$(types::$options::$option)?].first().copied(),)+
                    Breakdown::Other(name) => Some(name.as_str()),
                }
            }

            fn ask(&mut self, breakdown: &Breakdown, option: $type) {
                match breakdown {
                    $(Breakdown::$breakdown => {$( self.$option = Some(option); )?})+
                    Breakdown::Other(name) => {
                        self.extra.insert(name.to_string(), as_json(&option));
                    }
                }
            }
        }
    };
}

macro_rules! table {
    (
        numbers {$(
            $number:ident {
                calls $number_of_calls:ident => $calls_number:ident,
                $(time_spent $time_number_option:ident => $time_number:ident,)?
            }
        )+}
        breakdowns {$(
            $breakdown:ident {
                calls $calls_option:ident => $calls:ident,
                $(time_spent $time_option:ident => $time:ident,)?
                filter $filter:ident,
                $words:ident in $sent:ident {$( $word:ident = $spelled:literal $(=> $field:ident)?, )+}
            }
        )+}
        other_filters {$( $other:ident => $other_field:ident $(. $part:ident)?, )+}
    ) => {
        options!(
            AggregationResponseOptionsCounters, types::AggregationResponseOptionsCountersItem:
            $($number $number_of_calls,)+ $($breakdown $calls_option,)+
        );
        options!(
            AggregationResponseOptionsTimers, types::AggregationResponseOptionsTimersItem:
            $($number $($time_number_option)?,)+ $($breakdown $($time_option)?,)+
        );
        options!(
            TimelineResponseOptionsCounters, bool:
            $($number $number_of_calls,)+ $($breakdown $calls_option,)+
        );
        options!(
            TimelineResponseOptionsTimers, bool:
            $($number $($time_number_option)?,)+ $($breakdown $($time_option)?,)+
        );

        pub(super) fn read_counters(metric: &mut MetricBuilder<'_>, raw: types::CallsCounters) {
            $(
                let name = types::CallsCounters::$calls_number;
                read_number(metric, Breakdown::$number, name, raw.$calls_number);
            )+
            $(
                let name = types::CallsCounters::$calls;
                metric.breakdown(Breakdown::$breakdown, name, raw.$calls);
            )+
            metric.unknown(raw.extra);
        }

        pub(super) fn read_timers(metric: &mut MetricBuilder<'_>, raw: types::CallsTimers) {
            $($(
                let name = types::CallsTimers::$time_number;
                read_number(metric, Breakdown::$number, name, raw.$time_number);
            )?)+
            $($(
                let name = types::CallsTimers::$time;
                metric.breakdown(Breakdown::$breakdown, name, raw.$time);
            )?)+
            metric.unknown(raw.extra);
        }

        $(
            impl From<types::$sent> for Sent {
                fn from(sent: types::$sent) -> Self {
                    let values = sent.values.unwrap_or_default();
                    Self {
                        unit: sent.value_type,
                        words: words!(values, $($($words::$word => $field,)?)+),
                        other_words: values.extra,
                        extra: sent.extra,
                    }
                }
            }

            impl Spelled for $words {
                fn spelled(&self) -> &str {
                    match self {
                        $(Self::$word => $spelled,)+
                        Self::Other(other) => other.as_str(),
                    }
                }
            }
        )+

        pub(super) fn put(out: &mut types::CallFilters, filter: &Filter) {
            match filter {
                $(Filter::$breakdown(words) => out.$filter.set_to(words),)+
                $(Filter::$other(value) => {
                    out.$other_field $(.get_or_insert_default().$part)? .set_to(value);
                })+
                Filter::Wire { name, value } => {
                    out.extra.insert(name.clone(), value.clone());
                }
            }
        }

        /// A filter's word: its list, and its spelling there.
        pub(super) fn place(filter: &Filter, word: &str) -> Option<(&'static str, String)> {
            match filter {
                $(Filter::$breakdown(_) => {
                    let spelled = $words::from_wire(word).spelled().to_owned();
                    Some((types::CallFilters::$filter, spelled))
                })+
                $(Filter::$other(_))|+ | Filter::Wire { .. } => None,
            }
        }

        /// The field of a filter that is no list of words.
        pub(super) fn other_field(filter: &Filter) -> Option<&'static str> {
            match filter {
                $(Filter::$other(_) => Some(types::CallFilters::$other_field),)+
                $(Filter::$breakdown(_))|+ | Filter::Wire { .. } => None,
            }
        }
    };
}

table! {
    numbers {
        Total {
            calls all_calls => all_calls,
            time_spent all_calls_duration => all_calls,
        }
        QueueOpportunities {
            calls queue_opportunities => queue_opportunities,
        }
    }
    breakdowns {
        Direction {
            calls calls_by_direction => calls_by_direction,
            time_spent calls_duration_by_direction => calls_by_direction,
            filter directions,
            Direction in CallsByDirection {
                Inbound = "Inbound" => inbound,
                Outbound = "Outbound" => outbound,
            }
        }
        Origin {
            calls calls_by_origin => calls_by_origin,
            time_spent calls_duration_by_origin => calls_by_origin,
            filter origins,
            Origin in CallsByOrigin {
                Internal = "Internal" => internal,
                External = "External" => external,
            }
        }
        Response {
            calls calls_by_response => calls_by_response,
            time_spent calls_duration_by_response => calls_by_response,
            filter call_responses,
            CallResponse in CallsByResponse {
                Answered = "Answered" => answered,
                NotAnswered = "NotAnswered" => not_answered,
                Connected = "Connected" => connected,
                NotConnected = "NotConnected" => not_connected,
            }
        }
        Type {
            calls calls_by_type => calls_by_type,
            time_spent calls_duration_by_type => calls_by_type,
            filter call_types,
            CallType in CallsByType {
                Direct = "Direct" => direct,
                FromQueue = "FromQueue" => from_queue,
                ParkRetrieval = "ParkRetrieval" => park_retrieval,
                Transferred = "Transferred" => transferred,
                Outbound = "Outbound" => outbound,
                Overflow = "Overflow" => overflow,
                QueueCallPickup = "QueueCallPickup" => queue_call_pickup,
            }
        }
        Result {
            calls calls_by_result => calls_by_result,
            time_spent calls_duration_by_result => calls_by_result,
            filter call_results,
            CallResult in CallsByResult {
                Completed = "Completed" => completed,
                Abandoned = "Abandoned" => abandoned,
                Voicemail = "Voicemail" => voicemail,
                Missed = "Missed" => missed,
                Accepted = "Accepted" => accepted,
                Transferred = "Transferred" => transferred,
                PickedUp = "PickedUp" => picked_up,
                Forwarded = "Forwarded" => forwarded,
                AnsweredElsewhere = "AnsweredElsewhere" => answered_elsewhere,
                Unknown = "Unknown" => unknown,
            }
        }
        Segment {
            calls calls_segments => calls_segments,
            time_spent calls_segments_duration => calls_segments,
            filter call_segments,
            CallSegment in CallsBySegments {
                Setup = "Setup" => setup,
                Ringing = "Ringing" => ringing,
                IvrPrompt = "IvrPrompt" => ivr_prompt,
                LiveTalk = "LiveTalk" => live_talk,
                Hold = "Hold" => hold,
                Park = "Park" => park,
                Transfer = "Transfer" => transfer,
                Forwarding = "Forwarding" => forwarding,
                VmGreeting = "VmGreeting" => vm_greeting,
                Voicemail = "Voicemail" => voicemail,
            }
        }
        Action {
            calls calls_by_actions => calls_actions,
            filter call_actions,
            CallAction in CallsByActions {
                HoldOn = "HoldOn" => hold_on,
                HoldOff = "HoldOff" => hold_off,
                ParkOn = "ParkOn" => park_on,
                ParkOff = "ParkOff" => park_off,
                BlindTransfer = "BlindTransfer" => blind_transfer,
                WarmTransfer = "WarmTransfer" => warm_transfer,
                DtmfTransfer = "DTMFTransfer" => dtmf_transfer,
            }
        }
        CompanyHours {
            calls calls_by_company_hours => calls_by_company_hours,
            time_spent calls_duration_by_company_hours => calls_by_company_hours,
            filter company_hours,
            CompanyHours in CallsByCompanyHours {
                BusinessHours = "BusinessHours" => business_hours,
                AfterHours = "AfterHours" => after_hours,
            }
        }
        QueueSla {
            calls calls_by_queue_sla => calls_by_queue_sla,
            time_spent calls_duration_by_queue_sla => calls_by_queue_sla,
            filter queue_sla,
            QueueSla in CallsByQueueSla {
                InSla = "InSla" => in_sla,
                OutOfSla = "OutSla" => out_of_sla,
            }
        }
        EndingParty {
            calls calls_by_ending_party => calls_by_ending_party,
            time_spent calls_duration_by_ending_party => calls_by_ending_party,
            filter ending_parties,
            EndingParty in CallsByEndingParty {
                Caller = "Caller" => caller,
                Callee = "Callee" => callee,
                System = "System" => system,
            }
        }
        QueueHours {
            calls calls_by_queue_hours => calls_by_queue_hours,
            time_spent calls_duration_by_queue_hours => calls_by_queue_hours,
            filter queue_hours,
            QueueHours in CallsByQueueHours {
                BusinessHours = "BusinessHours" => business_hours,
                AfterHours = "AfterHours" => after_hours,
            }
        }
    }
    other_filters {
        CallDuration => call_duration,
        TimeSpent => time_spent,
        FromExtensions => extension_filters.from_ids,
        ToExtensions => extension_filters.to_ids,
        CalledNumbers => called_numbers,
        Queues => queues,
    }
}

/// A breakdown that is one number, as it was sent.
struct SentNumber {
    unit: Option<String>,
    number: Option<Number>,
    extra: Map<String, Json>,
}

impl From<types::AllCalls> for SentNumber {
    fn from(sent: types::AllCalls) -> Self {
        Self { unit: sent.value_type, number: sent.values, extra: sent.extra }
    }
}

impl From<types::QueueOpportunities> for SentNumber {
    fn from(sent: types::QueueOpportunities) -> Self {
        Self { unit: sent.value_type, number: sent.values, extra: sent.extra }
    }
}

fn read_number(
    metric: &mut MetricBuilder<'_>,
    breakdown: Breakdown,
    name: &'static str,
    sent: Option<impl Into<SentNumber>>,
) {
    let Some(sent) = sent else { return };
    let SentNumber { unit, number, extra } = sent.into();
    metric.number(breakdown, name, unit.as_deref(), number);
    metric.keep(name, extra);
}
