//! A request before it is understood.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::Query as QueryString;
use axum::http::{StatusCode, Uri};
use jiff::Timestamp;
use serde_json::Value;

use super::read::{Field, Findings};
use super::remarks;
use super::service::{Dialect, Service};
use crate::aggregate::query::PageRequest;
use crate::wire::failure::Failure;
use crate::wire::revision::Operation;

/// A request before it is understood.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) parameters: Vec<(String, String)>,
    pub(super) body: Value,
    /// The body in the names of the code, where they are others.
    pub(super) body_as_written: OnceLock<Value>,
    /// What the rules about time are checked against.
    pub(super) now: Timestamp,
}

impl Request {
    pub(crate) fn new(uri: &Uri, body: &Bytes, now: Timestamp) -> Result<Request, Failure> {
        let QueryString(parameters) = QueryString::try_from_uri(uri).unwrap_or_default();
        let unparsable = |error: serde_json::Error| {
            let message = format!("JSON can't be parsed: {error}");
            Failure::new(StatusCode::BAD_REQUEST, "CMN-103", message)
        };
        let body = serde_json::from_slice(body).map_err(unparsable)?;
        Ok(Request { parameters, body, body_as_written: OnceLock::new(), now })
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(n, _)| n == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The root of the body, after it was looked through for what the document lacks.
    pub(super) fn inspected<'a>(
        &'a self,
        findings: &mut Findings,
        dialect: Dialect,
        service: &Service,
    ) -> Field<'a> {
        let unknown = service.assumptions.unknown_fields;
        remarks::inspect_parameters(findings, &self.parameters, dialect);
        remarks::inspect(findings, &self.body, dialect, unknown);
        let Operation { renames, .. } = dialect.operation;
        let body = if renames.is_empty() {
            &self.body
        } else {
            self.body_as_written.get_or_init(|| renames.read_request(&self.body))
        };
        Field::root(body, dialect.operation.request_as_written()).object(findings)
    }

    /// Everything is on one page where there are none.
    pub(super) fn page(
        &self,
        findings: &mut Findings,
        dialect: Dialect,
        default: u64,
        most: Most,
    ) -> PageRequest {
        if dialect.operation.parameters().field("page").is_none() {
            return PageRequest { page: 1, per_page: u64::MAX };
        }
        PageRequest {
            page: self.number(findings, "page", 1, Most::ANY),
            per_page: self.number(findings, "perPage", default, most),
        }
    }

    pub(super) fn number(
        &self,
        findings: &mut Findings,
        name: &str,
        default: u64,
        most: Most,
    ) -> u64 {
        let Some(text) = self.parameter(name) else {
            return default;
        };
        let number: Option<u64> = text.parse().ok();
        if let Some(number) = number.filter(|number| (1..=most.number).contains(number)) {
            return number;
        }
        let is_above = number.is_some_and(|number| number > most.number);
        let code = if is_above { most.code } else { "CMN-101" };
        let why = format!("a whole number from 1 to {} is expected", most.number);
        findings.add(code, name, Some(text), &why);
        default
    }
}

/// The most that a number of the query may be, and the code that refuses one above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) number: u64,
    pub(super) code: &'static str,
}

impl Most {
    pub(super) const ANY: Most = Most::of(i32::MAX.unsigned_abs() as u64);

    pub(super) const fn of(number: u64) -> Most {
        Most { number, code: "CMN-101" }
    }
}
