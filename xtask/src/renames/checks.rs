//! What can be wrong with a rename.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::lines::line;
use super::rename::{Kind, Rename};
use super::schemas::{each_schema, is_object};
use super::spelling::{has_path, property_of};
use crate::canon;
use crate::catalogue::{Api, Catalogue};
use crate::document::child;
use crate::error::{Problem, Result};
use crate::node::Node;
use crate::published::published;
use crate::workspace::Workspace;

/// Refuses the first rename that is none.
pub(super) fn check(
    workspace: &Workspace,
    catalogue: &Catalogue,
    text: &str,
    renames: &[Rename],
) -> Result<()> {
    let checks = Checks { text, renames };
    for index in 0..renames.len() {
        checks.form(catalogue, index)?;
        checks.until(catalogue, index)?;
        checks.twice(index)?;
        checks.circle(index)?;
    }
    let documents = documents(workspace, catalogue, renames)?;
    for index in 0..renames.len() {
        checks.names(catalogue, &documents, index)?;
        checks.merged(catalogue, &documents, index)?;
    }
    for index in 0..renames.len() {
        checks.replaced(catalogue, &documents, index)?;
        checks.types(catalogue, &documents, index)?;
        checks.end(&documents, index)?;
    }
    Ok(())
}

type Documents = BTreeMap<(Api, String), Names>;

/// The names of a document, each schema's by themselves.
struct Names {
    document: Value,
    operations: Vec<BTreeSet<String>>,
    schemas: Vec<BTreeSet<String>>,
    properties: Vec<BTreeSet<String>>,
    values: Vec<BTreeSet<String>>,
}

impl Names {
    fn new(document: Value) -> Self {
        let of = |kind| sets(&document, kind);
        let (operations, schemas) = (of(Kind::Operation), of(Kind::Schema));
        let (properties, values) = (of(Kind::Property), of(Kind::Value));
        Self { document, operations, schemas, properties, values }
    }

    fn sets(&self, kind: Kind) -> &[BTreeSet<String>] {
        match kind {
            Kind::Operation => &self.operations,
            Kind::Schema => &self.schemas,
            Kind::Property | Kind::Move | Kind::Drop => &self.properties,
            Kind::Value => &self.values,
        }
    }
}

/// Those of every revision with a rename, and of the one before each.
fn documents(
    workspace: &Workspace,
    catalogue: &Catalogue,
    renames: &[Rename],
) -> Result<Documents> {
    let mut places = BTreeSet::new();
    for Rename { api, revision, until, .. } in renames {
        places.extend(
            [Some(revision), until.as_ref()].into_iter().flatten().map(|it| (*api, it.clone())),
        );
        places.extend(before(catalogue, *api, revision));
    }
    let read = places.into_iter().map(|(api, date)| {
        let (document, _) = published(workspace, catalogue, api, &date)?;
        Ok(((api, date), Names::new(document)))
    });
    read.collect()
}

/// The revision before: the api's own, or the last one of the api that it grew out of. The first of an api without
/// words has none: no other api's revision is its past.
pub fn before(catalogue: &Catalogue, api: Api, date: &str) -> Option<(Api, String)> {
    let own = catalogue.dates(api).into_iter().rfind(|known| *known < date);
    if let Some(own) = own {
        return Some((api, own.to_owned()));
    }
    let has_words = |it: Api| catalogue.api.get(&it).is_some_and(|entry| entry.vocabulary);
    if !has_words(api) {
        return None;
    }
    let others =
        catalogue.revision.iter().filter(|it| it.date.as_str() < date && has_words(it.api));
    others.max_by_key(|it| &it.date).map(|it| (it.api, it.date.clone()))
}

struct Checks<'a> {
    text: &'a str,
    renames: &'a [Rename],
}

impl Checks<'_> {
    fn problem(&self, index: usize, key: &str, what: &str, remedy: &str) -> Problem {
        let key_pointer = if key.is_empty() { String::new() } else { format!("/{key}") };
        let line = line(self.text, index, key);
        let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        Problem::new(format!("/rename/{index}{key_pointer}"), format!("{what}{place}"), remedy)
    }

    fn form(&self, catalogue: &Catalogue, index: usize) -> Result<(), Problem> {
        let Rename { kind, old, new, api, revision, at, evidence, .. } = &self.renames[index];
        let is_drop = *kind == Kind::Drop;
        if is_drop && !new.is_empty() {
            let what = format!("`{old}` is dropped, and has the new name `{new}`");
            let remedy = "take the new name out, or write the kind of the rename";
            return Err(self.problem(index, "new", &what, remedy));
        }
        let texts = [("old", old), ("new", new), ("evidence", evidence)];
        let is_missing =
            |(key, text): &&(&str, &String)| text.trim().is_empty() && !(is_drop && *key == "new");
        if let Some((key, _)) = texts.iter().find(is_missing) {
            let remedy = "write the old name, the new name and how it is known";
            return Err(self.problem(index, key, "is empty", remedy));
        }
        let slash = texts[..2].iter().find(|(_, text)| text.starts_with('/'));
        if let (Some((key, path)), Kind::Move) = (slash, kind) {
            let what = format!("`{path}` begins with a slash");
            let remedy = "take it off: the path begins with a property of the object that contains both places";
            return Err(self.problem(index, key, &what, remedy));
        }
        if let Some((key, path)) = slash {
            let what = format!("`{path}` is a path, not a name");
            let remedy = "take it out: the paths of operations are in openapi/revisions.toml";
            return Err(self.problem(index, key, &what, remedy));
        }
        if old == new {
            let what = format!("renames `{old}` to itself");
            return Err(self.problem(index, "new", &what, "write the new name, or take it out"));
        }
        if catalogue.revision(*api, revision).is_none() {
            let what = format!("{api} has no revision of {revision}");
            let remedy = "write the date of the first revision that has the new name, as in \
                          openapi/revisions.toml";
            return Err(self.problem(index, "revision", &what, remedy));
        }
        if before(catalogue, *api, revision).is_none() {
            let what = format!(
                "{revision} is the first revision of {api}: nothing was renamed or dropped before it"
            );
            let remedy = "write the date of the revision that brought the new name, or take it out";
            return Err(self.problem(index, "revision", &what, remedy));
        }
        if at.is_some() && [Kind::Operation, Kind::Schema].contains(kind) {
            let what = format!("doesn't apply to renames of kind `{}`", kind.name());
            let remedy = "take it out: operations and schemas have no place inside a schema";
            return Err(self.problem(index, "at", &what, remedy));
        }
        Ok(())
    }

    fn until(&self, catalogue: &Catalogue, index: usize) -> Result<(), Problem> {
        let Rename { kind, api, revision, until, .. } = &self.renames[index];
        let Some(until) = until else { return Ok(()) };
        let (what, remedy) = if [Kind::Operation, Kind::Drop].contains(kind) {
            (format!("doesn't apply to renames of kind `{}`", kind.name()), "take it out")
        } else if catalogue.revision(*api, until).is_none() {
            let remedy = "write the date of the first revision in which the rename holds no longer, as in \
                          openapi/revisions.toml";
            (format!("{api} has no revision of {until}"), remedy)
        } else if until <= revision {
            let remedy =
                "write the first revision in which the rename holds no longer, or take it out";
            (format!("{until} is not later than {revision}, which brought the new name"), remedy)
        } else {
            return Ok(());
        };
        Err(self.problem(index, "until", &what, remedy))
    }

    /// A rename that ends before it has to would cost names for nothing.
    fn end(&self, documents: &Documents, index: usize) -> Result<(), Problem> {
        let rename = &self.renames[index];
        let Rename { old, new, api, until: Some(until), at, .. } = rename else { return Ok(()) };
        let now = &documents[&(*api, until.clone())];
        let is_elsewhere = at.as_ref().is_some_and(|at| now.document.pointer(at).is_none());
        if is_elsewhere || !stands(now, rename) {
            return Ok(());
        }
        let what = format!("{api} {until} still has `{new}`, and no `{old}` beside it");
        let remedy = "take it out, or write the first revision in which the rename holds no longer";
        Err(self.problem(index, "until", &what, remedy))
    }

    fn twice(&self, index: usize) -> Result<(), Problem> {
        let one = &self.renames[index];
        let is_same = |other: &Rename| {
            let names = |it: &Rename| (it.kind, it.old.clone(), it.api, it.revision.clone());
            names(one) == names(other) && overlap(one, other)
        };
        if self.renames[..index].iter().any(is_same) {
            let Rename { old, api, revision, .. } = one;
            let what = format!("`{old}` is renamed twice in {api} {revision}");
            return Err(self.problem(index, "", &what, "keep one of the two"));
        }
        Ok(())
    }

    /// A name that becomes itself again in one revision could be read in two ways. A later revision may give it back.
    /// Reported is the last rename of the circle: the others are what was before.
    fn circle(&self, index: usize) -> Result<(), Problem> {
        let circle = circle(self.renames, index).filter(|it| !self.is_in_time(it));
        let Some(circle) = circle else { return Ok(()) };
        let last = circle.iter().copied().max_by_key(|it| (&self.renames[*it].revision, *it));
        let last = last.unwrap_or(index);
        let names: Vec<_> = circle.iter().map(|it| &*self.renames[*it].old).collect();
        let what = format!("goes in a circle: {} → {}", names.join(" → "), names[0]);
        let remedy = "take it out, or write the revision that gave the name back";
        Err(self.problem(last, "new", &what, remedy))
    }

    /// Whether each rename but the first is of a later revision than the one before it.
    fn is_in_time(&self, circle: &[usize]) -> bool {
        let revision = |at: usize| &self.renames[circle[at % circle.len()]].revision;
        (0..circle.len()).filter(|at| revision(*at) >= revision(at + 1)).count() == 1
    }

    fn names(
        &self,
        catalogue: &Catalogue,
        documents: &Documents,
        index: usize,
    ) -> Result<(), Problem> {
        let rename = &self.renames[index];
        let Rename { kind, old, new, api, revision, at, .. } = rename;
        let now = &documents[&(*api, revision.clone())];
        if *kind == Kind::Drop {
            return self.dropped(catalogue, documents, index);
        }
        if let Some(at) = at.as_ref().filter(|at| now.document.pointer(at).is_none()) {
            let what = format!("{api} {revision} has nothing at `{at}`");
            let remedy = "write the JSON pointer of the schema, as in /components/schemas/Name";
            return Err(self.problem(index, "at", &what, remedy));
        }
        if !has(now, *kind, new, at.as_deref()) {
            let place = at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
            let what = format!("{api} {revision} has no {} `{new}`{place}", kind.name());
            let remedy = "write the name as that revision has it, or take it out";
            return Err(self.problem(index, "new", &what, remedy));
        }
        let Some((api, date)) = before(catalogue, *api, revision) else { return Ok(()) };
        if !has(&documents[&(api, date.clone())], *kind, old, None) {
            let what = format!("{api} {date}, the revision before, has no {} `{old}`", kind.name());
            let remedy = "write the name as that revision has it, or take it out";
            return Err(self.problem(index, "old", &what, remedy));
        }
        Ok(())
    }

    /// Two names that both revisions have together are two things.
    fn replaced(
        &self,
        catalogue: &Catalogue,
        documents: &Documents,
        index: usize,
    ) -> Result<(), Problem> {
        let rename = &self.renames[index];
        let Rename { kind, old, new, api, revision, at, .. } = rename;
        let has_no_place = matches!(kind, Kind::Operation | Kind::Drop);
        let Some(before) = before(catalogue, *api, revision).filter(|_| !has_no_place) else {
            return Ok(());
        };
        if takes_place(&documents[&before], &documents[&(*api, revision.clone())], rename) {
            return Ok(());
        }
        let kind = if *kind == Kind::Move { "property" } else { kind.name() };
        let place = at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        let what = format!("no {kind} `{new}` took the place of a {kind} `{old}`{place}");
        let remedy = "take it out, or write the names of what did";
        Err(self.problem(index, "new", &what, remedy))
    }

    /// The generated code reads what an older server has by the old name into the field of the new one. From api to
    /// api it doesn't, so that a name may have gone to what has another type.
    fn types(
        &self,
        catalogue: &Catalogue,
        documents: &Documents,
        index: usize,
    ) -> Result<(), Problem> {
        let rename = &self.renames[index];
        let Rename { kind, old, new, api, revision, at, .. } = rename;
        let has_type = matches!(kind, Kind::Property | Kind::Move);
        let Some(before) =
            before(catalogue, *api, revision).filter(|(it, _)| has_type && it == api)
        else {
            return Ok(());
        };
        let (then, now) =
            (&documents[&before].document, &documents[&(*api, revision.clone())].document);
        let was = types(then, (old, new), *kind, None);
        let is = types(now, (new, old), *kind, at.as_deref());
        if was.is_empty() || is.is_empty() || was.intersection(&is).next().is_some() {
            return Ok(());
        }
        let of = |types: BTreeSet<&'static str>| types.into_iter().collect::<Vec<_>>().join(" or ");
        let what = format!("`{old}` is of type {}, and `{new}` of type {}", of(was), of(is));
        let remedy = "take it out: what changed its type is no rename, and is written by hand";
        Err(self.problem(index, "new", &what, remedy))
    }

    fn dropped(
        &self,
        catalogue: &Catalogue,
        documents: &Documents,
        index: usize,
    ) -> Result<(), Problem> {
        let Rename { kind, old, api, revision, at, .. } = &self.renames[index];
        let place = at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        let problem = |what: &str| {
            let remedy = "write the name and the revision that dropped it, or take it out";
            self.problem(index, "old", what, remedy)
        };
        let Some(before) = before(catalogue, *api, revision) else { return Ok(()) };
        if !has(&documents[&before], *kind, old, at.as_deref()) {
            let (api, date) = before;
            let what = format!("{api} {date}, the revision before, has no `{old}`{place}");
            return Err(problem(&what));
        }
        let now = &documents[&(*api, revision.clone())];
        if at.is_some() && has(now, *kind, old, at.as_deref()) {
            return Err(problem(&format!("{api} {revision} still has `{old}`{place}")));
        }
        Ok(())
    }

    /// Two names that one schema had can't both be what is now one.
    fn merged(
        &self,
        catalogue: &Catalogue,
        documents: &Documents,
        index: usize,
    ) -> Result<(), Problem> {
        let one = &self.renames[index];
        if one.kind == Kind::Drop {
            return Ok(());
        }
        let is_like = |other: &&Rename| {
            let names = |it: &Rename| (it.kind, it.new.clone(), it.api, it.revision.clone());
            names(one) == names(other) && overlap(one, other)
        };
        let place = before(catalogue, one.api, &one.revision);
        for other in self.renames[..index].iter().filter(is_like) {
            let same_place = one.at.is_some() && one.at == other.at;
            let together = place.as_ref().is_some_and(|place| {
                documents[place]
                    .sets(one.kind)
                    .iter()
                    .any(|set| set.contains(&one.old) && set.contains(&other.old))
            });
            if same_place || together {
                let what = format!("`{}` and `{}` both became `{}`", other.old, one.old, one.new);
                let remedy = "leave the one that has its meaning; if both have a part of it, it \
                              is no rename";
                return Err(self.problem(index, "old", &what, remedy));
            }
        }
        Ok(())
    }
}

/// The renames that lead from one's old name back to it, that one first.
fn circle(renames: &[Rename], index: usize) -> Option<Vec<usize>> {
    let start = &renames[index];
    let mut circle = vec![index];
    loop {
        let at = &renames[circle[circle.len() - 1]];
        if at.new == start.old {
            return Some(circle);
        }
        let follows = |it: &Rename| {
            (it.kind, it.api) == (start.kind, start.api) && it.old == at.new && overlap(it, at)
        };
        let next = renames.iter().position(follows)?;
        if circle.contains(&next) {
            // The circle is reported where it begins.
            return None;
        }
        circle.push(next);
    }
}

/// Whether two renames can be about one schema.
fn overlap(one: &Rename, other: &Rename) -> bool {
    one.at.is_none() || other.at.is_none() || one.at == other.at
}

fn has(names: &Names, kind: Kind, name: &str, at: Option<&str>) -> bool {
    if kind == Kind::Drop {
        let kinds = [Kind::Property, Kind::Value];
        return kinds.into_iter().any(|kind| has(names, kind, name, at));
    }
    let has = |part: &str| names.sets(kind).iter().any(|set| set.contains(part));
    match (kind, at) {
        (Kind::Move, _) => name.split('/').all(has),
        (_, None) => has(name),
        (kind, Some(at)) => {
            let schema = names.document.pointer(at);
            schema.is_some_and(|schema| own(schema, kind).contains(name))
        }
    }
}

/// Whether something had the old name without the new one before, and something, or what is at the rename's place, has
/// the new name without the old one now.
fn takes_place(before: &Names, now: &Names, rename: &Rename) -> bool {
    let Rename { kind, old, new, .. } = rename;
    let was = match kind {
        Kind::Move => has_path_alone(before, old, new, None),
        _ => has_alone(before, *kind, old, new),
    };
    was && stands(now, rename)
}

/// Whether something, or what is at the rename's place, has the new name without the old one.
fn stands(now: &Names, Rename { kind, old, new, at, .. }: &Rename) -> bool {
    let schema = at.as_ref().and_then(|at| now.document.pointer(at));
    match (kind, schema) {
        (Kind::Move, _) => has_path_alone(now, new, old, at.as_deref()),
        (_, Some(schema)) => is_alone(&own(schema, *kind), new, old),
        (_, None) => has_alone(now, *kind, new, old),
    }
}

fn has_alone(names: &Names, kind: Kind, here: &str, other: &str) -> bool {
    names.sets(kind).iter().any(|set| is_alone(set, here, other))
}

fn is_alone(set: &BTreeSet<String>, here: &str, other: &str) -> bool {
    set.contains(here) && !set.contains(other)
}

/// Whether one path leads from an object to a property, and another doesn't, unless it is on the way.
fn has_path_alone(names: &Names, here: &str, other: &str, at: Option<&str>) -> bool {
    let is_on_the_way = here.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    let mut found = false;
    each_schema(&names.document, &mut |schema, pointer| {
        let is_there = at.is_none_or(|at| at == pointer) && is_object(schema);
        found |= is_there
            && has_path(&names.document, pointer, here)
            && (is_on_the_way || !has_path(&names.document, pointer, other));
    });
    found
}

/// The types of the properties of one name, or at the end of one path, beside which another isn't there.
fn types(
    document: &Value,
    (here, other): (&str, &str),
    kind: Kind,
    at: Option<&str>,
) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    each_schema(document, &mut |schema, pointer| {
        if at.is_some_and(|at| at != pointer) || !is_object(schema) {
            return;
        }
        let property = |name: &str| match kind {
            Kind::Move => property_of(document, pointer, name),
            _ => Some(child(&child(pointer, "properties"), name)),
        };
        let has = |name: &str| property(name).filter(|it| document.pointer(it).is_some());
        let is_on_the_way = here.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
        let place = has(here).filter(|_| is_on_the_way || has(other).is_none());
        if let Some((place, property)) =
            place.and_then(|it| Some((it.clone(), document.pointer(&it)?)))
        {
            let node = Node::new(document, property, place);
            found.insert(if node.kind() == "integer" { "number" } else { node.kind() });
        }
    });
    found
}

fn sets(document: &Value, kind: Kind) -> Vec<BTreeSet<String>> {
    match kind {
        Kind::Schema => vec![keys(&document["components"]["schemas"])],
        Kind::Operation => {
            vec![canon::operations(document).map(|(_, _, id)| id.to_owned()).collect()]
        }
        _ => {
            let mut sets = Vec::new();
            each_schema(document, &mut |schema, _| sets.push(own(schema, kind)));
            sets.retain(|own| !own.is_empty());
            sets
        }
    }
}

fn own(schema: &Value, kind: Kind) -> BTreeSet<String> {
    if kind == Kind::Value {
        let words = schema["enum"].as_array().into_iter().flatten();
        return words.filter_map(Value::as_str).map(str::to_owned).collect();
    }
    keys(&schema["properties"])
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}
