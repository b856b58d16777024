//! What is written is read again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value as Json, json};

use super::{
    Info, Notice, Page, Point, Record, Series,
    answer_to::AnswerTo,
    by_word::Values,
    metric::{Entry, Metric},
    value::{Meaning, Value},
};
use crate::words::{
    period::{Period, ResolvedPeriod},
    problem::{Evidence, Problem},
    vocabulary::{Aggregation, Breakdown, Grouping, Interval, Unit, Word, sealed::Sealed},
};

/// A word of a response: known, unknown, or a known one in another spelling.
fn word<W: Word>() -> impl Strategy<Value = W> {
    prop_oneof![
        select(W::KNOWN),
        select(W::KNOWN).prop_map(|word| W::from_wire(&word.as_str().to_uppercase())),
        "[a-z]{1,9}".prop_map(|text| W::from_wire(&text)),
    ]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has no others", Number::from_f64),
        Just(Number::from_f64(40.0).unwrap()),
    ]
}

fn meaning() -> impl Strategy<Value = Meaning> {
    (word::<Unit>(), option::of(word::<Aggregation>()), option::of(word::<Interval>()))
        .prop_map(|(unit, aggregation, interval)| Meaning { unit, aggregation, interval })
}

fn value() -> impl Strategy<Value = Value> {
    (number(), meaning()).prop_map(|(number, meaning)| Value::new(number, meaning))
}

fn values() -> impl Strategy<Value = Values> {
    let by_word = btree_map("[a-zA-Z]{1,9}", number(), 0..4).prop_map(|numbers| {
        // Not in the order in which they are written.
        numbers.into_iter().rev().map(|(word, number)| (word.into(), number)).collect()
    });
    (meaning(), by_word).prop_map(|(meaning, by_word)| Values { meaning, by_word })
}

fn extra() -> impl Strategy<Value = Map<String, Json>> {
    let value = prop_oneof![
        number().prop_map(Json::from),
        Just(Json::Null),
        number().prop_map(|number| json!({"a": [number, "x"]})),
    ];
    btree_map("\\PC{1,6}", value, 0..3).prop_map(|entries| entries.into_iter().collect())
}

fn metric() -> impl Strategy<Value = Metric> {
    fn entries<T>(of: BTreeMap<String, (Breakdown, T)>) -> Vec<Entry<T>> {
        of.into_values()
            .map(|(breakdown, value)| Entry { breakdown, wire: "asSent".into(), value })
            .collect()
    }
    fn named<T: std::fmt::Debug>(
        prefix: &'static str,
        value: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = BTreeMap<String, (Breakdown, T)>> {
        let breakdown = prop_oneof![
            select(Breakdown::KNOWN),
            "[a-z]{1,5}".prop_map(move |text| Breakdown::from_wire(&format!("{prefix}{text}"))),
        ];
        vec((breakdown, value), 0..3).prop_map(|all| {
            all.into_iter()
                .map(|(breakdown, it)| (breakdown.to_string(), (breakdown, it)))
                .collect()
        })
    }
    (named("one ", value()), named("several ", values()), extra()).prop_map(
        |(numbers, mut breakdowns, extra)| {
            breakdowns.retain(|name, _| !numbers.contains_key(name));
            let (numbers, breakdowns) = (entries(numbers), entries(breakdowns));
            Metric { numbers, breakdowns, extra }.in_order()
        },
    )
}

fn info() -> impl Strategy<Value = Option<Info>> {
    let info = (option::of("\\PC{0,5}"), option::of("\\PC{0,5}"), extra());
    option::of(info.prop_map(|(extension_number, name, extra)| Info {
        extension_number,
        name,
        extra,
    }))
}

fn fingerprint() -> impl Strategy<Value = AnswerTo> {
    let text = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}";
    option::of(text).prop_map(|text| AnswerTo(text.map(|text| text.parse().unwrap())))
}

fn record() -> impl Strategy<Value = Record> {
    ("\\PC{0,9}", info(), metric(), metric(), extra(), fingerprint()).prop_map(
        |(key, info, calls, time_spent, extra, fingerprint)| Record {
            key,
            info,
            calls,
            time_spent,
            extra,
            fingerprint,
        },
    )
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_i64, 0..1_000_000_000_i32)
        .prop_map(|(seconds, nanos)| Timestamp::UNIX_EPOCH + SignedDuration::new(seconds, nanos))
}

fn point() -> impl Strategy<Value = Point> {
    let time = (instant(), select(vec!["Z", "+00:00"]));
    (time, metric(), metric(), extra()).prop_map(|((time, offset), calls, time_spent, extra)| {
        let time_text = time.to_string().replace('Z', offset);
        Point { time_text, time, zone: super::Zone::default(), calls, time_spent, extra }
    })
}

fn series() -> impl Strategy<Value = Series> {
    ("\\PC{0,9}", info(), vec(point(), 0..3), extra(), fingerprint()).prop_map(
        |(key, info, points, extra, fingerprint)| Series { key, info, points, extra, fingerprint },
    )
}

fn notice() -> impl Strategy<Value = Notice> {
    let text = || "\\PC{0,9}";
    let evidence = select(vec![
        Evidence::Specification,
        Evidence::Documentation,
        Evidence::ThirdParty,
        Evidence::Crate,
    ]);
    let rule = select(vec!["time-zone", "a-rule-of-tomorrow"]);
    prop_oneof![
        (instant(), instant()).prop_map(|(asked, sent)| Notice::EndTrimmed { asked, sent }),
        word().prop_map(|interval| Notice::ShorterThanInterval { interval }),
        (word(), any::<bool>(), any::<bool>()).prop_map(|(interval, first, last)| {
            Notice::PartialIntervals { interval, first, last }
        }),
        (word(), any::<bool>(), any::<bool>()).prop_map(|(interval, first, last)| {
            Notice::IntervalsLeftOut { interval, first, last }
        }),
        (rule, text(), text(), evidence).prop_map(|(rule, word, remedy, evidence)| {
            Notice::Rule(Problem { rule, word, remedy, evidence })
        }),
        (any::<u32>(), text()).prop_map(|(page, reason)| Notice::Paging { page, reason }),
        (text(), text()).prop_map(|(path, reason)| Notice::Unreadable { path, reason }),
        (text(), text()).prop_map(|(place, word)| Notice::UnknownWord { place, word }),
        (text(), text()).prop_map(|(filter, reason)| Notice::FilterIgnored { filter, reason }),
        (text(), text()).prop_map(|(old, new)| Notice::TwoNames { old, new }),
        text().prop_map(|what| Notice::NotInResponse { what }),
        Just(Notice::AllCallsOfAgents),
        vec(text(), 0..3).prop_map(|keys| Notice::MissingKeys { keys }),
        (text(), text()).prop_map(|(key, reason)| Notice::NotInUse { key, reason }),
        text().prop_map(|reason| Notice::NoNames { reason }),
        text().prop_map(|kind| Notice::Unknown { kind }),
    ]
}

/// A new notice doesn't compile until it has an arm here; then let it be drawn, too.
fn is_drawn(notice: &Notice) -> bool {
    match notice {
        Notice::EndTrimmed { .. }
        | Notice::ShorterThanInterval { .. }
        | Notice::PartialIntervals { .. }
        | Notice::IntervalsLeftOut { .. }
        | Notice::Rule(_)
        | Notice::Paging { .. }
        | Notice::Unreadable { .. }
        | Notice::UnknownWord { .. }
        | Notice::AllCallsOfAgents
        | Notice::FilterIgnored { .. }
        | Notice::TwoNames { .. }
        | Notice::NotInResponse { .. }
        | Notice::MissingKeys { .. }
        | Notice::NotInUse { .. }
        | Notice::Unknown { .. }
        | Notice::NoNames { .. } => true,
    }
}

fn period() -> impl Strategy<Value = ResolvedPeriod> {
    (instant(), instant(), instant()).prop_map(|(from, to, now)| {
        Period::between(from.min(to), from.max(to)).at(now, &jiff::tz::TimeZone::UTC).unwrap()
    })
}

fn page<T: std::fmt::Debug>(row: impl Strategy<Value = T>) -> impl Strategy<Value = Page<T>> {
    let count = || option::of(any::<u64>());
    let counts = (count(), count(), count(), count());
    let left_out = 0..3_u64;
    (
        vec(row, 0..3),
        counts,
        option::of(word::<Grouping>()),
        period(),
        vec(notice(), 0..3),
        extra(),
        left_out,
    )
        .prop_map(|(records, counts, grouped_by, period, notices, extra, left_out)| {
            let (page, per_page, total_pages, total_records) = counts;
            Page {
                records,
                page,
                per_page,
                total_pages,
                total_records,
                grouped_by,
                period,
                notices,
                extra,
                left_out,
            }
        })
}

/// Read from text and from a value, it is equal and is written as it was.
fn comes_back<T>(written: &T) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(written).unwrap();
    let read: T = serde_json::from_str(&text).unwrap();
    prop_assert_eq!(&read, written);
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
    let json = serde_json::to_value(written).unwrap();
    let read: T = serde_json::from_value(json.clone()).unwrap();
    prop_assert_eq!(&read, written);
    prop_assert_eq!(serde_json::to_value(&read).unwrap(), json);
    Ok(())
}

proptest! {
    #[test]
    fn a_value_comes_back(value in value()) {
        comes_back(&value)?;
    }

    #[test]
    fn a_notice_comes_back(notice in notice()) {
        prop_assert!(is_drawn(&notice));
        comes_back(&notice)?;
    }
}

proptest! {
    // Each of them is large.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_page_of_records_comes_back(page in page(record())) {
        comes_back(&page)?;
        page.records.iter().try_for_each(comes_back)?;
    }

    #[test]
    fn a_page_of_series_comes_back(page in page(series())) {
        comes_back(&page)?;
        page.records.iter().try_for_each(comes_back)?;
    }
}

#[test]
fn what_was_not_written_so_is_refused() {
    let record = |calls: Json| {
        let json = json!({"key": "1", "calls": calls, "of_a_later_version": true});
        serde_json::from_value::<Record>(json).map_err(|error| error.to_string())
    };
    assert!(record(json!({"total": {"value": 1, "unit": "Instances", "later": 2}})).is_ok());
    let refusal = record(json!({"total": {"unit": "Instances"}})).unwrap_err();
    assert!(refusal.contains("total: a metric has either `value` or `values`"), "{refusal}");
    let notice = json!({"notice": "paging", "page": 1});
    let refusal = serde_json::from_value::<Notice>(notice).unwrap_err().to_string();
    assert!(refusal.contains("missing field `reason`"), "{refusal}");
    for fingerprint in ["", "1-2-3-4", "20e22445-5e9b3d8b-4f8b94d0-6617cb21-00000000", "20E22445"] {
        let json = json!({"key": "1", "fingerprint": fingerprint});
        let refusal = serde_json::from_value::<Record>(json).unwrap_err().to_string();
        assert!(refusal.contains("is not a fingerprint"), "{refusal}");
    }
}

/// A cache outlives the version that filled it.
#[test]
fn a_notice_of_a_later_version_does_not_lose_the_report() {
    let period = json!({"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"});
    let later = json!({"notice": "moon_phase", "phase": 0.5});
    let rule = json!({
        "notice": "rule", "rule": "tides", "word": "w", "remedy": "r", "evidence": "the_moon",
    });
    let stored = json!({"records": [], "period": period, "notices": [later, rule]});
    let report: crate::Report<Record> = serde_json::from_value(stored).unwrap();
    let unknown = |kind: &str| Notice::Unknown { kind: kind.to_owned() };
    assert_eq!(report.notices, [unknown("moon_phase"), unknown("rule")]);
    assert!(report.notices[0].to_string().contains("a later version"), "{}", report.notices[0]);
}

#[test]
fn a_report_whose_period_ends_before_it_begins_is_refused() {
    let period = json!({"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"});
    let stored = json!({"records": [], "period": period});
    let refusal = serde_json::from_value::<crate::Report<Record>>(stored).unwrap_err().to_string();
    assert!(refusal.contains("ends before it begins"), "{refusal}");
}

/// Another machine may know it.
#[test]
fn a_time_zone_that_this_machine_lacks_is_written_again() {
    let stored = json!({
        "key": "1", "time_zone": "Mars/Olympus", "points": [{"time": "2026-11-24T00:00:00-05:00"}],
    });
    let series: Series = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(series.points()[0].zoned().datetime().to_string(), "2026-11-24T00:00:00");
    assert_eq!(serde_json::to_value(&series).unwrap(), stored);
}
