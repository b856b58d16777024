//! OpenAPI 3.1 and 3.2 in the words of 3.0.3: the stage before `import`, `adopt` and `diff`. `openapi/README.md` has
//! the rules.
//!
//! It begins at the operations of `openapi/revisions.toml` and follows references, so that what only other
//! operations use is neither translated nor refused. Pointers of problems are of the vendor's document.

mod bounds;
mod keywords;
mod kind;
mod lifted;
mod refused;
mod rules;
mod schemas;
mod types;
mod walk;

use std::path::Path;

use serde_json::Value;

use crate::catalogue::{Api, Catalogue, Operation};
use crate::document;
use crate::error::{Problem, Result};
use walk::Walk;

/// Reads a vendor's document as OpenAPI 3.0, for one api or for all.
pub fn read(path: &Path, catalogue: &Catalogue, api: Option<Api>) -> Result<Value> {
    let document = document::read(path)?;
    let apis = catalogue.api.iter().filter(|(known, _)| api.is_none_or(|api| api == **known));
    let operations: Vec<_> = apis.flat_map(|(_, entry)| &entry.operation).collect();
    downgrade(document, &operations).map_err(|error| error.in_file(&path.display().to_string()))
}

/// Translates what these operations reach. A document of 3.0 is returned as it is.
pub fn downgrade(document: Value, operations: &[&Operation]) -> Result<Value> {
    if is_3_0(&document)? {
        return Ok(document);
    }
    Walk::new(&document).document(operations)
}

fn is_3_0(document: &Value) -> Result<bool, Problem> {
    let remedy = "give a document of OpenAPI 3.0, 3.1 or 3.2";
    let unread = |key: &str, what: String| Err(Problem::new(format!("/{key}"), what, remedy));
    // A version without quotes is a number in YAML.
    let version = match (document.get("openapi"), document.get("swagger")) {
        (Some(Value::String(version)), _) => version.clone(),
        (Some(version), _) => version.to_string(),
        (None, Some(version)) => return unread("swagger", format!("is Swagger {version}")),
        (None, None) => return Err(Problem::new("", "is not an OpenAPI document", remedy)),
    };
    let is = |minor: &str| version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'));
    match version.as_str() {
        _ if is("3.0") => Ok(true),
        "3.1" | "3.2" => Ok(false),
        _ if is("3.1") || is("3.2") => Ok(false),
        _ => unread("openapi", format!("is OpenAPI {version}, not 3.0, 3.1 or 3.2")),
    }
}
