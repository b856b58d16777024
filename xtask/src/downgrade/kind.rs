//! The kinds of objects that an operation reaches, and what is in them.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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

pub(super) fn part(kind: Kind, key: &str) -> Part {
    use Kind::{Encoding, MediaType, Operation, Parameter, RequestBody, Response, Schema};
    match (kind, key) {
        (Operation, "parameters") | (Response | Encoding, "headers") => Part::Many(Parameter),
        (Operation, "requestBody") => Part::One(RequestBody),
        (Operation, "responses") => Part::Many(Response),
        (Operation, "callbacks") | (Response, "links" | "summary") => Part::Dropped,
        (Parameter | RequestBody | Response, "content") => Part::Many(MediaType),
        (Parameter | MediaType, "schema") => Part::One(Schema),
        (MediaType, "encoding") => Part::Many(Encoding),
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
        _ => None,
    }
}
