//! The overlays: what the vendor got wrong, and our documentation.

use std::cmp::Ordering;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use crate::catalogue::Api;
use crate::document::{self, child};
use crate::error::{Problem, Result};
use crate::workspace::Workspace;

/// One overlay file. Its api and range are the defaults of its actions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    #[serde(rename = "overlay")]
    version: String,
    #[serde(rename = "info")]
    _info: Value,
    #[serde(rename = "x-api")]
    api: Option<Api>,
    #[serde(rename = "x-first-revision")]
    first: Option<String>,
    #[serde(rename = "x-last-revision")]
    last: Option<String>,
    /// Read by `diff`.
    #[serde(rename = "x-renames")]
    _renames: Option<Value>,
    actions: Vec<Action>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    target: String,
    #[serde(rename = "description")]
    _description: Option<String>,
    update: Option<Value>,
    #[serde(default)]
    remove: bool,
    #[serde(rename = "x-api")]
    api: Option<Api>,
    #[serde(rename = "x-first-revision")]
    first: Option<String>,
    #[serde(rename = "x-last-revision")]
    last: Option<String>,
    #[serde(rename = "x-reason")]
    reason: Option<String>,
}

/// Applies every overlay that is for this revision. An action that has nothing to do any more is
/// an error: a correction that the vendor has made must not stay.
pub fn apply_all(workspace: &Workspace, document: &mut Value, api: Api, date: &str) -> Result<()> {
    for file in workspace.overlays()? {
        let overlay = document::parse(&workspace.read(&file)?, Path::new(&file))?;
        apply(overlay, document, api, date).map_err(|problem| problem.in_file(&file))?;
    }
    Ok(())
}

pub fn apply(overlay: Value, document: &mut Value, api: Api, date: &str) -> Result<(), Problem> {
    let idle = run_all(overlay, document, api, date)?;
    idle.into_iter().next().map_or(Ok(()), |idle| Err(idle.problem))
}

/// An action that has nothing to do in a revision it is for.
#[derive(Debug)]
pub struct Idle {
    pub index: usize,
    pub target: String,
    /// Whether it has no last revision.
    pub is_open: bool,
    pub problem: Problem,
}

/// Applies what applies, and says what doesn't.
pub fn run_all(
    overlay: Value,
    document: &mut Value,
    api: Api,
    date: &str,
) -> Result<Vec<Idle>, Problem> {
    let overlay: Overlay = serde_json::from_value(overlay).map_err(|e| {
        let what = format!("is not an overlay: {e}");
        Problem::new("", what, "see openapi/README.md for its form")
    })?;
    if !overlay.version.starts_with("1.0.") {
        let what = format!("is Overlay {}, not 1.0", overlay.version);
        return Err(Problem::new("/overlay", what, "write it as Overlay 1.0.0"));
    }
    let mut idle = Vec::new();
    for (index, action) in overlay.actions.iter().enumerate() {
        let pointer = child("/actions", &index.to_string());
        if is_for(&overlay, action, api, date, &pointer)?
            && let Some(problem) = run(action, document, &pointer)?
        {
            let is_open = action.last.is_none() && overlay.last.is_none();
            idle.push(Idle { index, target: action.target.clone(), is_open, problem });
        }
    }
    Ok(idle)
}

fn is_for(
    overlay: &Overlay,
    action: &Action,
    api: Api,
    date: &str,
    pointer: &str,
) -> Result<bool, Problem> {
    let Some(wanted) = action.api.or(overlay.api) else {
        let remedy = "set x-api on the overlay or on the action";
        return Err(Problem::new(pointer, "names no api", remedy));
    };
    let Some(first) = action.first.as_deref().or(overlay.first.as_deref()) else {
        let remedy = "set x-first-revision on the overlay or on the action";
        return Err(Problem::new(pointer, "names no first revision", remedy));
    };
    let last = action.last.as_deref().or(overlay.last.as_deref());
    Ok(wanted == api && first <= date && last.is_none_or(|last| date <= last))
}

/// Says why, if there was nothing to do.
fn run(action: &Action, document: &mut Value, pointer: &str) -> Result<Option<Problem>, Problem> {
    let target = &action.target;
    let problem =
        |what: &str, remedy: &str| Problem::new(pointer, format!("target {target} {what}"), remedy);
    let is_documentation = action.update.as_ref().is_some_and(is_documentation);
    if action.reason.is_none() && !is_documentation {
        return Err(problem("is corrected without a reason", "say in x-reason why"));
    }
    if action.remove == action.update.is_some() {
        let remedy = "give exactly one of `update` and `remove: true`";
        return Err(problem("has not one thing to be done to it", remedy));
    }
    let path = JsonPath::parse(target)
        .map_err(|e| problem(&format!("is not a JSONPath: {e}"), "see RFC 9535"))?;
    let nodes = path.query_located(document);
    let mut paths: Vec<_> = nodes.locations().collect();
    // A path may select a place twice, or a later one first. The elements of one list or object
    // can always be compared.
    paths.sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    paths.dedup();
    let places: Vec<_> = paths.into_iter().map(Place::from).collect();
    if places.is_empty() {
        let remedy = "correct the target, or set x-last-revision to the last revision that has it";
        return Ok(Some(problem("matches nothing", remedy)));
    }
    let is_text_only = is_documentation && action.reason.is_none();
    if let Some(update) = action.update.as_ref().filter(|_| is_text_only) {
        let lost = places.iter().find_map(|place| {
            place.find(document).and_then(|target| lost_text(target, update, ""))
        });
        if let Some(lost) = lost {
            let remedy = "take the text out, or set x-last-revision";
            return Ok(Some(problem(&format!("has no {lost} that a text is for"), remedy)));
        }
    }
    let before = document.clone();
    // From the back, so that a place is still where it was found.
    for place in places.iter().rev() {
        match &action.update {
            Some(update) => {
                if let Some(value) = place.find(document) {
                    merge(value, update);
                }
            }
            None => place.remove(document),
        }
    }
    if *document == before {
        let remedy = "the document says so itself now: set x-last-revision";
        return Ok(Some(problem("is not changed by the action", remedy)));
    }
    Ok(None)
}

/// Text only, however deep: such an update needs no reason.
fn is_documentation(update: &Value) -> bool {
    let Value::Object(map) = update else {
        return false;
    };
    let text = |key: &str| key == "description" || key == "summary";
    !map.is_empty()
        && (map.iter())
            .all(|(key, value)| is_documentation(value) || text(key) && value.is_string())
}

/// A text must not make what it describes.
fn lost_text(target: &Value, update: &Value, pointer: &str) -> Option<String> {
    let nested = update.as_object()?.iter().filter(|(_, value)| value.is_object());
    nested.into_iter().find_map(|(key, value)| {
        let pointer = child(pointer, key);
        match target.get(key) {
            Some(target) => lost_text(target, value, &pointer),
            None => Some(pointer),
        }
    })
}

/// An object takes the members in, a list one more element, and anything else is replaced.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(known) => merge_member(known, value),
                    None => drop(target.insert(key.clone(), value.clone())),
                }
            }
        }
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}

/// Inside an object, a list is continued by a list.
fn merge_member(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (target @ Value::Object(_), update @ Value::Object(_)) => merge(target, update),
        (target, update) => *target = update.clone(),
    }
}

/// Where a target is: its parent, and its key or index there.
struct Place {
    parent: String,
    last: Option<Step>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl From<&NormalizedPath<'_>> for Place {
    fn from(path: &NormalizedPath<'_>) -> Self {
        let mut parent = String::new();
        let mut last = None;
        for element in path.iter() {
            parent = match last.take() {
                Some(Step::Key(key)) => child(&parent, &key),
                Some(Step::Index(index)) => child(&parent, &index.to_string()),
                None => parent,
            };
            last = Some(match element {
                PathElement::Name(name) => Step::Key((*name).to_owned()),
                PathElement::Index(index) => Step::Index(*index),
            });
        }
        Self { parent, last }
    }
}

impl Place {
    fn find<'a>(&self, document: &'a mut Value) -> Option<&'a mut Value> {
        let parent = document.pointer_mut(&self.parent)?;
        match &self.last {
            None => Some(parent),
            Some(Step::Key(key)) => parent.get_mut(key),
            Some(Step::Index(index)) => parent.get_mut(index),
        }
    }

    /// The root stays: a document without anything is no correction of one.
    fn remove(&self, document: &mut Value) {
        match (document.pointer_mut(&self.parent), &self.last) {
            (Some(Value::Object(map)), Some(Step::Key(key))) => drop(map.remove(key)),
            (Some(Value::Array(items)), Some(Step::Index(index))) if *index < items.len() => {
                items.remove(*index);
            }
            _ => {}
        }
    }
}

/// The text of an overlay with one action's last revision set; everything else stays as it is.
pub fn closed(text: &str, file: &str, index: usize, last: &str) -> Result<String> {
    let mut expected = document::parse(text, Path::new(file))?;
    expected["actions"][index]["x-last-revision"] = last.into();
    let edited = with_last_revision(text, index, last);
    let edited = edited.filter(|edited| {
        document::parse(edited, Path::new(file)).is_ok_and(|edited| edited == expected)
    });
    edited.ok_or_else(|| {
        let what = format!("has an action that applies no longer after {last}");
        let remedy = "set its x-last-revision by hand: this form of YAML is not edited";
        Problem::new(child("/actions", &index.to_string()), what, remedy).in_file(file).into()
    })
}

/// The line goes before the action's second key, wherever that is.
fn with_last_revision(text: &str, index: usize, last: &str) -> Option<String> {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let start = lines.iter().position(|line| line.trim_end() == "actions:")? + 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let dash = indent(lines.get(start)?);
    let is_action = |line: &String| indent(line) == dash && line.trim_start().starts_with("- ");
    let starts = lines.iter().enumerate().skip(start).filter(|(_, line)| is_action(line));
    let first = starts.map(|(at, _)| at).nth(index)?;
    let ends = |line: &String| !line.trim().is_empty() && indent(line) <= dash + 2;
    let next = lines.iter().skip(first + 1).position(ends);
    let place = next.map_or(lines.len(), |next| first + 1 + next);
    lines.insert(place, format!("{}x-last-revision: {last:?}", " ".repeat(dash + 2)));
    Some(lines.join("\n") + "\n")
}
