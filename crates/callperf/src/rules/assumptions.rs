//! What no document says.

/// Something that the numbers rest on and that no document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumption {
    /// Its name.
    pub name: &'static str,
    /// What is assumed.
    pub text: &'static str,
    /// How to have it otherwise.
    pub option: &'static str,
}

/// What this crate assumes where the API's documents leave a gap.
pub const ASSUMPTIONS: &[Assumption] = &[
    Assumption {
        name: "connected-is-completed-too",
        text: "the beta's lists of results and of response types hold words of two breakdowns \
               each, and a call counts under a word of either as it does on today's API: a \
               connected outbound call that ended normally is `connected` and `completed`",
        option: "none: the beta's numbers are passed on as they are, under the word's breakdown",
    },
    Assumption {
        name: "milliseconds",
        text: "the API tells milliseconds apart, so that a period's end, which isn't included, \
               goes out one millisecond earlier; the wire includes its end",
        option: "ClientBuilder::end_offset",
    },
    Assumption {
        name: "end-in-the-past",
        text: "the API refuses an end in the future (third parties say so), so that an end later \
               than two minutes before now is moved there",
        option: "ClientBuilder::clock",
    },
    Assumption {
        name: "timeline-range",
        text: "the API may refuse a timeline that isn't longer than its interval (one third party \
               says so), so that a shorter one is sent with the interval beside it, whose points \
               and whose keys are left out of the response; for this, weeks begin on Monday or \
               else on Sunday, and a key without calls is listed if it is named",
        option: "none: a longer timeline is sent as it is",
    },
    Assumption {
        name: "week-start",
        text: "the last week of a period is from Monday to Sunday, as ISO 8601 has it; on which day \
               the API's own weeks start is documented nowhere",
        option: "Period::weeks_start_on",
    },
    Assumption {
        name: "hours-include-their-end",
        text: "the upper bound of an hours filter includes its minute",
        option: "Hours::new, whose text goes out as it is",
    },
    Assumption {
        name: "points-begin-their-interval",
        text: "a point's time is the start of its interval, so that the zero of an hour or a day \
               that a query leaves out is known not to be asked for, and is left out",
        option: "none: a point with any other number is always given",
    },
    Assumption {
        name: "missing-key-is-absent",
        text: "a key that one answer of a set of key figures leaves out is absent there, not zero, \
               unless a wider answer proves that it had no such calls",
        option: "KpiSet::missing_is_zero",
    },
    Assumption {
        name: "talk-is-answered",
        text: "talk, hold and transfers happen in answered calls alone, so that handle time, hold \
               and transfer rate come from inbound calls or from answered inbound calls, \
               whichever is asked for",
        option: "none: the two are equal by the words' definitions",
    },
    Assumption {
        name: "words-of-2025",
        text: "what came to today's API in 2025 means what its name suggests, because the vendor's \
               document says no more: the results transferred, picked up, forwarded and answered \
               elsewhere, the segment forwarding, the type queue call pickup, the ending party \
               system and the grouping IVAs; no key figure counts these results, so that a call \
               that has one of them isn't missed, abandoned or in voicemail",
        option: "none: the API's numbers are passed on as they are, under the word's name",
    },
    Assumption {
        name: "queue-hours-of-queues",
        text: "the breakdown by queue hours is for queues, as the vendor's document says of the \
               filter of the same name alone, so that it is sent for any grouping",
        option: "none: leave it out for other groupings",
    },
    Assumption {
        name: "sla-without-abandoned",
        text: "a queue's setting to count abandoned calls in its SLA is off, as it is by default; \
               where it is on, service levels that treat abandoned calls in a way of their own \
               count them twice",
        option: "Kpi::ServiceLevelOfOffered and Kpi::ServiceLevelOfAnswered, which add none",
    },
    Assumption {
        name: "account-of-the-login",
        text: "the beta takes `~` for the account of whoever logs in, as today's API does",
        option: "ClientBuilder::account",
    },
];
