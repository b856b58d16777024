//! What a difference means to a client, as a table. openapi/README.md has the same table, and a
//! test compares them.

use std::fmt;

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Documentation,
    Additive,
    Breaking,
}

/// Error responses are judged like responses, and listed apart from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Request,
    Response,
    Error,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub what: &'static str,
    pub request: Verdict,
    pub response: Verdict,
}

impl Rule {
    pub fn verdict(&self, direction: Direction) -> Verdict {
        match direction {
            Direction::Request => self.request,
            Direction::Response | Direction::Error => self.response,
        }
    }
}

macro_rules! rules {
    ($($name:ident: $what:literal, $request:ident, $response:ident;)*) => {
        $(pub static $name: Rule = Rule {
            what: $what,
            request: Verdict::$request,
            response: Verdict::$response,
        };)*
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    OPERATION_ADDED: "operation added", Additive, Additive;
    OPERATION_REMOVED: "operation removed", Breaking, Breaking;
    OPERATION_RENAMED: "operationId changed", Documentation, Documentation;
    PATH_CHANGED: "method or path changed", Breaking, Breaking;
    SURROUNDINGS_STATED: "servers or authorization stated or dropped", Additive, Additive;
    SERVER_ADDED: "server added", Additive, Additive;
    SERVER_REMOVED: "server removed", Breaking, Breaking;
    SECURITY_ADDED: "authorization added as a choice", Additive, Additive;
    SECURITY_REMOVED: "authorization no longer a choice", Breaking, Breaking;
    CALLBACKS_CHANGED: "callbacks changed", Breaking, Breaking;
    CONDITION_STATED: "rate group or permission stated or dropped", Additive, Additive;
    CONDITION_CHANGED: "rate group or permission changed", Breaking, Breaking;
    PARAMETER_ADDED: "parameter added", Additive, Additive;
    REQUIRED_PARAMETER_ADDED: "required parameter added", Breaking, Additive;
    PARAMETER_REMOVED: "parameter removed", Breaking, Breaking;
    PARAMETER_RENAMED: "parameter renamed", Breaking, Breaking;
    PATH_PARAMETER_RENAMED: "path parameter renamed", Documentation, Documentation;
    PARAMETER_SENT_OTHERWISE: "parameter in another place or style", Breaking, Breaking;
    EMPTY_ALLOWED: "empty value allowed", Additive, Additive;
    EMPTY_REFUSED: "empty value not allowed", Breaking, Additive;
    BODY_ADDED: "body added", Additive, Additive;
    REQUIRED_BODY_ADDED: "required body added", Breaking, Additive;
    BODY_REMOVED: "body removed", Breaking, Breaking;
    MEDIA_TYPE_ADDED: "media type added", Additive, Additive;
    MEDIA_TYPE_REMOVED: "media type removed", Breaking, Breaking;
    MEDIA_TYPE_WIDENED: "range of media types instead of one", Additive, Breaking;
    MEDIA_TYPE_NARROWED: "one media type instead of a range", Breaking, Additive;
    ENCODING_CHANGED: "encoding in a form changed", Breaking, Breaking;
    STATUS_ADDED: "status added", Additive, Additive;
    STATUS_REMOVED: "status removed", Breaking, Breaking;
    HEADER_ADDED: "header added", Additive, Additive;
    REQUIRED_HEADER_ADDED: "required header added", Breaking, Additive;
    HEADER_REMOVED: "header removed", Breaking, Breaking;
    HEADER_SENT_OTHERWISE: "header in another style", Breaking, Breaking;
    PROPERTY_ADDED: "property added", Additive, Additive;
    REQUIRED_PROPERTY_ADDED: "required property added", Breaking, Additive;
    PROPERTY_REMOVED: "property removed", Breaking, Breaking;
    PROPERTY_RENAMED: "property renamed", Breaking, Breaking;
    PROPERTY_MOVED: "property moved", Breaking, Breaking;
    PROPERTIES_WRAPPED: "properties moved into one of them", Breaking, Breaking;
    REQUIRED_NOW: "required now", Breaking, Additive;
    OPTIONAL_NOW: "no longer required", Additive, Breaking;
    UNKNOWN_REFUSED: "unknown properties refused", Breaking, Additive;
    UNKNOWN_ALLOWED: "unknown properties allowed", Additive, Additive;
    VALUE_ADDED: "value added", Additive, Additive;
    VALUE_REMOVED: "value removed", Breaking, Breaking;
    VALUE_RENAMED: "value renamed", Breaking, Breaking;
    VALUE_MOVED: "value moved", Breaking, Breaking;
    VALUES_LISTED: "any value before, listed values now", Breaking, Additive;
    VALUES_OPEN: "listed values before, any value now", Additive, Additive;
    TYPE_CHANGED: "type changed", Breaking, Breaking;
    TYPE_WIDENED: "any type instead of one", Additive, Breaking;
    TYPE_NARROWED: "one type instead of any", Breaking, Additive;
    NUMBER_WIDENED: "any number instead of whole ones", Additive, Breaking;
    NUMBER_NARROWED: "whole numbers instead of any", Breaking, Additive;
    FORMAT_WIDENED: "format widened or dropped", Additive, Breaking;
    FORMAT_NARROWED: "format narrowed or added", Breaking, Additive;
    FORMAT_CHANGED: "format changed", Breaking, Breaking;
    LIMIT_TIGHTENED: "limit tightened", Breaking, Additive;
    LIMIT_LOOSENED: "limit loosened", Additive, Additive;
    NULL_ALLOWED: "null allowed", Additive, Breaking;
    NULL_REFUSED: "null not allowed", Breaking, Additive;
    DEFAULT_ADDED: "default stated", Additive, Additive;
    DEFAULT_CHANGED: "default changed or dropped", Breaking, Additive;
    CHOICE_ADDED: "choice added", Additive, Breaking;
    CHOICE_REMOVED: "choice removed", Breaking, Additive;
    CHOICES_EXCLUSIVE: "one choice instead of any number", Breaking, Additive;
    CHOICES_COMBINED: "any number of choices instead of one", Additive, Breaking;
    DISCRIMINATOR_CHANGED: "discriminator changed", Breaking, Breaking;
    DISCRIMINATOR_VALUE_ADDED: "discriminator value added", Additive, Additive;
    READ_ONLY: "read-only now", Breaking, Documentation;
    NOT_READ_ONLY: "no longer read-only", Additive, Documentation;
    WRITE_ONLY: "write-only now", Documentation, Breaking;
    NOT_WRITE_ONLY: "no longer write-only", Documentation, Additive;
    DEPRECATION_CHANGED: "deprecated or no longer so", Additive, Additive;
    SCHEMA_RENAMED: "schema renamed", Documentation, Documentation;
    SCHEMA_REPLACED: "another schema in its place", Documentation, Documentation;
    TEXT_CHANGED: "text changed", Documentation, Documentation;
}
