//! What later revisions call otherwise than this crate's code does: requests are read, and responses written, in the
//! names that the code has.
//!
//! `renames.json` is written by `cargo xtask generate` from the documents in `openapi/revisions` and from
//! `openapi/renames.toml`.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The renames of an operation up to a revision, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Renames {
    request: Vec<Rename>,
    response: Vec<Rename>,
}

/// One rename in a body.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Rename {
    since: String,
    kind: Kind,
    /// The path of the object or of the text, in the names before: `[]` is each item, `*` each entry.
    place: Vec<String>,
    old: Vec<String>,
    new: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Name,
    Word,
    Move,
}

impl Renames {
    pub(crate) fn of(api: &str, operation: &str, date: &str) -> Renames {
        static ALL: OnceLock<Value> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            serde_json::from_str(include_str!("renames.json")).expect("it is written by xtask")
        });
        Renames::read(&all[api][operation], date)
    }

    fn read(all: &Value, date: &str) -> Renames {
        let mut renames: Renames = serde_json::from_value(all.clone()).unwrap_or_default();
        for them in [&mut renames.request, &mut renames.response] {
            them.retain(|rename| rename.since.as_str() <= date);
        }
        renames
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty()
    }

    /// A request in the names of the code. What has an old name is unknown to the revision, and left out.
    pub(crate) fn read_request(&self, body: &Value) -> Value {
        let mut body = body.clone();
        for rename in self.request.iter().rev() {
            at_each(&mut body, &rename.place, &mut |at| {
                rename.forget_old(at);
                rename.apply(at, Way::Back);
            });
        }
        body
    }

    /// A response in the names of the revision.
    pub(crate) fn write_response(&self, body: Vec<u8>) -> Vec<u8> {
        if self.response.is_empty() {
            return body;
        }
        let Ok(mut json) = serde_json::from_slice(&body) else { return body };
        for rename in &self.response {
            at_each(&mut json, &rename.place, &mut |at| rename.apply(at, Way::Forth));
        }
        serde_json::to_vec(&json).unwrap_or(body)
    }

    /// The shape of a request, or of a response, in the names of the code.
    pub(crate) fn shape_of_request(&self, shape: &Value) -> Value {
        shape_before(&self.request, shape)
    }

    pub(crate) fn shape_of_response(&self, shape: &Value) -> Value {
        shape_before(&self.response, shape)
    }

    /// The path of a field of a request, as the revision has it.
    pub(crate) fn request_path(&self, path: &str) -> String {
        self.as_sent(path, "").0
    }

    /// A word that stands at a path, as the revision has it.
    pub(crate) fn request_word(&self, path: &str, word: &str) -> String {
        self.as_sent(path, word).1
    }

    fn as_sent(&self, path: &str, word: &str) -> (String, String) {
        let mut steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let mut word = word.to_owned();
        for rename in &self.request {
            if rename.kind != Kind::Word {
                rename.respell(&mut steps);
            } else if rename.is_at(&steps) && rename.old[0] == word {
                word.clone_from(&rename.new[0]);
            }
        }
        (steps.join("."), word)
    }
}

#[cfg(test)]
impl Renames {
    /// An option's name, that of what holds it, and a word, as of 2099.
    pub(crate) fn made_up(date: &str) -> Renames {
        let one = |kind: &str, place: &[&str], old: &str, new: &str| serde_json::json!({"since": "2099-01-01", "kind": kind, "place": place, "old": [old], "new": [new]});
        let all = serde_json::json!({"response": [], "request": [
            one("word", &["results", "[]"], "Missed", "Unanswered"),
            one("name", &[], "mood", "temper"),
        ]});
        Renames::read(&all, date)
    }
}

#[derive(Clone, Copy)]
enum Way {
    Back,
    Forth,
}

impl Rename {
    fn apply(&self, json: &mut Value, way: Way) {
        let (from, to) = match way {
            Way::Back => (&self.new, &self.old),
            Way::Forth => (&self.old, &self.new),
        };
        match (self.kind, json) {
            (Kind::Word, Value::String(text)) => {
                // A shape has all the words of a place in one text.
                let words = text.split(' ').map(|word| if word == from[0] { &to[0] } else { word });
                *text = words.collect::<Vec<_>>().join(" ");
            }
            (Kind::Word, _) => {}
            (_, json) => {
                if let Some(value) = taken(json, from) {
                    put(json, to, value);
                }
            }
        }
    }

    fn forget_old(&self, json: &mut Value) {
        match (self.kind, json) {
            // It is refused by the name that was sent.
            (Kind::Word, _) => {}
            (_, json) => drop(taken(json, &self.old)),
        }
    }

    /// The place by its names alone, as paths have them.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.place.iter().filter(|step| *step != "[]")
    }

    /// Whether a path leads to the place.
    fn is_at(&self, steps: &[String]) -> bool {
        self.names().map(String::as_str).eq(steps.iter().map(|step| bare(step)))
    }

    /// Gives a path of today the steps that this renames.
    fn respell(&self, steps: &mut Vec<String>) {
        let place: Vec<_> = self.names().collect();
        let old: Vec<_> = place.iter().copied().chain(&self.old).collect();
        let is_below = steps.len() >= old.len()
            && old.iter().zip(&*steps).all(|(old, step)| **old == bare(step));
        if !is_below {
            return;
        }
        let last = &steps[old.len() - 1];
        let index = last.find('[').map(|at| last[at..].to_owned()).unwrap_or_default();
        let mut new: Vec<_> = self.new.clone();
        if let Some(name) = new.last_mut() {
            name.push_str(&index);
        }
        steps.splice(place.len()..old.len(), new);
    }
}

/// A step without the number of an item.
fn bare(step: &str) -> &str {
    step.split('[').next().unwrap_or_default()
}

fn shape_before(renames: &[Rename], shape: &Value) -> Value {
    let mut shape = shape.clone();
    for rename in renames.iter().rev() {
        at_each(&mut shape, &rename.place, &mut |at| rename.apply(at, Way::Back));
    }
    shape
}

/// Every place of a path. In a shape, items and entries are fields of these names.
fn at_each(json: &mut Value, place: &[String], act: &mut impl FnMut(&mut Value)) {
    let Some((first, rest)) = place.split_first() else {
        return act(json);
    };
    match json {
        Value::Array(items) if first == "[]" => {
            for item in items {
                at_each(item, rest, act);
            }
        }
        Value::Object(map) if first == "*" && !map.contains_key("*") => {
            for entry in map.values_mut() {
                at_each(entry, rest, act);
            }
        }
        Value::Object(map) => {
            if let Some(inner) = map.get_mut(first) {
                at_each(inner, rest, act);
            }
        }
        _ => {}
    }
}

/// An object of which nothing is left goes, too.
fn taken(json: &mut Value, path: &[String]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let map = json.as_object_mut()?;
    if rest.is_empty() {
        return map.remove(first);
    }
    let inner = map.get_mut(first)?;
    let value = taken(inner, rest)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        map.remove(first);
    }
    Some(value)
}

fn put(json: &mut Value, path: &[String], value: Value) {
    let Some((name, containers)) = path.split_last() else { return };
    let mut holder = json;
    for container in containers {
        let Value::Object(map) = holder else { return };
        holder = map.entry(container).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(map) = holder {
        map.insert(name.clone(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made_up(renames: &Value) -> Renames {
        Renames::read(renames, "2099-01-01")
    }

    /// An option and its response field, a word, and a field that came one level up.
    fn renames() -> Renames {
        let one = |kind: &str, place: &[&str], old: &[&str], new: &[&str]| json!({"since": "2099-01-01", "kind": kind, "place": place, "old": old, "new": new});
        made_up(&json!({
            "request": [
                one("word", &["grouping", "groupBy"], &["Users"], &["People"]),
                one("move", &["filters"], &["ids", "from"], &["callers"]),
                one("name", &["options"], &["mood"], &["temper"]),
            ],
            "response": [
                one("move", &["records", "[]"], &["info", "name"], &["name"]),
                one("name", &["records", "[]"], &["mood"], &["temper"]),
            ],
        }))
    }

    #[test]
    fn a_request_is_read_in_the_names_of_the_code() {
        let sent = json!({
            "grouping": {"groupBy": "People"},
            "filters": {"callers": ["7"]},
            "options": {"temper": {"aggregationType": "Sum"}},
        });
        let expected = json!({
            "grouping": {"groupBy": "Users"},
            "filters": {"ids": {"from": ["7"]}},
            "options": {"mood": {"aggregationType": "Sum"}},
        });
        assert_eq!(renames().read_request(&sent), expected);
        let old = json!({"options": {"mood": {}}, "filters": {"ids": {"from": ["7"], "to": []}}});
        let expected = json!({"options": {}, "filters": {"ids": {"to": []}}});
        assert_eq!(renames().read_request(&old), expected, "the revision lacks the old names");
    }

    #[test]
    fn a_response_is_written_in_the_names_of_the_revision() {
        let body = json!({"records": [{"mood": 1, "info": {"name": "Ann"}}, {"mood": 2}]});
        let written = renames().write_response(body.to_string().into_bytes());
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written, json!({"records": [{"temper": 1, "name": "Ann"}, {"temper": 2}]}));
    }

    #[test]
    fn a_shape_has_the_names_of_the_code() {
        let shape = json!({"grouping": {"groupBy": "Company People"}, "options": {"temper": ""}});
        let expected = json!({"grouping": {"groupBy": "Company Users"}, "options": {"mood": ""}});
        assert_eq!(renames().shape_of_request(&shape), expected);
        let shape = json!({"records": {"[]": {"temper": "", "name": ""}}});
        let expected = json!({"records": {"[]": {"mood": "", "info": {"name": ""}}}});
        assert_eq!(renames().shape_of_response(&shape), expected);
    }

    #[test]
    fn a_problem_names_the_path_that_was_sent() {
        let path = |path| renames().request_path(path);
        assert_eq!(path("options.mood.aggregationType"), "options.temper.aggregationType");
        assert_eq!(path("filters.ids.from[1]"), "filters.callers[1]");
        assert_eq!(path("filters.ids.to"), "filters.ids.to");
        assert_eq!(path("grouping"), "grouping");
        let word = |path, word| renames().request_word(path, word);
        assert_eq!(word("grouping.groupBy", "Users"), "People");
        assert_eq!(word("grouping.groupBy", "Queues"), "Queues");
        assert_eq!(word("grouping.keys[0]", "Users"), "Users");
        assert_eq!(
            Renames::made_up("2099-01-01").request_word("results[1]", "Missed"),
            "Unanswered"
        );
    }

    #[test]
    fn what_is_renamed_later_has_its_old_name() {
        assert!(Renames::of("calls-v1", "analyticsCallsAggregationFetch", "2026-08-13").is_empty());
        let all = json!({"request": [{
            "since": "2099-01-01", "kind": "name", "place": [], "old": ["a"], "new": ["b"],
        }], "response": []});
        assert!(Renames::read(&all, "2098-12-31").is_empty());
    }
}
