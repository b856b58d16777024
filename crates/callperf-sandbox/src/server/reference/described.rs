//! What is described: the sandbox, as its reference documents see it.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::MethodRouter;
use jiff::Timestamp;

pub(crate) trait Described: Send + Sync + 'static {
    /// Its address.
    fn url(&self) -> &str;
    /// The id of its own app.
    #[cfg(feature = "reference")]
    fn client_id(&self) -> &str;
    fn now(&self) -> Timestamp;
    /// The date of the revision of an API that it speaks.
    fn spoken(&self, api: &str) -> Option<&'static str>;
    /// The body of its response to an operation as of a revision, if it is a success.
    fn answer(
        &self,
        revision: &str,
        operation: &str,
        query: &str,
        body: Vec<u8>,
    ) -> Option<Vec<u8>>;
    /// A new access token.
    #[cfg(feature = "reference")]
    fn log_in(&self) -> String;
}

pub(super) type Shared = State<Arc<dyn Described>>;
pub(crate) type Methods = MethodRouter<Arc<dyn Described>>;
