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
            "days": generator.subschema_for::<Vec<DayOfWeek>>(),
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
            keyed("each", &generator.subschema_for::<Grouping>()),
            keyed("members_of", &generator.subschema_for::<MembersOf>()),
        ],
    });
    Measure: |generator| json_schema!({
        "description": "A breakdown, as a sum or aggregated in another way.",
        "anyOf": [
            generator.subschema_for::<Breakdown>(),
            {
                "type": "object",
                "properties": {
                    "breakdown": generator.subschema_for::<Breakdown>(),
                    "aggregation": generator.subschema_for::<Aggregation>(),
                    "interval": generator.subschema_for::<Interval>(),
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
        "additionalProperties": false,
    });
    SegmentFilter: |generator| json_schema!({
        "description": "A phase that a call must have had, of any length or of this one.",
        "anyOf": [
            generator.subschema_for::<CallSegment>(),
            {
                "type": "object",
                "properties": {
                    "segment": generator.subschema_for::<CallSegment>(),
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

fn keyed(name: &str, word: &Schema) -> Json {
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
        ($($name:literal: $type:ty,)+) => {
            [$(($name.to_owned(), generator.subschema_for::<$type>().to_value()),)+]
        };
    }
    let properties = properties! {
        "direction": Vec<Direction>,
        "origin": Vec<Origin>,
        "response": Vec<CallResponse>,
        "result": Vec<CallResult>,
        "type": Vec<CallType>,
        "segment": Vec<SegmentFilter>,
        "action": Vec<CallAction>,
        "company_hours": Vec<CompanyHours>,
        "queue_sla": Vec<QueueSla>,
        "ending_party": Vec<EndingParty>,
        "queue_hours": Vec<QueueHours>,
        "call_duration": Length,
        "time_spent": Length,
        "from_extensions": Vec<String>,
        "to_extensions": Vec<String>,
        "called_numbers": Vec<String>,
        "queues": Vec<String>,
    };
    let wire = json!({
        "type": "object",
        "description": "Filters by their names in the API, with their values as it takes them.",
    });
    properties.into_iter().chain([("wire".to_owned(), wire)]).collect()
}
