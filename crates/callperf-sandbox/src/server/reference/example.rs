//! The worked examples, for the sandbox that serves them: a request's period ends today, and its response is what the
//! sandbox answers.

use form_urlencoded::Serializer;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::described::Described;

const REQUEST: &str = "/requestBody/content/application~1json/example";
const RESPONSE: &str = "/content/application~1json";
const DAY: i64 = 24 * 60 * 60;

/// Brings the examples of a document up to date. One that the sandbox has no answer to keeps its request alone.
pub(super) fn work(document: &mut Value, sandbox: &dyn Described, revision: &str) {
    let shared = document["components"]["parameters"].clone();
    let paths = document["paths"].as_object_mut();
    let paths = paths.into_iter().flatten().filter_map(|(_, path)| path.as_object_mut());
    for (_, operation) in paths.flatten() {
        work_operation(operation, &shared, sandbox, revision);
    }
}

fn work_operation(
    operation: &mut Value,
    shared: &Value,
    sandbox: &dyn Described,
    revision: &str,
) -> Option<()> {
    let id = operation["operationId"].as_str()?.to_owned();
    let query = query(&operation["parameters"], shared);
    let request = operation.pointer_mut(REQUEST)?;
    if let Some(by) = days_to(request, sandbox.now()) {
        shift(request, by);
    }
    let answer = sandbox.answer(revision, &id, &query, request.to_string().into_bytes());
    let answer = answer.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
    for (_, response) in operation["responses"].as_object_mut()? {
        let media = response.pointer_mut(RESPONSE).and_then(Value::as_object_mut);
        if let Some(media) = media
            && media.remove("example").is_some()
            && let Some(answer) = &answer
        {
            media.insert("example".to_owned(), answer.clone());
        }
    }
    Some(())
}

/// The query string of the parameters' examples.
fn query(parameters: &Value, shared: &Value) -> String {
    let mut query = Serializer::new(String::new());
    for parameter in parameters.as_array().into_iter().flatten() {
        let name = parameter["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        let parameter = name.map_or(parameter, |name| &shared[name]);
        if let (Some(name), Some("query")) = (parameter["name"].as_str(), parameter["in"].as_str())
        {
            match &parameter["example"] {
                Value::Null => {}
                Value::String(text) => drop(query.append_pair(name, text)),
                other => drop(query.append_pair(name, &other.to_string())),
            }
        }
    }
    query.finish()
}

/// How far the end of a request's period is from the last midnight.
fn days_to(request: &Value, now: Timestamp) -> Option<SignedDuration> {
    let end = match request {
        Value::Object(fields) => match time(fields.get("timeTo")) {
            Some(end) => end,
            None => return fields.values().find_map(|field| days_to(field, now)),
        },
        _ => return None,
    };
    // The period's last second is the one before midnight.
    let end = end.as_second() + 1;
    Some(SignedDuration::from_secs(now.as_second().div_euclid(DAY) * DAY - end))
}

fn shift(request: &mut Value, by: SignedDuration) {
    let Value::Object(fields) = request else { return };
    for (name, field) in fields {
        match time(Some(field)).filter(|_| ["timeFrom", "timeTo"].contains(&name.as_str())) {
            Some(time) => *field = Value::String((time + by).to_string()),
            None => shift(field, by),
        }
    }
}

fn time(field: Option<&Value>) -> Option<Timestamp> {
    field?.as_str()?.parse().ok()
}
