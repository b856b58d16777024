//! The overlays: what the vendor got wrong, and our documentation.

mod closing;
mod form;

use std::cmp::Ordering;
use std::path::Path;

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use crate::catalogue::{Api, Catalogue};
use crate::document::{self, child};
use crate::error::{Problem, Result};
use crate::renames::Rename;
use crate::renames::spelling::undo_all;
use crate::renames::texts;
use crate::workspace::Workspace;
pub use closing::closed;
use form::{Action, Overlay};

/// An overlay of `openapi/overlays`, of the form and for the revisions that it must have.
#[derive(Debug)]
pub struct Loaded {
    pub file: String,
    overlay: Overlay,
}

/// Every overlay, in the order they are applied in.
pub fn load(workspace: &Workspace, catalogue: &Catalogue) -> Result<Vec<Loaded>> {
    let files = workspace.overlays()?;
    let loaded = files.into_iter().map(|file| {
        let value = document::parse(&workspace.read(&file)?, Path::new(&file))?;
        let overlay = Overlay::read(&value).and_then(|overlay| {
            overlay.check_ranges(catalogue)?;
            Ok(overlay)
        });
        let overlay = overlay.map_err(|problem| problem.in_file(&file))?;
        Ok(Loaded { file, overlay })
    });
    loaded.collect()
}

/// Applies every overlay that is for this revision. An action that has nothing to do any more is
/// an error: a correction that the vendor has made must not stay.
pub fn apply_all(
    workspace: &Workspace,
    catalogue: &Catalogue,
    document: &mut Value,
    (api, date): (Api, &str),
    renames: &[Rename],
) -> Result<()> {
    for loaded in load(workspace, catalogue)? {
        if let Some(idle) = loaded.run(document, (api, date), renames)?.into_iter().next() {
            return Err(idle.problem.in_file(&loaded.file).into());
        }
    }
    Ok(())
}

pub fn apply(overlay: &Value, document: &mut Value, api: Api, date: &str) -> Result<(), Problem> {
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

impl Loaded {
    /// Applies what applies, and says what doesn't. An action has the names of its first revision: what was renamed
    /// since is still called so there.
    pub fn run(
        &self,
        document: &mut Value,
        (api, date): (Api, &str),
        renames: &[Rename],
    ) -> Result<Vec<Idle>> {
        let idle = self.overlay.run(document, (api, date), renames);
        idle.map_err(|problem| problem.in_file(&self.file).into())
    }
}

/// The same for an overlay that isn't in a file.
pub fn run_all(
    overlay: &Value,
    document: &mut Value,
    api: Api,
    date: &str,
) -> Result<Vec<Idle>, Problem> {
    Overlay::read(overlay)?.run(document, (api, date), &[])
}

impl Overlay {
    fn run(
        &self,
        document: &mut Value,
        (api, date): (Api, &str),
        renames: &[Rename],
    ) -> Result<Vec<Idle>, Problem> {
        let mut idle = Vec::new();
        let own: Vec<_> =
            self.actions.iter().enumerate().filter(|(_, it)| it.is_for(api, date)).collect();
        for group in own.chunk_by(|(_, one), (_, next)| one.first == next.first) {
            let first = &group[0].1.first;
            let later: Vec<_> = renames.iter().filter(|it| it.revision > *first).cloned().collect();
            let (mut older, respellings) = undo_all(document, &later)?;
            for (index, action) in group {
                let pointer = child("/actions", &index.to_string());
                if let Some(problem) = run(action, &mut older, &pointer)? {
                    let (target, is_open) = (action.target.clone(), action.last.is_none());
                    idle.push(Idle { index: *index, target, is_open, problem });
                }
            }
            for it in &respellings {
                it.redo(&mut older);
                texts::follow(&mut older, it);
            }
            *document = older;
        }
        Ok(idle)
    }
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
