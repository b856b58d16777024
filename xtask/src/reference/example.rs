//! The worked example of an operation: what is sent, and what the sandbox answers.
//!
//! A test of the workspace sends each request to the sandbox and compares the response; this crate knows no sandbox.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::catalogue::{Api, Operation};
use crate::document::{self, child, reference};
use crate::error::{Problem, Result};
use crate::lower::successes;
use crate::workspace::Workspace;

const REMEDY: &str = "write `parameters` and `request`, then run `UPDATE_EXAMPLES=1 cargo test -p callperf-tests \
                      --test it examples`, which fills in `response`";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// The values of parameters in the path and the query.
    parameters: BTreeMap<String, Value>,
    request: Map<String, Value>,
    response: Map<String, Value>,
}

/// Puts an operation's example at its parameters, its request and its response.
pub(super) fn add(
    workspace: &Workspace,
    document: &mut Value,
    api: Api,
    operation: &Operation,
) -> Result<()> {
    let id = &operation.id;
    let file = format!("openapi/examples/{api}/{id}.json");
    let text = workspace
        .read(&file)
        .map_err(|_| Problem::new("", "is missing or can't be read", REMEDY).in_file(&file))?;
    let value = document::parse(&text, Path::new(&file))?;
    let Example { parameters, request, response } = serde_json::from_value(value)
        .map_err(|e| Problem::new("", format!("is not an example: {e}"), REMEDY).in_file(&file))?;
    let place = child(&child("/paths", &operation.path), &operation.method);
    for pointer in parameters_of(document, &place) {
        let Some(parameter) = document.pointer_mut(&pointer) else { continue };
        let value = parameter["name"].as_str().and_then(|name| parameters.get(name));
        if let Some(value) = value {
            parameter["example"] = value.clone();
        }
    }
    let body = resolved(document, child(&place, "requestBody"));
    set(document, &body, &Value::Object(request));
    let responses = &document.pointer(&place).unwrap_or(&Value::Null)["responses"];
    let success = successes(responses).next().map(|(status, _)| status.clone());
    if let Some(status) = success {
        let response_of = resolved(document, child(&child(&place, "responses"), &status));
        set(document, &response_of, &Value::Object(response));
    }
    Ok(())
}

fn parameters_of(document: &Value, operation: &str) -> Vec<String> {
    let list = child(operation, "parameters");
    let count = document.pointer(&list).and_then(Value::as_array).map_or(0, Vec::len);
    (0..count).map(|index| resolved(document, child(&list, &index.to_string()))).collect()
}

/// The pointer of what stands at a pointer, or of the component that it refers to.
fn resolved(document: &Value, pointer: String) -> String {
    let component = document.pointer(&pointer).and_then(reference);
    component.map_or(pointer, |component| component.pointer())
}

/// At every media type of a request or response.
fn set(document: &mut Value, pointer: &str, example: &Value) {
    let content = document.pointer_mut(pointer).and_then(|it| it.get_mut("content"));
    for (_, media) in content.and_then(Value::as_object_mut).into_iter().flatten() {
        media["example"] = example.clone();
    }
}
