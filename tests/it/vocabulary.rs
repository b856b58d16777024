//! `crates/callperf/vocabulary.json`: for everything that either document has,
//! the crate's word for it.
//!
//! The file is found out, not written down: each word of the crate is asked for
//! on its own, and what appears in the request is the word's; each number of a
//! full answer is looked for in what the crate makes of it. `coverage` compares
//! the file with the documents. `UPDATE_VOCABULARY=1 cargo test` writes it.

use std::collections::{BTreeMap, BTreeSet};

use callperf::{
    Aggregation, Api, Breakdown, Client, Filter, GroupBy, Hours, Interval, Length, Measure, Period,
    Query, Row, SegmentFilter, Unit,
    vocabulary::{
        CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours, DayOfWeek,
        Direction, EndingParty, Grouping, MembersOf, Origin, QueueHours, QueueSla, Word,
    },
};
use serde_json::{Value as Json, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::{
    document::{Document, Mark, Operation, escaped},
    support,
};

type Words = BTreeMap<String, BTreeSet<String>>;

fn base() -> Query {
    Query::new(GroupBy::company(), Period::last_days(7), "UTC").calls(Breakdown::Total).unchecked()
}

fn of(group_by: impl Into<GroupBy>) -> Query {
    Query::new(group_by.into(), Period::last_days(7), "UTC").calls(Breakdown::Total).unchecked()
}

fn words<W: Word + Into<Filter>>(name: &str) -> Vec<(String, Query)> {
    W::KNOWN
        .iter()
        .map(|word| (format!("filter {name}={}", word.as_str()), base().only(word.clone())))
        .collect()
}

/// Every word of the crate with a query that has it beside what all have.
fn steps() -> Vec<(String, Query)> {
    let mut steps = vec![("every query".to_owned(), base())];
    let groupings = Grouping::KNOWN.iter().map(|one| (format!("group by {one}"), of(one.clone())));
    steps.extend(groupings);
    let members =
        MembersOf::KNOWN.iter().map(|one| (format!("group by members of {one}"), of(one.clone())));
    steps.extend(members);
    steps.push(("keys".to_owned(), of(GroupBy::users().keys(["7"]))));
    steps.push(("keys".to_owned(), of(GroupBy::members_of_queues().keys(["7"]))));
    let period_only = || Query::new(GroupBy::company(), Period::last_days(7), "UTC").unchecked();
    for breakdown in Breakdown::KNOWN {
        steps.push((format!("calls {breakdown}"), period_only().calls(breakdown.clone())));
        steps
            .push((format!("time_spent {breakdown}"), period_only().time_spent(breakdown.clone())));
    }
    for aggregation in Aggregation::KNOWN {
        let measure = || Measure::new(Breakdown::Total, aggregation.clone());
        let word = format!("aggregation {aggregation}");
        steps.push((word.clone(), period_only().time_spent(measure())));
        for breakdown in Breakdown::KNOWN {
            for interval in Interval::KNOWN {
                let measure =
                    Measure::new(breakdown.clone(), aggregation.clone()).per(interval.clone());
                let word = format!("per {interval}");
                steps.push((word.clone(), period_only().calls(measure.clone())));
                steps.push((word, period_only().time_spent(measure)));
            }
        }
    }
    steps.extend(words::<Direction>("direction"));
    steps.extend(words::<Origin>("origin"));
    steps.extend(words::<CallResponse>("response"));
    steps.extend(words::<CallResult>("result"));
    steps.extend(words::<CallType>("type"));
    steps.extend(words::<CallSegment>("segment"));
    steps.extend(words::<CallAction>("action"));
    steps.extend(words::<CompanyHours>("company-hours"));
    steps.extend(words::<QueueSla>("queue-sla"));
    steps.extend(words::<EndingParty>("ending-party"));
    steps.extend(words::<QueueHours>("queue-hours"));
    let lengths = [("min", Length::at_least(1)), ("max", Length::at_most(9))];
    for (bound, length) in lengths {
        let segment = SegmentFilter::new(CallSegment::Hold).lasting(length);
        let filters: [(&str, Filter); 3] = [
            ("call-duration", Filter::call_duration(length)),
            ("time-spent", Filter::time_spent(length)),
            ("segment length", segment.into()),
        ];
        for (name, filter) in filters {
            steps.push((format!("filter {name} {bound}"), base().only(filter)));
        }
    }
    let ids = [
        ("from", Filter::from_extensions(["7"])),
        ("to", Filter::to_extensions(["7"])),
        ("called-number", Filter::called_numbers(["+1"])),
        ("queue", Filter::queues(["7"])),
    ];
    steps.extend(ids.map(|(name, filter)| (format!("filter {name}"), base().only(filter))));
    let days =
        DayOfWeek::KNOWN.iter().map(|day| (format!("on {day}"), base().on_days([day.clone()])));
    steps.extend(days);
    steps.push(("in hours".to_owned(), base().in_hours([Hours::new("09:00", "17:00")])));
    steps
}

fn add(words: &mut Words, pointers: BTreeSet<String>, word: &str) {
    for pointer in pointers {
        // A list is the filter's, an entry of it the word's.
        let is_entry = pointer.contains("/enum/");
        let word = if is_entry { word } else { word.split('=').next().unwrap_or(word) };
        words.entry(pointer).or_insert_with(|| BTreeSet::from([word.to_owned()]));
    }
}

fn parameters(
    document: &Document,
    operation: &Operation<'_>,
    request: &Request,
) -> BTreeSet<String> {
    let place = format!("/paths/{}/post/parameters", escaped(operation.path));
    let mut used = BTreeSet::from([format!("{place}/accountId")]);
    let declared = operation.json["parameters"].as_array().unwrap();
    for (name, value) in request.url.query_pairs() {
        used.insert(format!("{place}/{}", escaped(&name)));
        let at = declared.iter().position(|parameter| parameter["name"] == *name).unwrap();
        let schema = document.at(&format!("{place}/{at}/schema"));
        document.used(&schema, &Json::from(value), &mut used);
    }
    used
}

/// The words of one operation's requests: a pointer is the word's that first
/// used it, and the plainest queries come first.
async fn request_words<T: Row>(
    document: &Document,
    path_end: &str,
    server: &MockServer,
    calls: Vec<(String, callperf::Request<T>)>,
    words: &mut Words,
) {
    let operation = document.operation(path_end);
    let schema = document.request(&operation);
    for (word, call) in calls {
        let before = support::requests(server).await.len();
        if call.page(1).await.is_err_and(|error| error.is_query()) {
            continue;
        }
        let request = &support::requests(server).await[before];
        let mut used = parameters(document, &operation, request);
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        document.used(&schema, &body, &mut used);
        add(words, used, &word);
    }
}

async fn requests(api: Api, document: &Document, words: &mut Words) {
    let answer = ResponseTemplate::new(200).set_body_json(support::empty_answer(api));
    let server = support::server(answer).await;
    let client = support::client(&server, api);
    let calls = steps().into_iter().map(|(word, query)| (word, client.aggregate(&query))).collect();
    let path_end = if api == Api::Beta { "aggregate" } else { "aggregation/fetch" };
    request_words(document, path_end, &server, calls, words).await;
    if api == Api::CallsV1 {
        let every =
            Interval::KNOWN.iter().map(|interval| (format!("per {interval}"), base(), interval));
        let hourly = steps().into_iter().map(|(word, query)| (word, query, &Interval::Hour));
        let calls = hourly
            .chain(every)
            .map(|(word, query, interval)| (word, client.timeline(&query, interval.clone())))
            .collect();
        request_words(document, "timeline/fetch", &server, calls, words).await;
    }
}

/// Where each text or number stands in what the crate made of an answer.
fn places(json: &Json, path: &str, found: &mut BTreeMap<String, String>) {
    match json {
        Json::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| *name != "extra") {
                let skipped = ["values", "value", "records", "points"].contains(&name.as_str());
                let place = match (skipped, path) {
                    (true, _) => path.to_owned(),
                    (false, "") => name.clone(),
                    (false, path) => format!("{path}.{name}"),
                };
                places(value, &place, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| places(item, path, found)),
        Json::String(text) => {
            found.insert(text.clone(), path.to_owned());
        }
        Json::Null | Json::Bool(_) => {}
        Json::Number(number) => {
            found.insert(number.to_string(), path.to_owned());
        }
    }
}

/// Whether a place in what the crate made of an answer is called by its words,
/// or by names of the answer that it has no word for yet.
fn is_known(place: &str) -> bool {
    let mut parts = place.split('.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("calls" | "time_spent"), Some(breakdown), word) => {
            let known = Breakdown::KNOWN.iter().find(|known| known.as_str() == breakdown);
            known.is_some_and(|known| word.is_none_or(|word| is_word_of(known, word)))
        }
        _ => true,
    }
}

fn is_word_of(breakdown: &Breakdown, word: &str) -> bool {
    let is_meaning = ["unit", "aggregation", "interval"].contains(&word);
    is_meaning || breakdown.words().iter().any(|(known, _)| *known == word)
}

pub(crate) async fn shown<T: Row + serde::Serialize>(call: callperf::Request<T>) -> Json {
    let page = call.page(1).await.unwrap();
    json!({
        "page": page.page, "per_page": page.per_page, "total_pages": page.total_pages,
        "total_records": page.total_records, "grouped_by": page.grouped_by,
        "records": page.records, "extra": page.extra,
    })
}

async fn response_words(api: Api, document: &Document, path_end: &str, words: &mut Words) {
    let (answer, marks) = document.marked_answer(path_end, &mut |_| true);
    let server = support::server(ResponseTemplate::new(200).set_body_json(answer)).await;
    let client: Client = support::client(&server, api);
    // Options that the query lacks are kept whole: none is left out in favour of another.
    let query = Query::new(GroupBy::users(), Period::last_days(7), "UTC").unchecked();
    let shown = if path_end == "timeline/fetch" {
        shown(client.timeline(&query, Interval::Hour)).await
    } else {
        shown(client.aggregate(&query)).await
    };
    let mut found = BTreeMap::new();
    places(&shown, "", &mut found);
    for Mark { text, place } in marks {
        let Some(word) = found.get(&text).filter(|word| is_known(word)) else { continue };
        let (own, around) = place.split_last().unwrap();
        words.entry(own.clone()).or_default().insert(word.clone());
        for pointer in around {
            words.entry(pointer.clone()).or_default();
        }
    }
    let units = if api == Api::Beta { &[] } else { Unit::KNOWN };
    for unit in units {
        let pointer = format!("/components/schemas/ValueType/enum/{unit}");
        words.entry(pointer).or_default().insert(format!("unit {unit}"));
    }
}

/// An object on the way to something that the crate knows is called by what it
/// holds.
fn name_containers(words: &mut Words) {
    for (pointer, words) in words {
        if words.is_empty() {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            words.insert(format!("what `{name}` holds"));
        }
    }
}

async fn found_out(api: Api) -> BTreeMap<String, String> {
    let document = Document::current(api.as_str());
    let mut words = Words::new();
    requests(api, &document, &mut words).await;
    let path_ends: &[&str] = match api {
        Api::Beta => &["aggregate"],
        _ => &["aggregation/fetch", "timeline/fetch"],
    };
    for path_end in path_ends {
        response_words(api, &document, path_end, &mut words).await;
    }
    name_containers(&mut words);
    words
        .into_iter()
        .map(|(pointer, words)| (pointer, words.into_iter().collect::<Vec<_>>().join(", ")))
        .collect()
}

#[tokio::test]
async fn the_vocabulary_file_is_what_the_code_does() {
    let mut all = BTreeMap::new();
    for api in Api::KNOWN {
        all.insert(api.as_str(), found_out(*api).await);
    }
    let file = support::workspace().join("crates/callperf/vocabulary.json");
    let text = serde_json::to_string_pretty(&all).unwrap() + "\n";
    if std::env::var_os("UPDATE_VOCABULARY").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "crates/callperf/vocabulary.json isn't what the code does; run \
         `UPDATE_VOCABULARY=1 cargo test -p callperf-tests vocabulary` and read the difference"
    );
}

/// The texts that a list of words takes for one word of the file.
fn recognised<W: Word>(text: &str, word: &str) -> bool {
    let is_it = |text: &str| W::from_text(text).as_str() == word;
    [text.to_owned(), text.to_lowercase(), text.to_uppercase(), snake(text)]
        .iter()
        .all(|text| is_it(text))
}

fn snake(text: &str) -> String {
    text.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain([c])).collect()
}

fn recognised_in(breakdown: &str, text: &str, word: &str) -> bool {
    match breakdown {
        "by_direction" | "direction" => recognised::<Direction>(text, word),
        "by_origin" | "origin" => recognised::<Origin>(text, word),
        "by_response" | "response" => recognised::<CallResponse>(text, word),
        "by_type" | "type" => recognised::<CallType>(text, word),
        "by_result" | "result" => recognised::<CallResult>(text, word),
        "by_segment" | "segment" => recognised::<CallSegment>(text, word),
        "by_action" | "action" => recognised::<CallAction>(text, word),
        "by_company_hours" | "company-hours" => recognised::<CompanyHours>(text, word),
        "by_queue_sla" | "queue-sla" => recognised::<QueueSla>(text, word),
        "by_ending_party" | "ending-party" => recognised::<EndingParty>(text, word),
        "by_queue_hours" | "queue-hours" => recognised::<QueueHours>(text, word),
        other => panic!("{other}: no breakdown has words for {text}"),
    }
}

/// Whether a text of a document is recognised as what the file says it is; `None` for
/// what is no word, such as a parameter or a field that holds others.
fn is_recognised(text: &str, meaning: &str) -> Option<bool> {
    let is_metric = |name: &str| Breakdown::KNOWN.iter().any(|known| known.as_str() == name);
    let (first, rest) = meaning.split_once([' ', '.'])?;
    Some(match (first, rest.split_once(['=', '.'])) {
        ("calls" | "time_spent", None) if is_metric(rest) => recognised::<Breakdown>(text, rest),
        ("calls" | "time_spent", Some((breakdown, word))) => recognised_in(breakdown, text, word),
        ("filter", Some((filter, word))) => recognised_in(filter, text, word),
        ("aggregation", None) => recognised::<Aggregation>(text, rest),
        ("per", None) => recognised::<Interval>(text, rest),
        ("on", None) => recognised::<DayOfWeek>(text, rest),
        ("unit", None) => recognised::<Unit>(text, rest),
        ("group", None) => match rest.strip_prefix("by members of ") {
            Some(members) => recognised::<MembersOf>(text, members),
            None => recognised::<Grouping>(text, rest.strip_prefix("by ")?),
        },
        ("what", None) => Breakdown::from(text).is_known(),
        _ => return None,
    })
}

/// Whether a place in a document has a word, or the name of a metric.
fn has_word(pointer: &str) -> bool {
    let Some(schema) = pointer.strip_prefix("/components/schemas/") else { return false };
    let (parts, options) = (schema.split('/').collect::<Vec<_>>(), schema.contains("Options"));
    match parts[..] {
        [schema, "enum", _] => schema != "QueueOpportunitiesAggregationType",
        [schema, "properties", name] => {
            // The beta's list of results is shared, and the file has it under another word.
            let is_shared = ["callsByResult", "callLengthByResult"].contains(&name) && options;
            let is_metric = schema.contains("Counters") || schema.contains("Timers");
            let is_value = ["valueType", "values"].contains(&name);
            let has_words = schema.starts_with("Call") && !schema.contains("Filter");
            !is_shared && !is_value && (is_metric || has_words)
        }
        _ => false,
    }
}

/// A word that a user copies from a request or a response of either API.
#[test]
fn every_spelling_of_either_api_is_recognised() {
    let file = support::workspace().join("crates/callperf/vocabulary.json");
    let file: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut recognised = 0;
    for (api, words) in file.as_object().unwrap() {
        for (pointer, meanings) in words.as_object().unwrap().iter().filter(|it| has_word(it.0)) {
            let text = pointer.rsplit('/').next().unwrap();
            for meaning in meanings.as_str().unwrap().split(", ") {
                let Some(is_recognised) = is_recognised(text, meaning) else { continue };
                assert!(is_recognised, "{api} {pointer}: {text} isn't recognised as {meaning}");
                recognised += 1;
            }
        }
    }
    assert!(recognised > 250, "{recognised}");
    for shared in ["callsByResult", "callLengthByResult"] {
        assert_eq!(Breakdown::from(shared), Breakdown::Result);
    }
}
