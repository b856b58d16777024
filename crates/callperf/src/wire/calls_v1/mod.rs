//! Today's API: from a plan to its request, and from its response to records.

mod parts;
mod request;
mod response;
mod spelling;
mod table;

pub(super) use self::spelling::Spelling;
pub(crate) use self::{
    parts::Parts,
    request::{aggregation_request, timeline_request},
    response::{
        is_mixed, read_aggregation, read_aggregation_bytes, read_timeline, read_timeline_bytes,
    },
};
