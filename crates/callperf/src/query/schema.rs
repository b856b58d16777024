//! The JSON Schema of stored queries.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::{
    definition::Query,
    filter::{Filter, SegmentFilter},
    group_by::GroupBy,
    length::{Hours, Length},
    measure::Measure,
};
use crate::words::{
    period::Period,
    vocabulary::{
        Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
        CompanyHours, DayOfWeek, Direction, EndingParty, Grouping, Interval, MembersOf, Origin,
        QueueHours, QueueSla,
    },
};

macro_rules! schemas {
    ($($name:ident: |$generator:ident| $schema:expr;)+) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}

schemas! {
    Query: |generator| json_schema!({
        "type": "object",
        "description": "A query about calls.",
        "properties": {
            "group_by": generator.subschema_for::<GroupBy>(),
            "period": generator.subschema_for::<Period>(),
            "time_zone": {
                "type": "string",
                "description": "The IANA name of the zone in which days and hours are cut.",
                "examples": ["America/Los_Angeles"],
            },
            "calls": generator.subschema_for::<Vec<Measure>>(),
            "time_spent": generator.subschema_for::<Vec<Measure>>(),
            "filters": filters(generator),
            "days": words::<DayOfWeek>(generator),
            "hours": generator.subschema_for::<Vec<Hours>>(),
            "unchecked": {
                "type": "boolean",
                "description": "Whether it is sent even where a rule forbids it.",
            },
        },
        "required": ["group_by", "period", "time_zone"],
        "additionalProperties": false,
    });
    GroupBy: |generator| json_schema!({
        "description": "What there is one record for, and which of them.",
        "anyOf": [
            generator.subschema_for::<Grouping>(),
            keyed("each", &word::<Grouping>(generator)),
            keyed("members_of", &word::<MembersOf>(generator)),
        ],
    });
    Measure: |generator| json_schema!({
        "description": "A breakdown, as a sum or aggregated in another way.",
        "anyOf": [
            generator.subschema_for::<Breakdown>(),
            {
                "type": "object",
                "properties": {
                    "breakdown": word::<Breakdown>(generator),
                    "aggregation": word::<Aggregation>(generator),
                    "interval": word::<Interval>(generator),
                },
                "required": ["breakdown"],
                "additionalProperties": false,
            },
        ],
    });
    Length: |_generator| json_schema!({
        "type": "object",
        "description": "A length of time in whole seconds.",
        "properties": {"min_seconds": whole_number(), "max_seconds": whole_number()},
        "minProperties": 1,
        "additionalProperties": false,
    });
    SegmentFilter: |generator| json_schema!({
        "description": "A phase that a call must have had, of any length or of this one.",
        "anyOf": [
            generator.subschema_for::<CallSegment>(),
            {
                "type": "object",
                "properties": {
                    "segment": word::<CallSegment>(generator),
                    "lasting": generator.subschema_for::<Length>(),
                },
                "required": ["segment"],
                "additionalProperties": false,
            },
        ],
    });
    Hours: |_generator| json_schema!({
        "type": "object",
        "description": "Hours of the day as hh:mm, the last minute included.",
        "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
        "required": ["from", "to"],
        "additionalProperties": false,
    });
    Filter: |generator| json_schema!({
        "type": "object",
        "description": "One filter.",
        "properties": filter_properties(generator),
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    });
}

fn whole_number() -> Json {
    json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
}

/// A word, or any text that is sent as it is.
fn word<W: JsonSchema>(generator: &mut SchemaGenerator) -> Json {
    json!({
        "anyOf": [
            generator.subschema_for::<W>(),
            {
                "type": "object",
                "description": "A word as the API has it, which this version may not know.",
                "properties": {"wire": {"type": "string"}},
                "required": ["wire"],
                "additionalProperties": false,
            },
        ],
    })
}

fn words<W: JsonSchema>(generator: &mut SchemaGenerator) -> Json {
    json!({"type": "array", "items": word::<W>(generator)})
}

fn keyed(name: &str, word: &Json) -> Json {
    let texts = json!({"type": "array", "items": {"type": "string"}});
    json!({
        "type": "object",
        "properties": {name: word, "keys": texts, "names": texts},
        "required": [name],
        "additionalProperties": false,
    })
}

fn filters(generator: &mut SchemaGenerator) -> Json {
    let table = json!({
        "type": "object",
        "properties": filter_properties(generator),
        "additionalProperties": false,
    });
    json!({
        "description": "Which calls count: filters are joined by AND, the words of one by OR.",
        "anyOf": [table, {"type": "array", "items": table}],
    })
}

fn filter_properties(generator: &mut SchemaGenerator) -> Map<String, Json> {
    macro_rules! properties {
        ($($name:literal: [$($part:tt)+],)+) => {
            [$(($name.to_owned(), properties!(of $($part)+)),)+]
        };
        (of words $type:ty) => { words::<$type>(generator) };
        (of $type:ty) => { generator.subschema_for::<$type>().to_value() };
    }
    let properties = properties! {
        "direction": [words Direction],
        "origin": [words Origin],
        "response": [words CallResponse],
        "result": [words CallResult],
        "type": [words CallType],
        "segment": [Vec<SegmentFilter>],
        "action": [words CallAction],
        "company_hours": [words CompanyHours],
        "queue_sla": [words QueueSla],
        "ending_party": [words EndingParty],
        "queue_hours": [words QueueHours],
        "call_duration": [Length],
        "time_spent": [Length],
        "from_extensions": [Vec<String>],
        "to_extensions": [Vec<String>],
        "called_numbers": [Vec<String>],
        "queues": [Vec<String>],
    };
    let wire = json!({
        "type": "object",
        "description": "Filters by their names in the API, with their values as it takes them.",
    });
    properties.into_iter().chain([("wire".to_owned(), wire)]).collect()
}
