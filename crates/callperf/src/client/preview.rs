//! What would be sent.

use crate::{report::Notice, words::period::ResolvedPeriod};

/// A request as it would be sent, less its headers: [`Request::preview`](crate::Request::preview).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Preview {
    /// The method: `POST`.
    pub method: &'static str,
    /// The server's address, without a slash at the end.
    pub server: String,
    /// The path, which begins with a slash.
    pub path: String,
    /// The parameters in the address, by name and not encoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: serde_json::Value,
    /// The period that was asked for. That of a timeline may be longer in the body; see
    /// [`Client::timeline`](crate::Client::timeline).
    pub period: ResolvedPeriod,
    /// How many records a page holds: a request is made for each page.
    pub per_page: u32,
    /// The names whose keys are looked up before it is sent. In the body they stand in the place
    /// of the keys.
    pub names: Vec<String>,
    /// What a reader of the report should know.
    pub notices: Vec<Notice>,
}
