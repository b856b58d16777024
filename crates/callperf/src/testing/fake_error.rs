//! Errors that no server sent.

use std::{error::Error as StdError, time::Duration};

use serde_json::{Map, Value as Json};

use crate::{
    rules,
    words::{
        error::{ApiError, Error, ErrorKind},
        problem::{Evidence, Problem},
    },
};

/// An [`Error`] in the making.
#[derive(Debug)]
#[must_use]
pub struct FakeError {
    error: Error,
    problems: Vec<Problem>,
    api_errors: Vec<ApiError>,
}

impl Error {
    /// An error of this kind that nothing caused, for tests: without a status, after no attempt.
    ///
    /// ```
    /// use std::time::Duration;
    /// use callperf::{Error, ErrorKind};
    ///
    /// let error = Error::fake(ErrorKind::Quota)
    ///     .status(429)
    ///     .retry_after(Duration::from_secs(30))
    ///     .api_error("CMN-301", "Request rate exceeded")
    ///     .build();
    /// assert!(error.is_transient());
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    /// assert_eq!(error.api_errors()[0].code, "CMN-301");
    /// ```
    pub fn fake(kind: ErrorKind) -> FakeError {
        let error = Error::new(kind, format!("fake error of the kind {kind:?}"));
        FakeError { error, problems: Vec::new(), api_errors: Vec::new() }
    }
}

impl FakeError {
    /// The message, with which the error's text begins.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.error = self.error.with_message(text.into());
        self
    }

    /// The HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.error = self.error.with_status(status);
        self
    }

    /// How often the request was sent.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.error = self.error.with_attempts(attempts);
        self
    }

    /// The server's id of the request.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.error = self.error.with_request_id(Some(id.into()));
        self
    }

    /// How long the server asks to wait.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.error = self.error.with_retry_after(Some(wait));
        self
    }

    /// One more error of the API's own list.
    pub fn api_error(mut self, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        let fields = [("errorCode", &code), ("message", &message)]
            .map(|(name, text)| (name.to_owned(), Json::from(text.as_str())));
        let fields = Map::from_iter(fields);
        self.api_errors.push(ApiError { code, message, parameter: None, fields });
        self
    }

    /// The parameter that the last of the API's errors is about.
    ///
    /// # Panics
    /// If there is none yet.
    #[track_caller]
    pub fn parameter(mut self, name: impl Into<String>) -> Self {
        let Some(last) = self.api_errors.last_mut() else {
            panic!("parameter(…) is about an error of the API; call api_error(…) before it");
        };
        let name = name.into();
        last.fields.insert("parameterName".to_owned(), name.as_str().into());
        last.parameter = Some(name);
        self
    }

    /// One more problem of the query, as [`Error::problems`] has them: the rule, the word that
    /// breaks it, and what would be right. The evidence is the rule's.
    ///
    /// ```
    /// use callperf::{Error, ErrorKind};
    ///
    /// let error = Error::fake(ErrorKind::Query)
    ///     .problem("metrics", "calls and time spent", "ask for at least one")
    ///     .build();
    /// assert_eq!(error.problems()[0].rule(), "metrics");
    /// ```
    pub fn problem(
        mut self,
        rule: &'static str,
        word: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let known = rules::table().find(|known| known.name == rule);
        let evidence = known.map_or(Evidence::Crate, |known| known.evidence);
        let (word, remedy) = (word.into(), remedy.into());
        self.problems.push(Problem { rule, word, remedy, evidence });
        self
    }

    /// The body that wasn't understood, of which the error has the beginning.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.error = self.error.with_body(&body.into());
        self
    }

    /// What caused it.
    pub fn source(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.error = self.error.with_source(cause);
        self
    }

    /// The error.
    #[must_use]
    pub fn build(self) -> Error {
        self.error.with_problems(self.problems).with_api_errors(self.api_errors)
    }
}

impl From<FakeError> for Error {
    fn from(fake: FakeError) -> Self {
        fake.build()
    }
}
