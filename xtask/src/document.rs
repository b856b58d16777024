//! Reading a document, and finding one's way in it.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Problem, Result};
use crate::text;

/// Reads JSON or YAML 1.2: `On`, `Off` and `n` are strings there, as the vendor means them.
pub fn read(path: &Path) -> Result<Value> {
    let text = text::read(path).map_err(|e| Problem::unreadable(path, &e))?;
    parse(&text, path)
}

/// The name says which language the text is in, unless the text does.
pub fn parse(text: &str, path: &Path) -> Result<Value> {
    let file = path.display().to_string();
    let is_yaml = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"));
    let value =
        if !is_yaml && text.trim_start().starts_with(['{', '[']) { json(text) } else { yaml(text) };
    value.map_err(|problem| problem.in_file(&file).into())
}

fn json(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|e| unparsable("JSON", &e))
}

pub fn yaml(text: &str) -> Result<Value, Problem> {
    let value: yaml_serde::Value =
        yaml_serde::from_str(text).map_err(|e| unparsable("YAML", &e))?;
    yaml_to_json(value, "")
}

fn unparsable(language: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new("", format!("is not {language}: {error}"), "check that the file is complete")
}

fn yaml_to_json(value: yaml_serde::Value, at: &str) -> Result<Value, Problem> {
    use yaml_serde::Value as Yaml;
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(b) => Value::Bool(b),
        Yaml::String(s) => Value::String(s),
        Yaml::Number(n) => serde_json::to_value(n).map_err(|e| unparsable("JSON-like YAML", &e))?,
        Yaml::Sequence(items) => (items.into_iter().enumerate())
            .map(|(i, item)| yaml_to_json(item, &child(at, &i.to_string())))
            .collect::<Result<_, _>>()?,
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = yaml_key(&key, at)?;
                let value = yaml_to_json(value, &child(at, &key))?;
                map.insert(key, value);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => yaml_to_json(tagged.value, at)?,
    })
}

/// A status code is often written without quotes, and is a number then.
fn yaml_key(key: &yaml_serde::Value, at: &str) -> Result<String, Problem> {
    match key {
        yaml_serde::Value::String(s) => Ok(s.clone()),
        yaml_serde::Value::Number(n) => Ok(n.to_string()),
        yaml_serde::Value::Bool(b) => Ok(b.to_string()),
        _ => Err(Problem::new(at, "has a key that is no string", "quote the key")),
    }
}

/// progenitor reads 3.0 only, and 3.1 means other things by the same words.
pub fn check_version(document: &Value) -> Result<(), Problem> {
    let remedy = "give an OpenAPI 3.0 document; convert a newer or older one first";
    // Without quotes it is a number in YAML.
    let is_3_0 = |v: &str| v == "3.0" || v.starts_with("3.0.");
    match document.get("openapi") {
        Some(Value::String(v)) if is_3_0(v) => Ok(()),
        Some(v) if is_3_0(&v.to_string()) => Ok(()),
        Some(v) => Err(Problem::new("/openapi", format!("is OpenAPI {v}, not 3.0"), remedy)),
        None => Err(Problem::new("", "is not an OpenAPI document", remedy)),
    }
}

/// The JSON pointer of a member.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
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
        let name = name.replace("~1", "/").replace("~0", "~");
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
