//! A request in the names of a revision: the generated types have the fields of the Rust code, and what the API
//! renamed since is data.

use callperf_raw::old_names::{Kind, Rename};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::decode::as_json;
use crate::rules::Dropped;

/// The request as a revision spells it, by default the current one.
pub(super) fn spelled<T: Serialize + DeserializeOwned>(
    request: T,
    renames: &[Rename],
    revision: Option<Date>,
) -> T {
    let revision = revision.map(|date| date.to_string());
    let has = |rename: &&Rename| revision.as_ref().is_none_or(|date| rename.since <= date.as_str());
    let mut without_drops = renames.iter().filter(|rename| rename.kind != Kind::Drop);
    // The generated type has every current name already, in the place that the Rust code knows.
    if without_drops.all(|rename| rename.kind == Kind::Name && has(&rename)) {
        return request;
    }
    let respelled = serde_json::to_value(&request).map(|mut body| {
        name_as_first(&mut body, renames);
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
    renames: &[Rename],
    revision: Option<Date>,
) -> Option<Dropped> {
    let is_drop = |rename: &Rename| rename.kind == Kind::Drop;
    if !renames.iter().any(is_drop) {
        return None;
    }
    let revision = revision.map(|date| date.to_string());
    let mut body = as_json(part);
    name_as_first(&mut body, renames);
    for rename in renames {
        if revision.as_ref().is_some_and(|date| rename.since > date.as_str()) {
            return None;
        }
        if is_drop(rename) && has_dropped(&body, rename.place, rename) {
            let name = rename.old.join(".");
            return Some(Dropped { name, since: rename.since });
        }
        apply(&mut body, rename.place, rename, Way::Forth);
    }
    None
}

fn has_dropped(json: &Json, place: &[&str], rename: &Rename) -> bool {
    let Some((first, rest)) = place.split_first() else {
        return match json {
            Json::String(text) => rename.old == [text],
            json => at(json, rename.old).is_some(),
        };
    };
    match json {
        Json::Array(items) if *first == "[]" => {
            items.iter().any(|item| has_dropped(item, rest, rename))
        }
        Json::Object(map) if *first == "*" => {
            map.values().any(|entry| has_dropped(entry, rest, rename))
        }
        json => json.get(*first).is_some_and(|inner| has_dropped(inner, rest, rename)),
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

    use super::*;

    /// An option, a word of a list, and a field that came one level up and has the option's new name inside.
    const RENAMES: &[Rename] = &[
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
    ];

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
        assert_eq!(spelled(request, RENAMES, None), expected);
        let request = json!({"filters": {"queues": ["7"]}});
        assert_eq!(
            spelled(request, RENAMES, None),
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
        let sent = |date: &str| spelled(request.clone(), RENAMES, Some(date.parse().unwrap()));
        assert_eq!(sent("2026-12-31"), expected);
        assert_eq!(sent("2027-01-01"), spelled(request.clone(), RENAMES, None));
    }

    /// An option that was renamed before it was dropped, and a word.
    const DROPS: &[Rename] = &[
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
    ];

    #[test]
    fn what_a_revision_dropped_is_found_by_its_last_name() {
        let found = |part: &Json, date: Option<&str>| {
            let revision = date.map(|date| date.parse().unwrap());
            let dropped = dropped(part, DROPS, revision);
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
        let sent = |date: &str| spelled(request.clone(), DROPS, Some(date.parse().unwrap()));
        assert_eq!(sent("2026-12-31"), json!({"options": {"mood": true}}));
        assert_eq!(sent("2027-12-31"), request);
    }

    #[test]
    fn what_a_caller_sends_by_the_new_name_stays() {
        let request = json!({"filters": {"queues": ["7"]}, "queues": ["8"]});
        assert_eq!(spelled(request.clone(), RENAMES, None), request);
        let request = json!({"other": [{}, 1], "filters": 7});
        assert_eq!(spelled(request.clone(), RENAMES, None), request);
    }
}
