//! How an API spells the domain's words, for the rules: its table says.

use callperf_raw as raw;

use super::{beta, calls_v1};
use crate::{rules, words::api::Api};

/// What an API can express.
pub(crate) fn of(api: Api) -> &'static dyn rules::Spelling {
    match api {
        Api::Beta => &beta::Spelling,
        Api::CallsV1 => &calls_v1::Spelling,
    }
}

/// The dates of its revisions, the oldest first.
pub(crate) fn revisions(api: Api) -> &'static [&'static str] {
    match api {
        Api::Beta => raw::beta::REVISIONS,
        Api::CallsV1 => raw::calls_v1::REVISIONS,
    }
}
