//! The JSON Schema of stored periods.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::{
    definition::Period,
    stored::{TEXTS, UNITS},
};
use crate::words::vocabulary::DayOfWeek;

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let count = || json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
        let text = |example: &str| json!({"type": "string", "examples": [example]});
        let week_start = generator.subschema_for::<DayOfWeek>().to_value();
        json_schema!({
            "description": "The time that the query is about.",
            "anyOf": [
                {"enum": TEXTS},
                table(&["last_days"], [("last_days", count()), ("days_earlier", count())]),
                table(&["last_weeks"], [
                    ("last_weeks", count()),
                    ("weeks_earlier", count()),
                    ("week_start", week_start),
                ]),
                table(&["last_months"], [("last_months", count()), ("months_earlier", count())]),
                table(&["so_far"], [
                    ("so_far", json!({"enum": UNITS})),
                    ("earlier", count()),
                    ("week_start", generator.subschema_for::<DayOfWeek>().to_value()),
                ]),
                table(&["month"], [("month", text("2026-10"))]),
                table(&["first_day", "last_day"], [
                    ("first_day", text("2026-10-01")),
                    ("last_day", text("2026-10-31")),
                ]),
                table(&["from", "to"], [
                    ("from", text("2026-10-01T08:00:00-04:00")),
                    ("to", text("2026-10-01T18:00:00-04:00")),
                    ("periods_earlier", count()),
                ]),
            ],
        })
    }
}

fn table<const N: usize>(required: &[&str], properties: [(&str, Json); N]) -> Json {
    let properties: Map<_, _> =
        properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
