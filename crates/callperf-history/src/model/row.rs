//! The columns of a day's file.

use schemars::JsonSchema;
use serde::Serialize;

/// One number of `callperf sync`: schema 1.
///
/// `grouping` and `date` are in the path, as Hive's partitions. Rows are sorted by
/// key, time, metric, breakdown and word. A point of time in which all of a key's
/// numbers are zero has no rows.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Row {
    /// What the row is about: an extension's id, or a number for company numbers.
    pub key: String,
    /// The extension's number, where the API sends it.
    pub extension: Option<String>,
    /// The key's name when it was fetched, where the API sends it.
    pub name: Option<String>,
    /// The start of the hour, or of the local day; in UTC, to the millisecond.
    pub time: String,
    /// `calls` or `time_spent`.
    pub metric: String,
    /// `total`, `by_result`, …: the words of `callperf words`, or the name in the
    /// API's answer of one that this version has no word for.
    pub breakdown: String,
    /// The word of the breakdown, `abandoned` for example; absent for one number.
    pub word: Option<String>,
    /// `Instances` or `Seconds`.
    pub unit: String,
    /// The number; whole ones are exact.
    pub value: f64,
}

pub(crate) const COLUMNS: &str = "message callperf {
    required binary key (STRING);
    optional binary extension (STRING);
    optional binary name (STRING);
    required int64 time (TIMESTAMP(MILLIS, true));
    required binary metric (STRING);
    required binary breakdown (STRING);
    optional binary word (STRING);
    required binary unit (STRING);
    required double value;
}";

#[cfg(test)]
mod tests {
    use parquet::schema::parser::parse_message_type;

    use super::*;

    #[test]
    fn every_column_is_described() {
        let columns = parse_message_type(COLUMNS).unwrap();
        let mut names: Vec<_> =
            columns.get_fields().iter().map(|field| field.name().to_owned()).collect();
        names.sort_unstable();
        let schema = serde_json::to_value(schemars::schema_for!(Row)).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let described: Vec<_> = properties.keys().cloned().collect();
        assert_eq!(names, described);
        for field in columns.get_fields() {
            let required = schema["required"].as_array().unwrap();
            let is_required = required.iter().any(|name| name == field.name());
            assert_eq!(field.is_optional(), !is_required, "{}", field.name());
        }
    }
}
