//! How an API spells the domain's words, for the rules: its table says.

use super::{beta, calls_v1};
use crate::{rules, words::api::Api};

/// What an API can express.
pub(crate) fn of(api: Api) -> &'static dyn rules::Spelling {
    match api {
        Api::Beta => &beta::Spelling,
        Api::CallsV1 => &calls_v1::Spelling,
    }
}
