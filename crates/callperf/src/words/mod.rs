//! What all floors speak: the domain's words, and what can be wrong.

pub(crate) mod api;
pub(crate) mod api_error;
pub(crate) mod bom;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod metric;
pub(crate) mod nearest;
pub(crate) mod number;
pub(crate) mod operation;
pub mod period;
pub(crate) mod problem;
pub(crate) mod redact;
pub(crate) mod redactor;
mod renamed;
pub mod shown;
pub(crate) mod stored;
pub(crate) mod token_state;
pub mod vocabulary;
mod weekday;
