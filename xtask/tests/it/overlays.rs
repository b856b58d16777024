use serde_json::{Value, json};
use xtask::catalogue::Api;

fn document() -> Value {
    json!({
        "a": {"text": "old", "list": ["x", "y"], "deep": {"kept": 1}},
        "items": [{"name": "one"}, {"name": "two"}, {"name": "three"}],
    })
}

fn apply(action: &Value, date: &str) -> Result<Value, String> {
    let mut action = action.clone();
    action["x-reason"] = json!("to see");
    let overlay = json!({
        "overlay": "1.0.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "x-api": "beta",
        "x-first-revision": "2021-07-01",
        "x-last-revision": "2021-08-01",
        "actions": [action],
    });
    let mut document = document();
    xtask::overlay::apply(&overlay, &mut document, Api::Beta, date).map_err(|p| p.to_string())?;
    Ok(document)
}

fn applied(action: &Value) -> Value {
    apply(action, "2021-07-19").unwrap()
}

#[test]
fn an_object_is_merged_into() {
    let update = json!({"text": "new", "list": ["z"], "deep": {"added": 2}});
    let document = applied(&json!({"target": "$.a", "update": update}));
    let expected = json!({"text": "new", "list": ["x", "y", "z"], "deep": {"kept": 1, "added": 2}});
    assert_eq!(document["a"], expected);
}

#[test]
fn a_list_takes_one_more() {
    let document = applied(&json!({"target": "$.items", "update": {"name": "four"}}));
    assert_eq!(document["items"][3], json!({"name": "four"}));
}

#[test]
fn a_primitive_is_replaced() {
    let document = applied(&json!({"target": "$.a.list[?@ == 'y']", "update": "why"}));
    assert_eq!(document["a"]["list"], json!(["x", "why"]));
}

#[test]
fn entries_are_removed_one_or_many() {
    let document = applied(&json!({"target": "$.a.list[?@ == 'x']", "remove": true}));
    assert_eq!(document["a"]["list"], json!(["y"]));
    let target = "$.items[?@.name == 'one' || @.name == 'two']";
    let document = applied(&json!({"target": target, "remove": true}));
    assert_eq!(document["items"], json!([{"name": "three"}]));
    let document = applied(&json!({"target": "$..name", "remove": true}));
    assert_eq!(document["items"], json!([{}, {}, {}]));
}

#[test]
fn a_place_that_is_selected_twice_or_out_of_order_is_one_place() {
    let left = |target: &str| applied(&json!({"target": target, "remove": true}))["items"].clone();
    assert_eq!(left("$.items[2, 0]"), json!([{"name": "two"}]));
    assert_eq!(left("$.items[1, -2, 1]"), json!([{"name": "one"}, {"name": "three"}]));
    assert_eq!(left("$.items[2, -1]"), json!([{"name": "one"}, {"name": "two"}]));
    let document = applied(&json!({"target": "$.a['list', 'list']", "update": "z"}));
    assert_eq!(document["a"]["list"], json!(["x", "y", "z"]));
}

#[test]
fn outside_its_range_an_action_is_skipped() {
    let action = json!({"target": "$.nowhere", "remove": true});
    assert!(apply(&action, "2021-07-01").is_err());
    assert!(apply(&action, "2021-08-01").is_err());
    assert_eq!(apply(&action, "2021-06-30").unwrap(), document());
    assert_eq!(apply(&action, "2021-08-02").unwrap(), document());

    let other = json!({"target": "$.nowhere", "remove": true, "x-api": "calls-v1"});
    assert_eq!(applied(&other), document());
    let later = json!({"target": "$.a.text", "update": "new", "x-last-revision": "2022-01-01"});
    assert_eq!(apply(&later, "2021-12-01").unwrap()["a"]["text"], "new");
}

/// Only a range without an end can be closed when a revision says what the action said.
#[test]
fn what_has_nothing_to_do_says_whether_its_range_is_open() {
    let is_open = |overlay_ends: bool, action_ends: bool| {
        let mut overlay = json!({
            "overlay": "1.0.0",
            "info": {"title": "Test", "version": "1.0.0"},
            "x-api": "beta",
            "x-first-revision": "2021-07-01",
            "actions": [{"target": "$.nowhere", "remove": true, "x-reason": "to see"}],
        });
        let last = json!("2021-08-01");
        if overlay_ends {
            overlay["x-last-revision"] = last.clone();
        }
        if action_ends {
            overlay["actions"][0]["x-last-revision"] = last;
        }
        let mut document = document();
        let idle = xtask::overlay::run_all(&overlay, &mut document, Api::Beta, "2021-07-19");
        let [idle] = &idle.unwrap()[..] else { panic!("one action has nothing to do") };
        idle.is_open
    };
    assert!(is_open(false, false));
    assert!(!is_open(true, false) && !is_open(false, true) && !is_open(true, true));
}

/// Indented, with a first key of two lines and a blank one: everything else stays as it is.
#[test]
fn an_action_is_closed_where_it_stands() {
    let before = "overlay: 1.0.0\nactions:\n  - target: $.a\n    remove: true\n  - target: >-\n      \
                  $.b\n\n    remove: true\n    x-reason: two\n";
    let closed = xtask::overlay::closed(before, "test.yaml", 1, "2021-08-01").unwrap();
    let place = "    remove: true\n    x-reason: two\n";
    let line = format!("    x-last-revision: \"2021-08-01\"\n{place}");
    assert_eq!(closed, before.replace(place, &line));
    // What isn't laid out in lines has to be edited by hand.
    let flow = "overlay: 1.0.0\nactions: [{target: $.a, remove: true}]\n";
    let error = xtask::overlay::closed(flow, "test.yaml", 0, "2021-08-01").unwrap_err();
    assert!(error.to_string().contains("by hand"), "{error}");
}
