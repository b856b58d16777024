//! The company's directory, fetched within the quota and kept for a while.

mod cache;
mod handle;
mod in_reports;
mod names;
mod operations;
mod pull;

pub use self::handle::Directory;
pub(super) use self::{
    cache::Cache,
    names::{Names, Resolved, check as check_names, names_of, resolved},
};
