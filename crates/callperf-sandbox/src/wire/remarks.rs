//! Fields that the document lacks, and what may have been meant by them.

use serde_json::Value;

use super::read::Findings;
use super::service::Dialect;
use crate::assumptions::UnknownFields;
use crate::wire::revision::{Api, Revision, Shape, joined};

/// Looks for fields that the document lacks: they are remarked upon, or refused. What it has and this crate isn't
/// written for is found as well.
pub(super) fn inspect(
    findings: &mut Findings,
    body: &Value,
    dialect: Dialect,
    unknown: UnknownFields,
) {
    let mut inspection = Inspection { findings, dialect, unknown };
    inspection.look(body, dialect.operation.request(), "", "");
}

/// Parameters that the document lacks are never refused: anything may stand in a query string.
pub(super) fn inspect_parameters(
    findings: &mut Findings,
    parameters: &[(String, String)],
    dialect: Dialect,
) {
    let known: Vec<_> = dialect.operation.parameters().fields().map(|(name, _)| name).collect();
    for (name, _) in parameters {
        if !known.contains(&name.as_str()) && name != ACCESS_TOKEN {
            let hint = nearest(name, known.iter().copied()).map_or_else(String::new, did_you_mean);
            findings.remark(format!("`{name}` is not a query parameter{hint}"));
        }
    }
}

/// Any request may carry its token so.
const ACCESS_TOKEN: &str = "access_token";

struct Inspection<'a> {
    findings: &'a mut Findings,
    dialect: Dialect,
    unknown: UnknownFields,
}

impl Inspection<'_> {
    /// The path tells the place to a person, the pattern has `[]` for every item.
    fn look(&mut self, value: &Value, shape: Shape<'static>, path: &str, pattern: &str) {
        match value {
            Value::Object(map) if shape.fields().next().is_some() => {
                for (name, inner) in map.iter().filter(|(_, inner)| !inner.is_null()) {
                    self.look_at(inner, name, shape, path, pattern);
                }
            }
            Value::Array(items) => {
                let Some(shape) = shape.element() else {
                    return;
                };
                for (i, item) in items.iter().enumerate() {
                    self.look(item, shape, &format!("{path}[{i}]"), &format!("{pattern}[]"));
                }
            }
            Value::String(word) => self.look_at_word(word, shape, path, pattern),
            _ => {}
        }
    }

    /// A value of a later revision is refused by its reader, which knows no other revision.
    fn look_at_word(&mut self, word: &str, shape: Shape<'static>, path: &str, pattern: &str) {
        if shape.words().next().is_none() || shape.words().any(|known| known == word) {
            return;
        }
        let parts = pattern.replace("[]", ".[]");
        let parts: Vec<_> = parts.split('.').collect();
        let now = &self.dialect.revision.date;
        let id = self.dialect.operation.id();
        let mut later = self.dialect.revision.siblings().filter(|revision| revision.date > *now);
        let first = later.find(|revision| {
            revision.operation(id).request().at(&parts).words().any(|known| known == word)
        });
        if let Some(first) = first {
            self.findings.remark(format!(
                "`{word}` is not a value of `{path}` in revision {now}; it came with {}",
                first.date
            ));
        }
    }

    fn look_at(
        &mut self,
        value: &Value,
        name: &str,
        holder: Shape<'static>,
        path: &str,
        pattern: &str,
    ) {
        let (inner, pattern_inner) = (joined(path, name), joined(pattern, name));
        match holder.field(name) {
            Some(_) if self.dialect.operation.is_unwritten(&pattern_inner) => {
                self.findings.not_yet.push(inner);
            }
            Some(shape) => self.look(value, shape, &inner, &pattern_inner),
            None => {
                let hint = self.hint(name, holder, pattern);
                let holder =
                    if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") };
                self.findings.remark(format!("`{name}` is not a field of {holder}{hint}"));
                if self.unknown == UnknownFields::Refused {
                    let why = format!("it is not a field{hint}");
                    self.findings.add("ANL-202", &inner, None, &why);
                }
            }
        }
    }

    /// What may have been meant: first what has exactly this name, somewhere else or at another time.
    fn hint(&self, name: &str, holder: Shape<'static>, pattern: &str) -> String {
        if !self.findings.has_room() {
            return String::new();
        }
        let siblings = || holder.fields().map(|(sibling, _)| sibling);
        let is_it = |other: &str| other.eq_ignore_ascii_case(name);
        if let Some(option) = siblings().find(|sibling| is_answered_as(sibling, name)) {
            return did_you_mean(option);
        }
        if let Some(sibling) = siblings().find(|sibling| is_it(sibling)) {
            return did_you_mean(sibling);
        }
        if let Some(revision) = self.in_a_later_revision(&joined(pattern, name)) {
            return revision;
        }
        let paths = self.dialect.operation.request().paths();
        let mut elsewhere = paths.iter().filter(|path| is_it(last(path)));
        if let Some(path) = elsewhere.next() {
            let also = if elsewhere.next().is_some() { ", among others" } else { "" };
            if *path == pattern {
                return "; what it holds belongs one level up".to_owned();
            }
            let holder = path.rsplit_once('.').map(|(holder, _)| format!("`{holder}`"));
            let holder = holder.unwrap_or_else(|| "the body itself".to_owned());
            return format!("; it belongs into {holder}{also}");
        }
        if self.dialect.operation.parameters().fields().any(|(parameter, _)| is_it(parameter)) {
            return "; it is a query parameter".to_owned();
        }
        self.in_an_earlier_revision(&joined(pattern, name))
            .or_else(|| nearest(name, siblings()).map(did_you_mean))
            .or_else(|| self.in_the_other_api(name))
            .unwrap_or_else(|| {
                let all: Vec<_> = siblings().map(|sibling| format!("`{sibling}`")).collect();
                format!("; there are {}", all.join(", "))
            })
    }

    /// The revisions that have a field, the oldest first.
    fn having(&self, pattern: &str) -> impl Iterator<Item = &'static Revision> {
        let id = self.dialect.operation.id();
        let all = self.dialect.revision.siblings();
        all.filter(move |revision| revision.operation(id).request().paths().contains(pattern))
    }

    fn in_a_later_revision(&self, pattern: &str) -> Option<String> {
        let now = &self.dialect.revision.date;
        let first = self.having(pattern).next().filter(|first| first.date > *now)?;
        Some(format!(" in revision {now}; it came with {}", first.date))
    }

    fn in_an_earlier_revision(&self, pattern: &str) -> Option<String> {
        let now = &self.dialect.revision.date;
        let last = self.having(pattern).last()?;
        Some(format!(" in revision {now}; it was last in {}", last.date))
    }

    fn in_the_other_api(&self, name: &str) -> Option<String> {
        let mut others = Api::ALL.into_iter().filter(|api| *api != self.dialect.revision.api);
        let other = others.find(|api| {
            let operations = Revision::newest(*api).operations();
            let mut paths = operations.flat_map(|operation| operation.request().paths());
            paths.any(|path| last(&path) == name)
        });
        other.map(|api| format!("; it is one of {}", api.name()))
    }
}

/// Whether the response has a timer by this name, without the `Duration` of its option.
fn is_answered_as(option: &str, name: &str) -> bool {
    let parts = option.split_once("Duration");
    parts.is_some_and(|(start, end)| name.strip_prefix(start) == Some(end))
}

fn did_you_mean(name: &str) -> String {
    format!("; did you mean `{name}`?")
}

/// The name at the end of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]")
}

/// A name with a letter in three changed at most, or one that holds the other.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distance = |other: &str| {
        let other = other.to_lowercase();
        let shorter = name.len().min(other.len());
        let holds = shorter > 3 && (other.contains(&name) || name.contains(&other));
        let distance = strsim::damerau_levenshtein(&name, &other);
        (holds || distance <= shorter / 3).then_some(distance)
    };
    let near = known.filter_map(|other| Some((distance(other)?, other)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A body with something at a path.
    fn body_of(path: &str) -> Value {
        path.rsplit('.').fold(json!(1), |inner, name| match name.strip_suffix("[]") {
            Some(name) => json!({name: [inner]}),
            None => json!({name: inner}),
        })
    }

    #[test]
    fn a_field_of_a_newer_revision_says_which_has_it() {
        let mut named = 0;
        for now in Api::ALL.into_iter().flat_map(|api| Revision::newest(api).siblings()) {
            for operation in now.operations() {
                let known = operation.request().paths();
                let mut newer: Vec<(String, &str)> = Vec::new();
                for later in now.siblings().filter(|other| other.date > now.date) {
                    let paths = later.operation(operation.id()).request().paths();
                    let came = paths.into_iter().filter(|path| {
                        let holder = path.rsplit_once('.').map(|(holder, _)| holder);
                        let is_held = holder
                            .is_none_or(|holder| known.contains(holder.trim_end_matches("[]")));
                        is_held && !known.contains(path) && newer.iter().all(|(it, _)| it != path)
                    });
                    let came: Vec<_> = came.map(|path| (path, later.date.as_str())).collect();
                    newer.extend(came);
                }
                for (path, date) in newer {
                    let mut findings = Findings::default();
                    let dialect = Dialect { revision: now, operation };
                    inspect(&mut findings, &body_of(&path), dialect, UnknownFields::Ignored);
                    let end = format!(" in revision {}; it came with {date}", now.date);
                    assert!(findings.remarks[0].ends_with(&end), "{:?}", findings.remarks);
                    named += 1;
                }
            }
        }
        assert!(named > 20, "{named}");
    }

    #[test]
    fn near_is_what_a_slip_makes() {
        let known = ["groupBy", "groupByMembers", "keys"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("groupByMember"), Some("groupByMembers"));
        assert_eq!(near("gruopBy"), Some("groupBy"));
        assert_eq!(near("key"), Some("keys"));
        assert_eq!(near("ids"), None);
        assert_eq!(nearest("segments", ["callSegments"].into_iter()), Some("callSegments"));
    }
}
