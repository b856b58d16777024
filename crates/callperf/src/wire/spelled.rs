//! A request in the names of a revision: the generated types have the fields of the Rust code, and what the API
//! renamed and brought is data.

use callperf_raw::old_names::{Changes, Kind, Rename};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::decode::as_json;
use crate::rules::{Dropped, Later};

/// The request as a revision spells it, by default the current one.
pub(super) fn spelled<T: Serialize + DeserializeOwned>(
    request: T,
    Changes { renames, earlier, .. }: &Changes,
    revision: Option<Date>,
) -> T {
    let revision = revision.map(|date| date.to_string());
    let has = |rename: &&Rename| revision.as_ref().is_none_or(|date| rename.since <= date.as_str());
    let mut lacking = earlier.iter().rev().filter(|rename| !has(rename)).peekable();
    let mut without_drops = renames.iter().filter(|rename| rename.kind != Kind::Drop);
    // The generated type has every current name already, in the place that the Rust code knows.
    let has_all = without_drops.all(|rename| rename.kind == Kind::Name && has(&rename));
    if has_all && lacking.peek().is_none() {
        return request;
    }
    let respelled = serde_json::to_value(&request).map(|mut body| {
        name_as_first(&mut body, renames);
        for rename in lacking {
            apply(&mut body, rename.place, rename, Way::Back);
        }
        for rename in renames.iter().filter(has) {
            apply(&mut body, rename.place, rename, Way::Forth);
        }
        body
    });
    respelled.and_then(serde_json::from_value).unwrap_or(request)
}

/// What a part of a request has that a revision dropped, with the name that it had last; by default, as of the
/// current revision.
pub(super) fn dropped(
    part: &impl Serialize,
    Changes { renames, .. }: &Changes,
    revision: Option<Date>,
) -> Option<Dropped> {
    let is_drop = |rename: &Rename| rename.kind == Kind::Drop;
    if !renames.iter().any(is_drop) {
        return None;
    }
    let revision = revision.map(|date| date.to_string());
    let mut body = as_json(part);
    name_as_first(&mut body, renames);
    for rename in *renames {
        if revision.as_ref().is_some_and(|date| rename.since > date.as_str()) {
            return None;
        }
        if is_drop(rename) && has(&body, rename.place, rename.old) {
            let name = rename.old.join(".");
            return Some(Dropped { name, since: rename.since });
        }
        apply(&mut body, rename.place, rename, Way::Forth);
    }
    None
}

/// What a part of a request has that came later than a revision, with the name that the Rust code has for it.
pub(super) fn later(
    part: &impl Serialize,
    Changes { renames, added, .. }: &Changes,
    revision: Option<Date>,
) -> Vec<Later> {
    let Some(revision) = revision.map(|date| date.to_string()) else { return Vec::new() };
    let mut later = added.iter().filter(|it| it.since > revision.as_str()).peekable();
    if later.peek().is_none() {
        return Vec::new();
    }
    let mut body = as_json(part);
    name_as_first(&mut body, renames);
    let found = later.filter(|it| has(&body, it.place, &[it.name]));
    found.map(|it| Later { name: it.name, since: it.since }).collect()
}

/// Whether an object at a place has a field, or a text there is a word.
fn has(json: &Json, place: &[&str], name: &[&str]) -> bool {
    let Some((first, rest)) = place.split_first() else {
        return match json {
            Json::String(text) => name == [text],
            Json::Array(items) => name == ["[]"] && !items.is_empty(),
            Json::Object(map) if name == ["*"] => !map.is_empty(),
            json => at(json, name).is_some(),
        };
    };
    match json {
        Json::Array(items) if *first == "[]" => items.iter().any(|item| has(item, rest, name)),
        Json::Object(map) if *first == "*" => map.values().any(|entry| has(entry, rest, name)),
        json => json.get(*first).is_some_and(|inner| has(inner, rest, name)),
    }
}

/// Takes the current names, which the generated type has, back to those before every rename.
fn name_as_first(body: &mut Json, renames: &[Rename]) {
    for rename in renames.iter().rev().filter(|rename| rename.kind == Kind::Name) {
        apply(body, rename.place, rename, Way::Back);
    }
}

#[derive(Clone, Copy)]
enum Way {
    Back,
    Forth,
}

/// Does a rename wherever its place is.
fn apply(json: &mut Json, place: &[&str], rename: &Rename, way: Way) {
    let Some((first, rest)) = place.split_first() else {
        let (from, to) = match way {
            Way::Back => (rename.new, rename.old),
            Way::Forth => (rename.old, rename.new),
        };
        return match rename.kind {
            Kind::Word => reword(json, from, to),
            Kind::Name | Kind::Move => relocate(json, from, to),
            Kind::Drop => {}
        };
    };
    match json {
        Json::Array(items) if *first == "[]" => {
            for item in items {
                apply(item, rest, rename, way);
            }
        }
        Json::Object(map) if *first == "*" => {
            for entry in map.values_mut() {
                apply(entry, rest, rename, way);
            }
        }
        Json::Object(map) => {
            if let Some(inner) = map.get_mut(*first) {
                apply(inner, rest, rename, way);
            }
        }
        _ => {}
    }
}

fn reword(json: &mut Json, from: &[&str], to: &[&str]) {
    if let (Json::String(text), [from], [to]) = (json, from, to)
        && text == from
    {
        (*to).clone_into(text);
    }
}

/// What is at the other place already is the caller's own, and stays.
fn relocate(json: &mut Json, from: &[&str], to: &[&str]) {
    if at(json, to).is_some() {
        return;
    }
    let Some(value) = taken(json, from) else { return };
    let Some((name, containers)) = to.split_last() else { return };
    let mut holder = json;
    for container in containers {
        let Json::Object(map) = holder else { return };
        holder = map.entry(*container).or_insert_with(|| Json::Object(Map::new()));
    }
    if let Json::Object(map) = holder {
        map.insert((*name).to_owned(), value);
    }
}

fn at<'j>(json: &'j Json, path: &[&str]) -> Option<&'j Json> {
    path.iter().try_fold(json, |json, name| json.get(*name))
}

/// An object of which nothing is left goes, too.
fn taken(json: &mut Json, path: &[&str]) -> Option<Json> {
    let (first, rest) = path.split_first()?;
    let map = json.as_object_mut()?;
    if rest.is_empty() {
        return map.remove(*first);
    }
    let inner = map.get_mut(*first)?;
    let value = taken(inner, rest)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        map.remove(*first);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use callperf_raw::old_names::Added;

    use super::*;

    const fn of(renames: &'static [Rename]) -> Changes {
        Changes { renames, earlier: &[], added: &[] }
    }

    /// An option, a word of a list, and a field that came one level up and has the option's new name inside.
    const RENAMES: Changes = of(&[
        Rename {
            since: "2027-01-01",
            kind: Kind::Word,
            place: &["filters", "results", "[]"],
            old: &["Missed"],
            new: &["Unanswered"],
        },
        Rename {
            since: "2027-01-01",
            kind: Kind::Move,
            place: &[],
            old: &["filters", "queues"],
            new: &["queues"],
        },
        Rename {
            since: "2027-01-01",
            kind: Kind::Name,
            place: &["options"],
            old: &["mood"],
            new: &["temper"],
        },
    ]);

    #[test]
    fn a_request_is_spelled_as_the_current_revision_has_it() {
        // As the generated type writes it: by the new name, in the old place.
        let request = json!({
            "filters": {"queues": ["7"], "results": ["Missed", "Accepted"]},
            "options": {"temper": true},
        });
        let expected = json!({
            "filters": {"results": ["Unanswered", "Accepted"]},
            "options": {"temper": true},
            "queues": ["7"],
        });
        assert_eq!(spelled(request, &RENAMES, None), expected);
        let request = json!({"filters": {"queues": ["7"]}});
        assert_eq!(
            spelled(request, &RENAMES, None),
            json!({"queues": ["7"]}),
            "nothing is left behind"
        );
    }

    #[test]
    fn an_older_server_gets_the_names_that_it_knows() {
        let request = json!({
            "filters": {"queues": ["7"], "results": ["Missed"]},
            "options": {"temper": true},
        });
        let mut expected = request.clone();
        expected["options"] = json!({"mood": true});
        let sent = |date: &str| spelled(request.clone(), &RENAMES, Some(date.parse().unwrap()));
        assert_eq!(sent("2026-12-31"), expected);
        assert_eq!(sent("2027-01-01"), spelled(request.clone(), &RENAMES, None));
    }

    /// An option that was renamed before it was dropped, and a word.
    const DROPS: Changes = of(&[
        Rename {
            since: "2027-01-01",
            kind: Kind::Name,
            place: &["options"],
            old: &["mood"],
            new: &["temper"],
        },
        Rename {
            since: "2028-01-01",
            kind: Kind::Drop,
            place: &["options"],
            old: &["temper"],
            new: &[],
        },
        Rename {
            since: "2029-01-01",
            kind: Kind::Drop,
            place: &["filters", "results", "[]"],
            old: &["Missed"],
            new: &[],
        },
    ]);

    #[test]
    fn what_a_revision_dropped_is_found_by_its_last_name() {
        let found = |part: &Json, date: Option<&str>| {
            let revision = date.map(|date| date.parse().unwrap());
            let dropped = dropped(part, &DROPS, revision);
            dropped.map(|Dropped { name, since }| (name, since))
        };
        let option = json!({"options": {"temper": true}});
        let expected = Some(("temper".to_owned(), "2028-01-01"));
        assert_eq!(found(&option, None), expected);
        assert_eq!(found(&option, Some("2028-01-01")), expected);
        assert_eq!(found(&option, Some("2027-12-31")), None);
        let word = json!({"filters": {"results": ["Accepted", "Missed"]}});
        assert_eq!(found(&word, None), Some(("Missed".to_owned(), "2029-01-01")));
        assert_eq!(found(&word, Some("2028-06-01")), None);
        let other = json!({"options": {"other": "Missed"}, "filters": {"results": ["Accepted"]}});
        assert_eq!(found(&other, None), None);
    }

    #[test]
    fn an_older_server_is_asked_for_what_was_dropped_later() {
        let request = json!({"options": {"temper": true}});
        let sent = |date: &str| spelled(request.clone(), &DROPS, Some(date.parse().unwrap()));
        assert_eq!(sent("2026-12-31"), json!({"options": {"mood": true}}));
        assert_eq!(sent("2027-12-31"), request);
    }

    #[test]
    fn what_a_caller_sends_by_the_new_name_stays() {
        let request = json!({"filters": {"queues": ["7"]}, "queues": ["8"]});
        assert_eq!(spelled(request.clone(), &RENAMES, None), request);
        let request = json!({"other": [{}, 1], "filters": 7});
        assert_eq!(spelled(request.clone(), &RENAMES, None), request);
    }

    /// The Rust code has the names of 2027-01-01.
    const EARLIER: Changes = Changes {
        renames: &[Rename {
            since: "2028-01-01",
            kind: Kind::Name,
            place: &["options"],
            old: &["mood"],
            new: &["temper"],
        }],
        earlier: &[
            Rename {
                since: "2027-01-01",
                kind: Kind::Word,
                place: &["filter", "[]"],
                old: &["Gone"],
                new: &["Missed"],
            },
            Rename {
                since: "2027-01-01",
                kind: Kind::Name,
                place: &[],
                old: &["filter"],
                new: &["filters"],
            },
        ],
        added: &[
            Added { since: "2026-06-01", place: &["filters", "[]"], name: "Held" },
            Added { since: "2026-06-01", place: &[], name: "list" },
            Added { since: "2027-06-01", place: &["options"], name: "mood" },
        ],
    };

    #[test]
    fn a_server_before_the_names_of_the_code_gets_its_own() {
        let request = json!({"filters": ["Missed", "Held"], "options": {"temper": true}});
        let sent = |date: &str| spelled(request.clone(), &EARLIER, Some(date.parse().unwrap()));
        let options = json!({"mood": true});
        assert_eq!(sent("2026-01-01"), json!({"filter": ["Gone", "Held"], "options": options}));
        assert_eq!(sent("2027-01-01"), json!({"filters": ["Missed", "Held"], "options": options}));
        assert_eq!(sent("2028-01-01"), request);
    }

    #[test]
    fn what_came_after_a_revision_is_found_by_name() {
        let names = |part: Json, date: &str| -> Vec<_> {
            let later = later(&part, &EARLIER, Some(date.parse().unwrap()));
            later.into_iter().map(|Later { name, since }| (name, since)).collect()
        };
        let words = json!({"filters": ["Missed", "Held"]});
        assert_eq!(names(words.clone(), "2026-01-01"), [("Held", "2026-06-01")]);
        assert_eq!(names(words.clone(), "2026-06-01"), []);
        assert!(later(&words, &EARLIER, None).is_empty());
        // The generated type has it by its current name.
        let option = json!({"options": {"temper": true}, "list": []});
        let both = [("list", "2026-06-01"), ("mood", "2027-06-01")];
        assert_eq!(names(option, "2026-01-01"), both);
        assert_eq!(names(json!({"options": {"other": "mood"}}), "2026-01-01"), []);
    }
}
