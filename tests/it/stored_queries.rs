//! Queries in files: what is written is read again, words that this version doesn't know
//! included, and what can't be read is refused with its place.

use callperf::{
    Aggregation, Api, Breakdown, CallResult, Filter, GroupBy, Hours, Interval, Length, Measure,
    Notice, Period, Query, SegmentFilter,
    vocabulary::{
        CallAction, CallResponse, CallSegment, CallType, CompanyHours, DayOfWeek, Direction,
        EndingParty, Grouping, MembersOf, Origin, QueueHours, QueueSla, Word,
    },
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday, date},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use crate::{queries::runner, support};

/// A word of a list, or one that isn't known.
fn word<W: Word>() -> BoxedStrategy<W> {
    let unknown =
        prop_oneof!["[A-Za-z_ .-]{0,12}", "\\PC{0,6}"].prop_map(|text| W::from_text(&text));
    prop_oneof![3 => select(W::KNOWN), 1 => unknown].boxed()
}

fn words<W: Word>(filter: fn(Vec<W>) -> Filter) -> BoxedStrategy<Filter> {
    vec(word(), 0..4).prop_map(filter).boxed()
}

fn ids(filter: fn(Vec<String>) -> Filter) -> BoxedStrategy<Filter> {
    vec("\\PC{0,12}", 0..3).prop_map(filter).boxed()
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        any::<u32>().prop_map(Length::at_least),
        any::<u32>().prop_map(Length::at_most),
        any::<(u32, u32)>().prop_map(|(min, max)| Length::between(min, max)),
    ]
}

fn segment() -> impl Strategy<Value = SegmentFilter> {
    (word(), option::of(length())).prop_map(|(word, length)| {
        let segment = SegmentFilter::new(word);
        match length {
            Some(length) => segment.lasting(length),
            None => segment,
        }
    })
}

/// A value that JSON and TOML have.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_filter("JSON has no others", |it| it.is_finite()).prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::btree_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let all: Vec<BoxedStrategy<Filter>> = vec![
        words::<Direction>(Filter::Direction),
        words::<Origin>(Filter::Origin),
        words::<CallResponse>(Filter::Response),
        words::<CallResult>(Filter::Result),
        words::<CallType>(Filter::Type),
        vec(segment(), 0..3).prop_map(Filter::Segment).boxed(),
        words::<CallAction>(Filter::Action),
        words::<CompanyHours>(Filter::CompanyHours),
        words::<QueueSla>(Filter::QueueSla),
        words::<EndingParty>(Filter::EndingParty),
        words::<QueueHours>(Filter::QueueHours),
        length().prop_map(Filter::CallDuration).boxed(),
        length().prop_map(Filter::TimeSpent).boxed(),
        ids(Filter::FromExtensions),
        ids(Filter::ToExtensions),
        ids(Filter::CalledNumbers),
        ids(Filter::Queues),
        ("[a-z]{0,2}", value()).prop_map(|(name, value)| Filter::wire(name, value)).boxed(),
    ];
    select(all).prop_flat_map(|filter| filter)
}

fn day() -> impl Strategy<Value = Date> {
    (-400_000..400_000_i32).prop_map(|days| date(2026, 1, 1).saturating_add(days.days()))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-9_000_000_000_i64..9_000_000_000, 0..1_000_000_000_i32)
        .prop_map(|(seconds, nanos)| Timestamp::UNIX_EPOCH + SignedDuration::new(seconds, nanos))
}

fn period() -> impl Strategy<Value = Period> {
    let week_start = (0..7_i8).prop_map(|day| Weekday::from_monday_zero_offset(day).unwrap());
    let kinds = prop_oneof![
        Just(Period::today()),
        Just(Period::last_week()),
        Just(Period::last_month()),
        any::<u32>().prop_map(Period::last_days),
        (any::<u32>(), week_start)
            .prop_map(|(count, start)| Period::last_weeks(count).weeks_start_on(start)),
        any::<u32>().prop_map(Period::last_months),
        (-9999..=9999_i16, 1..=12_i8).prop_map(|(year, month)| Period::month(year, month)),
        (day(), day()).prop_map(|(from, to)| Period::days(from, to)),
        (instant(), instant()).prop_map(|(from, to)| Period::between(from, to)),
    ];
    (kinds, 0..3_u8).prop_map(|(period, times)| (0..times).fold(period, |it, _| it.previous()))
}

fn group_by() -> impl Strategy<Value = GroupBy> {
    let all = prop_oneof![
        3 => word::<Grouping>().prop_map(GroupBy::from),
        1 => word::<MembersOf>().prop_map(GroupBy::from),
    ];
    let keys = || option::weighted(0.4, vec("\\PC{0,9}", 0..3));
    (all, keys(), keys()).prop_map(|(all, keys, names)| {
        let with_keys = keys.into_iter().fold(all, GroupBy::keys);
        names.into_iter().fold(with_keys, GroupBy::named)
    })
}

fn measures() -> impl Strategy<Value = Vec<Measure>> {
    let aggregation = prop_oneof![Just(Aggregation::Sum), word::<Aggregation>()];
    let interval = option::of(word::<Interval>());
    let measure = (word::<Breakdown>(), aggregation, interval).prop_map(
        |(breakdown, aggregation, interval)| {
            let measure = Measure::new(breakdown, aggregation);
            interval.into_iter().fold(measure, Measure::per)
        },
    );
    vec(measure, 0..4)
}

/// Any query that can be built, those that no API takes among them.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    let hours = vec(("\\PC{0,5}", "[0-9]{2}:[0-9]{2}(:00)?"), 0..3);
    let hours = hours.prop_map(|hours| hours.into_iter().map(|(from, to)| Hours::new(from, to)));
    let parts = (
        (group_by(), period(), "\\PC{0,20}"),
        (measures(), measures(), vec(filter(), 0..5)),
        option::of(vec(word::<DayOfWeek>(), 0..3)),
        option::of(hours),
        any::<bool>(),
    );
    parts.prop_map(|((group_by, period, zone), (calls, time_spent, filters), days, hours, free)| {
        let query = Query::new(group_by, period, zone);
        let query = calls.into_iter().fold(query, Query::calls);
        let query = time_spent.into_iter().fold(query, Query::time_spent);
        let query = filters.into_iter().fold(query, Query::only);
        let query = days.into_iter().fold(query, Query::on_days);
        let query = hours.into_iter().fold(query, Query::in_hours);
        if free { query.unchecked() } else { query }
    })
}

#[test]
fn a_stored_query_is_read_as_it_was() {
    let schema = serde_json::to_value(schemars::schema_for!(Query)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    runner(1500)
        .run(&query(), |query| {
            let text = serde_json::to_string(&query).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Query>(&text).unwrap(), &query, "{}", text);
            let json = serde_json::to_value(&query).unwrap();
            let problems: Vec<_> = validator.iter_errors(&json).map(|it| it.to_string()).collect();
            prop_assert!(problems.is_empty(), "{}: {:?}", text, problems);
            prop_assert_eq!(&serde_json::from_value::<Query>(json).unwrap(), &query);
            for toml in [toml::to_string(&query).unwrap(), toml::to_string_pretty(&query).unwrap()]
            {
                prop_assert_eq!(&toml::from_str::<Query>(&toml).unwrap(), &query, "{}", toml);
            }
            Ok(())
        })
        .unwrap();
}

/// Each of the filters and of the other fields. Users keep this: it must be read for ever.
const EVERYTHING: &str = r#"
time_zone = "America/New_York"
group_by = { each = "Users", keys = ["1503200033"], names = ["Ann"] }
period = { last_days = 7 }
calls = ["total", "by_result", { breakdown = "total", aggregation = "Average", interval = "Day" }]
time_spent = ["by_segment"]
days = ["Monday", "Friday"]
hours = [{ from = "09:00", to = "17:59" }]
unchecked = true

[filters]
direction = ["inbound"]
origin = ["external"]
response = ["answered", "notAnswered"]
result = ["abandoned", "deflected"]
type = ["fromQueue"]
segment = ["hold", { segment = "ringing", lasting = { min_seconds = 20 } }]
action = ["warmTransfer"]
company_hours = ["businessHours"]
queue_sla = ["inSla"]
ending_party = ["caller"]
queue_hours = ["afterHours"]
call_duration = { min_seconds = 5, max_seconds = 600 }
time_spent = { max_seconds = 300 }
from_extensions = ["1503200034"]
to_extensions = ["1503200035"]
called_numbers = ["+16505550100"]
queues = ["1503200036"]
wire = { callMoods = ["Sad"] }
"#;

fn everything() -> Query {
    Query::new(
        GroupBy::users().keys(["1503200033"]).named(["Ann"]),
        Period::last_days(7),
        "America/New_York",
    )
    .calls(Breakdown::Total)
    .calls(Breakdown::Result)
    .calls(Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day))
    .time_spent(Breakdown::Segment)
    .only(Filter::wire("callMoods", json!(["Sad"])))
    .only(Filter::queues(["1503200036"]))
    .only(Filter::called_numbers(["+16505550100"]))
    .only(Filter::to_extensions(["1503200035"]))
    .only(Filter::from_extensions(["1503200034"]))
    .only(Filter::time_spent(Length::at_most(300)))
    .only(Filter::call_duration(Length::between(5, 600)))
    .only(QueueHours::AfterHours)
    .only(EndingParty::Caller)
    .only(QueueSla::InSla)
    .only(CompanyHours::BusinessHours)
    .only(CallAction::WarmTransfer)
    .only([
        SegmentFilter::new(CallSegment::Hold),
        SegmentFilter::new(CallSegment::Ringing).lasting(Length::at_least(20)),
    ])
    .only(CallType::FromQueue)
    .only([CallResult::Abandoned, CallResult::from("deflected")])
    .only([CallResponse::Answered, CallResponse::NotAnswered])
    .only(Origin::External)
    .only(Direction::Inbound)
    .on_days([DayOfWeek::Monday, DayOfWeek::Friday])
    .in_hours([Hours::new("09:00", "17:59")])
    .unchecked()
}

#[test]
fn a_query_with_everything_is_read_and_written() {
    assert_eq!(toml::from_str::<Query>(EVERYTHING).unwrap(), everything());
    support::snapshots().bind(|| {
        let json = serde_json::to_string_pretty(&everything()).unwrap();
        insta::assert_snapshot!("stored-query-json", json);
        insta::assert_snapshot!("stored-query-toml", toml::to_string(&everything()).unwrap());
    });
}

#[test]
fn the_order_of_filters_does_not_count() {
    let hash = |query: &Query| {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(query)
    };
    let query = Query::new(GroupBy::company(), Period::today(), "UTC");
    let one = query.clone().only(Direction::Inbound).only(CallResult::Missed);
    let other = query.clone().only(CallResult::Missed).only(Direction::Inbound);
    assert_eq!((&one, hash(&one)), (&other, hash(&other)));
    assert_ne!(one, query.only(CallResult::Missed));
}

#[test]
fn dates_and_times_may_be_those_of_toml() {
    let read = |period: &str, hours: &str| {
        let text = format!("group_by = \"Company\"\ntime_zone = \"UTC\"\n{period}\n{hours}");
        toml::from_str::<Query>(&text).unwrap()
    };
    let days = read("period = { first_day = 2026-10-01, last_day = 2026-10-02 }", "");
    assert_eq!(*days.period(), Period::between_days(date(2026, 10, 1), date(2026, 10, 2)));
    let instants = read(
        "period = { from = 2026-10-01T08:00:00-04:00, to = 2026-10-01T18:00:00Z }",
        "hours = [{ from = 09:00:00, to = 17:59:00 }]",
    );
    let at = |text: &str| text.parse().unwrap();
    let expected = Period::between(at("2026-10-01T12:00:00Z"), at("2026-10-01T18:00:00Z"));
    assert_eq!(*instants.period(), expected);
    assert_eq!(instants.hours(), [Hours::new("09:00", "17:59")]);
    let wired = read("period = \"today\"", "filters.wire.since = { day = [2026-10-01] }");
    assert_eq!(wired.filters(), [Filter::wire("since", json!({"day": ["2026-10-01"]}))]);
}

/// A query of the least fields with a change, refused.
fn refusal(change: &str, to: &str) -> String {
    let text = r#"
group_by = { each = "Queues", keys = ["1"] }
period = { last_days = 7 }
time_zone = "UTC"
calls = ["total", { breakdown = "total", aggregation = "Average" }]
hours = [{ from = "09:00", to = "17:59" }]

[filters]
direction = ["inbound"]
segment = [{ segment = "ringing", lasting = { min_seconds = 20 } }]
"#;
    assert!(toml::from_str::<Query>(text).is_ok());
    let changed = text.replacen(change, to, 1);
    assert_ne!(changed, text);
    toml::from_str::<Query>(&changed).unwrap_err().to_string()
}

#[test]
fn an_unknown_field_is_refused_with_its_place_and_the_nearest() {
    for (change, to, line, said) in [
        ("time_zone", "timezone", 4, "a query has no field `timezone`; did you mean `time_zone`?"),
        ("keys", "kyes", 2, "a grouping has no field `kyes`; did you mean `keys`?"),
        ("last_days", "lastdays", 3, "a period has no field `lastdays`; did you mean `last_days`?"),
        ("aggregation", "agregation", 5, "a measure has no field `agregation`; did you mean"),
        ("to =", "too =", 6, "a span of hours has no field `too`; did you mean `to`?"),
        ("direction", "directions", 9, "a filter has no field `directions`; did you mean `direct"),
        ("lasting", "length", 10, "a segment has no field `length`; there are segment, lasting"),
        ("min_seconds", "minseconds", 10, "a length has no field `minseconds`; did you mean `min"),
        ("filters", "wheres", 8, "a query has no field `wheres`; did you mean `filters`?"),
        ("filters", "chosen", 8, "a query has no field `chosen`; there are group_by, period, time"),
    ] {
        let refusal = refusal(change, to);
        assert!(refusal.contains(&format!("line {line}, column")), "{to}: {refusal}");
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[test]
fn a_field_that_is_missing_or_of_another_type_is_refused() {
    for (change, to, said) in [
        ("time_zone = \"UTC\"", "", "missing field `time_zone`"),
        ("each = \"Queues\", ", "", "a grouping needs `each` or `members_of`"),
        ("keys = [\"1\"]", "members_of = \"Queue\"", "`each` or `members_of`, not both"),
        ("calls = [\"total\"", "calls = [7", "invalid type: integer `7`, expected a measure"),
        ("{ min_seconds = 20 }", "\"20s\"", "\"20s\" is a text, and a length is a table of fields"),
        ("period = { last_days = 7 }", "period = \"today \"", "did you mean \"today\"?"),
    ] {
        let refusal = refusal(change, to);
        assert!(refusal.contains(said), "{to}: {refusal}");
    }
    let twice =
        r#"{"group_by": "Users", "group_by": "Queues", "period": "today", "time_zone": ""}"#;
    let refusal = serde_json::from_str::<Query>(twice).unwrap_err().to_string();
    assert!(refusal.contains("duplicate field `group_by`"), "{refusal}");
}

#[test]
fn the_schema_refuses_what_reading_refuses() {
    let schema = serde_json::to_value(schemars::schema_for!(Query)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let least = json!({"group_by": "Users", "period": "today", "time_zone": "UTC"});
    assert!(validator.is_valid(&least));
    for (pointer, wrong) in [
        ("/timezone", json!("UTC")),
        ("/period", json!({"last_days": 7, "month": "2026-10"})),
        ("/period", json!("tomorrow")),
        ("/group_by", json!({"keys": ["1"]})),
        ("/calls", json!("total")),
        ("/filters", json!({"directions": ["inbound"]})),
        ("/filters", json!({"call_duration": {"min_seconds": -1}})),
        ("/hours", json!([{"from": "09:00"}])),
    ] {
        let mut stored = least.clone();
        stored[&pointer[1..]] = wrong;
        assert!(!validator.is_valid(&stored), "{stored}");
        assert!(serde_json::from_value::<Query>(stored.clone()).is_err(), "{stored}");
    }
}

#[tokio::test]
async fn an_unknown_word_of_a_stored_query_is_sent_to_the_letter_with_the_nearest_known() {
    let server = support::server(
        wiremock::ResponseTemplate::new(200).set_body_json(support::empty_answer(Api::CallsV1)),
    )
    .await;
    let client = support::client(&server, Api::CallsV1);
    let query: Query = serde_json::from_value(json!({
        "group_by": "Users",
        "period": {"last_days": 7},
        "time_zone": "UTC",
        "calls": ["total"],
        "filters": {"result": [{"wire": "Abandonned"}, "deflected"]},
    }))
    .unwrap();
    let page = client.aggregate(&query).page(1).await.unwrap();
    let sent: Json = serde_json::from_slice(&support::requests(&server).await[0].body).unwrap();
    assert_eq!(sent["callFilters"]["callResults"], json!(["Abandonned", "deflected"]));
    let unknown = page.notices.iter().filter(|it| matches!(it, Notice::UnknownWord { .. }));
    let unknown: Vec<_> = unknown.map(|notice| (notice.to_string(), notice.nearest())).collect();
    let text = |word: &str| {
        format!("filter result: {word:?} is unknown to this version; it is sent as it is")
    };
    assert_eq!(
        unknown,
        [
            (text("Abandonned") + "; did you mean \"abandoned\"?", Some("abandoned")),
            (text("deflected"), None),
        ]
    );
}

#[test]
fn a_misspelt_word_is_refused_with_the_nearest_and_the_way_to_send_it() {
    for (change, to, said) in [
        ("[\"inbound\"]", "[\"incomming\"]", "direction", "incomming", "inbound"),
        ("[\"inbound\"]", "[\"outgoing\"]", "direction", "outgoing", "outbound"),
        ("\"Average\"", "\"avg\"", "aggregation", "avg", "Average"),
        ("\"Average\"", "\"maximum\"", "aggregation", "maximum", "Max"),
        ("\"Average\"", "\"Sum\", interval = \"daily\"", "interval", "daily", "Day"),
        ("\"ringing\"", "\"rining\"", "segment", "rining", "ringing"),
        ("\"Queues\"", "\"Quees\"", "grouping", "Quees", "Queues"),
        ("hours = ", "days = [\"Mon\"]\nhours = ", "day of the week", "Mon", "Monday"),
    ]
    .map(|(change, to, list, word, near)| {
        let said = format!(
            "{word:?} is unknown as a {list}; did you mean {near:?}? \
             To send it as it is, write {{ wire = {word:?} }}"
        );
        (change, to, said)
    }) {
        let refusal = refusal(change, to).replace("as an ", "as a ");
        assert!(refusal.contains(&said), "{refusal}");
        assert!(refusal.contains("line "), "{refusal}");
    }
    let start = refusal("last_days = 7", "last_weeks = 1, week_start = \"Sonday\"");
    assert!(start.contains("did you mean \"Sunday\"?"), "{start}");
}

/// What the refusal says is what is read.
#[test]
fn the_way_to_send_a_word_as_it_is_works_where_it_is_named() {
    let least = json!({"group_by": "Users", "period": "today", "time_zone": "UTC"});
    for (field, stored, remedy) in [
        ("group_by", json!("Quees"), json!({"each": {"wire": "Quees"}})),
        ("calls", json!(["by_results"]), json!([{"breakdown": {"wire": "by_results"}}])),
        ("days", json!(["Mon"]), json!([{"wire": "Mon"}])),
        (
            "filters",
            json!({"segment": ["rining"]}),
            json!({"segment": [{"segment": {"wire": "rining"}}]}),
        ),
    ] {
        let with = |value: &Json| {
            let mut query = least.clone();
            query[field] = value.clone();
            serde_json::from_value::<Query>(query)
        };
        let refusal = with(&stored).unwrap_err().to_string();
        let (_, named) = refusal.split_once("as it is, write ").unwrap();
        let named: toml::Table = format!("word = {named}").parse().unwrap();
        let mut word = &remedy;
        while let Some(inner) =
            word.get(0).or_else(|| word.get("segment").filter(|it| it.is_array()))
        {
            word = inner;
        }
        assert_eq!(serde_json::to_value(&named["word"]).unwrap(), *word, "{refusal}");
        assert!(with(&remedy).is_ok());
    }
}

#[test]
fn any_word_can_be_written_by_its_wire_name() {
    let stored = json!({
        "group_by": {"each": {"wire": "Queus"}, "keys": ["1"]},
        "period": "yesterday",
        "time_zone": "UTC",
        "calls": [
            {"breakdown": {"wire": "by_results"}},
            {"breakdown": "total", "aggregation": {"wire": "avg"}, "interval": {"wire": "Dya"}},
            "callsByMood",
        ],
        "filters": {
            "direction": [{"wire": "incomming"}, {"wire": "Inbound"}],
            "segment": [{"segment": {"wire": "rining"}, "lasting": {"max_seconds": 5}}],
        },
        "days": [{"wire": "Mon"}],
    });
    let query: Query = serde_json::from_value(stored.clone()).unwrap();
    let expected =
        Query::new(GroupBy::from(Grouping::from("Queus")).keys(["1"]), Period::yesterday(), "UTC")
            .calls(Breakdown::from("by_results"))
            .calls(
                Measure::new(Breakdown::Total, Aggregation::from("avg")).per(Interval::from("Dya")),
            )
            .calls(Breakdown::from("callsByMood"))
            .only([Direction::from("incomming"), Direction::Inbound])
            .only(SegmentFilter::new(CallSegment::from("rining")).lasting(Length::at_most(5)))
            .on_days([DayOfWeek::from("Mon")]);
    assert_eq!(query, expected);
    let schema = serde_json::to_value(schemars::schema_for!(Query)).unwrap();
    assert!(jsonschema::is_valid(&schema, &stored));
    assert_eq!(
        serde_json::from_str::<Query>(&serde_json::to_string(&query).unwrap()).unwrap(),
        query
    );
}

#[test]
fn a_refusal_says_what_is_expected_in_a_users_words() {
    for (change, to, said) in [
        (
            "min_seconds = 20",
            "min_seconds = -1",
            "`-1`, expected a whole number from 0 to 4294967295",
        ),
        ("min_seconds = 20", "min_seconds = \"20\"", "expected a whole number from 0 to"),
        ("min_seconds = 20", "min_seconds = 5000000000", "expected a whole number from 0 to"),
        ("last_days = 7", "last_days = \"7\"", "expected a whole number from 0 to"),
        ("last_days = 7", "last_days = 7.5", "expected a whole number from 0 to"),
        ("[\"inbound\"]", "\"inbound\"", "expected a list, as in [\"inbound\"]"),
        ("keys = [\"1\"]", "keys = \"1\"", "expected a list"),
        ("[\"1\"]", "[1]", "expected a text"),
        ("\"UTC\"", "1", "expected a text"),
        ("{ min_seconds = 20 }", "{}", "a length needs `min_seconds` or `max_seconds`"),
        (
            "aggregation",
            "per = \"Day\", aggregation",
            "a measure has no field `per`; did you mean `interval`?",
        ),
        ("time_zone", "tz", "a query has no field `tz`; did you mean `time_zone`?"),
    ] {
        let refusal = refusal(change, to);
        assert!(refusal.contains(said), "{to}: {refusal}");
    }
}
