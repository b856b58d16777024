//! OpenAPI 3.1 and 3.2 in the words of 3.0.3: the stage before `import`, `adopt` and `diff`. `openapi/README.md` has
//! the rules.
//!
//! It begins at the operations of `openapi/revisions.toml` and follows references, so that what only other
//! operations use is neither translated nor refused. Pointers of problems are of the vendor's document.

mod bounds;
mod keywords;
mod kind;
mod lifted;
mod nulls;
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
use crate::node::plain;
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
    match version(&document)? {
        Version::Older => Ok(document),
        Version::Newer => Walk::new(&document).document(operations),
    }
}

/// progenitor reads 3.0 only, and 3.1 means other things by the same words.
pub(crate) fn check_is_downgraded(document: &Value) -> Result<(), Problem> {
    match version(document)? {
        Version::Older => Ok(()),
        Version::Newer => {
            let remedy = "read it through the stage that translates it to 3.0";
            Err(Problem::new("/openapi", "is later than OpenAPI 3.0", remedy))
        }
    }
}

enum Version {
    /// 3.0
    Older,
    /// 3.1 or 3.2
    Newer,
}

fn version(document: &Value) -> Result<Version, Problem> {
    let remedy = "give a document of OpenAPI 3.0, 3.1 or 3.2";
    let unread = |key: &str, what: String| Err(Problem::new(format!("/{key}"), what, remedy));
    let version = match (document.get("openapi"), document.get("swagger")) {
        (Some(version), _) => plain(version),
        (None, Some(version)) => {
            return unread("swagger", format!("is Swagger {}", plain(version)));
        }
        (None, None) => return Err(Problem::new("", "is not an OpenAPI document", remedy)),
    };
    match version.split('.').take(2).collect::<Vec<_>>().as_slice() {
        ["3", "0"] => Ok(Version::Older),
        ["3", "1" | "2"] => Ok(Version::Newer),
        _ => unread("openapi", format!("is OpenAPI {version}, not 3.0, 3.1 or 3.2")),
    }
}
