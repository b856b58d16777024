//! Reading a document, and finding one's way in it.

use std::path::Path;

use serde_json::Value;

use crate::error::{Problem, Result};
use crate::pointer;
pub use crate::pointer::child;
use crate::{parse, text};

/// Reads JSON or YAML 1.2: `On`, `Off` and `n` are strings there, as the vendor means them.
pub fn read(path: &Path) -> Result<Value> {
    let text = text::read(path).map_err(|e| Problem::unreadable(path, &e))?;
    vendor(&text, path).map_err(|problem| problem.in_file(&path.display().to_string()).into())
}

/// A vendor's text as a document, whichever way it came.
pub fn vendor(text: &str, path: &Path) -> Result<Value, Problem> {
    parsed(text, path)
}

pub fn parse(text: &str, path: &Path) -> Result<Value> {
    parsed(text, path).map_err(|problem| problem.in_file(&path.display().to_string()).into())
}

/// The name says which language the text is in, unless the text does.
fn parsed(text: &str, path: &Path) -> Result<Value, Problem> {
    let extension = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
    let is_json = match extension.as_deref() {
        Some("json") => true,
        Some("yml" | "yaml") => false,
        _ => text.trim_start().starts_with(['{', '[']),
    };
    if text.trim().is_empty() {
        Err(Problem::new("", "is empty", "check that the file is complete"))
    } else if is_json {
        parse::json(text).map_err(|problem| otherwise_yaml(text, problem))
    } else {
        parse::yaml(text)
    }
}

fn otherwise_yaml(text: &str, problem: Problem) -> Problem {
    // Comments are no JSON, and no YAML.
    let is_like_json = text.trim_start().starts_with(['{', '[', '/']);
    if is_like_json || !parse::yaml(text).is_ok_and(|value| value.is_object()) {
        return problem;
    }
    Problem::new("", "is YAML, and its name says that it is JSON", "name it *.yaml")
}

/// What a reference points at: `#/components/<section>/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    pub section: String,
    pub name: String,
}

impl Component {
    pub fn parse(reference: &str) -> Option<Self> {
        let (section, name) = reference.strip_prefix("#/components/")?.split_once('/')?;
        let name = pointer::key(name);
        (!name.is_empty() && !name.contains('/'))
            .then(|| Self { section: section.to_owned(), name })
    }

    /// A component that is no object says nothing, and is as good as none.
    pub fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        let section = document.get("components")?.get(&self.section)?;
        section.get(&self.name).filter(|value| value.is_object())
    }

    pub fn pointer(&self) -> String {
        child(&format!("/components/{}", self.section), &self.name)
    }
}

/// The component that a value is only a reference to.
pub fn reference(value: &Value) -> Option<Component> {
    Component::parse(value.get("$ref")?.as_str()?)
}

/// Follows references to what they stand for. Ends, because `import` refuses alias cycles, and
/// overlays that make one are stopped by the count.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..64 {
        match reference(value).and_then(|component| component.find(document)) {
            Some(target) => value = target,
            None => break,
        }
    }
    value
}

/// The text of a document as it is committed.
pub fn to_text(document: &Value) -> String {
    let mut document = document.clone();
    document.sort_all_objects();
    format!("{document:#}\n")
}
