//! Filters by id and by number: a text that can't be one is refused, because no call would pass.

use callperf::{Api, Breakdown, Client, Credentials, Filter, GroupBy, Period, Query};
use serde_json::json;

use crate::support::NOW;

fn query(filter: Filter) -> Query {
    Query::new(GroupBy::users(), Period::last_days(7), "UTC").calls(Breakdown::Total).only(filter)
}

/// The rules that refuse the query, or else those that a notice is about.
fn rules(api: Api, query: &Query) -> Vec<String> {
    let client = Client::builder()
        .credentials(Credentials::jwt("id", "secret", "jwt"))
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .build()
        .unwrap();
    match client.aggregate(query).check() {
        Ok(notices) => notices.iter().map(|notice| format!("notice: {notice}")).collect(),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_cannot_be_an_id_is_refused_with_what_finds_it() {
    let remedy = "not an extension id, which has digits only; Directory::find looks it up by name or \
                  extension number [filter-id]";
    for (filter, word) in [
        (Filter::queues(["1503200033", "Support"]), "filter queue=Support"),
        (Filter::from_extensions(["ext 202"]), "filter from=ext 202"),
        (Filter::to_extensions(["+1503200033"]), "filter to=+1503200033"),
        (Filter::Queues(vec!["15032O0033".to_owned()]), "filter queue=15032O0033"),
    ] {
        assert_eq!(rules(Api::CallsV1, &query(filter)), [format!("{word}: {remedy}")]);
    }
    let beta = query(Filter::from_extensions(["Ada"]));
    assert_eq!(rules(Api::Beta, &beta), [format!("filter from=Ada: {remedy}")]);
    let sent_all_the_same = query(Filter::queues(["Support"])).unchecked();
    let notices = rules(Api::CallsV1, &sent_all_the_same);
    assert_eq!(notices, [format!("notice: filter queue=Support: {remedy}")]);
}

#[test]
fn what_may_be_an_extension_number_is_noticed() {
    let short = rules(Api::CallsV1, &query(Filter::queues(["202"])));
    assert_eq!(
        short,
        ["notice: filter queue=202: may be an extension number, which no call has for its id; \
          Directory::find looks up the id [filter-id-short]"]
    );
    assert_eq!(rules(Api::CallsV1, &query(Filter::queues(["62264426"]))), [""; 0]);
}

#[test]
fn what_is_not_in_e164_form_is_refused() {
    for number in ["(212) 555-0101", "2125550101", "+1 212 555 0101", "+"] {
        let rules = rules(Api::CallsV1, &query(Filter::called_numbers([number])));
        let word = format!("filter called-number={number}: not a whole number in E.164 form");
        assert!(rules[0].starts_with(&word) && rules[0].ends_with("[filter-number]"), "{rules:?}");
    }
    assert_eq!(rules(Api::CallsV1, &query(Filter::called_numbers(["+12125550101"]))), [""; 0]);
}

#[test]
fn spaces_around_ids_and_keys_are_left_out() {
    let id = "1503200048";
    let spaced = || vec![format!(" {id}"), format!("{id}\n")];
    let trimmed = query(Filter::queues([id, id]));
    assert_eq!(query(Filter::queues(spaced())), trimmed);
    assert_eq!(query(Filter::Queues(spaced())), trimmed);
    let stored = json!({
        "group_by": "Users", "period": {"last_days": 7}, "time_zone": "UTC", "calls": ["total"],
        "filters": {"queues": spaced()},
    });
    assert_eq!(serde_json::from_value::<Query>(stored).unwrap(), trimmed);
    assert_eq!(rules(Api::CallsV1, &trimmed), [""; 0]);
    assert_eq!(GroupBy::queues().keys(spaced()), GroupBy::queues().keys([id, id]));
    let number = query(Filter::called_numbers([" +12125550101 "]));
    assert_eq!(number.filters(), [Filter::called_numbers(["+12125550101"])]);
}

/// A stored query is judged as one that is made in Rust.
#[test]
fn a_stored_filter_is_refused_too() {
    let stored = json!({
        "group_by": "Users", "period": {"last_days": 7}, "time_zone": "UTC", "calls": ["total"],
        "filters": {"queues": ["Support"], "called_numbers": ["(212) 555-0101"]},
    });
    let query: Query = serde_json::from_value(stored).unwrap();
    let rules = rules(Api::CallsV1, &query);
    assert_eq!(rules.len(), 2, "{rules:?}");
}
