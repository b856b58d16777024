use jiff::SignedDuration;
use serde_json::json;
use serde_json::{Number, Value as Json};

use super::{
    by_word::Values,
    metric::{Entry, Metric},
    notice::Notice,
    value::{Meaning, Value, exact},
};
use crate::words::vocabulary::{Aggregation, Breakdown, CallResult, Interval, Unit};

fn number(json: Json) -> Number {
    serde_json::from_value(json).unwrap()
}

fn calls(aggregation: Option<Aggregation>) -> Meaning {
    Meaning { unit: Unit::Instances, aggregation, interval: None }
}

#[test]
fn a_whole_float_is_a_whole_number_and_nothing_else_changes() {
    assert_eq!(exact(number(json!(40.0))), number(json!(40)));
    assert_eq!(exact(number(json!(17.29))), number(json!(17.29)));
    assert_eq!(exact(number(json!(9_007_199_254_740_993_u64))).to_string(), "9007199254740993");
    assert_eq!(exact(number(json!(1e300))), number(json!(1e300)));
}

#[test]
fn a_trimmed_end_is_said_to_the_minute() {
    let at = |text: &str| text.parse().unwrap();
    let notice = Notice::EndTrimmed {
        asked: at("2026-12-01T00:00:00.123456789Z"),
        sent: at("2026-11-24T11:58:07Z"),
    };
    assert_eq!(
        notice.to_string(),
        "the period ends at 2026-11-24 11:58 UTC, not 2026-12-01 00:00 UTC: the latest calls \
         may be missing"
    );
}

#[test]
fn absent_is_not_zero() {
    let metric = Metric {
        breakdowns: vec![Entry {
            breakdown: Breakdown::Result,
            wire: "callsByResult".into(),
            value: Values {
                meaning: calls(Some(Aggregation::Sum)),
                by_word: vec![("abandoned".into(), Number::from(0))],
            },
        }],
        ..Metric::default()
    };
    let by_wire_name = Breakdown::from("callsByResult");
    assert!(metric.get(&by_wire_name, "abandoned").is_some());
    let zero = metric.by_result().get(CallResult::Abandoned).unwrap();
    assert_eq!(zero.as_u64(), Some(0));
    assert_eq!(metric.by_result().get(CallResult::Missed), None);
    assert!(metric.by_direction().is_absent());
    assert_eq!(metric.total(), None);
}

#[test]
fn a_value_says_what_it_is() {
    let value = Value::new(
        number(json!(12.5)),
        Meaning {
            unit: Unit::Seconds,
            aggregation: Some(Aggregation::Average),
            interval: Some(Interval::Day),
        },
    );
    assert_eq!(format!("{value:?}"), "12.5 Seconds Average Day");
    assert_eq!(value.as_duration(), Some(SignedDuration::from_millis(12_500)));
    assert_eq!(
        serde_json::to_value(&value).unwrap(),
        json!({"value": 12.5, "unit": "Seconds", "aggregation": "Average", "interval": "Day"})
    );
    assert_eq!(Value::new(Number::from(3), calls(None)).as_duration(), None);
}

#[test]
fn an_unknown_word_is_said_with_the_nearest_of_its_list() {
    for (place, word, near) in [
        ("group by", "Queus", Some("Queues")),
        ("group by members of", "Quewe", Some("Queue")),
        ("calls", "by_resutl", Some("by_result")),
        ("calls", "callsByResutl", Some("by_result")),
        ("calls by_result", "Averag", Some("Average")),
        ("time_spent total per", "Dayly", Some("Day")),
        ("filter result", "abandonned", Some("abandoned")),
        ("filter company-hours", "afterHour", Some("afterHours")),
        ("days", "Wensday", Some("Wednesday")),
        ("interval", "Weeks", Some("Week")),
        ("filter result", "deflected", None),
        ("filter callMoods", "abandoned", None),
    ] {
        let notice = Notice::UnknownWord { place: place.into(), word: word.into() };
        assert_eq!(notice.nearest(), near, "{place} {word}");
        let remedy = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
        let sent = "is unknown to this version; it is sent as it is";
        assert_eq!(notice.to_string(), format!("{place}: {word:?} {sent}{remedy}"));
    }
    assert_eq!(Notice::AllCallsOfAgents.nearest(), None);
}
