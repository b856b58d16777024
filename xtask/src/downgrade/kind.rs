//! The kinds of objects that an operation reaches, and what is in them.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Callback,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    MediaType,
    Encoding,
    Schema,
}

/// What a key of an object holds.
pub(super) enum Part {
    One(Kind),
    Many(Kind),
    /// The same in both versions.
    Same,
    Dropped,
}

pub(super) const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(super) fn part(kind: Kind, key: &str) -> Part {
    match (kind, key) {
        (Kind::Callback, key) if !key.starts_with("x-") => Part::One(Kind::PathItem),
        (Kind::PathItem, method) if METHODS.contains(&method) => Part::One(Kind::Operation),
        (Kind::PathItem | Kind::Operation, "parameters")
        | (Kind::Response | Kind::Encoding, "headers") => Part::Many(Kind::Parameter),
        (Kind::Operation, "requestBody") => Part::One(Kind::RequestBody),
        (Kind::Operation, "responses") => Part::Many(Kind::Response),
        (Kind::Operation, "callbacks") => Part::Many(Kind::Callback),
        (Kind::PathItem, "query" | "additionalOperations")
        | (Kind::Response, "links" | "summary") => Part::Dropped,
        (Kind::Parameter | Kind::RequestBody | Kind::Response, "content") => {
            Part::Many(Kind::MediaType)
        }
        (Kind::Parameter | Kind::MediaType, "schema") => Part::One(Kind::Schema),
        (Kind::MediaType, "encoding") => Part::Many(Kind::Encoding),
        _ => Part::Same,
    }
}

/// The kinds that a reference can stand for, by the section of the components.
pub(super) fn kind_of(section: &str) -> Option<Kind> {
    match section {
        "schemas" => Some(Kind::Schema),
        "parameters" | "headers" => Some(Kind::Parameter),
        "requestBodies" => Some(Kind::RequestBody),
        "responses" => Some(Kind::Response),
        "callbacks" => Some(Kind::Callback),
        _ => None,
    }
}
