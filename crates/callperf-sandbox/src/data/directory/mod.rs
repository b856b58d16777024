//! Who exists, and the built-in company.

mod account;
mod built_in;
mod names;

pub use account::{Directory, Entry};
pub(crate) use account::{Extension, Grouping, OpeningHours, Queue, index};
pub(crate) use built_in::{MOST_USERS, USERS};
