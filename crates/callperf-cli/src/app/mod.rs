//! From typed requests to documents.

pub(crate) mod saved;
pub(crate) mod targets;
