//! The errors, and what to do about each kind.

use std::{error::Error as StdError, fmt, time::Duration};

pub use super::api_error::ApiError;
use super::{
    problem::{Evidence, Problem},
    shown,
    token_state::TokenState,
};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How much of an undecodable body is kept.
const EXCERPT_CHARS: usize = 300;
/// What is looked at for it.
pub(crate) const EXCERPT_BYTES: usize = 4 * EXCERPT_CHARS;

/// An error of this crate, of the size of a pointer.
///
/// Its `Debug` is the message with its causes, so that `main` can return it;
/// `{:#?}` has the fields. No token, secret or assertion is in its `Display`, its `Debug` or its
/// source chain.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    attempts: u32,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    api_errors: Vec<ApiError>,
    problems: Vec<Problem>,
    body_excerpt: Option<String>,
    /// For those who decide about another attempt.
    token_state: TokenState,
    /// Whether a login was refused for what it presented.
    ends_session: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of failure.
///
/// Each says what it means and what to do. A client retries where that may help,
/// as its [`RetryPolicy`](crate::RetryPolicy) says, before it returns an error:
/// [`Error::is_transient`] says for which kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API can't answer the query. Nothing was sent.
    ///
    /// [`Error::problems`] lists every problem, with the word it is about and what would be
    /// right: broken rules, or an unknown name (`key-name`). If the vendor has lifted a rule,
    /// `Query::unchecked` sends the query anyway.
    Query,
    /// A setting of the client is invalid. Nothing was sent.
    ///
    /// The message names the setting: a missing environment variable, plain
    /// `http` to another machine, a server address that isn't one, a token store
    /// that can't be read or written. Fix it; retrying won't help.
    Settings,
    /// The server doesn't know the application or the user.
    ///
    /// Check client id, secret and JWT: that they belong to the same
    /// application and the same environment, and that the JWT hasn't been
    /// revoked. A session that began with a code or a refresh token may have
    /// ended; then a user has to log in again. [`Error::api_errors`] has the
    /// `OAU-…` code, and the message says what to do about it.
    Authentication,
    /// The application or the user may not do this.
    ///
    /// The application needs the `Analytics` permission, the user a role that
    /// may see the company's analytics. `CMN-401` in [`Error::api_errors`] is about
    /// the application, `CMN-403` and `CMN-408` are about the user, `CMN-109` is
    /// about a feature that the account doesn't have; the field `permissionName`
    /// names what is missing. A new permission holds from the next login on.
    Permission,
    /// The application's quota is used up.
    ///
    /// Wait [`Error::retry_after`] (30 seconds if it is absent) before the next
    /// request: each request inside the penalty starts it anew. A client and its
    /// clones wait by themselves, so this error means that the deadline left no
    /// time for the wait, or that others spend the same quota: other processes of
    /// the same user and application, or the account as a whole. Share one client,
    /// request larger pages, or give the policy a later deadline.
    Quota,
    /// The API refused the request.
    ///
    /// [`Error::api_errors`] names the parameters. Read the code and the
    /// parameter, not the message.
    Refused,
    /// The response can't be read: it isn't JSON, or is JSON of another shape.
    ///
    /// The message has the JSON path, [`Error::body_excerpt`] the beginning of
    /// a body that wasn't JSON. A proxy's page is the usual cause; otherwise
    /// the API has changed beyond what this crate tolerates, or the answer is
    /// larger than [`max_body_bytes`](crate::ClientBuilder::max_body_bytes) or
    /// [`max_json_values`](crate::ClientBuilder::max_json_values), or the pages of a
    /// pull never end.
    Answer,
    /// The server couldn't be reached, or the connection broke.
    ///
    /// The source chain says at which step: an unknown host name, a refused
    /// connection, an untrusted certificate, a connection that was closed early.
    /// Check the address, DNS, the firewall and the
    /// [`proxy`](crate::ClientBuilder::proxy); if the proxy inspects TLS, add its
    /// [`root_certificate`](crate::ClientBuilder::root_certificate).
    Network,
    /// The time allowed for a request ran out.
    ///
    /// The message says what it waited for: the answer, a login, the quota, or the
    /// end of other requests. For the quota, request fewer or larger pages, or set a
    /// later deadline ([`RetryPolicy::deadline`](crate::RetryPolicy::deadline);
    /// [`Progress::earliest_end`](crate::Progress::earliest_end) says how late). For
    /// the answer, use a smaller query or a longer
    /// [`timeout`](crate::ClientBuilder::timeout).
    Deadline,
    /// The server failed (5xx). The same request may succeed later.
    ///
    /// The client has tried as often as the policy allows. Try again in some minutes,
    /// or request less at once: a shorter period or smaller pages. If it keeps
    /// failing, give [`Error::request_id`] to the vendor's support.
    Server,
    /// A client that replays a cassette, or a source that a test made, has no answer to this
    /// request. Nothing was sent. Only with the feature `testing`.
    ///
    /// The message says in which field the request differs from the nearest
    /// recorded one. If the program has changed on purpose, record the cassette
    /// again. For a source that a test made, the message has the query: give the
    /// source an answer to it.
    NotRecorded,
}

impl ErrorKind {
    /// The kind's name, for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Settings => "settings",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::Refused => "refused",
            Self::Answer => "answer",
            Self::Network => "network",
            Self::Deadline => "deadline",
            Self::Server => "server",
            Self::NotRecorded => "not_recorded",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Error {
    /// Returns an error of a [`Source`](crate::Source) that isn't a client, such as a store of
    /// earlier reports. Use [`ErrorKind::Query`] for queries that it can't answer.
    #[must_use]
    pub fn of_source(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(kind, message)
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            attempts: 0,
            request_id: None,
            retry_after: None,
            api_errors: Vec::new(),
            problems: Vec::new(),
            body_excerpt: None,
            token_state: TokenState::Live,
            ends_session: false,
            source: None,
        }))
    }

    pub(crate) fn query(problems: Vec<Problem>) -> Self {
        let mut error = Self::new(ErrorKind::Query, "the query can't be asked");
        error.0.problems = problems;
        error
    }

    /// About a name that a query is grouped by. The message is the problem, too, which is shown once.
    pub(crate) fn of_names(word: String, message: String) -> Self {
        let remedy = message.clone();
        let mut error = Self::new(ErrorKind::Query, message);
        let evidence = Evidence::Crate;
        error.0.problems = vec![Problem { rule: "key-name", word, remedy, evidence }];
        error
    }

    /// The same failure, for another who waited for the same thing; a cause
    /// can't be copied.
    pub(crate) fn again(&self) -> Self {
        let Inner { kind, message, status, attempts, request_id, retry_after, .. } = &*self.0;
        Self(Box::new(Inner {
            kind: *kind,
            message: message.clone(),
            status: *status,
            attempts: *attempts,
            request_id: request_id.clone(),
            retry_after: *retry_after,
            api_errors: self.0.api_errors.clone(),
            problems: self.0.problems.clone(),
            body_excerpt: self.0.body_excerpt.clone(),
            token_state: self.0.token_state,
            ends_session: self.0.ends_session,
            source: None,
        }))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.0.problems = problems;
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// About an answer that came with success, and makes no sense.
    pub(crate) fn answered(self, attempts: u32) -> Self {
        self.with_status(200).with_attempts(attempts)
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_api_errors(mut self, errors: Vec<ApiError>) -> Self {
        self.0.api_errors = errors;
        self
    }

    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(EXCERPT_BYTES)]);
        self.0.body_excerpt = Some(text.chars().take(EXCERPT_CHARS).collect());
        self
    }

    pub(crate) fn with_token_state(mut self, state: TokenState) -> Self {
        self.0.token_state = state;
        self
    }

    pub(crate) fn with_ended_session(mut self, ends_session: bool) -> Self {
        self.0.ends_session = ends_session;
        self
    }

    pub(crate) fn ends_session(&self) -> bool {
        self.0.ends_session
    }

    pub(crate) fn token_state(&self) -> TokenState {
        self.0.token_state
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind of failure; its documentation says what to do.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How many attempts were made; 0 where nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The server's id of the request, for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asked to wait before the next request.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The API's own list of errors.
    #[must_use]
    pub fn api_errors(&self) -> &[ApiError] {
        &self.0.api_errors
    }

    /// Every problem of a query that can't be asked.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The beginning of a body that wasn't understood, as it was sent; pass it through
    /// [`shown::lines`] before you print it. Not in the `Display`.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body_excerpt.as_deref()
    }

    /// Whether the query can't be asked of this API.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.kind() == ErrorKind::Query
    }

    /// Whether the server doesn't know the application or the user, or doesn't
    /// allow what was asked.
    #[must_use]
    pub fn is_access(&self) -> bool {
        matches!(self.kind(), ErrorKind::Authentication | ErrorKind::Permission)
    }

    /// Whether the quota is used up.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        self.kind() == ErrorKind::Quota
    }

    /// Whether the same request may succeed later, unchanged.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Quota | ErrorKind::Network | ErrorKind::Deadline | ErrorKind::Server
        )
    }
}

impl Error {
    fn fmt_with_causes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        if cause.is_some() {
            f.write_str("\n\nCaused by:")?;
        }
        while let Some(current) = cause {
            write!(f, "\n    {}", shown::text(&current.to_string()))?;
            cause = current.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self.0.kind {
            // It lists the differences line by line.
            ErrorKind::NotRecorded => shown::lines(&self.0.message),
            _ => shown::text(&self.0.message),
        })?;
        if let Some(status) = self.0.status {
            write!(f, " (HTTP {status})")?;
        }
        for error in &self.0.api_errors {
            write!(f, "\n  {error}")?;
        }
        let is_shown = |problem: &&Problem| problem.remedy == self.0.message;
        for problem in self.0.problems.iter().filter(|problem| !is_shown(problem)) {
            write!(f, "\n  {}", shown::text(&problem.to_string()))?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, "\n  request id {}", shown::text(id))?;
        }
        if self.0.attempts > 1 {
            write!(f, "\n  after {} attempts", self.0.attempts)?;
        }
        Ok(())
    }
}

/// The message and its causes, as `main` and `unwrap` print them; the fields with `{:#?}`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return self.fmt_with_causes(f);
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("attempts", &self.0.attempts)
            .field("request_id", &self.0.request_id)
            .field("retry_after", &self.0.retry_after)
            .field("api_errors", &self.0.api_errors)
            .field("problems", &self.0.problems)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn what_a_server_sent_cant_steer_a_terminal() {
        let hostile = "a\u{1b}]0;b\u{7}\r\nc\u{9b}d\u{202e}e";
        let listed = serde_json::json!({"errors": [
            {"errorCode": hostile, "message": hostile, "parameterName": "p\u{1b}"},
        ]});
        let error = Error::new(ErrorKind::Answer, hostile)
            .with_api_errors(ApiError::list(&listed))
            .with_request_id(Some(hostile.to_owned()))
            .with_source(hostile);
        for shown in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert_eq!(shown::lines(&shown), shown);
        }
        let shown = error.to_string();
        assert_eq!(shown.lines().count(), 3, "{shown}");
        assert!(shown.contains("a\\u{1b}]0;b\\u{7}\\r\\nc\\u{9b}d\\u{202e}e"), "{shown}");
        assert_eq!(error.api_errors()[0].code, hostile);
    }

    #[test]
    fn debug_is_the_message_and_its_causes() {
        let inner = Error::new(ErrorKind::Network, "inner");
        let outer = Error::new(ErrorKind::Server, "outer").with_status(503).with_source(inner);
        assert_eq!(format!("{outer:?}"), "outer (HTTP 503)\n\nCaused by:\n    inner");
        assert_eq!(format!("{:?}", Error::new(ErrorKind::Query, "alone")), "alone");
        let fields = format!("{outer:#?}");
        assert!(fields.starts_with("Error {\n    kind: Server,"), "{fields}");
        assert_eq!(format!("{:?}", outer.kind()), "Server");
    }

    #[test]
    fn an_excerpt_is_bounded_and_not_displayed() {
        let error = Error::new(ErrorKind::Answer, "not JSON").with_body(&[b'x'; 5000]);
        assert_eq!(error.body_excerpt().map(str::len), Some(EXCERPT_CHARS));
        assert!(!format!("{error} {error:?} {error:#?}").contains("xxx"));
    }
}
