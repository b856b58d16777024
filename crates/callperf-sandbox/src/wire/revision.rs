//! What each revision of the two APIs has: the names and words of its requests and responses.
//!
//! `interface.json` is written by `cargo xtask generate` from the documents in `openapi/revisions`. The oldest
//! revision of an API stands there whole, each later one as what it changed, in the form of RFC 7396.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::error::Error;
use crate::wire::patch::patch;
use crate::wire::renames::Renames;

/// The newest revisions that this crate is written for. It speaks them unless another is asked for, so that adopting a
/// later one changes no answer, but for names. It can speak later ones as well, but what they bring to a request is
/// answered with 501 until it is implemented, and what they bring to a breakdown counts no calls.
const WRITTEN_FOR: [(Api, &str); 2] = [(Api::Beta, "2021-08-12"), (Api::CallsV1, "2026-08-13")];

/// One of the two families of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Beta,
    CallsV1,
}

impl Api {
    pub(crate) const ALL: [Api; 2] = [Api::Beta, Api::CallsV1];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Api::Beta => "beta",
            Api::CallsV1 => "calls-v1",
        }
    }
}

/// The interface of an API as of a date.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) api: Api,
    pub(crate) date: String,
    operations: Vec<Operation>,
}

/// The interface of one operation.
#[derive(Debug)]
pub(crate) struct Operation {
    id: String,
    interface: Value,
    /// The same in the names that this crate's code has, where they are others.
    written_as: Option<Value>,
    pub(crate) renames: Renames,
    /// The paths of what a request can hold and this crate isn't written for.
    unwritten: BTreeSet<String>,
}

impl Revision {
    /// One of the API's operations, which every revision of it has.
    pub(crate) fn operation(&'static self, id: &str) -> &'static Operation {
        let mut operations = self.operations.iter();
        operations.find(|operation| operation.id == id).expect("no revision lacks an operation")
    }

    pub(crate) fn operations(&'static self) -> impl Iterator<Item = &'static Operation> {
        self.operations.iter()
    }

    pub(crate) fn newest(api: Api) -> &'static Revision {
        all().iter().rfind(|revision| revision.api == api).expect("every API has a revision")
    }

    /// The one of an API that is spoken unless another is asked for: what this crate is written for, or the last
    /// one that only calls it otherwise, as the client does that is generated from the newest.
    pub(crate) fn usual(api: Api) -> &'static Revision {
        usual(all(), api).expect("it is committed")
    }

    /// Whether it is another one in other names.
    fn says_the_same(&self, other: &Revision) -> bool {
        let interfaces = |revision: &Revision| -> Vec<Value> {
            revision.operations.iter().map(|operation| operation.as_written().clone()).collect()
        };
        interfaces(self) == interfaces(other)
    }

    /// Those of a date, written alone or after the API's name, as in `beta@2021-08-12`.
    pub(crate) fn named(name: &str) -> Result<Vec<&'static Revision>, Error> {
        let is_named = |revision: &&Revision| {
            revision.date == name || format!("{}@{}", revision.api.name(), revision.date) == name
        };
        let named: Vec<_> = all().iter().filter(is_named).collect();
        if named.is_empty() {
            return Err(Error::UnknownRevision { revision: name.to_owned(), known: known() });
        }
        Ok(named)
    }

    /// Those of the same API, the oldest first.
    pub(crate) fn siblings(&self) -> impl Iterator<Item = &'static Revision> + use<> {
        let api = self.api;
        all().iter().filter(move |revision| revision.api == api)
    }
}

impl Operation {
    fn new(id: &str, interface: &Value, renames: Renames) -> Operation {
        let written_as = (!renames.is_empty()).then(|| {
            let mut written_as = interface.clone();
            written_as["request"] = renames.shape_of_request(&interface["request"]);
            written_as["response"] = renames.shape_of_response(&interface["response"]);
            written_as
        });
        let (id, interface) = (id.to_owned(), interface.clone());
        Operation { id, interface, written_as, renames, unwritten: BTreeSet::new() }
    }

    /// With the paths that nothing is written for, as the revision has them.
    fn knowing(self, written: &BTreeSet<String>) -> Operation {
        let paths = self.request_as_written().paths();
        let unwritten = paths.difference(written).map(|path| self.renames.request_path(path));
        Operation { unwritten: unwritten.collect(), ..self }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn parameters(&self) -> Shape<'_> {
        Shape(&self.interface["parameters"])
    }

    pub(crate) fn request(&self) -> Shape<'_> {
        Shape(&self.interface["request"])
    }

    /// The request in the names of the code.
    pub(crate) fn request_as_written(&self) -> Shape<'_> {
        Shape(&self.as_written()["request"])
    }

    /// The response in the names of the code.
    pub(crate) fn response_as_written(&self) -> Shape<'_> {
        Shape(&self.as_written()["response"])
    }

    fn as_written(&self) -> &Value {
        self.written_as.as_ref().unwrap_or(&self.interface)
    }

    pub(crate) fn is_unwritten(&self, path: &str) -> bool {
        self.unwritten.contains(path)
    }
}

/// What can stand at a place of a request or a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a>(&'a Value);

const ITEM: &str = "[]";
const ENTRY: &str = "*";

impl<'a> Shape<'a> {
    /// Nothing can stand there.
    pub(crate) const NONE: Shape<'static> = Shape(&Value::Null);

    /// The places in an object, by their names; a list or a map has none.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'a str, Shape<'a>)> {
        let fields = self.0.as_object().into_iter().flatten();
        let fields = fields.map(|(name, shape)| (name.as_str(), Shape(shape)));
        fields.filter(|(name, _)| *name != ITEM && *name != ENTRY)
    }

    pub(crate) fn field(self, name: &str) -> Option<Shape<'a>> {
        self.fields().find(|(other, _)| *other == name).map(|(_, shape)| shape)
    }

    /// What a list or a map holds.
    pub(crate) fn element(self) -> Option<Shape<'a>> {
        self.0.get(ITEM).or_else(|| self.0.get(ENTRY)).map(Shape)
    }

    /// A place further below; nothing can stand at one that isn't there. Items and entries are `[]` and `*`.
    pub(crate) fn at(self, path: &[&str]) -> Shape<'a> {
        path.iter().fold(self, |shape, name| {
            match *name {
                ITEM | ENTRY => shape.element(),
                name => shape.field(name),
            }
            .unwrap_or(Shape::NONE)
        })
    }

    /// The words that can stand there; none, if it isn't a matter of words.
    pub(crate) fn words(self) -> impl Iterator<Item = &'a str> {
        self.0.as_str().unwrap_or_default().split_whitespace()
    }

    /// The paths of all places below, as in `callSegments[].length.minSeconds`.
    pub(crate) fn paths(self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(self, path: &str, paths: &mut BTreeSet<String>) {
        for (name, shape) in self.fields() {
            let path = joined(path, name);
            shape.collect(&path, paths);
            paths.insert(path);
        }
        if let Some(element) = self.element() {
            element.collect(&format!("{path}{ITEM}"), paths);
        }
    }
}

/// The path of a field in an object at another path.
pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn usual(revisions: &[Revision], api: Api) -> Option<&Revision> {
    let own = || revisions.iter().filter(|revision| revision.api == api);
    let is_written_for =
        |revision: &&Revision| WRITTEN_FOR.contains(&(api, revision.date.as_str()));
    let written_for = own().find(is_written_for)?;
    own().rfind(|revision| revision.date >= written_for.date && revision.says_the_same(written_for))
}

/// Every revision, the oldest of each API first.
fn all() -> &'static [Revision] {
    static ALL: OnceLock<Vec<Revision>> = OnceLock::new();
    ALL.get_or_init(|| {
        let table: Value =
            serde_json::from_str(include_str!("interface.json")).expect("it is written by xtask");
        Api::ALL.into_iter().flat_map(|api| revisions(api, &table[api.name()])).collect()
    })
}

/// A revision that comes after all others of its API, and changes this.
#[cfg(test)]
pub(crate) fn of_tomorrow(api: Api, change: &Value) -> &'static Revision {
    let table: Value = serde_json::from_str(include_str!("interface.json")).unwrap();
    let mut patches = table[api.name()].clone();
    patches["2099-01-01"] = change.clone();
    Box::leak(Box::new(revisions(api, &patches).pop().unwrap()))
}

fn revisions(api: Api, patches: &Value) -> Vec<Revision> {
    revisions_with(api, patches, |id, date| Renames::of(api.name(), id, date))
}

fn revisions_with(
    api: Api,
    patches: &Value,
    renames: impl Fn(&str, &str) -> Renames,
) -> Vec<Revision> {
    let is_written_for =
        |date: &str| WRITTEN_FOR.iter().any(|(a, last)| *a == api && date <= *last);
    let mut interface = Value::Null;
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut revisions = Vec::new();
    for (date, change) in patches.as_object().into_iter().flatten() {
        patch(&mut interface, change);
        let mut operations = Vec::new();
        for (id, interface) in interface.as_object().into_iter().flatten() {
            let operation = Operation::new(id, interface, renames(id, date));
            let written = written.entry(id.clone()).or_default();
            if is_written_for(date) {
                written.extend(operation.request_as_written().paths());
            }
            operations.push(operation.knowing(written));
        }
        revisions.push(Revision { api, date: date.clone(), operations });
    }
    revisions
}

/// The known revisions, for the error about an unknown one.
fn known() -> String {
    let of_api = |api: Api| {
        let dates: Vec<_> =
            Revision::newest(api).siblings().map(|revision| revision.date.as_str()).collect();
        format!("{} {}", api.name(), dates.join(", "))
    };
    Api::ALL.map(of_api).join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_later_revision_is_the_one_before_with_its_changes() {
        let request = |revision: &str, id| {
            Revision::named(revision).unwrap()[0].operation(id).request().paths()
        };
        let aggregate = |date| request(date, "aggregatePerformanceReportCalls");
        assert!(aggregate("2021-06-17").contains("grouping.identifiers"));
        assert!(!aggregate("2021-07-19").contains("grouping.identifiers"));
        assert!(aggregate("2021-07-19").contains("grouping.ids"));
        assert!(aggregate("2021-08-12").contains("additionalFilters.callActions[].callAction"));
        let fetch = |date| request(date, "analyticsCallsAggregationFetch");
        let option = "responseOptions.counters.queueOpportunities.aggregationType";
        assert!(!fetch("2022-09-29").contains(option));
        assert_eq!(fetch("calls-v1@2023-03-27"), fetch("2025-03-11"));
        assert!(!fetch("2025-05-20").contains("callFilters.queueHours"));
        assert!(fetch("2025-09-23").contains("callFilters.queueHours"));
    }

    #[test]
    fn the_error_of_an_unknown_revision_lists_the_known_ones() {
        let error = Revision::named("beta@2025-03-11").unwrap_err().to_string();
        for known in ["beta@2025-03-11", "2021-06-17", "2021-08-12", "2022-09-29", "2025-03-11"] {
            assert!(error.contains(known), "{error}");
        }
    }

    #[test]
    fn a_revision_that_only_renames_is_spoken_as_the_one_before() {
        let of = |request: Value| json!({"fetch": {"request": request, "response": ""}});
        let patches = json!({
            "2026-08-13": of(json!({"mood": {"inner": ""}})),
            "2099-01-01": of(json!({"mood": null, "temper": {"inner": ""}})),
            "2099-02-01": of(json!({"new": ""})),
        });
        let renames = |_: &str, date: &str| Renames::made_up(date);
        let revisions = revisions_with(Api::CallsV1, &patches, renames);
        assert_eq!(usual(&revisions, Api::CallsV1).unwrap().date, "2099-01-01");
        assert_eq!(usual(&revisions[..1], Api::CallsV1).unwrap().date, "2026-08-13");
        assert!(revisions[1].operations[0].unwritten.is_empty());
    }

    #[test]
    fn what_came_after_the_code_is_known_to_be_unwritten() {
        let of = |request: Value| json!({"fetch": {"request": request, "response": ""}});
        let patches = json!({
            "2026-08-13": of(json!({"old": {"[]": "One"}, "gone": ""})),
            "2099-01-01": of(json!({"old": {"[]": "One Two"}, "gone": null, "new": {"inner": ""}})),
        });
        let revisions = revisions(Api::CallsV1, &patches);
        assert!(revisions[0].operations[0].unwritten.is_empty());
        let expected = ["new", "new.inner"].map(str::to_owned).into();
        assert_eq!(revisions[1].operations[0].unwritten, expected);
    }
}
