//! The beta of 2021: from a plan to its request, and from its response to records.

mod request;
mod response;
mod spelling;
mod table;

pub(super) use self::spelling::Spelling;
pub(crate) use self::{
    request::request,
    response::{read, read_bytes},
};
